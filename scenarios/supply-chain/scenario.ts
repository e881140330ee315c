import { assert } from '../../agent-core/errors.ts';
import type { Assessment, Objective, Scenario } from '../scenario.ts';
import { generateBeer } from './beer-settings.ts';
import { parseSupplyFile, parseSupplyFolder } from './folder.ts';
import { generateSupply } from './generator.ts';
import {
  assessNetwork,
  configureNetwork,
  givenProblem,
  networkBaseline,
  networkOptimum,
  networkProblem,
  networkReferences,
  populateNetwork,
  type NetworkProblem,
} from './network-scenario.ts';
import { configureSerial, type SerialProblem } from './serial-instance.ts';
import { populateSerial } from './serial-population.ts';
import { assessSerial, baselineSerial, optimumSerial, SERIAL_OBJECTIVE } from './serial-score.ts';
import type { SerialSolution } from './serial-solution.ts';
import { isStockpyl, parseStockpyl } from './serial-stockpyl.ts';
import type { SupplySolution } from './solution.ts';

/** A network of firms that earn, or a chain of firms that bear costs: a serial system, or the beer game. */
export type SupplyChainProblem =
  | { readonly kind: 'network'; readonly problem: NetworkProblem }
  | { readonly kind: 'serial'; readonly problem: SerialProblem };

/** Of a network, or of a chain. */
export type SupplyChainSolution = SupplySolution | SerialSolution;

const PROFIT: Objective = { name: 'profit', unit: 'tokens', sense: 'max' };

/**
 * Supply chain. In a network firms contract with their partners for what they will need, order, ship and pay; judged by the profit
 * of all, beside local rules without a word to anybody, and the optimum of one who knows all demand. In a chain they agree on echelon
 * levels; judged by cost, beside what is published and the exact optimum.
 */
export const supplyChain: Scenario<SupplyChainProblem, SupplyChainSolution> = {
  name: 'supply-chain',
  objective: PROFIT,
  objectiveOf: ({ kind }) => (kind === 'network' ? PROFIT : SERIAL_OBJECTIVE),
  variant(one) {
    if (one.kind === 'serial') return one.problem.instance.variant;
    return `network, ${one.problem.instance.backlog ? 'backlog' : 'lost sales'}`;
  },
  label(one) {
    if (one.kind === 'serial') {
      const { name, stages, demand } = one.problem.instance;
      return `${name} (${stages.length} firms, ${demand.length} periods)`;
    }
    const { name, network, periods } = one.problem.instance;
    return `${name} (${network.nodes.length} firms, ${network.lanes.length} lanes, ${periods} periods)`;
  },
  parse: (text, file, random) =>
    isStockpyl(text)
      ? { kind: 'serial', problem: parseStockpyl(text, file) }
      : { kind: 'network', problem: networkProblem(parseSupplyFile(text, file), random) },
  parseFolder: (files, folder, random) => ({
    kind: 'network',
    problem: networkProblem(parseSupplyFolder(files, folder), random),
  }),
  configure: (one, settings, random) =>
    one.kind === 'network'
      ? { kind: 'network', problem: configureNetwork(one.problem, settings, random) }
      : { kind: 'serial', problem: configureSerial(one.problem, settings) },
  generate: (parameters, random) =>
    parameters.has('game')
      ? { kind: 'serial', problem: generateBeer(parameters, random) }
      : { kind: 'network', problem: givenProblem(generateSupply(parameters, random)) },
  populate: (place, one) =>
    one.kind === 'network' ? populateNetwork(place, one.problem) : populateSerial(place, one.problem),
  assess: (one, solution) =>
    one.kind === 'network'
      ? assessNetwork(one.problem, ofNetwork(solution))
      : assessSerial(one.problem, ofChain(solution)),
  baseline: (one): Assessment<SupplyChainSolution> =>
    one.kind === 'network' ? networkBaseline(one.problem) : baselineSerial(one.problem),
  references: (one) => (one.kind === 'network' ? networkReferences(one.problem) : {}),
  optimum: async (one): Promise<Assessment<SupplyChainSolution> | null> =>
    one.kind === 'network' ? await networkOptimum(one.problem) : optimumSerial(one.problem),
};

/** What was found for a network. */
export function ofNetwork(solution: SupplyChainSolution): SupplySolution {
  assert('orders' in solution, 'a network is solved by orders');
  return solution;
}

/** What was found for a chain. */
export function ofChain(solution: SupplyChainSolution): SerialSolution {
  assert('playedCost' in solution, 'a chain is solved by levels');
  return solution;
}
