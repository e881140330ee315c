import { assert } from '../../agent-core/errors.ts';
import type { Assessment, Scenario } from '../scenario.ts';
import { supplyNetworks, type NetworkProblem } from './network-scenario.ts';
import type { SerialProblem } from './serial-instance.ts';
import { serialChains } from './serial-scenario.ts';
import type { SerialSolution } from './serial-solution.ts';
import { isStockpyl } from './serial-stockpyl.ts';
import type { SupplySolution } from './solution.ts';

/** A network of firms that earn, or a chain of firms that bear costs: a serial system, or the beer game. */
export type SupplyChainProblem =
  | { readonly kind: 'network'; readonly problem: NetworkProblem }
  | { readonly kind: 'serial'; readonly problem: SerialProblem };

/** Of a network, or of a chain. */
export type SupplyChainSolution = SupplySolution | SerialSolution;

type Assessed = Assessment<SupplyChainSolution>;

const network = (problem: NetworkProblem): SupplyChainProblem => ({ kind: 'network', problem });
const serial = (problem: SerialProblem): SupplyChainProblem => ({ kind: 'serial', problem });

/** Supply chain: {@link supplyNetworks}, judged by profit, and {@link serialChains}, judged by cost. */
export const supplyChain: Scenario<SupplyChainProblem, SupplyChainSolution> = {
  name: 'supply-chain',
  objective: supplyNetworks.objective,
  objectiveOf: ({ kind }) => (kind === 'network' ? supplyNetworks : serialChains).objective,
  variant: (one) => (one.kind === 'network' ? supplyNetworks.variant(one.problem) : serialChains.variant(one.problem)),
  label: (one) => (one.kind === 'network' ? supplyNetworks.label(one.problem) : serialChains.label(one.problem)),
  parse: (text, file, random) =>
    isStockpyl(text)
      ? serial(serialChains.parse(text, file, random))
      : network(supplyNetworks.parse(text, file, random)),
  parseFolder: (files, folder, random) => network(supplyNetworks.parseFolder(files, folder, random)),
  roles: supplyNetworks.roles,
  withPolicies: (one, policies) =>
    one.kind === 'network'
      ? network(supplyNetworks.withPolicies(one.problem, policies))
      : serial(serialChains.withPolicies(one.problem, policies)),
  configure: (one, settings, random) =>
    one.kind === 'network'
      ? network(supplyNetworks.configure(one.problem, settings, random))
      : serial(serialChains.configure?.(one.problem, settings, random) ?? one.problem),
  generate: (parameters, random) =>
    parameters.has('game')
      ? serial(serialChains.generate(parameters, random))
      : network(supplyNetworks.generate(parameters, random)),
  populate: (place, one) =>
    one.kind === 'network' ? supplyNetworks.populate(place, one.problem) : serialChains.populate(place, one.problem),
  // Neither has a figure that needs the optimum beside it.
  assess: (one, solution) =>
    one.kind === 'network'
      ? supplyNetworks.assess(one.problem, ofNetwork(solution))
      : serialChains.assess(one.problem, ofChain(solution), null),
  baseline: (one, { seed }): Assessed | Promise<Assessed> =>
    one.kind === 'network'
      ? supplyNetworks.baseline(one.problem)
      : serialChains.baseline(one.problem, { reference: null, seed }),
  references: (one) =>
    one.kind === 'network' ? supplyNetworks.references(one.problem) : (serialChains.references?.(one.problem) ?? {}),
  optimum: async (one): Promise<Assessed | null> =>
    one.kind === 'network' ? await supplyNetworks.optimum(one.problem) : await serialChains.optimum(one.problem),
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
