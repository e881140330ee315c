import type { Assessment, Scenario } from '../scenario.ts';
import { parseSupplyFile, parseSupplyFolder } from './folder.ts';
import {
  assessNetwork,
  configureNetwork,
  networkBaseline,
  networkOptimum,
  networkProblem,
  networkReferences,
  populateNetwork,
  type NetworkProblem,
} from './network-scenario.ts';
import type { SupplySolution } from './solution.ts';

/**
 * Supply chain: firms contract with their partners for what they will need, order, ship and pay. Judged by the profit of the whole
 * network, beside local rules without a word to anybody, and the optimum of one who knows all demand.
 */
export const supplyChain: Scenario<NetworkProblem, SupplySolution> = {
  name: 'supply-chain',
  objective: { name: 'profit', unit: 'tokens', sense: 'max' },
  variant: ({ instance: { backlog } }) => `network, ${backlog ? 'backlog' : 'lost sales'}`,
  label: ({ instance: { name, network, periods } }) =>
    `${name} (${network.nodes.length} firms, ${network.lanes.length} lanes, ${periods} periods)`,
  parse: (text, file, random) => networkProblem(parseSupplyFile(text, file), random),
  parseFolder: (files, folder, random) => networkProblem(parseSupplyFolder(files, folder), random),
  configure: (problem, settings, random) => configureNetwork(problem, settings, random),
  generate: () => {
    throw new Error('generator');
  },
  populate: (place, problem) => populateNetwork(place, problem),
  assess: (problem, solution) => assessNetwork(problem, solution),
  baseline: (problem): Assessment<SupplySolution> => networkBaseline(problem),
  references: (problem) => networkReferences(problem),
  optimum: (problem) => networkOptimum(problem),
};
