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
import { leafHash, nodeHash, rootFromProof, type MerkleProof } from './merkle.ts';
import { refuse, type Refusal } from './refusals.ts';
import { signable, signableText } from './signable.ts';

/** Header of the base64url signature. */
export const SIGNATURE_HEADER = 'Haggle-Signature';
/** Header of the proof that a payload is under a signed root. */
export const PROOF_HEADER = 'Haggle-Proof';

/** A hash in base64url. */
const HASH_CHARS = 43;
const HASH_BYTES = 32;
const SIGNATURE_CHARS = 86;

/** How a payload was proved: by its own signature, by one over its batch, or not at all. */
export type Evidence = 'each' | 'batch' | 'none';

/**
 * Roots whose signature was checked, so that a batch costs one check in a process, and the hashes that are known to be under
 * them, so that a leaf climbs only to the first of these. Bounded; holds nothing unverified, and losing it costs only time.
 */
export interface VerifiedRoots {
  find(signature: string): VerifiedRoot | undefined;
  add(signature: string, root: VerifiedRoot): void;
  /** Adds hashes that were found to be under the root. */
  learn(root: VerifiedRoot, nodes: readonly MetNode[]): void;
}

/** A root and the NKEY its signature was checked with. */
export interface VerifiedRoot {
  readonly nkey: string;
  readonly root: Uint8Array;
  readonly size: number;
  /** What is known to be under the root, by {@link nodeKey}. */
  readonly nodes: Map<number, KnownNode>;
  /** Messages under the root that were not yet proved here, repeats aside. */
  awaited: number;
}

/** A hash under a root. */
export interface KnownNode {
  readonly hash: Uint8Array;
  /** The rest of a proof from this node up, as text; null where the node was only seen beside another's way. */
  readonly rest: string | null;
}

/** A node that a climb met. */
export interface MetNode extends KnownNode {
  readonly key: number;
}

/** Who is said to have sent what. */
export interface Claim {
  readonly nkey: string;
  readonly publicKey: Uint8Array;
  readonly payload: string;
  readonly headers: Headers;
}

/** Hashes remembered for each root on average: enough for the usual small flush. */
const NODES_PER_ROOT = 16;

/** A cache for one process, to be shared by its openers; `LIMITS.verifiedRoots` roots by default. */
export function createVerifiedRoots(capacity: number = LIMITS.verifiedRoots): VerifiedRoots {
  let bySignature = boundedCache<VerifiedRoot>(capacity);
  let nodesHeld = 0;
  return {
    find: (signature) => bySignature.get(signature),
    add(signature, root) {
      bySignature.set(signature, root);
    },
    learn(root, nodes) {
      nodesHeld -= root.nodes.size;
      root.awaited -= 1;
      if (root.awaited <= 0) {
        // Nobody needs them any more: they shall die young.
        root.nodes.clear();
        return;
      }
      for (const node of nodes) root.nodes.set(node.key, node);
      nodesHeld += root.nodes.size;
      if (nodesHeld > capacity * NODES_PER_ROOT) {
        bySignature = boundedCache(capacity);
        nodesHeld = 0;
      }
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
  if (typeof signatureText !== 'string') return refuse('malformed-signature');
  if (proofText === undefined) {
    const signature = decodeSignature(signatureText);
    if (signature === null) return refuse('malformed-signature');
    const message = signable('message', claim.payload);
    const valid = verifyStrict(backend, { publicKey: claim.publicKey, message, signature });
    return valid ? 'each' : refuse('bad-signature');
  }
  const proof = parseProof(proofText);
  if (proof === null) return refuse('malformed-signature');
  return checkBatch({ backend, roots, claim }, signatureText, proof);
}

interface Check {
  readonly backend: SignatureBackend;
  readonly roots: VerifiedRoots;
  readonly claim: Claim;
}

/** A proof header whose numbers are read and whose hashes are not: `hashes` of them from `at`. */
interface ProofHeader {
  readonly index: number;
  readonly size: number;
  readonly text: string;
  readonly at: number;
  readonly hashes: number;
}

function checkBatch({ backend, roots, claim }: Check, signatureText: string, header: ProofHeader): Evidence | Refusal {
  const leaf = batchLeaf(backend, claim.payload);
  const known = roots.find(signatureText);
  if (known !== undefined && known.nkey === claim.nkey && known.size === header.size) {
    const learned = climb({ backend, known, header }, leaf);
    if (learned !== null) {
      roots.learn(known, learned);
      return 'batch';
    }
  }
  const signature = decodeSignature(signatureText);
  const proof = decodeProof(header);
  const root = proof === null ? null : rootFromProof(backend.sha256, leaf, proof);
  if (signature === null || root === null) return refuse('malformed-signature');
  const message = batchRootBytes(root, header.size);
  if (!verifyStrict(backend, { publicKey: claim.publicKey, message, signature })) return refuse('bad-signature');
  roots.add(signatureText, { nkey: claim.nkey, root, size: header.size, nodes: new Map(), awaited: header.size - 1 });
  return 'batch';
}

interface Climb {
  readonly backend: SignatureBackend;
  readonly known: VerifiedRoot;
  readonly header: ProofHeader;
}

/**
 * Climbs from a leaf to the first hash that is known to be under the root, or to the root. From there up the proof must repeat
 * what is known, or a changed header would pass unread. Returns the nodes met below, or `null` where this shows nothing: then the
 * whole proof and the signature decide.
 */
function climb({ backend, known, header }: Climb, leaf: Uint8Array): readonly MetNode[] | null {
  const met: MetNode[] = [];
  const { text } = header;
  let hash = leaf;
  let { index, size, at } = header;
  for (let level = 0; size > 1; level++) {
    const key = nodeKey(level, index);
    const expected = known.nodes.get(key);
    if (expected !== undefined) {
      const same = equalBytes(expected.hash, hash) && repeatsKnown(known, header, { level, index, size, at });
      // So that the next one that meets this node compares one text.
      if (same && expected.rest === null) met.push({ key, hash: expected.hash, rest: text.slice(at) });
      return same ? met : null;
    }
    met.push({ key, hash, rest: text.slice(at) });
    const sibling = siblingOf(index);
    if (sibling < size) {
      const beside = hashAt(text, at);
      if (beside === null) return null;
      met.push({ key: nodeKey(level, sibling), hash: beside, rest: null });
      hash = sibling < index ? nodeHash(backend.sha256, beside, hash) : nodeHash(backend.sha256, hash, beside);
      at += HASH_CHARS;
    }
    index >>= 1;
    size = (size + 1) >> 1;
  }
  return at === text.length && equalBytes(hash, known.root) ? met : null;
}

interface Height {
  readonly level: number;
  readonly index: number;
  readonly size: number;
  readonly at: number;
}

/** Whether the rest of a proof, from a known node up, is exactly what is known to lead from there to the root. */
function repeatsKnown(known: VerifiedRoot, { text }: ProofHeader, from: Height): boolean {
  let { level, index, size, at } = from;
  for (; size > 1; level++) {
    const rest = known.nodes.get(nodeKey(level, index))?.rest;
    if (typeof rest === 'string') return text.length - at === rest.length && text.endsWith(rest);
    const sibling = siblingOf(index);
    if (sibling < size) {
      const expected = known.nodes.get(nodeKey(level, sibling));
      const beside = expected === undefined ? null : hashAt(text, at);
      if (expected === undefined || beside === null || !equalBytes(expected.hash, beside)) return false;
      at += HASH_CHARS;
    }
    index >>= 1;
    size = (size + 1) >> 1;
  }
  return at === text.length;
}

function hashAt(text: string, at: number): Uint8Array | null {
  const hash = text.slice(at, at + HASH_CHARS);
  return hash.length === HASH_CHARS ? decodeBase64Url(hash) : null;
}

function siblingOf(index: number): number {
  return index % 2 === 1 ? index - 1 : index + 1;
}

/** One number for a place in a tree of at most `LIMITS.batchMessages` leaves. */
function nodeKey(level: number, index: number): number {
  return level * LIMITS.batchMessages + index;
}

function decodeSignature(text: string): Uint8Array | null {
  if (text.length !== SIGNATURE_CHARS) return null;
  const signature = decodeBase64Url(text);
  return signature?.length === SIGNATURE_BYTES ? signature : null;
}

function parseProof(text: unknown): ProofHeader | null {
  if (typeof text !== 'string') return null;
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0) return null;
  const index = decodeCount(text.slice(0, first));
  const size = decodeCount(text.slice(first + 1, second));
  if (index === null || size === null || size > LIMITS.batchMessages || index >= size) return null;
  // A path is as high as the tree at most; longer texts are refused before they are decoded.
  const at = second + 1;
  const hashes = (text.length - at) / HASH_CHARS;
  if (!Number.isInteger(hashes) || hashes > Math.ceil(Math.log2(size))) return null;
  return { index, size, text, at, hashes };
}

function decodeProof({ index, size, text, at, hashes }: ProofHeader): MerkleProof | null {
  const path: Uint8Array[] = [];
  for (let i = 0; i < hashes; i++) {
    const start = at + i * HASH_CHARS;
    const hash = decodeBase64Url(text.slice(start, start + HASH_CHARS));
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
