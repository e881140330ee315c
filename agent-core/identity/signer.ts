import { HaggleError } from '../errors.ts';
import { didOf, type Did } from './did-key.ts';
import { nkeyOf } from './nkey.ts';

/** An Ed25519 seed has 32 bytes (RFC 8032 section 5.1.5). */
export const SEED_BYTES = 32;

/** Bytes of an Ed25519 signature: R then S. */
export const SIGNATURE_BYTES = 64;

/** SHA-256 of bytes, or of the UTF-8 bytes of a well-formed text. */
export type Sha256 = (data: Uint8Array | string) => Uint8Array;

/** A key that signs. The seed is reachable from no property, printout or serialisation of it. */
export interface Signer {
  readonly publicKey: Uint8Array;
  readonly did: Did;
  readonly nkey: string;
  /** The 64-byte Ed25519 signature of RFC 8032: deterministic, so all backends give the same bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** What a signature is checked against. */
export interface VerifyInput {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Ed25519 and SHA-256 from one library. Libraries differ in what odd keys and signatures they accept; call `verify` through
 * `verifyStrict`, behind which all agree.
 */
export interface SignatureBackend {
  readonly name: string;
  /** @throws HaggleError `bad-seed` where the seed has not 32 bytes. */
  signer(seed: Uint8Array): Signer;
  verify(input: VerifyInput): boolean;
  readonly sha256: Sha256;
}

/** The two parts of a signer that differ between backends. */
export interface SignerParts {
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** Puts a signer together so that it prints as its address: for backends, which keep the seed in the closure of `sign`. */
export function assembleSigner({ publicKey, sign }: SignerParts): Signer {
  const did = didOf(publicKey);
  const print = (): string => `Signer(${did})`;
  return Object.freeze({
    publicKey,
    did,
    nkey: nkeyOf(publicKey),
    sign,
    toJSON: print,
    toString: print,
    [Symbol.for('nodejs.util.inspect.custom')]: print,
  });
}

/** @throws HaggleError `bad-seed` where the seed has not 32 bytes; the message never holds the seed. */
export function checkSeed(seed: Uint8Array): void {
  if (seed.length === SEED_BYTES) return;
  throw new HaggleError('bad-seed', `a signing seed has ${SEED_BYTES} bytes, got ${seed.length}`);
}
