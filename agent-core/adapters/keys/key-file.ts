import { randomBytes } from 'node:crypto';
import { HaggleError } from '../../errors.ts';
import { boxKeyOf, type BoxKey } from '../../identity/box-key.ts';
import { didOf } from '../../identity/did-key.ts';
import { nkeyOfKind, type NkeyKind } from '../../identity/nkey.ts';
import { assembleSigner, SEED_BYTES, type Signer } from '../../identity/signer.ts';
import { nodeBackend } from '../node-crypto.ts';
import {
  keyText,
  openSeed,
  parseKeyText,
  SCRYPT_COST,
  sealSeed,
  type KeyRecord,
  type ScryptCost,
} from './key-format.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

/** What everybody may know about a key file. */
export interface PublicKeyFacts {
  readonly kind: NkeyKind;
  readonly publicKey: Uint8Array;
  /** True where a passphrase is needed to use it. */
  readonly protected: boolean;
}

/** A key in use. Neither seed nor secret is reachable from any property, printout or serialisation. */
export interface OpenKey extends PublicKeyFacts {
  readonly signer: Signer;
  /** Seals and opens mail of the same agent. */
  readonly box: BoxKey;
  /** Ends the use of both keys, and overwrites what can be overwritten. */
  dispose(): void;
}

/** Options of {@link createKeyFile}. */
export interface CreateKeyOptions {
  readonly kind?: NkeyKind;
  /** Encrypts the seed in the file; the caller overwrites it afterwards. */
  readonly passphrase?: Uint8Array;
  /** A seed that is there already, 32 bytes. Random if left out. */
  readonly seed?: Uint8Array;
  /** For tests, which cannot wait half a second for each key. */
  readonly cost?: ScryptCost;
}

/** Options of {@link readKeyFile}. */
export interface ReadKeyOptions {
  /** Asked only where the file needs it. */
  readonly passphrase?: () => Promise<Uint8Array> | Uint8Array;
  /** Whose key is wanted; an agent's if left out. */
  readonly kind?: NkeyKind;
  /** `$CREDENTIALS_DIRECTORY`: files of the service manager, see `readPrivateFile`. */
  readonly credentialsDirectory?: string;
}

/**
 * Makes a key and writes it to a new file that only its owner may read (mode 0600), on disk when this returns.
 *
 * @throws HaggleError `key-exists`, `cannot-write`, `bad-seed`
 */
export async function createKeyFile(path: string, options: CreateKeyOptions = {}): Promise<PublicKeyFacts> {
  const { kind = 'agent', passphrase = null, cost = SCRYPT_COST } = options;
  const seed = Uint8Array.from(options.seed ?? randomBytes(SEED_BYTES));
  try {
    const { publicKey } = nodeBackend.signer(seed);
    const record = await sealSeed({ kind, seed, publicKey, passphrase, cost });
    createPrivateFile(path, keyText(record, comment(record)));
    return factsOf(record);
  } finally {
    seed.fill(0);
  }
}

/**
 * Opens a key file.
 *
 * @throws HaggleError `no-input`, `key-symlink`, `key-permissions`, `key-owner`, `bad-key-file`, `wrong-key-kind`,
 * `passphrase-needed`, `wrong-passphrase`; each names the file and what to do. No error holds anything of the key.
 */
export async function readKeyFile(path: string, options: ReadKeyOptions = {}): Promise<OpenKey> {
  const record = readRecord(path, { ...options, kind: options.kind ?? 'agent' });
  const seed = await seedOf(record, path, options);
  try {
    const signer = nodeBackend.signer(seed);
    if (!Buffer.from(signer.publicKey).equals(record.publicKey)) {
      throw new HaggleError('bad-key-file', `the key file ${path} is damaged: its two halves do not belong together`);
    }
    return openKey(record, signer, boxKeyOf(seed, nodeBackend.sha256));
  } finally {
    seed.fill(0);
    record.body.fill(0);
  }
}

/**
 * What a key file says about itself; no passphrase is needed. The same checks as {@link readKeyFile}, and the same errors.
 * Of a protected file only a checksum vouches for this; whoever opens it knows.
 */
export function readKeyFacts(path: string, options: Pick<ReadKeyOptions, 'credentialsDirectory'> = {}): PublicKeyFacts {
  const record = readRecord(path, options);
  record.body.fill(0);
  return factsOf(record);
}

function readRecord(path: string, { kind, credentialsDirectory }: ReadKeyOptions): KeyRecord {
  const bytes = readPrivateFile(path, {
    what: 'key file',
    ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
  });
  const record = parseKeyText(bytes.toString('latin1'));
  bytes.fill(0);
  if (typeof record === 'string') {
    throw new HaggleError('bad-key-file', `${path} is not a key file of Haggle: ${record}`, { fields: { path } });
  }
  if (kind !== undefined && kind !== record.kind) {
    throw new HaggleError(
      'wrong-key-kind',
      `the key file ${path} holds a key of an ${record.kind}; one of an ${kind} is needed`,
    );
  }
  return record;
}

async function seedOf(record: KeyRecord, path: string, { passphrase }: ReadKeyOptions): Promise<Uint8Array> {
  if (record.cost === null) return openSeed(record, null);
  if (passphrase === undefined) {
    throw new HaggleError('passphrase-needed', `the key file ${path} is protected: a passphrase is needed to open it`);
  }
  const secret = await passphrase();
  try {
    return await openSeed(record, secret);
  } catch (cause) {
    if (!(cause instanceof HaggleError)) throw cause;
    throw new HaggleError('wrong-passphrase', `the passphrase does not open the key file ${path}`, { cause });
  } finally {
    secret.fill(0);
  }
}

function openKey(record: KeyRecord, native: Signer, box: BoxKey): OpenKey {
  let inUse: Signer | null = native;
  const signer = assembleSigner({
    publicKey: native.publicKey,
    sign(message) {
      if (inUse === null) throw new HaggleError('key-disposed', 'cannot sign: the key was disposed of');
      return inUse.sign(message);
    },
  });
  return Object.freeze({
    ...factsOf(record),
    signer,
    box,
    dispose() {
      inUse = null;
      box.dispose();
    },
  });
}

function factsOf({ kind, publicKey, cost }: KeyRecord): PublicKeyFacts {
  return { kind, publicKey, protected: cost !== null };
}

function comment({ kind, publicKey, cost }: KeyRecord): string {
  const name = kind === 'agent' ? didOf(publicKey) : nkeyOfKind(kind, publicKey);
  const danger = cost === null ? 'whoever reads this file is it' : 'protected by a passphrase';
  return `Haggle ${kind} key of ${name}; secret: ${danger}`;
}
