import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { didOf } from '../../../agent-core/identity/did-key.ts';
import {
  createReplayWindow,
  type ReplayFault,
  type ReplaySnapshot,
} from '../../../agent-core/message/replay-window.ts';

const limits = { replayWindowMessages: 64, replayPeers: 3 };
const alice = didOf(new Uint8Array(32).fill(1));
const bob = didOf(new Uint8Array(32).fill(2));
const carol = didOf(new Uint8Array(32).fill(3));
const dave = didOf(new Uint8Array(32).fill(4));

/** The rule without a window: a set of all that was accepted. */
function reference(): (seq: number) => ReplayFault | null {
  const accepted = new Set<number>();
  let newest = 0;
  return (seq) => {
    if (seq <= newest - limits.replayWindowMessages) return 'too-old-seq';
    if (accepted.has(seq)) return 'replayed';
    accepted.add(seq);
    newest = Math.max(newest, seq);
    return null;
  };
}

test('answers as a set of everything would, in any order, with gaps, over snapshots', (t) => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: -80, max: 80 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, fc.nat(20), (moves, every) => {
      const expected = reference();
      let window = createReplayWindow({ limits });
      let at = 0;
      for (const [i, move] of moves.entries()) {
        at = Math.max(1, at + move);
        t.is(window.accept(alice, at), expected(at));
        if (i % (every + 1) !== 0) continue;
        const snapshot: ReplaySnapshot = JSON.parse(JSON.stringify(window.snapshot()));
        window = createReplayWindow({ limits, snapshot });
      }
    }),
    { seed: 1_122, numRuns: 500 },
  );
});

test('needs no bits for a sender that leaves no gap', (t) => {
  const window = createReplayWindow({ limits });
  for (let seq = 1; seq <= 1_000; seq++) t.is(window.accept(alice, seq), null);
  t.deepEqual(window.snapshot().peers, [{ from: alice, newest: 1_000, seen: null }]);
  t.is(window.accept(alice, 1_000), 'replayed');
  t.is(window.accept(alice, 937), 'replayed');
  t.is(window.accept(alice, 936), 'too-old-seq');
});

test('takes the largest number, after which only the window before it is open', (t) => {
  const window = createReplayWindow({ limits });
  t.is(window.accept(alice, Number.MAX_SAFE_INTEGER), null);
  t.is(window.accept(alice, Number.MAX_SAFE_INTEGER - 63), null);
  t.is(window.accept(alice, Number.MAX_SAFE_INTEGER - 63), 'replayed');
  t.is(window.accept(alice, Number.MAX_SAFE_INTEGER - 64), 'too-old-seq');
});

test('refuses a new sender when full and forgets none', (t) => {
  const window = createReplayWindow({ limits });
  for (const from of [alice, bob, carol]) t.is(window.accept(from, 5), null);
  t.is(window.accept(dave, 1), 'replay-peers-full');
  for (const from of [alice, bob, carol]) t.is(window.accept(from, 5), 'replayed');
  t.is(window.snapshot().peers.length, 3);
});

test('a restored window refuses what the first accepted', (t) => {
  const window = createReplayWindow({ limits });
  for (const seq of [1, 2, 9, 4]) window.accept(alice, seq);
  const restored = createReplayWindow({ limits, snapshot: window.snapshot() });
  for (const seq of [1, 2, 9, 4]) t.is(restored.accept(alice, seq), 'replayed');
  for (const seq of [3, 5, 10]) t.is(restored.accept(alice, seq), null);
});

test('refuses a snapshot of another size or with broken entries', (t) => {
  const good: ReplaySnapshot = { version: 1, windowMessages: 64, peers: [{ from: alice, newest: 3, seen: [7, 0] }] };
  t.notThrows(() => createReplayWindow({ limits, snapshot: good }));
  const peer = { from: alice, newest: 3, seen: null };
  const broken: readonly unknown[] = [
    { ...good, version: 2 },
    { ...good, windowMessages: 128 },
    { ...good, peers: [peer, peer] },
    { ...good, peers: [{ ...peer, from: 'did:key:z' }] },
    { ...good, peers: [{ ...peer, newest: 0 }] },
    { ...good, peers: [{ ...peer, newest: 1.5 }] },
    { ...good, peers: [{ ...peer, seen: [1] }] },
    { ...good, peers: [{ ...peer, seen: [1, -1] }] },
    { ...good, peers: [alice, bob, carol, dave].map((from) => ({ ...peer, from })) },
  ];
  for (const entry of broken) {
    const snapshot: ReplaySnapshot = JSON.parse(JSON.stringify(entry));
    const error = t.throws(() => createReplayWindow({ limits, snapshot }), {
      instanceOf: HaggleError,
    });
    t.is(error.code, 'bad-replay-snapshot');
  }
});
