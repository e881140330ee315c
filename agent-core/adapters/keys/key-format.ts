/**
 * The two lines of a key file: a comment, and 137 bytes in base64.
 *
 * | bytes | what                                                                                    |
 * | ----- | --------------------------------------------------------------------------------------- |
 * | 2     | algorithm, `Ed`: Ed25519                                                                |
 * | 1     | version, 1                                                                              |
 * | 1     | whose key: `U` agent, `O` operator, `A` account (the first letter of its NKEY)          |
 * | 2     | key derivation: `No` none, `Sc` scrypt (RFC 7914)                                       |
 * | 3     | log2 N, r, p; 0 without scrypt                                                          |
 * | 32    | salt; 0 without scrypt                                                                  |
 * | 32    | public key                                                                              |
 * | 32    | seed; with scrypt, encrypted by AES-256-GCM with the bytes above as associated data     |
 * | 16    | tag of AES-256-GCM; 0 without scrypt                                                    |
 * | 16    | checksum: the first half of SHA-256 of the bytes above                                  |
 *
 * scrypt gives 44 bytes: the key and the nonce of AES-256-GCM. A salt is never used twice, so neither is a nonce.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes, scrypt } from 'node:crypto';
import { HaggleError } from '../../errors.ts';
import type { NkeyKind } from '../../identity/nkey.ts';

/** Cost of scrypt: `N = 2 ** logN`; memory is 128 * N * r bytes. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** Half a second and 128 MiB a guess (RFC 7914 section 2; N as OWASP advises for secrets at rest). */
export const SCRYPT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

/** A file may ask for at most this: 1 GiB, so that a file made by others cannot take the machine. */
const COST_MAX: ScryptCost = { logN: 20, r: 8, p: 1 };

/** What a key file holds, the seed still sealed where it is protected. */
export interface KeyRecord {
  readonly kind: NkeyKind;
  readonly publicKey: Uint8Array;
  /** Null where no passphrase protects the seed. */
  readonly cost: ScryptCost | null;
  readonly salt: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

const ALGORITHM = 'Ed';
const VERSION = 1;
const KIND_LETTERS: Readonly<Record<NkeyKind, string>> = { agent: 'U', operator: 'O', account: 'A' };
const PLAIN = 'No';
const SCRYPT = 'Sc';
const COST_AT = 6;
const SALT_AT = 9;
const PUBLIC_AT = 41;
const BODY_AT = 73;
const TAG_AT = 105;
const CHECKSUM_AT = 121;
const RECORD_BYTES = 137;
const CIPHER_KEY_BYTES = 32;
const CIPHER_NONCE_BYTES = 12;

/** The text of a key file. `comment` is one line; nothing of it is read back. */
export function keyText(record: KeyRecord, comment: string): string {
  const bytes = Buffer.alloc(RECORD_BYTES);
  header(record).copy(bytes);
  bytes.set(record.body, BODY_AT);
  bytes.set(record.tag, TAG_AT);
  bytes.set(checksum(bytes), CHECKSUM_AT);
  return `# ${comment}\n${bytes.toString('base64')}\n`;
}

/** The record in a key file's text, or what is wrong with it. */
export function parseKeyText(text: string): KeyRecord | string {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  const [comment = '', encoded = ''] = lines;
  if (lines.length !== 2 || !comment.startsWith('# ')) return 'it has not two lines, a comment and the key';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return 'its second line is not base64';
  if (bytes.length !== RECORD_BYTES) return `its second line has ${bytes.length} bytes instead of ${RECORD_BYTES}`;
  if (!checksum(bytes).equals(bytes.subarray(CHECKSUM_AT))) return 'its checksum does not match: it was damaged';
  if (bytes.toString('latin1', 0, 2) !== ALGORITHM || bytes[2] !== VERSION) {
    return 'it is of a kind or version that is not known here';
  }
  const kind = kindOf(bytes.toString('latin1', 3, 4));
  if (kind === null) return 'it does not say whose key it is';
  const cost = costOf(bytes);
  if (typeof cost === 'string') return cost;
  const part = (from: number, to: number): Uint8Array => Uint8Array.from(bytes.subarray(from, to));
  return {
    kind,
    cost,
    salt: part(SALT_AT, PUBLIC_AT),
    publicKey: part(PUBLIC_AT, BODY_AT),
    body: part(BODY_AT, TAG_AT),
    tag: part(TAG_AT, CHECKSUM_AT),
  };
}

/** What {@link sealSeed} puts into a file. */
export interface SealSeedInput {
  readonly kind: NkeyKind;
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  /** UTF-8; null leaves the seed as it is, protected by the file system alone. */
  readonly passphrase: Uint8Array | null;
  readonly cost: ScryptCost;
}

/** A record with the seed in it, encrypted where there is a passphrase. */
export async function sealSeed({ kind, seed, publicKey, passphrase, cost }: SealSeedInput): Promise<KeyRecord> {
  if (passphrase === null) {
    const salt = new Uint8Array(PUBLIC_AT - SALT_AT);
    return { kind, publicKey, cost: null, salt, body: seed, tag: new Uint8Array(CHECKSUM_AT - TAG_AT) };
  }
  const salt = Uint8Array.from(randomBytes(PUBLIC_AT - SALT_AT));
  const open = { kind, publicKey, cost, salt };
  const derived = await derive(passphrase, open);
  const cipher = createCipheriv('aes-256-gcm', ...cipherInput(derived));
  cipher.setAAD(header(open));
  const body = Buffer.concat([cipher.update(seed), cipher.final()]);
  derived.fill(0);
  return { ...open, body: Uint8Array.from(body), tag: Uint8Array.from(cipher.getAuthTag()) };
}

/**
 * The seed in a record; the caller overwrites it after use.
 *
 * @throws HaggleError `wrong-passphrase` where it does not open the record
 */
export async function openSeed(record: KeyRecord, passphrase: Uint8Array | null): Promise<Uint8Array> {
  if (record.cost === null) return Uint8Array.from(record.body);
  const derived = await derive(passphrase ?? new Uint8Array(0), { cost: record.cost, salt: record.salt });
  const cipher = createDecipheriv('aes-256-gcm', ...cipherInput(derived));
  cipher.setAAD(header(record));
  cipher.setAuthTag(record.tag);
  try {
    return Uint8Array.from(Buffer.concat([cipher.update(record.body), cipher.final()]));
  } catch (cause) {
    throw new HaggleError('wrong-passphrase', 'the passphrase does not open the key', { cause });
  } finally {
    derived.fill(0);
  }
}

/** Everything before the seed: who opens a seed knows that none of it was changed. */
function header(record: Pick<KeyRecord, 'kind' | 'cost' | 'salt' | 'publicKey'>): Buffer {
  const bytes = Buffer.alloc(BODY_AT);
  const { kind, cost } = record;
  bytes.write(ALGORITHM, 0, 'latin1');
  bytes[2] = VERSION;
  bytes.write(`${KIND_LETTERS[kind]}${cost === null ? PLAIN : SCRYPT}`, 3, 'latin1');
  bytes.set(cost === null ? [0, 0, 0] : [cost.logN, cost.r, cost.p], COST_AT);
  bytes.set(record.salt, SALT_AT);
  bytes.set(record.publicKey, PUBLIC_AT);
  return bytes;
}

function kindOf(letter: string): NkeyKind | null {
  for (const kind of ['agent', 'operator', 'account'] as const) {
    if (KIND_LETTERS[kind] === letter) return kind;
  }
  return null;
}

/** The cost of scrypt, null without, or what is wrong with it. */
function costOf(bytes: Buffer): ScryptCost | null | string {
  const [logN = 0, r = 0, p = 0] = bytes.subarray(COST_AT, SALT_AT);
  const derivation = bytes.toString('latin1', 4, COST_AT);
  if (derivation === PLAIN) return null;
  if (derivation !== SCRYPT) return 'its key derivation is not known here';
  const tooMuch = logN > COST_MAX.logN || r > COST_MAX.r || p > COST_MAX.p;
  if (logN < 1 || r < 1 || p < 1 || tooMuch) {
    return `it asks for scrypt with N = 2^${logN}, r = ${r}, p = ${p}; at most 2^${COST_MAX.logN}, ${COST_MAX.r} and ${COST_MAX.p} are done`;
  }
  return { logN, r, p };
}

function checksum(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes.subarray(0, CHECKSUM_AT), 'buffer').subarray(0, RECORD_BYTES - CHECKSUM_AT);
}

function cipherInput(derived: Buffer): [key: Buffer, nonce: Buffer] {
  return [derived.subarray(0, CIPHER_KEY_BYTES), derived.subarray(CIPHER_KEY_BYTES)];
}

function derive(
  passphrase: Uint8Array,
  { cost, salt }: { readonly cost: ScryptCost; readonly salt: Uint8Array },
): Promise<Buffer> {
  const { logN, r, p } = cost;
  const N = 2 ** logN;
  // Node counts a little more than 128 * N * r.
  const options = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, CIPHER_KEY_BYTES + CIPHER_NONCE_BYTES, options, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}
