import test from 'ava';
import * as fc from 'fast-check';
import { insertable } from '../../../agents/ride-sharing/insertable.ts';
import { cheapestInsertion, cheapestPlacing, placed } from '../../../agents/ride-sharing/insertion.ts';
import { costOf, routeOf, tripsOf, without } from '../../../agents/ride-sharing/route.ts';
import { isFeasible } from '../../../agents/ride-sharing/timetable.ts';
import { visitsOf, type Trip, type Visit } from '../../../agents/ride-sharing/trip.ts';
import { tourDistance } from '../../../agents/ride-sharing/tour.ts';
import { anyDraft, anyTour, anyTrip, costByDefinition, earliestTimes, type Draft } from './tours.ts';

const RUNS = { seed: 52, numRuns: 4000 };

/** Every pair of positions, each checked from the definition. */
function cheapestOfAll({ tour, visits, extra }: Draft): number {
  const { pickup, dropoff } = visitsOf(extra);
  let best = Infinity;
  for (let a = 0; a <= visits.length; a++) {
    for (let k = a; k <= visits.length; k++) {
      const order: readonly Visit[] = [
        ...visits.slice(0, a),
        pickup,
        ...visits.slice(a, k),
        dropoff,
        ...visits.slice(k),
      ];
      best = Math.min(best, costByDefinition(tour, order));
    }
  }
  return best;
}

/** Orders whose stops alone keep all limits: only those are routes. */
const anyRoute = anyDraft.filter(({ tour, visits }) => costByDefinition(tour, visits) < Infinity);

test('finds what trying every pair of positions finds', (t) => {
  let found = 0;
  let longer = 0;
  fc.assert(
    fc.property(anyRoute, (draft) => {
      const { tour, visits, extra } = draft;
      const route = cheapestInsertion(insertable(tour, routeOf(tour, visits)), extra);
      const best = cheapestOfAll(draft);
      t.is(route?.cost ?? Infinity, best);
      if (route === null) return;
      found++;
      if (visits.length > 2) longer++;
      t.is(costByDefinition(tour, route.visits), best);
      t.deepEqual(without(tour, route, new Set([extra.id])).visits, visits);
    }),
    RUNS,
  );
  t.true(found > RUNS.numRuns / 5 && longer > RUNS.numRuns / 50, `${found} of which ${longer} into longer routes`);
});

test('builds routes one trip after another as trying every pair does', (t) => {
  fc.assert(
    fc.property(anyTour, fc.tuple(...Array.from({ length: 8 }, (_, id) => anyTrip(id))), (tour, trips) => {
      let route = routeOf(tour, []);
      for (const extra of trips) {
        const next = cheapestInsertion(insertable(tour, route), extra);
        t.is(next?.cost ?? Infinity, cheapestOfAll({ tour, visits: route.visits, extra }));
        route = next ?? route;
      }
      t.is(costOf(tour, route.visits), route.cost);
      t.true(isFeasible(tour, route.visits));
    }),
    { seed: 53, numRuns: 400 },
  );
});

test('finds nothing at or above a limit, and the same below it', (t) => {
  fc.assert(
    fc.property(anyRoute, ({ tour, visits, extra }) => {
      const into = insertable(tour, routeOf(tour, visits));
      const best = cheapestPlacing(into, extra);
      if (best === null) return;
      t.is(cheapestPlacing(into, extra, best.cost), null);
      t.deepEqual(cheapestPlacing(into, extra, best.cost + 1), best);
      t.is(placed(into, extra, best).cost, best.cost);
    }),
    RUNS,
  );
});

test('puts nothing into a route that is too late already', (t) => {
  fc.assert(
    fc.property(
      anyDraft.filter(({ tour, visits }) => earliestTimes(tour, visits) === null),
      ({ tour, visits, extra }) => t.is(cheapestPlacing(insertable(tour, { visits, cost: 0 }), extra), null),
    ),
    { seed: 54, numRuns: 500 },
  );
});

test('lists the trips of a route in the order of their pickups, and not who is on board', (t) => {
  fc.assert(
    fc.property(anyDraft, ({ tour, visits }) => {
      const trips: readonly Trip[] = tripsOf({ visits, cost: 0 });
      t.deepEqual(
        trips,
        visits.filter(({ kind }) => kind === 'pickup').map(({ trip }) => trip),
      );
      t.is(tourDistance(tour, []), 0);
    }),
    { seed: 55, numRuns: 100 },
  );
});
