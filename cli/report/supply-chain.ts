import type { Assessment } from '../../scenarios/scenario.ts';
import type { Simulation } from '../../scenarios/simulate.ts';
import {
  ofChain,
  ofNetwork,
  type SupplyChainProblem,
  type SupplyChainSolution,
} from '../../scenarios/supply-chain/scenario.ts';
import type { SerialSolution } from '../../scenarios/supply-chain/serial-solution.ts';
import type { SupplySolution } from '../../scenarios/supply-chain/solution.ts';
import { serialReport } from './serial.ts';
import { supplyReport } from './supply.ts';

/** The report of a network or of a chain, whichever the problem is. */
export function supplyChainReport(one: SupplyChainProblem, simulation: Simulation<SupplyChainSolution>): string {
  const { agents, baseline, optimum } = simulation;
  if (one.kind === 'serial') {
    return serialReport(one.problem, {
      ...simulation,
      agents: chainOnly(agents),
      baseline: chainOnly(baseline),
      optimum: optimum === null ? null : chainOnly(optimum),
    });
  }
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

function chainOnly(assessment: Assessment<SupplyChainSolution>): Assessment<SerialSolution> {
  return { ...assessment, solution: ofChain(assessment.solution) };
}
