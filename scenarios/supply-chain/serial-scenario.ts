import { withoutRoles, type Scenario } from '../scenario.ts';
import { fastBaseStock, playFast } from './beer-game.ts';
import { generateBeer } from './beer-settings.ts';
import { configureSerial, type SerialProblem } from './serial-instance.ts';
import { populateSerial } from './serial-population.ts';
import { assessSerial, baselineSerial, optimumSerial, SERIAL_OBJECTIVE } from './serial-score.ts';
import type { SerialSolution } from './serial-solution.ts';
import { parseStockpyl } from './serial-stockpyl.ts';

/**
 * Serial chains and the beer game: firms agree on echelon levels, then order period by period. Judged by cost, beside Sterman's rule or
 * firms that plan alone, and beside base stock at the published levels or the central optimum.
 */
export const serialChains: Scenario<SerialProblem, SerialSolution> = {
  name: 'serial-chains',
  objective: SERIAL_OBJECTIVE,
  variant: ({ instance, rule }) => `${instance.variant}, ${rule}`,
  label: ({ instance: { name, stages, demand } }) => `${name} (${stages.length} firms, ${demand.length} periods)`,
  parse: (text, file) => parseStockpyl(text, file),
  generate: (parameters, random) => generateBeer(parameters, random),
  roles: [],
  withPolicies: (problem, policies) => withoutRoles(problem, 'a chain of firms that agree on levels', policies),
  configure: (problem, settings) => configureSerial(problem, settings),
  populate: (place, problem) => populateSerial(place, problem),
  assess: (problem, solution) => assessSerial(problem, solution),
  baseline: (problem) => baselineSerial(problem),
  references({ instance }) {
    const { localLevels, cost } = instance.published;
    return {
      ...(localLevels === null ? {} : { baseStock: { cost: playFast(instance, fastBaseStock(localLevels)).cost } }),
      ...(cost === null ? {} : { published: { cost } }),
    };
  },
  optimum: (problem) => Promise.resolve(optimumSerial(problem)),
};
