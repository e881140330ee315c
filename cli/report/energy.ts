import type { Simulation } from '../../scenarios/simulate.ts';
import {
  communityOnly,
  dispatchOnly,
  type EnergyProblem,
  type EnergySolution,
} from '../../scenarios/energy/scenario.ts';
import { communityReport } from './community.ts';
import { dispatchReport } from './dispatch.ts';

/** The report of a grid or of a community of homes, whichever the problem is. */
export function energyReport(one: EnergyProblem, simulation: Simulation<EnergySolution>): string {
  const { agents, baseline, optimum } = simulation;
  if (one.kind === 'grid') {
    return dispatchReport(one.problem, {
      ...simulation,
      agents: dispatchOnly(agents),
      baseline: dispatchOnly(baseline),
      optimum: optimum === null ? null : dispatchOnly(optimum),
    });
  }
  return communityReport(one.problem, {
    ...simulation,
    agents: communityOnly(agents),
    baseline: communityOnly(baseline),
    optimum: optimum === null ? null : communityOnly(optimum),
  });
}
