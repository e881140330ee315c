import test from 'ava';
import * as fc from 'fast-check';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import {
  leafHash,
  merkleProofs,
  merkleRoot,
  merkleTree,
  nodeHash,
  rootFromProof,
} from '../../../agent-core/message/merkle.ts';

const { sha256 } = nodeBackend;

/** Leaves and roots of the test vectors that implementations of RFC 6962 share. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function leaves(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, i) => leafHash(sha256, `leaf ${i}`));
}

/** RFC 6962 section 2.1, word for word: split at the largest power of two below the size. */
function rootByDefinition(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return sha256('');
  if (hashes.length === 1) return first;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(sha256, rootByDefinition(hashes.slice(0, split)), rootByDefinition(hashes.slice(split)));
}

for (const backend of [nodeBackend, portableBackend]) {
  test(`${backend.name} gives the roots of the shared RFC 6962 vectors`, (t) => {
    for (const [size, root] of ROOTS.entries()) {
      const hashes = LEAVES.slice(0, size).map((leaf) => leafHash(backend.sha256, Buffer.from(leaf, 'hex')));
      t.is(Buffer.from(merkleRoot(backend.sha256, hashes)).toString('hex'), root);
    }
  });
}

test('every leaf of every size from 1 to 70 leads to the root of the definition, and no other index, size or leaf does', (t) => {
  for (let size = 1; size <= 70; size++) {
    const hashes = leaves(size);
    const tree = merkleTree(sha256, hashes);
    t.deepEqual([...tree.root], [...rootByDefinition(hashes)]);
    for (const proof of merkleProofs(tree)) {
      const leaf = hashes[proof.index] ?? new Uint8Array(32);
      t.deepEqual(rootFromProof(sha256, leaf, proof), tree.root);
      t.notDeepEqual(rootFromProof(sha256, leafHash(sha256, 'other'), proof), tree.root);
      const wrong = (proof.index * 7 + 1) % size;
      if (wrong !== proof.index) t.notDeepEqual(rootFromProof(sha256, leaf, { ...proof, index: wrong }), tree.root);
    }
  }
});

test('refuses paths that are too short or too long and indices outside', (t) => {
  const hashes = leaves(11);
  const tree = merkleTree(sha256, hashes);
  for (const proof of merkleProofs(tree)) {
    const leaf = hashes[proof.index] ?? new Uint8Array(32);
    t.is(rootFromProof(sha256, leaf, { ...proof, path: proof.path.slice(1) }), null);
    t.is(rootFromProof(sha256, leaf, { ...proof, path: [...proof.path, leaf] }), null);
    for (const index of [-1, 11, Number.NaN]) t.is(rootFromProof(sha256, leaf, { ...proof, index }), null);
  }
});

test('a leaf never hashes as a node', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (content) => {
      const node = nodeHash(sha256, content.slice(0, 32), content.slice(32));
      t.notDeepEqual([...leafHash(sha256, content)], [...node]);
    }),
    { seed: 1_122, numRuns: 100 },
  );
});
