import test from 'ava';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Reservation } from '../../../agent-core/ledger/operation.ts';
import { backingFault, costOf, type OrderRefusal } from '../../../agent-core/protocol/market-order.ts';

const good: Reservation = {
  id: 'o',
  payer: 'did:key:payer' as Did,
  to: 'did:key:exchange' as Did,
  asset: 'token',
  amount: 20n,
  remaining: 20n,
  posted: 0n,
  expires: 1_000,
  release: 'payee',
  reference: null,
  state: 'pending',
};
const cost = { asset: 'token', amount: 20n };

test('a buyer sets money aside at its limit price, a seller its goods', (t) => {
  const order = { asset: 'steel', price: 7n, quantity: 3 };
  t.deepEqual(costOf({ ...order, side: 'buy' }, 'token'), { asset: 'token', amount: 21n });
  t.deepEqual(costOf({ ...order, side: 'sell' }, 'token'), { asset: 'steel', amount: 3n });
});

test('a reservation backs an order that costs just so much and ends just then', (t) => {
  t.is(backingFault(good, cost, 1_000), null);
});

const faults: Readonly<Record<OrderRefusal & `${string}reservation${string}`, Partial<Reservation> | null>> = {
  'no-reservation': null,
  'reservation-not-payee': { release: 'payer' },
  'reservation-revocable': { reference: 'dialogue' },
  'reservation-wrong-asset': { asset: 'steel' },
  'reservation-over': { state: 'posted' },
  'reservation-too-small': { remaining: 19n },
  'reservation-too-short': { expires: 999 },
};

for (const [code, change] of Object.entries(faults)) {
  test(`says ${code}`, (t) => {
    t.is(backingFault(change === null ? null : { ...good, ...change }, cost, 1_000) ?? 'none', code);
  });
}

test('a reservation that was voided or ran out backs nothing', (t) => {
  for (const state of ['voided', 'expired'] as const)
    t.is(backingFault({ ...good, state }, cost, 0), 'reservation-over');
});
