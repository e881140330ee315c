import { HaggleError } from '../agent-core/errors.ts';
import { energy } from './energy/scenario.ts';

/** Every scenario by name. */
export const SCENARIOS = { energy } as const;

/** Name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS;

/** Checks a scenario's name. @throws HaggleError `bad-flag` listing the names there are. */
export function scenarioName(name: string): ScenarioName {
  if (isScenarioName(name)) return name;
  throw new HaggleError('bad-flag', `there is no scenario "${name}"; there is: ${Object.keys(SCENARIOS).join(', ')}`);
}

function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
