import test from 'ava';
import * as fc from 'fast-check';
import { ExpiryQueue, type Expiring } from '../../../agent-core/ledger/expiry-queue.ts';
import type { ReservationState } from '../../../agent-core/ledger/operation.ts';
import { alice, bob } from './parties.ts';

interface Item extends Expiring {
  state: ReservationState;
}

const item = (expires: number, id: string, payer = alice.did): Item => ({ expires, id, payer, state: 'pending' });
const name = ({ expires, payer, id }: Item): string => `${String(expires).padStart(3, '0')} ${payer} ${id}`;

function drain(queue: ExpiryQueue<Item>, time: number): readonly string[] {
  const taken: string[] = [];
  for (let next = queue.take(time); next !== undefined; next = queue.take(time)) taken.push(name(next));
  return taken;
}

test('what is pending comes out in the order of time, payer and id, however it went in, cleaned or not', (t) => {
  const items = fc.array(fc.record({ expires: fc.nat(20), k: fc.nat(50), own: fc.boolean(), resolved: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(items, fc.nat(25), fc.boolean(), (drawn, time, clean) => {
      const queue = new ExpiryQueue<Item>();
      const all = drawn.map(({ expires, k, own }) => item(expires, `i${k}`, own ? alice.did : bob.did));
      for (const one of all) queue.add(one);
      for (const [n, one] of all.entries()) if (drawn[n]?.resolved === true) one.state = 'posted';
      if (clean) queue.clean();
      const due = all.filter(({ state, expires }) => state === 'pending' && expires <= time).map(name);
      t.deepEqual(drain(queue, time), due.toSorted());
      t.is(drain(queue, 99).length, all.filter(({ state, expires }) => state === 'pending' && expires > time).length);
    }),
  );
});

test('resolved reservations do not pile up, however far off their time is', (t) => {
  const queue = new ExpiryQueue<Item>();
  const open: Item[] = [];
  for (let k = 0; k < 100_000; k++) {
    const one = item(1_000_000 + (k % 13), `i${k}`);
    queue.add(one);
    if (k % 1_000 === 0) open.push(one);
    else one.state = 'voided';
    queue.clean();
    t.true(queue.size <= 1_024);
  }
  t.deepEqual(drain(queue, 2_000_000), open.map(name).toSorted());
});
