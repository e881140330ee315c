import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { LotAuction } from '../../../agents/ride-sharing/lot-auction.ts';
import { bestBid, drawOrder } from '../../../agents/ride-sharing/recreate.ts';
import { anyTrip, GRID } from './tours.ts';

const bid = fc.option(fc.oneof(fc.nat({ max: 20 }), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })));

/** Bids by lot and seat, and how many bids a seat leaves out or says too many. */
const anyAuction = fc
  .record({
    count: fc.nat({ max: 7 }),
    seats: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
    noise: fc.constantFrom(0, 3),
  })
  .chain(({ count, seats, seed, noise }) =>
    fc.record({
      lots: fc.tuple(...Array.from({ length: count }, (_, id) => anyTrip(id))),
      bids: fc.array(fc.array(bid, { minLength: seats, maxLength: seats }), { minLength: count, maxLength: count }),
      excess: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: seats, maxLength: seats }),
      seats: fc.constant(seats),
      seed: fc.constant(seed),
      noise: fc.constant(noise),
    }),
  );

interface Award {
  readonly lot: number;
  readonly seat: number | null;
}

/** Plays an auction to its end; nobody bids again. */
function play(auction: LotAuction): readonly Award[] {
  const awards: Award[] = [];
  for (let next = auction.next(); next !== null; next = auction.next()) awards.push(next);
  return awards;
}

test('each lot is handed out once, whoever bids too few or too many times, and then it is over', (t) => {
  fc.assert(
    fc.property(anyAuction, ({ lots, bids, excess, seats, seed, noise }) => {
      const auction = new LotAuction({ lots, seats, map: GRID, noise }, createRandomRoot(seed).stream('auction'));
      for (const [seat, extra] of excess.entries()) {
        const costs = bids.map((row) => row[seat] ?? null);
        auction.bid(seat, extra < 0 ? costs.slice(0, extra) : [...costs, ...Array.from({ length: extra }, () => -1e9)]);
      }
      const awards = play(auction);
      t.deepEqual(
        awards.map(({ lot }) => lot).toSorted((a, b) => a - b),
        [...lots.keys()],
      );
      t.is(auction.next(), null);
      t.deepEqual(auction.open, []);
      t.deepEqual(
        auction.awards,
        awards.filter(({ seat }) => seat !== null),
      );
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('without noise a lot goes to the least bid, what was spent is the sum of those, and lots without a bid go to nobody', (t) => {
  fc.assert(
    fc.property(anyAuction, ({ lots, bids, seats, seed }) => {
      const auction = new LotAuction({ lots, seats, map: GRID, noise: 0 }, createRandomRoot(seed).stream('auction'));
      for (let seat = 0; seat < seats; seat++)
        auction.bid(
          seat,
          bids.map((row) => row[seat] ?? null),
        );
      let spent = 0;
      for (const { lot, seat } of play(auction)) {
        const said = (bids[lot] ?? []).filter((cost) => cost !== null);
        const least = said.length === 0 ? null : Math.min(...said);
        t.is(seat === null ? null : (bids[lot]?.[seat] ?? null), least);
        spent += least ?? 0;
      }
      t.is(auction.spent, spent);
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('with noise a lot goes to somebody who bids for it, and what is added up is the true bid', (t) => {
  fc.assert(
    fc.property(anyAuction, ({ lots, bids, seats, seed }) => {
      const auction = new LotAuction({ lots, seats, map: GRID, noise: 5 }, createRandomRoot(seed).stream('auction'));
      for (let seat = 0; seat < seats; seat++)
        auction.bid(
          seat,
          bids.map((row) => row[seat] ?? null),
        );
      let spent = 0;
      for (const { lot, seat } of play(auction)) {
        const own = seat === null ? null : (bids[lot]?.[seat] ?? null);
        t.is(
          own === null,
          (bids[lot] ?? []).every((cost) => cost === null),
        );
        spent += own ?? 0;
      }
      t.is(auction.spent, spent);
    }),
    { seed: 13, numRuns: 500 },
  );
});

test('lots are handed out by their key, lowest first, or by how far the second bid is behind, furthest first', (t) => {
  const orders = new Set<string>();
  fc.assert(
    fc.property(anyAuction, ({ lots, bids, seats, seed }) => {
      const auction = new LotAuction({ lots, seats, map: GRID, noise: 0 }, createRandomRoot(seed).stream('auction'));
      for (let seat = 0; seat < seats; seat++)
        auction.bid(
          seat,
          bids.map((row) => row[seat] ?? null),
        );
      const order = drawOrder(lots, GRID, createRandomRoot(seed).stream('auction'));
      orders.add(order.type);
      const rank = (lot: number): number =>
        order.type === 'key' ? (order.keys[lot] ?? 0) : -(bestBid(bids[lot] ?? [])?.regret ?? 0);
      const handedOut = play(auction).map(({ lot }) => rank(lot));
      t.deepEqual(
        handedOut,
        handedOut.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
      );
    }),
    { seed: 14, numRuns: 500 },
  );
  t.deepEqual([...orders].toSorted(), ['key', 'regret']);
});

test('who has won bids again for the lots that are open then, in their order, and the old bids are gone', (t) => {
  const lots = [anyTrip(0), anyTrip(1), anyTrip(2)].flatMap((trip) => fc.sample(trip, { seed: 1, numRuns: 1 }));
  const auction = new LotAuction({ lots, seats: 2, map: GRID, noise: 0 }, createRandomRoot(1).stream('auction'));
  auction.bid(0, [1, 1, 1]);
  auction.bid(1, [5, 5, 5]);
  const first = auction.next();
  t.is(first?.seat, 0);
  auction.bid(0, [null, 9]);
  const [unable] = auction.open;
  const won = new Map(play(auction).map(({ lot, seat }) => [lot, seat]));
  t.deepEqual([...won.values()], [1, 1]);
  t.true(unable !== undefined && won.has(unable));
  t.is(auction.spent, 1 + 5 + 5);
});

test('the best bid is the least, its regret the way to the second, endless where nobody else bids', (t) => {
  t.is(bestBid([]), null);
  t.is(bestBid([null, null]), null);
  t.deepEqual(bestBid([null, 4]), { bidder: 1, cost: 4, regret: Infinity });
  t.deepEqual(bestBid([7, 4, null, 5]), { bidder: 1, cost: 4, regret: 1 });
  t.deepEqual(bestBid([4, 4]), { bidder: 0, cost: 4, regret: 0 });
  t.deepEqual(bestBid([-1e308, 1e308]), { bidder: 0, cost: -1e308, regret: Infinity });
});
