import nacl from 'tweetnacl';
import { HaggleError } from '../errors.ts';
import { encodeUtf8 } from './encoding.ts';
import { checkSeed, type Sha256 } from './signer.ts';

/** An X25519 public key has 32 bytes (RFC 7748 section 5). */
export const BOX_KEY_BYTES = 32;

/** Bytes of the nonce of one sealed text (XSalsa20). No nonce may serve twice between the same two keys. */
export const BOX_NONCE_BYTES = nacl.box.nonceLength;

/** What {@link BoxKey.seal} seals. */
export interface SealInput {
  readonly plain: Uint8Array;
  readonly nonce: Uint8Array;
  /** X25519 key of the reader. */
  readonly to: Uint8Array;
}

/** What {@link BoxKey.open} opens. */
export interface OpenInput {
  readonly sealed: Uint8Array;
  readonly nonce: Uint8Array;
  /** X25519 key of the writer. */
  readonly from: Uint8Array;
}

/**
 * A key that seals for one reader and opens what was sealed for it (`nacl.box`: X25519, XSalsa20, Poly1305). The secret half
 * is reachable from no property, printout or serialisation.
 */
export interface BoxKey {
  readonly publicKey: Uint8Array;
  /** @throws HaggleError `bad-box-key` where nonce or key has not its length, `key-disposed` */
  seal(input: SealInput): Uint8Array;
  /** Null where the text was not sealed by `from` for this key, or was changed. @throws HaggleError as {@link BoxKey.seal} */
  open(input: OpenInput): Uint8Array | null;
  /** Overwrites the secret half. */
  dispose(): void;
}

/** Never signed, so no purpose of `SIGNING_PURPOSES`; it keeps the two keys of one seed apart. */
const DERIVATION_TAG = 'haggle/v1/box-key\0';

/**
 * The sealing key that belongs to a signing seed: its X25519 secret is SHA-256 of a tag and the seed. Ed25519 itself uses
 * SHA-512 of the bare seed (RFC 8032 section 5.1.5), so that neither secret tells anything about the other.
 *
 * @throws HaggleError `bad-seed` where the seed has not 32 bytes
 */
export function boxKeyOf(seed: Uint8Array, sha256: Sha256): BoxKey {
  checkSeed(seed);
  const tag = encodeUtf8(DERIVATION_TAG);
  const material = new Uint8Array(tag.length + seed.length);
  material.set(tag);
  material.set(seed, tag.length);
  const secret = Uint8Array.from(sha256(material));
  material.fill(0);
  const { publicKey } = nacl.box.keyPair.fromSecretKey(secret);
  let disposed = false;
  const check = (nonce: Uint8Array, peer: Uint8Array): void => {
    if (disposed) throw new HaggleError('key-disposed', 'cannot use a sealing key after its disposal');
    checkLength('nonce', nonce, BOX_NONCE_BYTES);
    checkLength('key of the other side', peer, BOX_KEY_BYTES);
  };
  const print = (): string => 'BoxKey';
  return Object.freeze({
    publicKey,
    seal({ plain, nonce, to }: SealInput) {
      check(nonce, to);
      return nacl.box(plain, nonce, to, secret);
    },
    open({ sealed, nonce, from }: OpenInput) {
      check(nonce, from);
      return nacl.box.open(sealed, nonce, from, secret);
    },
    dispose() {
      disposed = true;
      secret.fill(0);
    },
    toJSON: print,
    toString: print,
  });
}

function checkLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length === length) return;
  throw new HaggleError('bad-box-key', `the ${what} of a sealed text has ${length} bytes, got ${bytes.length}`);
}
