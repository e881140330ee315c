/** Scenarios: instances, agents in them, and how their outcomes are judged. */
export { SCENARIOS, scenarioName } from './registry.ts';
export type { ScenarioName } from './registry.ts';
export type { Assessment, Kpis, Objective, Population, RoundProgress, Scenario } from './scenario.ts';
export { generateInstance, simulate } from './simulate.ts';
export type { Simulation, SimulationOptions, SimulationResult } from './simulate.ts';
export { energy } from './energy/scenario.ts';
export type { Grid, GridBranch, GridBus, GridGenerator } from './energy/grid.ts';
export { flowsMw } from './energy/grid.ts';
export { parseMatpower } from './energy/matpower.ts';
export { toMatpower } from './energy/matpower-text.ts';
export { generateGrid } from './energy/generator.ts';
export { optimalDispatch } from './energy/optimum.ts';
export type { Dispatch, Optimum } from './energy/optimum.ts';
export { meritOrderDispatch } from './energy/baseline.ts';
export { scoreDispatch } from './energy/score.ts';
export type { DispatchScore, PricedDispatch } from './energy/score.ts';
export { solveProgram } from './energy/linear-program.ts';
