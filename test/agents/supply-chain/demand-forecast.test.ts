import test from 'ava';
import * as fc from 'fast-check';
import { poissonDraw } from '../../../agent-core/draws.ts';
import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';
import {
  demandPaths,
  demandSummary,
  observeDemand,
  startForecast,
  type DemandForecast,
} from '../../../agents/supply-chain/demand-forecast.ts';

function seen(
  units: readonly number[],
  about: { readonly periods?: number; readonly level?: number } = {},
): DemandForecast {
  const forecast = startForecast({ periods: 30, level: 20, seed: 1, ...about });
  for (const amount of units) observeDemand(forecast, amount);
  return forecast;
}

const stream = (name: string): RandomStream => createRandomRoot('demand-forecast').stream(name);
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e6) / 1e6);

test('a forecast has golden values', (t) => {
  const forecast = seen([18, 25, 0, 22.5], { periods: 7 });
  t.deepEqual(demandPaths(forecast, 3, stream('golden')), [
    [60, 30, 20],
    [15, 9, 12],
    [20, 0, 10],
  ]);
  t.deepEqual(rounded(demandSummary(forecast).mean), [17.423288, 17.6366, 17.325047]);
  t.deepEqual(rounded(demandSummary(forecast).deviation), [15.551475, 16.829907, 17.539315]);
});

test('a forecast is small plain data, and goes on after JSON as if nothing had happened', (t) => {
  const forecast = seen([20, 30, 25]);
  demandSummary(forecast);
  const text = JSON.stringify(forecast);
  t.true(text.length < 1_000, `${text.length} characters`);
  const revived: DemandForecast = JSON.parse(text);
  for (const one of [forecast, revived]) observeDemand(one, 28);
  t.deepEqual(demandSummary(revived), demandSummary(forecast));
  t.deepEqual(demandPaths(revived, 20, stream('json')), demandPaths(forecast, 20, stream('json')));
});

test('the order in which a forecast is asked does not change it', (t) => {
  const asked = seen([]);
  for (const units of [12, 0, 44]) {
    observeDemand(asked, units);
    demandPaths(asked, 4, stream('asked'));
  }
  t.deepEqual(demandSummary(asked), demandSummary(seen([12, 0, 44])));
});

test('paths reach from the next period to the last, and have the moments of the summary', (t) => {
  const forecast = seen([18, 22, 19, 25, 21, 20]);
  const paths = demandPaths(forecast, 4_000, stream('moments'));
  const { mean, deviation } = demandSummary(forecast);
  t.is(paths.length, 4_000);
  t.true(paths.every((path) => path.length === 24 && path.every((units) => units >= 0 && units < 1e9)));
  for (const ahead of [0, 5]) {
    const units = paths.map((path) => path[ahead] ?? NaN);
    const sigma = Math.sqrt(average(units.map((value) => (value - average(units)) ** 2)));
    t.true(Math.abs(average(units) / (mean[ahead] ?? NaN) - 1) < 0.03, `mean ${ahead} ahead: ${average(units)}`);
    t.true(Math.abs(sigma / (deviation[ahead] ?? NaN) - 1) < 0.15, `deviation ${ahead} ahead: ${sigma}`);
  }
});

test('what was seen outweighs the first guess of the level', (t) => {
  for (const level of [2, 10, 40, 200]) {
    const { mean } = demandSummary(seen([21, 17, 24, 20, 19, 18, 22, 23, 20, 17], { level }));
    t.true(Math.abs((mean[0] ?? NaN) - 20) < 5, `next from ${level}: ${mean[0]}`);
  }
});

test('a step of the level, a trend and lumps are seen within a few periods', (t) => {
  const next = (units: readonly number[]): number => demandSummary(seen(units)).mean[0] ?? NaN;
  const level = Array.from({ length: 10 }, () => 20);
  t.true(next([...level, 41, 38, 40, 42]) > 34);
  t.true(next([...level, 9, 10, 11, 10]) < 13);
  t.true(next([10, 12, 13, 15, 17, 18, 20, 22, 23, 25, 27, 28]) > 25);
  const even = demandSummary(seen([20, 19, 21, 20, 22, 18, 20, 21])).deviation[0] ?? NaN;
  const lumpy = demandSummary(seen([0, 61, 0, 0, 58, 0, 0, 41])).deviation[0] ?? NaN;
  t.true(lumpy > 3 * even, `${lumpy} and ${even}`);
});

test('eight intervals of ten hold seven to nine and a half of ten demands, of a level, a trend and a step', (t) => {
  const families: readonly ((period: number) => number)[] = [
    () => 20,
    (period) => 15 + period,
    (period) => (period < 12 ? 30 : 15),
  ];
  for (const [family, mean] of families.entries()) {
    let [inside, all] = [0, 0];
    for (let run = 0; run < 12; run++) {
      const random = stream(`coverage ${family} ${run}`);
      const forecast = seen([]);
      for (let period = 0; period < 30; period++) {
        if (period % 4 === 3) {
          const next = demandPaths(forecast, 200, random).map(([units = NaN]) => units);
          next.sort((a, b) => a - b);
          const truth = poissonDraw(random, mean(period));
          all += 1;
          inside += truth >= (next[19] ?? NaN) && truth <= (next[180] ?? NaN) ? 1 : 0;
        }
        observeDemand(forecast, poissonDraw(random, mean(period)));
      }
    }
    t.true(inside / all > 0.7 && inside / all < 0.95, `family ${family}: ${inside} of ${all}`);
  }
});

test('any demand can be taken in: nothing, fractions, millions, all at once', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(50)), { maxLength: 12 }),
      fc.constantFrom(1e-3, 1, 50, 1e6),
      (units, level) => {
        const forecast = seen(units, { periods: 13, level });
        const { mean, deviation } = demandSummary(forecast);
        const paths = demandPaths(forecast, 3, stream('any'));
        const sound = (value: number): boolean => Number.isFinite(value) && value >= 0;
        return [...mean, ...deviation, ...paths.flat()].every(sound) && mean.length === 13 - units.length;
      },
    ),
    { seed: 6, numRuns: 15 },
  );
  t.deepEqual(demandSummary(seen([4], { periods: 1 })).mean, []);
});

test('refuses what is no horizon, no level, no demand and no number of paths', (t) => {
  for (const periods of [0, -1, 1.5, NaN, 10_001]) t.throws(() => seen([], { periods }), { code: 'bad-forecast' });
  for (const level of [0, -1, NaN, Infinity, 2e9]) t.throws(() => seen([], { level }), { code: 'bad-forecast' });
  const forecast = seen([1], { periods: 2 });
  for (const units of [-1, NaN, Infinity, 2e9]) t.throws(() => observeDemand(forecast, units), { code: 'bad-demand' });
  for (const count of [0, 1.5, 10_001]) {
    t.throws(() => demandPaths(forecast, count, stream('refused')), { code: 'bad-forecast' });
  }
  observeDemand(forecast, 3);
  t.throws(() => observeDemand(forecast, 3), { code: 'forecast-over' });
  t.deepEqual(forecast.history, [1, 3]);
});
