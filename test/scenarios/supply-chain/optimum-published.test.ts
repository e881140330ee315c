import test from 'ava';
import { SupplyEnvironment } from '../../../scenarios/supply-chain/environment.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { supplyOptimum } from '../../../scenarios/supply-chain/optimum.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { INVMGMT_PRESENT, publishedInstance, publishedRuns, type PublishedRun } from './published.ts';

const run = INVMGMT_PRESENT ? test : test.skip;

function replayed(instance: SupplyInstance, { orders }: SupplySolution): number {
  const environment = new SupplyEnvironment(instance);
  const lanes = instance.network.lanes.map((lane) => orders[laneName(lane)] ?? []);
  for (let t = 0; t < instance.periods; t++) environment.step(Float64Array.from(lanes, (lane) => lane[t] ?? 0));
  return environment.profit;
}

const scenarioOf = ({ network, demand, backlog }: PublishedRun): string =>
  `${network}, ${demand}, ${backlog ? 'backlog' : 'lost sales'}`;

for (const scenario of [
  'serial, stationary, backlog',
  'serial, stationary, lost sales',
  'serial, trend+seasonal, backlog',
  'serial, trend+seasonal, lost sales',
  'divergent, stationary, backlog',
  'divergent, stationary, lost sales',
  'divergent, trend+seasonal, backlog',
  'divergent, trend+seasonal, lost sales',
]) {
  run(
    `with perfect information the optimum is the published oracle, and its orders earn it (${scenario})`,
    async (t) => {
      const runs = publishedRuns().filter((one) => scenarioOf(one) === scenario);
      t.is(runs.length, 6);
      for (const one of runs) {
        const instance = publishedInstance(one);
        const best = await supplyOptimum(instance);
        t.true(Math.abs(best.profit - one.oracle) <= 1e-3, `seed ${one.seed}: ${best.profit}, published ${one.oracle}`);
        const earned = replayed(instance, best);
        t.true(Math.abs(best.profit - earned) <= 1e-6, `seed ${one.seed}: ${best.profit}, its orders earn ${earned}`);
      }
    },
  );
}
