import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { meritOrderDispatch } from '../../../scenarios/energy/baseline.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { parseMatpower } from '../../../scenarios/energy/matpower.ts';
import { optimalDispatch, type Optimum } from '../../../scenarios/energy/optimum.ts';
import { scoreDispatch } from '../../../scenarios/energy/score.ts';
import { draws } from './draws.ts';
import { PGLIB, PGLIB_PRESENT, pglibCases, pglibGrid } from './pglib.ts';
import { changed, threeBuses } from './three-buses.ts';

interface Reference {
  readonly objective: number;
  readonly lmp_by_bus: Readonly<Record<string, number>>;
}

const run = PGLIB_PRESENT ? test : test.skip;

function publishedCost(name: string): string {
  const baseline = readFileSync(join(PGLIB, 'BASELINE.md'), 'utf8');
  const row = baseline.split('\n').find((line) => line.startsWith(`| ${name} |`));
  return row?.split('|')[4]?.trim() ?? 'not in BASELINE.md';
}

function references(): Readonly<Record<string, Reference>> {
  return JSON.parse(readFileSync(join(PGLIB, 'dc_reference.json'), 'utf8'));
}

/** The conditions of Karush, Kuhn and Tucker, which hold for every right set of prices, unique or not. */
function assertPricesSupport(t: ExecutionContext, grid: Grid, optimum: Optimum): void {
  const tolerance = 2e-4;
  for (const { row, busRow, active, minMw, maxMw, c1, c2 } of grid.generators) {
    if (!active) continue;
    const output = optimum.pgMw[row] ?? 0;
    const profit = (optimum.pricePerMwh[busRow] ?? 0) - (c1 + 2 * c2 * output);
    if (output > minMw + 1e-4) t.true(profit > -tolerance, `generator row ${row} runs above its minimum at a loss`);
    if (output < maxMw - 1e-4) t.true(profit < tolerance, `generator row ${row} runs below its maximum at a profit`);
  }
  const gradient = grid.buses.map(() => 0);
  for (const { row, active, fromRow, toRow, susceptancePu } of grid.branches) {
    if (!active) continue;
    const spread = (optimum.pricePerMwh[fromRow] ?? 0) - (optimum.pricePerMwh[toRow] ?? 0);
    const pull = susceptancePu * (spread - (optimum.congestionPricePerMwh[row] ?? 0));
    gradient[fromRow] = (gradient[fromRow] ?? 0) + pull;
    gradient[toRow] = (gradient[toRow] ?? 0) - pull;
  }
  const stiffest = grid.branches.reduce((most, branch) => Math.max(most, Math.abs(branch.susceptancePu)), 1);
  t.true(Math.max(...gradient.map(Math.abs)) < tolerance * stiffest, 'angles could move at a gain');
}

function assertFeasible(t: ExecutionContext, grid: Grid, optimum: Optimum): void {
  const score = scoreDispatch(grid, optimum, optimum);
  t.true(Math.abs(score.costPerHour - optimum.costPerHour) <= 1e-9 * Math.abs(optimum.costPerHour));
  t.true(score.worstOverloadPu < 1e-6, `overload ${score.worstOverloadPu}`);
  t.true(score.worstBalanceMismatchPu < 1e-6, `mismatch ${score.worstBalanceMismatchPu}`);
  t.true(score.worstAngleViolationRad < 1e-6, `angle ${score.worstAngleViolationRad}`);
  t.is(score.worstGeneratorViolationPu, 0);
}

run('data set pglib-opf has the sixteen cases that are tested', (t) => {
  t.is(pglibCases().length, 16);
});

for (const path of pglibCases()) {
  const name = path.split('/')[1] ?? '';
  run(`${name} costs what BASELINE.md prints, and its prices support the dispatch`, async (t) => {
    const grid = pglibGrid(path);
    const optimum = await optimalDispatch(grid);
    t.is(optimum.costPerHour.toExponential(4).replace(/e\+(\d)$/, 'e+0$1'), publishedCost(name));
    const reference = references()[name];
    t.true(Math.abs(optimum.costPerHour / (reference?.objective ?? Number.NaN) - 1) < 1e-6);
    assertFeasible(t, grid, optimum);
    assertPricesSupport(t, grid, optimum);
    for (const { id, row } of grid.buses) {
      const price = optimum.pricePerMwh[row] ?? Number.NaN;
      t.true(Math.abs(price - (reference?.lmp_by_bus[String(id)] ?? Number.NaN)) < 1e-4, `price of bus ${id}`);
    }
  });
}

run('merit order is never dearer than the optimum on data set pglib-opf', async (t) => {
  for (const path of pglibCases()) {
    const grid = pglibGrid(path);
    const [rule, optimum] = [meritOrderDispatch(grid), await optimalDispatch(grid)];
    t.true(rule.costPerHour <= optimum.costPerHour * (1 + 1e-8), path);
    t.true(scoreDispatch(grid, rule).worstBalanceMismatchPu < 1e-9, path);
  }
});

test('splits prices at a full line: 10 $/MWh on the cheap side, 30 on the dear one', async (t) => {
  const optimum = await optimalDispatch(threeBuses());
  assertFeasible(t, threeBuses(), optimum);
  assertPricesSupport(t, threeBuses(), optimum);
  // Equal lines: 2/3 of what bus 1 sends to bus 2 takes the direct line of 40 MW.
  t.deepEqual(optimum.pgMw.map(Math.round), [60, 40]);
  t.deepEqual(
    optimum.pricePerMwh.map((price) => Number(price.toFixed(6))),
    [10, 30, 20],
  );
  t.is(Math.round(optimum.costPerHour), 1_800);
  t.deepEqual(
    optimum.congestionPricePerMwh.map((price) => Number(price.toFixed(6))),
    [-30, 0, 0],
  );
});

test('prices a quadratic generator at its incremental cost', async (t) => {
  const grid = changed(threeBuses(), {
    limitMw: 500,
    generators: [
      { c1: 10, c2: 0.05 },
      { c1: 12, c2: 0.05 },
    ],
  });
  const optimum = await optimalDispatch(grid);
  t.deepEqual(
    optimum.pgMw.map((mw) => Number(mw.toFixed(4))),
    [60, 40],
  );
  t.true(optimum.pricePerMwh.every((price) => Math.abs(price - 16) < 1e-6));
});

test('balances each island by itself and leaves isolated and inactive rows at 0', async (t) => {
  const grid = parseMatpower(`mpc.baseMVA = 100;
    mpc.bus = [1 3 10 0 0 0 1 1 0 1 1 1 1; 2 1 20 0 5 0 1 1 0 1 1 1 1; 3 2 7 0 0 0 1 1 0 1 1 1 1; 4 4 99 0 0 0 1 1 0 1 1 1 1];
    mpc.gen = [1 0 0 0 0 1 1 1 100 0; 3 0 0 0 0 1 1 1 100 0; 4 0 0 0 0 1 1 1 100 0; 3 0 0 0 0 1 1 0 100 0];
    mpc.gencost = [2 0 0 2 10 0; 2 0 0 2 20 0; 2 0 0 2 1 0; 2 0 0 2 1 0];
    mpc.branch = [1 2 0 0.1 0 0 0 0 0 0 1 0 0; 2 3 0 0.1 0 0 0 0 0 0 0 0 0; 3 4 0 0.1 0 0 0 0 0 0 1 0 0];`);
  for (const found of [await optimalDispatch(grid), meritOrderDispatch(grid)]) {
    t.deepEqual(
      found.pgMw.map((mw) => Number(mw.toFixed(6))),
      [35, 7, 0, 0],
    );
    t.deepEqual(
      found.pricePerMwh.map((price) => Number(price.toFixed(6))),
      [10, 10, 20, 0],
    );
    t.is(found.costPerHour.toFixed(6), '490.000000');
    t.deepEqual(found.flowMw.slice(1).map(Math.abs), [0, 0]);
  }
});

test('holds the angle limit of a branch that carries nothing because it has no reactance', async (t) => {
  const linked = (angleMax: number): Grid =>
    parseMatpower(`mpc.baseMVA = 100;
      mpc.bus = [1 3 0 0 0 0 1 1 0 1 1 1 1; 2 1 50 0 0 0 1 1 0 1 1 1 1];
      mpc.gen = [1 0 0 0 0 1 1 1 100 0; 2 0 0 0 0 1 1 1 100 0];
      mpc.gencost = [2 0 0 2 10 0; 2 0 0 2 20 0];
      mpc.branch = [1 2 0 0.1 0 0 0 0 0 0 1 0 0; 1 2 0.1 0 0 0 0 0 0 0 1 -30 ${angleMax}];`);
  t.is((await optimalDispatch(linked(30))).costPerHour.toFixed(4), '500.0000');
  // One degree over x = 0.1 lets 17.45 MW through.
  t.is((await optimalDispatch(linked(1))).costPerHour.toFixed(2), (1_000 - (10 * 1_000 * Math.PI) / 180).toFixed(2));
});

const infeasible: readonly (readonly [string, Grid])[] = [
  ['load above all capacity', changed(threeBuses(), { demandMw: 900 })],
  ['load below all minima', changed(threeBuses(), { generators: [{ minMw: 80 }, { minMw: 80 }] })],
  ['lines too weak for the load', changed(threeBuses(), { demandMw: 350, generators: [{}, { maxMw: 0 }] })],
  ['angle limits too narrow for the load', changed(threeBuses(), { angleRad: 0.0001, generators: [{}, { maxMw: 0 }] })],
  ['no generator in service', changed(threeBuses(), { generators: [{ active: false }, { active: false }] })],
  ['a load cut off', changed(threeBuses(), { branchActive: false })],
  ['an angle that must exceed what the rate lets through', changed(threeBuses(), { angleMinRad: 0.4 })],
];
for (const [what, grid] of infeasible) {
  test(`says program-infeasible for ${what}`, async (t) => {
    await t.throwsAsync(optimalDispatch(grid), { code: 'program-infeasible' });
  });
}

test('finds prices that support the optimum of generated grids', async (t) => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const grid = generateGrid({ buses: 5 + 7 * seed, random: draws(seed) });
    const optimum = await optimalDispatch(grid);
    assertFeasible(t, grid, optimum);
    assertPricesSupport(t, grid, optimum);
    t.true(meritOrderDispatch(grid).costPerHour <= optimum.costPerHour * (1 + 1e-8), `seed ${seed}`);
  }
});

test('gives the same answer, digit for digit, when asked twice', async (t) => {
  const grid = generateGrid({ buses: 30, random: draws(3) });
  t.deepEqual(await optimalDispatch(grid), await optimalDispatch(grid));
});
