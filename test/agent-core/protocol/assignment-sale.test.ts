import test from 'ava';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import {
  createSale,
  takeBid,
  takeClose,
  takePhase,
  takeSettle,
  type AssignmentSale,
  type TakenBid,
} from '../../../agent-core/protocol/assignment-sale.ts';
import { assignmentTerms, type AssignmentMode } from '../../../agent-core/protocol/assignment-terms.ts';

/** Two phases, of epsilon 2 and 1. */
function sale(mode: AssignmentMode): AssignmentSale {
  return createSale(assignmentTerms({ mode, size: 1, costSpread: 100, factor: 2 }));
}

function bid(who: string, price: number, at: { phase?: number; round?: number } = {}): TakenBid {
  return { peer: `did:key:${who}` as Did, dialogue: `${who}-${price}`, price, phase: 0, round: 0, ...at };
}

const START = { phase: 0, round: 0 };

test('asynchronous: a bid waits for its phase, then gets the object', (t) => {
  const object = sale('asynchronous');
  t.deepEqual(object.terms.epsilons, [2, 1]);
  t.deepEqual(takeBid(object, bid('a', 5)), []);
  t.deepEqual(
    takePhase(object, START).map(({ type }) => type),
    ['award', 'sold'],
  );
  t.is(object.price, 5);
});

test('asynchronous: only a bid that raises the price by epsilon outbids; the first sale of a phase is told, once', (t) => {
  const object = sale('asynchronous');
  takePhase(object, START);
  takeBid(object, bid('a', 5));
  const low = bid('b', 6);
  t.deepEqual(takeBid(object, low), [{ type: 'reject', bid: low, body: { price: 5, round: 0 } }]);
  const high = bid('c', 7);
  t.deepEqual(takeBid(object, high), [
    { type: 'award', bid: high, body: {} },
    { type: 'outbid', bid: bid('a', 5), body: { price: 7, round: 0 } },
  ]);
});

test('a new phase releases the holder and keeps the price', (t) => {
  const object = sale('asynchronous');
  takePhase(object, START);
  takeBid(object, bid('a', 5));
  t.deepEqual(takePhase(object, { phase: 1, round: 9 }), [
    { type: 'release', bid: bid('a', 5), body: { phase: 1, round: 9 } },
  ]);
  t.deepEqual([object.holder, object.price], [null, 5]);
  t.is(takeBid(object, bid('b', 5, { phase: 1 }))[0]?.type, 'reject');
  t.is(takeBid(object, bid('b', 6, { phase: 1 }))[0]?.type, 'award');
  t.is(takeSettle(object)[0]?.type, 'settle');
  t.deepEqual(object.result, { type: 'sold', to: bid('b', 6).peer, price: 6 });
});

test('synchronous: bids are noted, and answered when the round is closed; of equal ones the name decides', (t) => {
  const object = sale('synchronous');
  takePhase(object, START);
  t.deepEqual(takeBid(object, bid('b', 5)), [{ type: 'noted', body: { round: 0, acceptable: true } }]);
  takeBid(object, bid('a', 5));
  t.deepEqual(takeBid(object, bid('c', 1)), [{ type: 'noted', body: { round: 0, acceptable: false } }]);
  t.deepEqual(takeClose(object, 0), [
    { type: 'award', bid: bid('a', 5), body: {} },
    { type: 'reject', bid: bid('b', 5), body: { price: 5, round: 1 } },
    { type: 'reject', bid: bid('c', 1), body: { price: 5, round: 1 } },
  ]);
});

test('synchronous: a bid for the next round is noted at the price that the close of this one leaves', (t) => {
  const object = sale('synchronous');
  takePhase(object, START);
  takeBid(object, bid('a', 5));
  const next = bid('b', 6, { round: 1 });
  t.deepEqual(takeBid(object, next), []);
  t.deepEqual(takeClose(object, 0), [
    { type: 'award', bid: bid('a', 5), body: {} },
    { type: 'noted', body: { round: 1, acceptable: false } },
  ]);
  t.deepEqual(takeClose(object, 1), [{ type: 'reject', bid: next, body: { price: 5, round: 2 } }]);
});

const broken: Readonly<Record<string, (object: AssignmentSale) => unknown>> = {
  'bid-out-of-phase': (object) => takeBid(object, bid('a', 5, { phase: 2 })),
  'two-bids-of-one': (object) => [takeBid(object, bid('a', 5)), takeBid(object, bid('a', 9))],
  'phase-out-of-turn': (object) => takePhase(object, { phase: 1, round: 0 }),
  'close-out-of-turn': (object) => takeClose(object, 0),
  'settle-out-of-turn': (object) => takeSettle(object),
};

for (const [code, act] of Object.entries(broken)) {
  test(`a broken rule ends the sale as ${code}`, (t) => {
    const object = sale('synchronous');
    takePhase(object, START);
    act(object);
    t.deepEqual(object.result, { type: 'failed', code });
  });
}

test('a bid of a phase that is over, and a phase that comes twice, end the sale', (t) => {
  const [late, twice] = [sale('asynchronous'), sale('asynchronous')];
  for (const object of [late, twice]) {
    takePhase(object, START);
    takeBid(object, bid('a', 5));
    takePhase(object, { phase: 1, round: 0 });
  }
  takeBid(late, bid('b', 9));
  t.deepEqual(late.result, { type: 'failed', code: 'bid-out-of-phase' });
  takePhase(twice, { phase: 1, round: 0 });
  t.deepEqual(twice.result, { type: 'failed', code: 'phase-out-of-turn' });
});
