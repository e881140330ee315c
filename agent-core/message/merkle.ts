/** Merkle trees as RFC 6962 section 2.1 hashes them: leaves under 0x00, nodes under 0x01, so neither passes for the other. */
import type { Sha256 } from '../identity/signer.ts';

const HASH_BYTES = 32;

/** Reused for each node, read by the hash before it returns: an array of 65 bytes costs as much as half the hash. */
const nodeBytes = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES));

/** All levels of a tree: `levels[0]` are the leaf hashes, the last level is the root alone. A node without a partner moves up as it is. */
export interface MerkleTree {
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly root: Uint8Array;
}

/** Where a leaf stands and the hashes beside its way up, lowest first. */
export interface MerkleProof {
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
}

/** Hash of a leaf's content; a text stands for its UTF-8 bytes. */
export function leafHash(sha256: Sha256, content: Uint8Array | string): Uint8Array {
  if (typeof content === 'string') return sha256(`\0${content}`);
  const bytes = new Uint8Array(1 + content.length);
  bytes.set(content, 1);
  return sha256(bytes);
}

/** Hash of an inner node over its two children. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeBytes.set(left, 1);
  nodeBytes.set(right, 1 + HASH_BYTES);
  return sha256(nodeBytes);
}

/** Root over leaf hashes; of no leaves, the hash of nothing (RFC 6962 section 2.1). */
export function merkleRoot(sha256: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  return merkleTree(sha256, leaves).root;
}

/** The whole tree over leaf hashes, from which every proof can be read without hashing again. */
export function merkleTree(sha256: Sha256, leaves: readonly Uint8Array[]): MerkleTree {
  const levels = [leaves];
  let level = leaves;
  while (level.length > 1) {
    level = levelAbove(sha256, level);
    levels.push(level);
  }
  return { levels, root: level[0] ?? sha256('') };
}

/** Proofs of all leaves, in order. */
export function merkleProofs(tree: MerkleTree): readonly MerkleProof[] {
  const leaves = tree.levels[0] ?? [];
  return leaves.map((_, index) => ({ index, size: leaves.length, path: pathOf(tree, index) }));
}

/**
 * The root that a leaf hash and its proof lead to, or `null` where the path has too few or too many hashes for that index
 * and size. Trust in it comes from comparing with a signed root.
 */
export function rootFromProof(sha256: Sha256, leaf: Uint8Array, proof: MerkleProof): Uint8Array | null {
  if (!(proof.index >= 0 && proof.index < proof.size)) return null;
  let hash = leaf;
  let used = 0;
  let { index, size } = proof;
  while (size > 1) {
    const isRight = index % 2 === 1;
    if (isRight || index + 1 < size) {
      const sibling = proof.path[used];
      if (sibling === undefined) return null;
      hash = isRight ? nodeHash(sha256, sibling, hash) : nodeHash(sha256, hash, sibling);
      used += 1;
    }
    index = Math.floor(index / 2);
    size = Math.ceil(size / 2);
  }
  return used === proof.path.length ? hash : null;
}

function levelAbove(sha256: Sha256, level: readonly Uint8Array[]): readonly Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i];
    const right = level[i + 1];
    if (left === undefined) break;
    above.push(right === undefined ? left : nodeHash(sha256, left, right));
  }
  return above;
}

function pathOf(tree: MerkleTree, leafIndex: number): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  let index = leafIndex;
  for (const level of tree.levels) {
    const sibling = level[index % 2 === 1 ? index - 1 : index + 1];
    if (sibling !== undefined) path.push(sibling);
    index = Math.floor(index / 2);
  }
  return path;
}
