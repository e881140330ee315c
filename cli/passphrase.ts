import type { ReadStream } from 'node:tty';
import { HaggleError } from '../agent-core/errors.ts';
import { readPrivateFile } from '../agent-core/adapters/keys/private-file.ts';

/** Shorter ones are guessed in hours even behind scrypt. */
const PASSPHRASE_CHARS_MIN = 8;
const PASSPHRASE_BYTES_MAX = 1_024;

/** Where a passphrase may come from; never from an argument, which every user of the machine can read. */
export interface PassphraseSources {
  /** The value of `--passphrase-file`. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

/** A terminal to ask on, or what stands in its place. */
export interface Terminal {
  readonly input: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  readonly output: { write(text: string): unknown };
}

/** The variable that names a file with the passphrase. The passphrase itself never stands in the environment. */
export const PASSPHRASE_FILE_VARIABLE = 'HAGGLE_KEY_PASSPHRASE_FILE';

/**
 * What opens a protected key: from the file of the flag, else the file that the environment names, else asked for.
 *
 * @throws HaggleError `passphrase-needed` where there is none of the three, the errors of `readPrivateFile`, `bad-passphrase`
 */
export async function existingPassphrase(path: string, sources: PassphraseSources): Promise<Uint8Array> {
  const file = passphraseFile(sources);
  if (file !== null) return fromFile(file, sources.env['CREDENTIALS_DIRECTORY']);
  if (!sources.terminal.input.isTTY) throw noPassphrase(path);
  return encode(await ask(sources.terminal, `Passphrase of ${path}: `));
}

/**
 * A passphrase for a new key: as {@link existingPassphrase}, but asked for twice and not too short.
 *
 * @throws HaggleError `passphrase-needed`, `bad-passphrase`
 */
export async function newPassphrase(path: string, sources: PassphraseSources): Promise<Uint8Array> {
  const file = passphraseFile(sources);
  if (file !== null) return longEnough(fromFile(file, sources.env['CREDENTIALS_DIRECTORY']));
  if (!sources.terminal.input.isTTY) throw noPassphrase(path);
  const once = longEnough(encode(await ask(sources.terminal, `New passphrase for ${path}: `)));
  const again = encode(await ask(sources.terminal, 'The same again: '));
  if (!Buffer.from(once).equals(again)) throw badPassphrase('the two passphrases differ');
  return once;
}

/** The file that holds the passphrase; null where none is named. */
export function passphraseFile({ file, env }: Pick<PassphraseSources, 'file' | 'env'>): string | null {
  const named = file ?? env[PASSPHRASE_FILE_VARIABLE];
  return named === undefined || named === '' ? null : named;
}

function fromFile(path: string, credentialsDirectory: string | undefined): Uint8Array {
  const bytes = readPrivateFile(path, {
    what: 'passphrase file',
    ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badPassphrase(`the passphrase file ${path} is not UTF-8`);
  } finally {
    bytes.fill(0);
  }
  return encode(text.replace(/\r?\n$/, ''));
}

/** One spelling for what looks the same, however it was typed. */
function encode(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text.normalize('NFC'));
  if (bytes.length === 0) throw badPassphrase('the passphrase is empty');
  if (bytes.length > PASSPHRASE_BYTES_MAX) {
    throw badPassphrase(`the passphrase has ${bytes.length} bytes, at most ${PASSPHRASE_BYTES_MAX} are taken`);
  }
  return bytes;
}

function longEnough(bytes: Uint8Array): Uint8Array {
  const characters = Array.from(new TextDecoder().decode(bytes)).length;
  if (characters >= PASSPHRASE_CHARS_MIN) return bytes;
  throw badPassphrase(`the passphrase has ${characters} characters, at least ${PASSPHRASE_CHARS_MIN} are needed`);
}

function noPassphrase(path: string): HaggleError {
  const ways = `--passphrase-file, ${PASSPHRASE_FILE_VARIABLE} or a terminal`;
  return new HaggleError('passphrase-needed', `the key file ${path} needs a passphrase: give it by ${ways}`);
}

function badPassphrase(message: string): HaggleError {
  return new HaggleError('bad-passphrase', message);
}

const ENTER = new Set(['\r', '\n']);
const ERASE = new Set(['\b', '\u007f']);
const INTERRUPT = '\u0003';
const END = '\u0004';

/** Asks one line without showing it. */
function ask({ input, output }: Terminal, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const decoder = new TextDecoder();
    const finish = (outcome: () => void): void => {
      input.off('data', listen);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      typed = [];
      outcome();
    };
    const listen = (data: Buffer): void => {
      for (const key of decoder.decode(data, { stream: true })) {
        if (ENTER.has(key)) {
          const line = typed.join('');
          return finish(() => resolve(line));
        }
        if (key === INTERRUPT || key === END) return finish(() => reject(badPassphrase('no passphrase was given')));
        if (ERASE.has(key)) typed.pop();
        else if (key >= ' ' && typed.length < PASSPHRASE_BYTES_MAX) typed.push(key);
      }
    };
    output.write(question);
    input.setRawMode(true);
    input.on('data', listen);
    input.resume();
  });
}
