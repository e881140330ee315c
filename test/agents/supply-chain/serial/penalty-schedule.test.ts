import test from 'ava';
import * as fc from 'fast-check';
import { poissonLaw, sumOfDraws, uniformLaw } from '../../../../agents/supply-chain/serial/lattice-law.ts';
import {
  customersSchedule,
  planStage,
  scheduleCost,
  shortfallCost,
  type PenaltySchedule,
  type StagePlan,
} from '../../../../agents/supply-chain/serial/penalty-schedule.ts';
import { chainOf } from '../../../scenarios/supply-chain/serial-runs.ts';
import { bestLevels, chainCosts } from '../../../../scenarios/supply-chain/serial-cost.ts';

interface Chain {
  readonly echelonHolding: readonly number[];
  readonly leadTimes: readonly number[];
  readonly stockout: number;
  readonly mean: number;
}

/** The recursion from the retailer up, as the firms do it one after another. */
function planChain({ echelonHolding, leadTimes, stockout, mean }: Chain): readonly StagePlan[] {
  const all = echelonHolding.reduce((sum, rate) => sum + rate, 0);
  let schedule: PenaltySchedule = customersSchedule(stockout + all, 1);
  return echelonHolding.map((holding, k) => {
    const leadTimeDemand = sumOfDraws(poissonLaw(mean), leadTimes[k] ?? 1);
    const plan = planStage(schedule, { holding, backlog: 0 }, { leadTimeDemand, level: null });
    schedule = plan.schedule;
    return plan;
  });
}

test('finds the published levels and cost of example 6.1 with Poisson demand', (t) => {
  const plans = planChain({ echelonHolding: [3, 2, 2], leadTimes: [1, 1, 2], stockout: 37.12, mean: 5 });
  t.deepEqual(
    plans.map(({ schedule }) => schedule.level),
    [9, 15, 26],
  );
  t.true(Math.abs((plans[2]?.cost ?? 0) / 72.0435 - 1) < 1e-4);
});

test('the recursion costs exactly what a central search over all levels finds, on chains drawn at random', (t) => {
  const rate = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
  const stage = fc.record({ rate, leadTime: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      (stages, stockout) => {
        // The source's own storage costs something, or nothing holds the chain back.
        const echelonHolding = stages.map((one, k) => (k === stages.length - 1 ? one.rate + 0.25 : one.rate));
        const leadTimes = stages.map(({ leadTime }) => leadTime);
        const plans = planChain({ echelonHolding, leadTimes, stockout, mean: 3 });
        const holding = echelonHolding.map((_, k) => echelonHolding.slice(k).reduce((sum, one) => sum + one, 0));
        const instance = chainOf({
          name: 'drawn',
          holding,
          leadTimes,
          stockout,
          demand: { kind: 'poisson', mean: 3 },
        });
        const central = chainCosts(instance)(bestLevels(instance)).perTime;
        const negotiated = plans.at(-1)?.cost ?? 0;
        t.true(Math.abs(negotiated - central) < 1e-6 * central, `${negotiated} against ${central}`);
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

test('where stock is cheaper with the customer than with its supplier, the customer takes all there is', (t) => {
  const [retailer, source] = planChain({ echelonHolding: [-0.5, 2], leadTimes: [1, 1], stockout: 10, mean: 4 });
  t.true((retailer?.schedule.surplus ?? 0) < 0);
  t.true((retailer?.schedule.level ?? 0) > (source?.schedule.level ?? 0));
  t.is(source?.schedule.surplus, 0);
});

test('falling short costs more with every unit, and by the tail beyond what is told', (t) => {
  const [plan] = planChain({ echelonHolding: [1], leadTimes: [2], stockout: 9, mean: 4 });
  const { schedule } = plan ?? { schedule: customersSchedule(1, 1) };
  const costs = Array.from({ length: schedule.shortfall.length + 4 }, (_, u) => shortfallCost(schedule, u));
  t.is(costs[0], 0);
  for (let u = 2; u < costs.length; u++) {
    const [before = 0, at = 0, after = 0] = costs.slice(u - 2, u + 1);
    t.true(after - at >= at - before - 1e-7);
  }
  t.is(schedule.tail, 9);
  t.true(Math.abs((costs.at(-1) ?? 0) - (costs.at(-2) ?? 0) - 9) < 1e-9);
  t.is(scheduleCost(schedule, schedule.level + 3), schedule.base);
});

test('a stage that keeps a given level costs no less than one that chooses', (t) => {
  const customer = customersSchedule(10, 1);
  const leadTimeDemand = sumOfDraws(uniformLaw(0, 8), 3);
  const own = planStage(customer, { holding: 1, backlog: 0 }, { leadTimeDemand, level: null });
  for (let level = 0; level < 30; level++) {
    const kept = planStage(customer, { holding: 1, backlog: 0 }, { leadTimeDemand, level });
    t.is(kept.schedule.level, level);
    t.true(kept.cost >= own.cost - 1e-9);
  }
});
