import test from 'ava';
import * as fc from 'fast-check';
import { analyseBargaining, productOfGains } from '../../../agent-core/negotiation/bargaining-points.ts';
import { outcomeSpace } from '../../../agent-core/negotiation/outcome-space.ts';
import { preferencesOf, type Preferences } from '../../../agent-core/negotiation/preferences.ts';

/** A space of as many outcomes as there are points, and parties to whom they are worth the coordinates. */
function pointsAsDomain(points: readonly (readonly number[])[], reservations: readonly number[] = []) {
  const space = outcomeSpace({ issues: [{ type: 'integer', name: 'n', min: 0, max: points.length - 1 }] });
  const parties: readonly Preferences[] = (points[0] ?? []).map((_, party) =>
    preferencesOf((outcome) => points[Number(outcome['n'])]?.[party] ?? NaN, { reservation: reservations[party] ?? 0 }),
  );
  return { space, parties };
}

const unit = fc.integer({ min: 0, max: 12 }).map((k) => k / 12);
const anyPoints = fc
  .integer({ min: 1, max: 4 })
  .chain((parties) =>
    fc.array(fc.array(unit, { minLength: parties, maxLength: parties }), { minLength: 1, maxLength: 40 }),
  );

test('the front is what a comparison of all pairs leaves, each utility vector once', (t) => {
  fc.assert(
    fc.property(anyPoints, (points) => {
      const { space, parties } = pointsAsDomain(points);
      const { front } = analyseBargaining(space, parties);
      const dominated = (a: readonly number[]): boolean =>
        points.some((b) => b.every((u, k) => u >= (a[k] ?? 0)) && b.some((u, k) => u > (a[k] ?? 0)));
      const expected = new Set(points.filter((point) => !dominated(point)).map((point) => point.join()));
      t.deepEqual(front.map(({ utilities }) => utilities.join()).toSorted(), [...expected].toSorted());

      for (const { index, utilities } of front) {
        t.is(
          index,
          points.findIndex((point) => point.join() === utilities.join()),
        );
      }
    }),
    { seed: 3, numRuns: 150 },
  );
});

test('no outcome beats the solutions at what they maximise', (t) => {
  fc.assert(
    fc.property(anyPoints, unit, (points, reservation) => {
      const reservations = (points[0] ?? []).map(() => reservation / 2);
      const { space, parties } = pointsAsDomain(points, reservations);
      const analysis = analyseBargaining(space, parties);
      const rational = points.filter((point) => point.every((u) => u >= reservation / 2));
      t.is(analysis.nash === null, rational.length === 0);
      const gains = (point: readonly number[]): number[] => point.map((u) => u - reservation / 2);
      const most = (score: (point: readonly number[]) => number): number => Math.max(...rational.map(score));
      const sum = (point: readonly number[]): number => gains(point).reduce((a, b) => a + b, 0);
      if (analysis.nash === null || analysis.egalitarian === null || analysis.utilitarian === null) return;
      t.is(
        productOfGains(analysis.nash.utilities, reservations),
        most((point) => productOfGains(point, reservations)),
      );
      t.is(
        Math.min(...gains(analysis.egalitarian.utilities)),
        most((point) => Math.min(...gains(point))),
      );
      t.true(Math.abs(sum(analysis.utilitarian.utilities) - most(sum)) < 1e-12);
      t.is(analysis.distanceToFront(analysis.nash.utilities), 0);
    }),
    { seed: 4, numRuns: 150 },
  );
});

test('the solutions differ where they should', (t) => {
  const { space, parties } = pointsAsDomain([
    [1, 0.1],
    [0.9, 0.5],
    [0.7, 0.52],
    [0.62, 0.6],
    [0.55, 0.65],
    [0, 0.7],
    [0.5, 0.5],
  ]);
  const { nash, kalaiSmorodinsky, egalitarian, utilitarian, front } = analyseBargaining(space, parties);
  t.is(front.length, 6);
  t.deepEqual(nash?.utilities, [0.9, 0.5]);
  t.deepEqual(kalaiSmorodinsky?.utilities, [0.7, 0.52]);
  t.deepEqual(egalitarian?.utilities, [0.62, 0.6]);
  t.deepEqual(utilitarian?.utilities, [0.9, 0.5]);
});

test('a reservation value moves the solutions, and none is left where nobody gains', (t) => {
  const points = [
    [0.9, 0.3],
    [0.5, 0.5],
    [0.3, 0.9],
  ];
  const tough = pointsAsDomain(points, [0, 0.4]);
  t.deepEqual(analyseBargaining(tough.space, tough.parties).nash?.utilities, [0.3, 0.9]);
  const never = pointsAsDomain(points, [0.95, 0]);
  const analysis = analyseBargaining(never.space, never.parties);
  t.deepEqual(
    [analysis.nash, analysis.kalaiSmorodinsky, analysis.egalitarian, analysis.utilitarian],
    [null, null, null, null],
  );
  t.is(analysis.nashShare([0.9, 0.3]), 0);
});

test('distance and Nash share measure how far an agreement is off', (t) => {
  const { space, parties } = pointsAsDomain([
    [0.8, 0.5],
    [0.4, 0.5],
  ]);
  const analysis = analyseBargaining(space, parties);
  t.true(Math.abs(analysis.distanceToFront([0.4, 0.5]) - 0.4) < 1e-12);
  t.is(analysis.nashShare([0.4, 0.5]), 0.5);
  t.is(analysis.nashShare(null), 0);
});

test('an analysis needs a party', (t) => {
  const { space } = pointsAsDomain([[1]]);
  t.throws(() => analyseBargaining(space, []), { code: 'no-parties' });
});
