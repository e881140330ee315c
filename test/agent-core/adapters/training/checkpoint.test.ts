import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../../../agent-core/adapters/training/checkpoint.ts';

test('what is read is what was written, to the bit', (t) => {
  const arrays = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 9 }).filter((name) => name !== '__proto__'),
    fc.oneof(fc.float32Array({ maxLength: 20 }), fc.float64Array({ maxLength: 20 })),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(arrays, fc.jsonValue(), (saved, facts) => {
      const read = decodeCheckpoint(encodeCheckpoint({ facts, arrays: saved }), 'test');
      t.deepEqual(read.arrays, saved);
      t.is(JSON.stringify(read.facts), JSON.stringify(facts));
    }),
    { seed: 75 },
  );
});

test('refuses bytes that were changed anywhere, or cut off', (t) => {
  const whole = encodeCheckpoint({ facts: { a: 1 }, arrays: { x: Float32Array.of(1, 2, 3) } });
  for (let at = 0; at < whole.length; at++) {
    const changed = Uint8Array.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.throws(() => decodeCheckpoint(changed, 'test'), { code: 'bad-checkpoint' });
    t.throws(() => decodeCheckpoint(whole.subarray(0, at), 'test'), { code: 'bad-checkpoint' });
  }
});

/** Bytes with a right sum, whatever they say. */
function forged(header: string, rest = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const body = Buffer.alloc(4 + text.length + rest);
  body.writeUInt32LE(text.length);
  body.set(text, 4);
  return Buffer.concat([Buffer.from('haggle-checkpoint/1\n'), createHash('sha256').update(body).digest(), body]);
}

test('refuses a header that is none, or that claims more than is there, before anything is allocated for it', (t) => {
  const array = { name: 'x', bits: 64, length: 1 };
  t.deepEqual(decodeCheckpoint(forged(JSON.stringify({ facts: 0, arrays: [array] }), 8), 'test').arrays, {
    x: Float64Array.of(0),
  });
  for (const header of [
    'no JSON',
    '{}',
    JSON.stringify({ facts: 0, arrays: [{ ...array, length: 2 ** 40 }] }),
    JSON.stringify({ facts: 0, arrays: [{ ...array, length: -1 }] }),
    JSON.stringify({ facts: 0, arrays: [{ ...array, bits: 16 }] }),
    JSON.stringify({ facts: 0, arrays: [] }),
  ]) {
    t.throws(() => decodeCheckpoint(forged(header, 8), 'test'), { code: 'bad-checkpoint' }, header);
  }
});

test('reads regular files alone: a folder or a pipe is refused at once, and none is null', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-checkpoint-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  t.is(await readCheckpoint(path('absent')), null);
  writeCheckpoint(path('file'), { facts: 1, arrays: {} });
  t.deepEqual(await readCheckpoint(path('file')), { facts: 1, arrays: {} });
  mkdirSync(path('folder'));
  // As nobody writes to it, whoever waited for it would wait for ever.
  execFileSync('mkfifo', [path('pipe')]);
  for (const name of ['folder', 'pipe']) {
    const message = `cannot read the checkpoint ${path(name)}: it is no regular file`;
    await t.throwsAsync(readCheckpoint(path(name)), { code: 'cannot-read', message });
  }
  const below = await t.throwsAsync(readCheckpoint(path('file/below')), { code: 'cannot-read' });
  t.regex(below.message, /a part of its path is no folder$/);
});
