import type { Assessment } from '../../scenarios/scenario.ts';
import type { Simulation } from '../../scenarios/simulate.ts';
import { ofNetwork, type SupplyChainProblem, type SupplyChainSolution } from '../../scenarios/supply-chain/scenario.ts';
import type { SupplySolution } from '../../scenarios/supply-chain/solution.ts';
import { supplyReport } from './supply.ts';

/** The report of a network or of a chain, whichever the problem is. */
export function supplyChainReport(one: SupplyChainProblem, simulation: Simulation<SupplyChainSolution>): string {
  if (one.kind === 'serial') throw new Error('soon');
  const { agents, baseline, optimum } = simulation;
  return supplyReport(one.problem, {
    ...simulation,
    agents: networkOnly(agents),
    baseline: networkOnly(baseline),
    optimum: optimum === null ? null : networkOnly(optimum),
  });
}

function networkOnly(assessment: Assessment<SupplyChainSolution>): Assessment<SupplySolution> {
  return { ...assessment, solution: ofNetwork(assessment.solution) };
}
