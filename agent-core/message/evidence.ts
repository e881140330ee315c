/**
 * What proves who sent a payload, in two transport headers. Alone: `Haggle-Signature` over the payload. In a batch:
 * `Haggle-Signature` over the Merkle root of a flush, and `Haggle-Proof` (`index.size.path`) from the payload to that root.
 */
import { boundedCache } from '../bounded-cache.ts';
import type { Headers } from '../bus/bus.ts';
import { decodeBase64Url } from '../identity/encoding.ts';
import { SIGNATURE_BYTES, type SignatureBackend } from '../identity/signer.ts';
import { verifyStrict } from '../identity/strict.ts';
import { LIMITS } from '../limits.ts';
import { leafHash, rootFromProof, type MerkleProof } from './merkle.ts';
import { refuse, type Refusal } from './refusals.ts';
import { signable, signableText } from './signable.ts';

/** Header of the base64url signature. */
export const SIGNATURE_HEADER = 'Haggle-Signature';
/** Header of the proof that a payload is under a signed root. */
export const PROOF_HEADER = 'Haggle-Proof';

/** A hash in base64url. */
export const HASH_CHARS = 43;
const HASH_BYTES = 32;
const SIGNATURE_CHARS = 86;

/** How a payload was proved: by its own signature, by one over its batch, or not at all. */
export type Evidence = 'each' | 'batch' | 'none';

/** Roots whose signature was checked, so that a batch costs one check in a process. Bounded; holds nothing unverified. */
export interface VerifiedRoots {
  has(entry: VerifiedRoot): boolean;
  add(entry: VerifiedRoot): void;
}

/** A root, the exact signature header over it, and the NKEY it was checked with. */
export interface VerifiedRoot {
  readonly nkey: string;
  readonly signature: string;
  readonly root: Uint8Array;
  readonly size: number;
}

/** Who is said to have sent what. */
export interface Claim {
  readonly nkey: string;
  readonly publicKey: Uint8Array;
  readonly payload: string;
  readonly headers: Headers;
}

/** A cache for one process, to be shared by its openers; `LIMITS.verifiedRoots` entries by default. */
export function createVerifiedRoots(capacity: number = LIMITS.verifiedRoots): VerifiedRoots {
  const bySignature = boundedCache<VerifiedRoot>(capacity);
  return {
    has({ nkey, signature, root, size }) {
      const known = bySignature.get(signature);
      return known !== undefined && known.nkey === nkey && known.size === size && equalBytes(known.root, root);
    },
    add(entry) {
      bySignature.set(entry.signature, entry);
    },
  };
}

/** The content of a leaf of a batch: the same bytes that would be signed alone. */
export function batchLeaf(backend: SignatureBackend, payload: string): Uint8Array {
  return leafHash(backend.sha256, signableText('message', payload));
}

/** What is signed for a batch: its root and its size, so that no number in a proof is left unsigned. */
export function batchRootBytes(root: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES + 4);
  bytes.set(root);
  new DataView(bytes.buffer).setUint32(HASH_BYTES, size);
  return signable('batch-root', bytes);
}

/** Checks the evidence for a well-formed payload. Never throws. */
export function checkEvidence(backend: SignatureBackend, roots: VerifiedRoots, claim: Claim): Evidence | Refusal {
  const signatureText: unknown = claim.headers[SIGNATURE_HEADER];
  const proofText: unknown = claim.headers[PROOF_HEADER];
  if (signatureText === undefined && proofText === undefined) return 'none';
  const signature = decodeSignature(signatureText);
  if (signature === null) return refuse('malformed-signature', `${SIGNATURE_HEADER} is not 64 bytes in base64url`);
  if (proofText === undefined) {
    const message = signable('message', claim.payload);
    const valid = verifyStrict(backend, { publicKey: claim.publicKey, message, signature });
    return valid ? 'each' : refuse('bad-signature');
  }
  const proof = decodeProof(proofText);
  const root = proof === null ? null : rootFromProof(backend.sha256, batchLeaf(backend, claim.payload), proof);
  if (proof === null || root === null) return refuse('malformed-signature', `${PROOF_HEADER} is not a proof`);
  const entry = { nkey: claim.nkey, signature: String(signatureText), root, size: proof.size };
  if (roots.has(entry)) return 'batch';
  const message = batchRootBytes(root, proof.size);
  if (!verifyStrict(backend, { publicKey: claim.publicKey, message, signature })) return refuse('bad-signature');
  roots.add(entry);
  return 'batch';
}

function decodeSignature(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || text.length !== SIGNATURE_CHARS) return null;
  const signature = decodeBase64Url(text);
  return signature?.length === SIGNATURE_BYTES ? signature : null;
}

function decodeProof(text: unknown): MerkleProof | null {
  if (typeof text !== 'string') return null;
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0) return null;
  const index = decodeCount(text.slice(0, first));
  const size = decodeCount(text.slice(first + 1, second));
  if (index === null || size === null || size > LIMITS.batchMessages || index >= size) return null;
  // A path is as high as the tree at most; longer texts are refused before they are decoded.
  const hashes = (text.length - second - 1) / HASH_CHARS;
  if (!Number.isInteger(hashes) || hashes > Math.ceil(Math.log2(size))) return null;
  const path: Uint8Array[] = [];
  for (let at = second + 1; at < text.length; at += HASH_CHARS) {
    const hash = decodeBase64Url(text.slice(at, at + HASH_CHARS));
    if (hash === null) return null;
    path.push(hash);
  }
  return { index, size, path };
}

/** A count as ECMAScript prints it, so that there is one spelling. */
function decodeCount(text: string): number | null {
  if (text.length === 0 || text.length > 7) return null;
  const count = Number(text);
  return Number.isSafeInteger(count) && count >= 0 && String(count) === text ? count : null;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < HASH_BYTES; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
