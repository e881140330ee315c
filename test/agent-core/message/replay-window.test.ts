import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { didOf, type Did } from '../../../agent-core/identity/did-key.ts';
import {
  createReplayWindow,
  type ReplayFault,
  type ReplaySnapshot,
  type ReplayWindow,
} from '../../../agent-core/message/replay-window.ts';

const limits = { replayWindowMessages: 64, replayPeers: 3 };
const alice = didOf(new Uint8Array(32).fill(1));
const bob = didOf(new Uint8Array(32).fill(2));
const carol = didOf(new Uint8Array(32).fill(3));
const dave = didOf(new Uint8Array(32).fill(4));

/** A message that never expires here; the clock stands still. */
function ask(window: ReplayWindow, from: Did, seq: number): ReplayFault | null {
  return window.accept({ from, seq, exp: 1_000 }, 0);
}

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
        t.is(ask(window, alice, at), expected(at));
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
  for (let seq = 1; seq <= 1_000; seq++) t.is(ask(window, alice, seq), null);
  t.deepEqual(window.snapshot().peers, [{ from: alice, newest: 1_000, until: 1_000, seen: null }]);
  t.is(ask(window, alice, 1_000), 'replayed');
  t.is(ask(window, alice, 937), 'replayed');
  t.is(ask(window, alice, 936), 'too-old-seq');
});

test('takes the largest number, after which only the window before it is open', (t) => {
  const window = createReplayWindow({ limits });
  t.is(ask(window, alice, Number.MAX_SAFE_INTEGER), null);
  t.is(ask(window, alice, Number.MAX_SAFE_INTEGER - 63), null);
  t.is(ask(window, alice, Number.MAX_SAFE_INTEGER - 63), 'replayed');
  t.is(ask(window, alice, Number.MAX_SAFE_INTEGER - 64), 'too-old-seq');
});

test('refuses a new sender when full and forgets none whose messages are still valid', (t) => {
  const window = createReplayWindow({ limits });
  for (const from of [alice, bob, carol]) t.is(ask(window, from, 5), null);
  t.is(ask(window, dave, 1), 'replay-peers-full');
  for (const from of [alice, bob, carol]) t.is(ask(window, from, 5), 'replayed');
  t.is(window.snapshot().peers.length, 3);
});

test('a restored window refuses what the first accepted', (t) => {
  const window = createReplayWindow({ limits });
  for (const seq of [1, 2, 9, 4]) ask(window, alice, seq);
  const restored = createReplayWindow({ limits, snapshot: window.snapshot() });
  for (const seq of [1, 2, 9, 4]) t.is(ask(restored, alice, seq), 'replayed');
  for (const seq of [3, 5, 10]) t.is(ask(restored, alice, seq), null);
});

test('refuses a snapshot of another size or with broken entries', (t) => {
  const peer = { from: alice, newest: 3, until: 5, seen: null };
  const good: ReplaySnapshot = {
    version: 2,
    windowMessages: 64,
    forgottenUntil: 0,
    peers: [{ ...peer, seen: [7, 0] }],
  };
  t.notThrows(() => createReplayWindow({ limits, snapshot: good }));
  const broken: readonly unknown[] = [
    { ...good, version: 1 },
    { ...good, windowMessages: 128 },
    { ...good, forgottenUntil: -1 },
    { ...good, peers: [{ ...peer, until: 0.5 }] },
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

test('forgets senders of whom all has expired once it is full, and lets new ones in', (t) => {
  const window = createReplayWindow({ limits });
  for (const [k, from] of [alice, bob, carol].entries()) {
    t.is(window.accept({ from, seq: 5, exp: 100 * (k + 1) }, 0), null);
  }
  t.is(window.accept({ from: alice, seq: 6, exp: 150 }, 50), null);
  const later = 20_000_000;
  t.is(window.accept({ from: carol, seq: 6, exp: later }, later), null);
  t.is(window.accept({ from: dave, seq: 1, exp: later + 9 }, later + 1), null);
  t.deepEqual(
    window.snapshot().peers.map(({ from }) => from),
    [dave],
  );
  t.is(window.snapshot().forgottenUntil, later);
  t.is(window.accept({ from: alice, seq: 9, exp: later + 2 }, later + 1), null);
});

test('a message of a forgotten sender is not taken again even where the clock goes back', (t) => {
  const window = createReplayWindow({ limits });
  for (const from of [alice, bob, carol]) t.is(window.accept({ from, seq: 5, exp: 100 }, 0), null);
  t.is(window.accept({ from: dave, seq: 1, exp: 300 }, 101), null);
  const { snapshot } = { snapshot: window.snapshot() };
  for (const once of [window, createReplayWindow({ limits, snapshot })]) {
    t.is(once.accept({ from: alice, seq: 5, exp: 100 }, 50), 'expired');
    t.is(once.accept({ from: alice, seq: 6, exp: 101 }, 50), null);
  }
});

test('a full window looks for senders to forget at most every ten seconds', (t) => {
  const window = createReplayWindow({ limits });
  for (const from of [alice, bob, carol]) t.is(window.accept({ from, seq: 1, exp: 100 }, 0), null);
  t.is(window.accept({ from: dave, seq: 1, exp: 200 }, 100), 'replay-peers-full');
  t.is(window.accept({ from: dave, seq: 1, exp: 9_999_999 }, 9_999_999), 'replay-peers-full');
  t.is(window.accept({ from: dave, seq: 1, exp: 10_000_100 }, 10_000_100), null);
});

test('accepts nothing twice, however full it is and however the clock runs', (t) => {
  const step = fc.record({
    from: fc.constantFrom(alice, bob, carol, dave, didOf(new Uint8Array(32).fill(5))),
    seq: fc.integer({ min: 1, max: 6 }),
    life: fc.integer({ min: 0, max: 15_000_000 }),
    pass: fc.integer({ min: -8_000_000, max: 12_000_000 }),
    again: fc.option(fc.nat(50)),
    restart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let window = createReplayWindow({ limits });
      let now = 20_000_000;
      const sent: { from: Did; seq: number; exp: number }[] = [];
      const accepted = new Set<unknown>();
      for (const { from, seq, life, pass, again, restart } of steps) {
        now = Math.max(0, now + pass);
        // A sender gives each number once, so its expiry belongs to it.
        const message = (again === null ? undefined : sent[again]) ??
          sent.find((one) => one.from === from && one.seq === seq) ?? { from, seq, exp: now + life };
        if (!sent.includes(message)) sent.push(message);
        if (message.exp < now) continue;
        if (window.accept(message, now) === null) {
          t.false(accepted.has(message));
          accepted.add(message);
        }
        if (restart) window = createReplayWindow({ limits, snapshot: window.snapshot() });
      }
    }),
    { seed: 1_123, numRuns: 1_000 },
  );
});
