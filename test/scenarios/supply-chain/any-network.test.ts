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
        const { result, agents, optimum } = await simulate(supplyNetworks, problem, { seed: Number(process.env['FCSEED'] ?? 20_261_123), numRuns: Number(process.env['RUNS'] ?? 25) },
    );
  });
}
