import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { createDesk, endRound, offerOf, openLots, takeLot, type Desk } from '../../../agents/ride-sharing/desk.ts';
import { insertable } from '../../../agents/ride-sharing/insertable.ts';
import { cheapestInsertion } from '../../../agents/ride-sharing/insertion.ts';
import { topicOf } from '../../../agents/ride-sharing/release.ts';
import { routeOf, tripsOf, type Route } from '../../../agents/ride-sharing/route.ts';
import { isFeasible } from '../../../agents/ride-sharing/timetable.ts';
import type { Tour } from '../../../agents/ride-sharing/tour.ts';
import { visitsOf, type Trip } from '../../../agents/ride-sharing/trip.ts';
import { anyTour, anyTrip, costByDefinition } from './tours.ts';

/** A tour with a passenger on board and as many of some trips as fit, and trips of others. */
const anySeat = fc
  .record({
    tour: anyTour,
    own: fc.tuple(anyTrip(1), anyTrip(2), anyTrip(3), anyTrip(4), anyTrip(5)),
    others: fc.tuple(anyTrip(11), anyTrip(12), anyTrip(13)),
    aboard: anyTrip(21),
    isAboard: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ tour, own, others, aboard, isAboard, seed }) => {
    const withAboard = isAboard ? boarded(tour, aboard) : null;
    const start = withAboard ?? { tour, route: routeOf(tour, []) };
    let { route } = start;
    for (const trip of own) route = cheapestInsertion(insertable(start.tour, route), trip) ?? route;
    return { desk: createDesk(start.tour, route, new Set()), others, aboard, isAboard: withAboard !== null, seed };
  });

function boarded(tour: Tour, trip: Trip): { tour: Tour; route: Route } | null {
  const laden = { ...tour, onBoard: trip.load };
  const visits = [visitsOf(trip).dropoff];
  return trip.load <= tour.capacity && isFeasible(laden, visits)
    ? { tour: laden, route: routeOf(laden, visits) }
    : null;
}

const ids = (trips: readonly Trip[]): readonly number[] => trips.map(({ id }) => id).toSorted((a, b) => a - b);
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * (1 + Math.abs(a) + Math.abs(b));

/** Plays a round in which this vehicle bids alone for what it offered and for what others did, and takes every second lot. */
function playRound(desk: Desk, others: readonly Trip[], seed: number) {
  const random = createRandomRoot(seed).stream('release');
  const [about] = others;
  const before = desk.current.cost;
  const topic = topicOf(
    about ?? fc.sample(anyTrip(99), { seed, numRuns: 1 })[0] ?? { pickup: NOWHERE, dropoff: NOWHERE },
  );
  const released = offerOf(desk, { topic, nearness: 'place-and-time' }, random).trips;
  const lots = [...others, ...released];
  const { saved, costs } = openLots(desk, lots);
  let bids = costs;
  let spent = 0;
  let open = [...lots.keys()];
  while (open.length > 0) {
    const [lot = 0] = open;
    const [bid = null] = bids;
    open = open.slice(1);
    if (bid === null || lot % 2 === 1) {
      bids = bids.slice(1);
      continue;
    }
    spent += bid;
    bids = takeLot(desk, lot, open) ?? [];
  }
  return { before, released, lots, saved, spent };
}

const NOWHERE = { place: 0, service: 0, earliest: 0, latest: 0 };

test('what a vehicle saves and what it bids are the true changes of its costs, by definition', (t) => {
  fc.assert(
    fc.property(anySeat, ({ desk, others, seed }) => {
      const { before, saved, spent } = playRound(desk, others, seed);
      const draft = desk.trial?.route;
      t.truthy(draft);
      const cost = costByDefinition(desk.tour, draft?.visits ?? []);
      t.true(isClose(cost, draft?.cost ?? Number.NaN), 'the draft costs what it says');
      t.true(isClose(cost - before, spent - saved), `${cost} - ${before} = ${spent} - ${saved}`);
    }),
    { seed: 21, numRuns: 400 },
  );
});

test('a vehicle offers only its own trips, never one that it was told to keep, nor a passenger on board', (t) => {
  fc.assert(
    fc.property(anySeat, ({ desk, others, seed }) => {
      const own = tripsOf(desk.current);
      const kept = new Set(own.slice(0, 1).map(({ id }) => id));
      const choosy = createDesk(desk.tour, desk.committed, kept);
      const topic = topicOf(others[0]);
      const { trips } = offerOf(choosy, { topic, nearness: 'time' }, createRandomRoot(seed).stream('release'));
      t.true(trips.every((trip) => own.includes(trip) && !kept.has(trip.id)));
    }),
    { seed: 22, numRuns: 200 },
  );
});

test('a draft never drops a trip that was not put up, nor a passenger on board, and is always drivable', (t) => {
  fc.assert(
    fc.property(anySeat, ({ desk, others, seed, aboard, isAboard }) => {
      const { lots } = playRound(desk, others, seed);
      const draft = desk.trial?.route ?? { visits: [], cost: 0 };
      const up = new Set(lots.map(({ id }) => id));
      const keptTrips = tripsOf(desk.current).filter(({ id }) => !up.has(id));
      const now = new Set(ids(tripsOf(draft)));
      t.true(keptTrips.every(({ id }) => now.has(id)));
      t.is(draft.visits.filter(({ trip }) => trip === aboard).length, isAboard ? 1 : 0);
      t.true(isFeasible(desk.tour, draft.visits));
      t.is(now.size, tripsOf(draft).length, 'no trip twice');
    }),
    { seed: 23, numRuns: 400 },
  );
});

test('a round that is undone leaves the drafts as they were; one that is kept becomes the draft; the best is remembered', (t) => {
  fc.assert(
    fc.property(anySeat, fc.constantFrom('none', 'undone', 'kept', 'best'), ({ desk, others, seed }, verdict) => {
      const { current, best } = desk;
      playRound(desk, others, seed);
      const draft = desk.trial?.route;
      endRound(desk, verdict);
      t.is(desk.trial, null);
      t.is(desk.current, verdict === 'kept' || verdict === 'best' ? (draft ?? current) : current);
      t.is(desk.best, verdict === 'best' ? (draft ?? best) : best);
      t.is(desk.committed, current, 'what binds stays');
      endRound(desk, 'best');
      t.is(desk.best, verdict === 'best' ? (draft ?? best) : best, 'a round ends once');
    }),
    { seed: 24, numRuns: 300 },
  );
});

test('a passenger on board is no lot: nobody can take it out of a route, or put it in twice', (t) => {
  fc.assert(
    fc.property(
      anySeat.filter(({ isAboard }) => isAboard),
      ({ desk, aboard }) => {
        const { saved, costs } = openLots(desk, [aboard]);
        t.is(saved, 0);
        t.deepEqual(costs, [null]);
        t.is(takeLot(desk, 0, []), null);
        t.deepEqual(desk.trial?.route.visits, desk.current.visits);
      },
    ),
    { seed: 25, numRuns: 100 },
  );
});

test('a lot is taken once: the same again, one that is up twice, and one that is not up are refused', (t) => {
  fc.assert(
    fc.property(anySeat, ({ desk, others: [trip, other] }) => {
      const { costs } = openLots(desk, [trip, trip, other]);
      t.is(takeLot(desk, 3, []), null);
      t.is(takeLot(desk, -1, []), null);
      if (costs[0] === null) return;
      t.deepEqual(takeLot(desk, 0, [1])?.[0], null, 'no bid for what it has');
      t.is(takeLot(desk, 0, []), null);
      t.is(takeLot(desk, 1, []), null);
    }),
    { seed: 26, numRuns: 200 },
  );
});

test('nothing is taken before lots are up', (t) => {
  const [seat] = fc.sample(anySeat, { seed: 27, numRuns: 1 });
  t.is(seat === undefined ? 0 : takeLot(seat.desk, 0, []), null);
});
