import {
  createKeyFile,
  readKeyFacts,
  readKeyFile,
  type PublicKeyFacts,
} from '../../agent-core/adapters/keys/key-file.ts';
import { rotateKeyFile } from '../../agent-core/adapters/keys/rotate.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { didOf } from '../../agent-core/identity/did-key.ts';
import { encodeBase64Url } from '../../agent-core/identity/encoding.ts';
import { nkeyOfKind } from '../../agent-core/identity/nkey.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { credentials, openKeyFile, passphraseSources } from '../key.ts';
import { existingPassphrase, newPassphrase, passphraseFile } from '../passphrase.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** What everybody may know of a key, as `--json` prints it. */
interface PublicFacts {
  readonly file: string;
  readonly kind: string;
  /** Null for the keys of a broker's operator and accounts, which are no agents. */
  readonly did: string | null;
  readonly nkey: string;
  /** X25519 key for sealed mail, base64url; null for what is no agent, and where no passphrase was at hand. */
  readonly box: string | null;
  readonly protected: boolean;
}

/** `haggle keys new FILE`. */
export async function newKeyCommand(file: string, flags: Flags): Promise<ExitCode> {
  const passphrase = await wantedPassphrase(file, flags);
  await createKeyFile(file, passphrase === null ? {} : { passphrase });
  // Read back with what it was made with: a key that does not open should be known of now.
  const key = await readKeyFile(file, passphrase === null ? {} : { passphrase: () => passphrase });
  key.dispose();
  print(publicFacts(file, key, encodeBase64Url(key.box.publicKey)), flags);
  return EXIT.ok;
}

/** `haggle keys show FILE`. */
export async function showKeyCommand(file: string, flags: Flags): Promise<ExitCode> {
  const facts = readKeyFacts(file, credentials());
  print(publicFacts(file, facts, facts.kind === 'agent' ? await boxOf(file, facts, flags) : null), flags);
  return EXIT.ok;
}

/** `haggle keys rotate FILE`. */
export async function rotateKeyCommand(file: string, flags: Flags): Promise<ExitCode> {
  const sources = passphraseSources(textOf(flags, 'passphraseFile'));
  const done = await rotateKeyFile(file, {
    since: since(textOf(flags, 'since')),
    passphrase: () => existingPassphrase(file, sources),
  });
  const { from, to, oldFile, statementFile, statement } = done;
  if (flags['json'] === true) {
    process.stdout.write(`${JSON.stringify({ file, from, to, oldFile, statementFile, statement })}\n`);
    return EXIT.ok;
  }
  process.stdout.write(
    `${file} holds a new key.\n  old        ${from}\n  new        ${to}\n` +
      `  old file   ${oldFile}\n  statement  ${statementFile}\n`,
  );
  return EXIT.ok;
}

/** A passphrase for a new key; null where none is wanted. */
export async function wantedPassphrase(path: string, flags: Flags): Promise<Uint8Array | null> {
  const sources = passphraseSources(textOf(flags, 'passphraseFile'));
  const wanted = flags['protect'] === true || passphraseFile(sources) !== null;
  return wanted ? newPassphrase(path, sources) : null;
}

function publicFacts(file: string, facts: PublicKeyFacts, box: string | null): PublicFacts {
  const { kind, publicKey } = facts;
  const did = kind === 'agent' ? didOf(publicKey) : null;
  return { file, kind, did, nkey: nkeyOfKind(kind, publicKey), box, protected: facts.protected };
}

/** The sealing key follows from the seed, so that a protected file must be opened for it. */
async function boxOf(file: string, facts: PublicKeyFacts, flags: Flags): Promise<string | null> {
  const named = textOf(flags, 'passphraseFile');
  const sources = passphraseSources(named);
  const canOpen = !facts.protected || passphraseFile(sources) !== null || process.stdin.isTTY;
  if (!canOpen) return null;
  const key = await openKeyFile(file, { passphraseFile: named });
  const box = encodeBase64Url(key.box.publicKey);
  key.dispose();
  return box;
}

function print(facts: PublicFacts, flags: Flags): void {
  if (flags['json'] === true) {
    process.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const rows: readonly (readonly [string, string])[] = [
    ['file', facts.file],
    ['kind', facts.kind],
    ...(facts.did === null ? [] : [['did', facts.did] as const]),
    ['nkey', facts.nkey],
    ...(facts.did === null ? [] : [['x25519', facts.box ?? '(needs the passphrase)'] as const]),
    ['protected', facts.protected ? 'by a passphrase' : 'by the file system only'],
  ];
  process.stdout.write(rows.map(([name, value]) => `${name.padEnd(10)} ${value}\n`).join(''));
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z$/;

/** Unix time in microseconds. */
function since(text: string | undefined): number {
  if (text === undefined) return Date.now() * 1_000;
  const millis = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis) || millis < 0) {
    throw new HaggleError('bad-flag', `--since takes a time such as 2027-01-31T12:00:00Z, got "${text}"`);
  }
  return millis * 1_000;
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
