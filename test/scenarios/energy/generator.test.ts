import test from 'ava';
import { meritOrderDispatch } from '../../../scenarios/energy/baseline.ts';
import { GENERATED_BUSES, generateGrid } from '../../../scenarios/energy/generator.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { islands } from '../../../scenarios/energy/islands.ts';
import { optimalDispatch } from '../../../scenarios/energy/optimum.ts';
import { scoreDispatch } from '../../../scenarios/energy/score.ts';
import { draws } from './draws.ts';

function generated(buses: number, seed: number): Grid {
  return generateGrid({ buses, random: draws(seed) });
}

for (const buses of [2, 3, 10, 30, 300]) {
  test(`generates feasible grids of ${buses} buses, congested from 10 buses on, over 20 seeds`, async (t) => {
    let congested = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const grid = generated(buses, seed);
      const score = scoreDispatch(grid, await optimalDispatch(grid));
      t.true(
        score.worstOverloadPu + score.worstBalanceMismatchPu + score.worstAngleViolationRad < 1e-6,
        `seed ${seed}`,
      );
      congested += score.congestedBranches > 0 ? 1 : 0;
    }
    if (buses >= 10) t.true(congested >= 15, `${congested} of 20 are congested`);
  });
}

test('keeps to its shape: connected, some 2.8 line ends a bus, loads on 70 %, capacity 1.6 times the load', (t) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const grid = generated(100, seed);
    t.is(islands(grid).length, 1);
    const ends = (2 * grid.branches.length) / grid.buses.length;
    t.true(ends >= 2.59 && ends <= 3.01, `${ends} line ends a bus`);
    t.is(grid.buses.filter((bus) => bus.demandMw > 0).length, 70);
    t.true(grid.generators.length >= 15 && grid.generators.length <= 25);
    const load = grid.buses.reduce((sum, bus) => sum + bus.demandMw, 0);
    const capacity = grid.generators.reduce((sum, unit) => sum + unit.maxMw, 0);
    t.true(capacity >= 1.6 * load && capacity < 1.65 * load);
    t.true(grid.generators.some((unit) => unit.c2 > 0) && grid.generators.some((unit) => unit.c2 === 0));
    t.is(grid.buses.filter((bus) => bus.kind === 'reference').length, 1);
    t.true(grid.buses.every((bus) => bus.position !== undefined));
    t.is(new Set(grid.branches.map((line) => `${line.fromRow}-${line.toRow}`)).size, grid.branches.length);
  }
});

test('leaves something to negotiate: merit order alone overloads a line of most grids', (t) => {
  const overloaded = Array.from({ length: 20 }, (_, seed) => meritOrderDispatch(generated(30, seed + 1)));
  t.true(overloaded.filter(({ overloadMw }) => overloadMw.some((mw) => mw > 0)).length >= 15);
});

test('is decided by the draws and the parameters alone', (t) => {
  t.deepEqual(generated(25, 9), generated(25, 9));
  t.notDeepEqual(generated(25, 9), generated(25, 10));
  t.is(generateGrid({ buses: 5, random: draws(1), name: 'five' }).name, 'five');
});

test('generates its largest grid', (t) => {
  t.is(generated(GENERATED_BUSES.max, 1).buses.length, 2_000);
});

for (const buses of [1, 0, -3, 2_001, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`refuses ${buses} buses`, (t) => {
    t.throws(() => generated(buses, 1), {
      code: 'bad-parameter',
      message: `buses must be an integer from 2 to 2000, found ${buses}`,
    });
  });
}
