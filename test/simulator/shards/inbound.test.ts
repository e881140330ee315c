import test from 'ava';
import * as fc from 'fast-check';
import { Inbound } from '../../../simulator/shards/inbound.ts';
import type { Parcel } from '../../../simulator/shards/parcel.ts';

function parcel(time: number): Parcel {
  return {
    key: { time, priority: 0, sourceKey: 1, sourceCounter: time },
    cargo: { type: 'answer', agent: 'a', id: time, answer: null },
  };
}

/** A packet of `count` messages from number `first`. */
function packet(source: number, epoch: number, [first, count]: readonly [number, number]) {
  return { source, epoch, first, parcels: Array.from({ length: count }, (_, index) => parcel(first + index)) };
}

test('messages are handed on by number once all that came before are there, in whatever order packets come', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }), fc.nat(), (sizes, seed) => {
      const inbound = new Inbound(0, 2);
      let first = 1;
      const packets = sizes.map((size, epoch) => {
        const made = packet(1, epoch + 1, [first, size]);
        first += size;
        return made;
      });
      const total = first - 1;
      const shuffled = packets.toSorted((a, b) => ((a.first * 7919 + seed) % 101) - ((b.first * 7919 + seed) % 101));
      for (const [index, one] of shuffled.entries()) {
        t.is(inbound.has(9, [0, total]), false, `after ${index} packets`);
        inbound.take(one);
        // Said twice: the second time changes nothing.
        inbound.take(one);
      }
      t.true(inbound.has(9, [0, total]));
      t.deepEqual(
        inbound.release(9, [0, total]).map(({ key }) => key.time),
        Array.from({ length: total }, (_, index) => index + 1),
      );
    }),
  );
});

test('what was sent in a later epoch waits', (t) => {
  const inbound = new Inbound(0, 2);
  inbound.take(packet(1, 2, [3, 2]));
  inbound.take(packet(1, 1, [1, 2]));
  t.true(inbound.has(2, [0, 2]));
  t.is(inbound.release(2, [0, 2]).length, 2);
  t.true(inbound.has(3, [0, 4]));
  t.is(inbound.release(3, [0, 4]).length, 2);
});

test('a gap is named by worker, numbers and epochs', (t) => {
  const inbound = new Inbound(2, 3);
  inbound.has(2, [2, 0, 0]);
  inbound.take(packet(0, 2, [3, 2]));
  inbound.take(packet(0, 3, [7, 1]));
  inbound.take(packet(1, 3, [1, 4]));
  inbound.has(3, [4, 0, 0]);
  inbound.has(4, [8, 5, 0]);
  const { code, message, fields } = inbound.missing(4, [8, 5, 0]);
  t.is(code, 'missing-messages');
  t.is(
    message,
    'worker 2 cannot begin epoch 4: it misses messages from worker 0 numbers 1 to 2 (epoch 1), numbers 5 to 6 (epoch 3), ' +
      'number 8 (epoch 3); from worker 1 number 5 (epoch 3)',
  );
  t.is(fields['worker'], 2);
});

test('refuses packets of workers that there are not, of itself, and of two epochs at once', (t) => {
  const inbound = new Inbound(0, 2);
  for (const bad of [packet(2, 1, [1, 1]), packet(0, 1, [1, 1]), packet(1, 1, [0, 1])]) {
    t.throws(() => inbound.take(bad), { code: 'bad-wire' });
  }
  inbound.take(packet(1, 1, [1, 3]));
  t.throws(() => inbound.release(2, [0, 2]), { code: 'bad-wire', message: /not of the epochs that it was counted in/ });
});

test('refuses messages whose tags and numbers do not say the same', (t) => {
  const early = new Inbound(0, 2);
  early.take(packet(1, 2, [1, 2]));
  t.throws(() => early.release(2, [0, 2]), { code: 'bad-wire', message: /not of the epochs that it was counted in/ });
  const uncounted = new Inbound(0, 2);
  uncounted.take(packet(1, 1, [1, 2]));
  t.throws(() => uncounted.release(2, [0, 0]), { code: 'bad-wire', message: /epoch 1, of which it reported less/ });
  const late = new Inbound(0, 2);
  late.release(3, [0, 0]);
  t.throws(() => late.take(packet(1, 2, [1, 2])), { code: 'bad-wire', message: /epoch 2, of which it reported less/ });
});
