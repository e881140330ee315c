import { existsSync, linkSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Micros } from '../../clock.ts';
import { HaggleError } from '../../errors.ts';
import type { Did } from '../../identity/did-key.ts';
import { openKeyRotation, signKeyRotation, type KeyRotationInput } from '../../identity/key-rotation.ts';
import { nodeBackend } from '../node-crypto.ts';
import { reasonOf } from '../system-error.ts';
import { createKeyFile, readKeyFile, type OpenKey } from './key-file.ts';
import type { ScryptCost } from './key-format.ts';
import { createPublicFile, syncFolder } from './private-file.ts';

/** Options of {@link rotateKeyFile}. */
export interface RotateOptions {
  /** Unix time in microseconds from which the new key holds. */
  readonly since: Micros;
  /** Opens the old key where it is protected; the new one is protected with the same passphrase. */
  readonly passphrase?: () => Promise<Uint8Array> | Uint8Array;
  /** For tests, which cannot wait half a second for each key. */
  readonly cost?: ScryptCost;
}

/** What {@link rotateKeyFile} did. */
export interface Rotation {
  readonly from: Did;
  readonly to: Did;
  /** Where the old key is now. */
  readonly oldFile: string;
  /** Where the signed statement is: public, one line. */
  readonly statementFile: string;
  readonly statement: string;
}

/**
 * Replaces the key in a file by a new one and writes a statement, signed by both, that one follows the other.
 *
 * At every moment the file holds a whole key, the old or the new; whoever is interrupted runs this again, and it goes on where
 * it stopped. The order: the new key as `FILE.next`, the statement, a second name for the old key, then the exchange.
 *
 * @throws HaggleError as `readKeyFile` and `createKeyFile`
 */
export async function rotateKeyFile(path: string, options: RotateOptions): Promise<Rotation> {
  const secret = once(options.passphrase);
  const old = await readKeyFile(path, { passphrase: secret.copy });
  const nextFile = `${path}.next`;
  let next: OpenKey | null = null;
  try {
    if (!existsSync(nextFile)) await makeNext(nextFile, { ...options, passphrase: await secret.known(old.protected) });
    next = await readKeyFile(nextFile, { passphrase: secret.copy });
    const { number, statement } = state(path, { old: old.signer, next: next.signer, since: options.since });
    const [oldFile, statementFile] = [oldFileOf(path, number), statementFileOf(path, number)];
    if (!existsSync(statementFile)) createPublicFile(statementFile, `${statement}\n`);
    exchange(path, nextFile, oldFile);
    return { from: old.signer.did, to: next.signer.did, oldFile, statementFile, statement };
  } finally {
    old.dispose();
    next?.dispose();
    secret.forget();
  }
}

async function makeNext(
  path: string,
  { passphrase, cost }: { readonly passphrase: Uint8Array | null; readonly cost?: ScryptCost },
): Promise<void> {
  const protection = passphrase === null ? {} : { passphrase };
  await createKeyFile(path, { ...protection, ...(cost === undefined ? {} : { cost }) });
}

const oldFileOf = (path: string, number: number): string => `${path}.${number}.old`;
const statementFileOf = (path: string, number: number): string => `${path}.${number}.rotation.json`;

/**
 * The number of this rotation, one above all that are taken, and what is stated. Where an interrupted run has stated already
 * that the one key follows the other, that stands: two statements with two times would be two stories.
 */
function state(path: string, input: KeyRotationInput): { readonly number: number; readonly statement: string } {
  const number = highestNumber(path);
  const file = statementFileOf(path, number);
  const begun = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
  const rotation = openKeyRotation(nodeBackend, begun);
  if (rotation !== null && rotation.from === input.old.did && rotation.to === input.next.did) {
    return { number, statement: begun };
  }
  return { number: number + 1, statement: signKeyRotation(input) };
}

function highestNumber(path: string): number {
  const prefix = `${basename(path)}.`;
  let highest = 0;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const match = /^(\d{1,6})\.(?:old|rotation\.json)$/.exec(name.slice(prefix.length));
    if (match !== null) highest = Math.max(highest, Number(match[1]));
  }
  return highest;
}

function exchange(path: string, nextFile: string, oldFile: string): void {
  try {
    if (!isSameFile(path, oldFile)) linkSync(path, oldFile);
    syncFolder(path);
    renameSync(nextFile, path);
  } catch (cause) {
    throw new HaggleError('cannot-write', `cannot exchange ${path} for its successor: ${reasonOf(cause)}`, { cause });
  }
  syncFolder(path);
}

/** True where an interrupted run has given the old key its second name. */
function isSameFile(one: string, other: string): boolean {
  const [here, there] = [statSync(one), statSync(other, { throwIfNoEntry: false })];
  return there !== undefined && there.dev === here.dev && there.ino === here.ino;
}

/** Asks for the passphrase at most once, and hands out copies, as each reader overwrites its own. */
function once(ask: RotateOptions['passphrase']): {
  readonly copy: () => Promise<Uint8Array>;
  readonly known: (needed: boolean) => Promise<Uint8Array | null>;
  readonly forget: () => void;
} {
  let secret: Uint8Array | null = null;
  const copy = async (): Promise<Uint8Array> => {
    if (ask === undefined)
      throw new HaggleError('passphrase-needed', 'the key file is protected: a passphrase is needed');
    secret ??= await ask();
    return Uint8Array.from(secret);
  };
  return {
    copy,
    known: async (needed) => (needed ? await copy() : null),
    forget: () => void secret?.fill(0),
  };
}
