import test from 'ava';
import * as fc from 'fast-check';
import { injectionsPu, meritOrderDispatch } from '../../../scenarios/energy/baseline.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { meritOrder } from '../../../scenarios/energy/merit-order.ts';
import { optimalDispatch } from '../../../scenarios/energy/optimum.ts';
import { powerFlow } from '../../../scenarios/energy/power-flow.ts';
import { scoreDispatch } from '../../../scenarios/energy/score.ts';
import { draws } from './draws.ts';
import { changed, threeBuses } from './three-buses.ts';

function unlimited(grid: Grid): Grid {
  return { ...grid, branches: grid.branches.map((branch) => ({ ...branch, limitMw: Infinity })) };
}

test('runs the cheap generator alone and reports the overload that follows', (t) => {
  const rule = meritOrderDispatch(threeBuses());
  t.deepEqual(rule.pgMw, [100, 0]);
  t.is(rule.costPerHour, 1_000);
  t.deepEqual(rule.pricePerMwh, [10, 10, 10]);
  t.deepEqual(rule.flowMw.map(Math.round), [67, 33, 33]);
  t.deepEqual(
    rule.overloadMw.map((mw) => Number(mw.toFixed(6))),
    [26.666667, 0, 0],
  );
});

test('costs what the optimum costs where the network does not bind', async (t) => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const grid = unlimited(generateGrid({ buses: 4 + 5 * seed, random: draws(seed) }));
    const [rule, optimum] = [meritOrderDispatch(grid), await optimalDispatch(grid)];
    const angles = scoreDispatch(grid, rule).worstAngleViolationRad;
    if (angles > 0) continue;
    t.true(Math.abs(rule.costPerHour / optimum.costPerHour - 1) < 1e-8, `seed ${seed}`);
  }
});

test('covers any load within the limits, every generator between its limits at the same incremental cost', (t) => {
  const unit = fc.record({
    min: fc.integer({ min: -20, max: 50 }),
    span: fc.integer({ min: 0, max: 100 }),
    c1: fc.integer({ min: -5, max: 40 }),
    c2: fc.constantFrom(0, 0, 0.01, 0.5),
  });
  fc.assert(
    fc.property(fc.tuple(unit, unit), fc.double({ min: 0, max: 1, noNaN: true }), (units, share) => {
      const minMw = units.reduce((sum, { min }) => sum + min, 0);
      const demandMw = minMw + share * units.reduce((sum, { span }) => sum + span, 0);
      const generators = units.map(({ min, span, c1, c2 }) => ({ minMw: min, maxMw: min + span, c1, c2 }));
      const grid = changed(threeBuses(), { demandMw, generators });
      const { pgMw, pricePerMwh } = meritOrder(grid);
      const price = pricePerMwh[0] ?? 0;
      t.true(Math.abs(pgMw.reduce((sum, mw) => sum + mw, 0) - demandMw) < 1e-6);
      for (const { row, minMw: least, maxMw: most, c1, c2 } of grid.generators) {
        const output = pgMw[row] ?? 0;
        t.true(output >= least - 1e-9 && output <= most + 1e-9);
        const incremental = c1 + 2 * c2 * output;
        if (output > least + 1e-6) t.true(incremental <= price + 1e-6);
        if (output < most - 1e-6) t.true(incremental >= price - 1e-6);
      }
    }),
    { seed: 42, numRuns: 500 },
  );
});

test('says program-infeasible for an island without enough generation, naming load and limits', (t) => {
  t.throws(() => meritOrderDispatch(changed(threeBuses(), { demandMw: 900 })), {
    code: 'program-infeasible',
    message: 'load of the island of bus 1 is 900 MW, its generators can run from 0 to 800 MW',
  });
  t.throws(() => meritOrderDispatch(changed(threeBuses(), { branchActive: false })), { code: 'program-infeasible' });
});

test('finds the angles that carry any balanced injection', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (buses, seed) => {
      const grid = generateGrid({ buses, random: draws(seed) });
      const { pgMw } = meritOrder(grid);
      const thetaRad = powerFlow(grid).thetaRad(injectionsPu(grid, pgMw));
      t.true(scoreDispatch(grid, { pgMw, thetaRad }).worstBalanceMismatchPu < 1e-9);
      const reference = grid.buses.find((bus) => bus.kind === 'reference');
      t.is(thetaRad[reference?.row ?? 0], 0);
    }),
    { seed: 5, numRuns: 50 },
  );
});

test('says singular-network where a series capacitor cancels a line', (t) => {
  const grid = threeBuses();
  const branches = grid.branches.map((branch, row) => ({
    ...branch,
    ...(row === 1 ? { toRow: 1, susceptancePu: -10 } : {}),
    ...(row === 2 ? { active: false } : {}),
  }));
  const pair = { ...grid, branches, buses: grid.buses.slice(0, 2) };
  t.throws(() => powerFlow(pair), { code: 'singular-network', message: /not determined at bus 2/ });
});
