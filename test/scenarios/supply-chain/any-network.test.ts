import test from 'ava';
import * as fc from 'fast-check';
import { networkFault } from '../../../scenarios/supply-chain/network-check.ts';
import { supplyNetworks, type NetworkProblem } from '../../../scenarios/supply-chain/network-scenario.ts';
import { replay } from '../../../scenarios/supply-chain/score.ts';
import { simulate } from '../../../scenarios/simulate.ts';
import { anyNetwork } from './any-network.ts';

for (const negotiate of [true, false]) {
  test(`any small network runs through, ${negotiate ? 'negotiated' : 'by rule'}: its books hold, and nobody beats the optimum`, async (t) => {
    await fc.assert(
      fc.asyncProperty(anyNetwork, async (instance) => {
        t.is(networkFault(instance.network), null);
        const given = supplyNetworks.of(instance);
        const problem: NetworkProblem = {
          ...given,
          options: { ...given.options, negotiate, lots: [4, 1], paths: 8, reports: instance.periods % 2 === 0 },
        };
        const { result, agents, optimum } = await simulate(supplyNetworks, problem, { seed: 1, sign: 'off' });
        t.deepEqual(
          Object.entries(result.violations).filter(([, far]) => far !== 0),
          [],
        );
        const { orders, firms } = agents.solution;
        const booked = Object.values(firms).reduce((sum, { profit }) => sum + profit, 0);
        const earned = replay({ ...instance, discount: 1 }, { orders }).environment.profit;
        t.true(Math.abs(booked - earned) < 1e-3, `the books say ${booked}, the orders earn ${earned}`);
        const best = optimum?.kpis['profit'] ?? Number.NaN;
        const ours = agents.kpis['profit'] ?? Number.NaN;
        t.true(ours <= best + 1e-5 * (1 + Math.abs(best)), `profit ${ours}, optimum ${best}`);
      }),
      { seed: 20_261_123, numRuns: 20 },
    );
  });
}
