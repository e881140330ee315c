import test from 'ava';
import * as fc from 'fast-check';
import { improveOwnRoute } from '../../../agents/ride-sharing/own-route.ts';
import { routeOf } from '../../../agents/ride-sharing/route.ts';
import { anyDraft, costByDefinition } from './tours.ts';

test('finds a feasible order of the same stops that costs no more, and says so where it finds none', (t) => {
  let better = 0;
  fc.assert(
    fc.property(
      anyDraft.filter(({ tour, visits }) => visits.length > 2 && costByDefinition(tour, visits) < Infinity),
      ({ tour, visits }) => {
        const route = routeOf(tour, visits);
        const next = improveOwnRoute(tour, route);
        t.is(costByDefinition(tour, next.visits), next.cost);
        t.deepEqual(names(next.visits), names(visits));
        t.is(improveOwnRoute(tour, next), next);
        if (next === route) return;
        t.true(next.cost < route.cost);
        better++;
      },
    ),
    { seed: 59, numRuns: 500 },
  );
  t.true(better > 20, `${better} were improved`);
});

const names = (
  visits: readonly { readonly kind: string; readonly trip: { readonly id: number } }[],
): readonly string[] => visits.map(({ kind, trip }) => `${trip.id} ${kind}`).toSorted();
