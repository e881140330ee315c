import test from 'ava';
import { hashPath, hashPath52, murmur3, pathText } from '../../agent-core/stream-hash.ts';

test('murmur3 passes the verification of SMHasher for MurmurHash3_x86_128', (t) => {
  const hashes: number[] = [];
  for (let length = 0; length < 256; length++) {
    const key = Uint8Array.from({ length }, (_, index) => index);
    for (const word of murmur3(key, 256 - length)) {
      hashes.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
    }
  }
  t.is(murmur3(Uint8Array.from(hashes), 0)[0], 0xb3ece62a);
});

test('paths have golden hashes', (t) => {
  t.deepEqual(hashPath(['7', 'a']), [1608951362, 3319747796, 800099443, 4108248578]);
  t.is(hashPath52(['a']), 13008552799663);
});

test('two paths never share a text, wherever their slashes and colons are', (t) => {
  const paths = [['a', 'b'], ['a/b'], ['a/1:b'], ['ab'], ['a', '', 'b'], ['', 'a', 'b'], []];
  t.is(new Set(paths.map(pathText)).size, paths.length);
});
