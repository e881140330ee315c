import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { distanceToTopic, releaseString, topicOf, type ReleaseLimits } from '../../../agents/ride-sharing/release.ts';
import { anyTrip, GRID } from './tours.ts';

const LIMITS: ReleaseLimits = { map: GRID, nearness: 'place-and-time', maxTrips: 4, splitChance: 0.5, maxKept: 3 };

const drawn = fc.record({
  trips: fc.array(fc.nat(), { maxLength: 12 }).chain((ids) => fc.tuple(...ids.map((_, id) => anyTrip(id)))),
  about: anyTrip(99),
  seed: fc.nat(),
  nearness: fc.constantFrom('place-and-time' as const, 'time' as const),
  splitChance: fc.constantFrom(0, 0.5, 1),
});

test('gives up a string in route order within its limits, with at most one gap, around the nearest trip', (t) => {
  fc.assert(
    fc.property(drawn, ({ trips, about, seed, nearness, splitChance }) => {
      const limits = { ...LIMITS, nearness, splitChance };
      const topic = topicOf(about);
      const release = releaseString({ trips, topic }, limits, createRandomRoot(seed).stream('release'));
      const far = trips.map((trip) => distanceToTopic(trip, topic, limits));
      t.is(release.distance, Math.min(...far));
      t.is(release.trips.length > 0, trips.length > 0);
      if (trips.length === 0) return;
      t.true(release.trips.length <= LIMITS.maxTrips);
      const at = release.trips.map((trip) => trips.indexOf(trip));
      const jumps = at.slice(1).map((k, index) => k - (at[index] ?? 0) - 1);
      t.true(jumps.every((jump) => jump >= 0 && jump <= (splitChance === 0 ? 0 : LIMITS.maxKept)));
      t.true(jumps.filter((jump) => jump > 0).length <= 1);
      const nearest = far.indexOf(release.distance);
      const slack = splitChance === 0 ? 0 : LIMITS.maxKept;
      t.true((at[0] ?? 0) <= nearest + slack && (at.at(-1) ?? 0) >= nearest - slack);
    }),
    { seed: 56, numRuns: 1000 },
  );
});

test('gives up the same for the same chance', (t) => {
  fc.assert(
    fc.property(drawn, ({ trips, about, seed }) => {
      const once = (): unknown =>
        releaseString({ trips, topic: topicOf(about) }, LIMITS, createRandomRoot(seed).stream('release'));
      t.deepEqual(once(), once());
    }),
    { seed: 58, numRuns: 100 },
  );
});

test('is at no distance from the topic that a trip makes, and weighs place against time', (t) => {
  fc.assert(
    fc.property(anyTrip(1), (trip) => {
      t.is(distanceToTopic(trip, topicOf(trip), LIMITS), 0);
      const later = { ...trip, pickup: { ...trip.pickup, earliest: trip.pickup.earliest + 8 } };
      t.is(distanceToTopic(later, topicOf(trip), LIMITS), 4);
      t.is(distanceToTopic(later, topicOf(trip), { ...LIMITS, nearness: 'time' }), 8);
    }),
    { seed: 57, numRuns: 100 },
  );
});
