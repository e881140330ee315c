import { HaggleError } from '../agent-core/errors.ts';
import type { Scenario } from './scenario.ts';
import { energy } from './energy/scenario.ts';
import { rideSharing } from './ride-sharing/scenario.ts';
import { supplyChain } from './supply-chain/scenario.ts';

/** Every scenario by name. */
export const SCENARIOS = { energy, 'ride-sharing': rideSharing, 'supply-chain': supplyChain } as const;

/** Name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS;

/** Checks a scenario's name. @throws HaggleError `bad-flag` listing the names there are. */
export function scenarioName(name: string): ScenarioName {
  if (isScenarioName(name)) return name;
  throw new HaggleError('bad-flag', `there is no scenario "${name}"; there is: ${Object.keys(SCENARIOS).join(', ')}`);
}

/** Calls with a scenario, whatever its instances and solutions are. */
export function withScenario<Result>(
  name: ScenarioName,
  use: <Instance, Solution>(scenario: Scenario<Instance, Solution>) => Result,
): Result {
  const calls: { readonly [Name in ScenarioName]: () => Result } = {
    energy: () => use(energy),
    'ride-sharing': () => use(rideSharing),
    'supply-chain': () => use(supplyChain),
  };
  return calls[name]();
}

function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
