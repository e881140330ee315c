import { assert } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import type { World } from '../../simulator/world.ts';
import type { Assessment, Kpis, Population, Scenario } from '../scenario.ts';
import {
  CHOICE_KEYS,
  chosenInstance,
  chosenWith,
  DEFAULT_CHOICE,
  parseSupplyFile,
  parseSupplyFolder,
  type SupplyChoice,
  type SupplyFolder,
} from './folder.ts';
import { generateSupply } from './generator.ts';
import type { SupplyInstance } from './network.ts';
import { supplyOptimum } from './optimum.ts';
import { DEFAULT_OPTIONS, OPTION_KEYS, optionsWith, SUPPLY_RULES, type SupplyOptions } from './options.ts';
import { populateSupply } from './population.ts';
import { localRuleOrders } from './references.ts';
import { SUPPLY_ROLES, withSupplyPolicies } from './roles.ts';
import { replay, supplyKpis } from './score.ts';
import type { SupplySolution } from './solution.ts';
import { supplyViolations } from './violations.ts';

/** Networks to choose from, or one that was generated; what is chosen; and how its firms behave. */
export interface NetworkProblem {
  /** Made when it is first asked for: of a folder with several networks none may be chosen yet. @throws HaggleError `bad-parameter` */
  readonly instance: SupplyInstance;
  readonly folder: SupplyFolder | null;
  readonly choice: SupplyChoice;
  readonly options: SupplyOptions;
}

/**
 * Networks of firms that contract with their partners for what they will need, order, ship and pay. Judged by the profit of all,
 * beside local rules without a word to anybody, and the optimum of one who knows all demand.
 */
export const supplyNetworks = {
  name: 'supply-networks',
  objective: { name: 'profit', unit: 'tokens', sense: 'max' },
  variant: ({ instance: { backlog } }) => `network, ${backlog ? 'backlog' : 'lost sales'}`,
  label: ({ instance: { name, network, periods } }) =>
    `${name} (${network.nodes.length} firms, ${network.lanes.length} lanes, ${periods} periods)`,
  parse: (text, file, random) => networkProblem(parseSupplyFile(text, file), random),
  parseFolder: (files, folder, random) => networkProblem(parseSupplyFolder(files, folder), random),
  configure: (problem, settings, random) => configureNetwork(problem, settings, random),
  generate: (parameters, random) => givenProblem(generateSupply(parameters, random)),
  roles: SUPPLY_ROLES,
  withPolicies: (problem, policies) => ({ ...problem, options: withSupplyPolicies(problem.options, policies) }),
  populate: (place, problem) => populateNetwork(place, problem),
  assess: (problem, solution) => assessNetwork(problem, solution),
  baseline: (problem) => networkBaseline(problem),
  references: (problem) => networkReferences(problem),
  optimum: (problem) => networkOptimum(problem),
  /** An instance that is there already, under the usual options. */
  of: givenProblem,
} satisfies Scenario<NetworkProblem, SupplySolution> & Record<'of', (instance: SupplyInstance) => NetworkProblem>;

/** A problem of a folder, or of a single file, before settings. */
function networkProblem(folder: SupplyFolder, random: RandomStream): NetworkProblem {
  return chosenProblem({ folder, choice: DEFAULT_CHOICE, options: DEFAULT_OPTIONS }, random);
}

/** A problem of a network that is there already. */
function givenProblem(instance: SupplyInstance): NetworkProblem {
  return { instance, folder: null, choice: DEFAULT_CHOICE, options: DEFAULT_OPTIONS };
}

function chosenProblem(
  { folder, choice, options }: Omit<NetworkProblem, 'instance' | 'folder'> & { readonly folder: SupplyFolder },
  random: RandomStream,
): NetworkProblem {
  let made: SupplyInstance | undefined;
  return {
    folder,
    choice,
    options,
    get instance() {
      made ??= chosenInstance(folder, choice, random);
      return made;
    },
  };
}

/** A problem under settings. @throws HaggleError `bad-parameter` naming key, value and bound */
function configureNetwork(
  problem: NetworkProblem,
  settings: ReadonlyMap<string, string>,
  random: RandomStream,
): NetworkProblem {
  const { folder } = problem;
  let { choice, options } = problem;
  for (const [key, value] of settings) {
    if (folder !== null && CHOICE_KEYS.includes(key)) choice = chosenWith(choice, key, value);
    else options = optionsWith(options, [key, value], folder === null ? OPTION_KEYS : [...CHOICE_KEYS, ...OPTION_KEYS]);
  }
  return folder === null ? { ...problem, options } : chosenProblem({ folder, choice, options }, random);
}

/** Places the firms of a problem. */
function populateNetwork(place: World, { instance, options }: NetworkProblem): Population<SupplySolution> {
  const profitOf = (orders: SupplySolution['orders']): number => replay(instance, { orders }).environment.profit;
  return populateSupply(place, instance, { options, profitOf });
}

/** The orders of a solution, played; beside a reference it has a gap as well. */
function assessNetwork({ instance }: NetworkProblem, solution: SupplySolution): Assessment<SupplySolution> {
  const played = replay(instance, solution);
  const violations = supplyViolations(played, solution);
  const accounts = Object.values(solution.firms);
  const poorer = accounts.filter(({ profit, alone }) => alone !== null && profit < alone - ROUNDING);
  return {
    solution,
    kpis: { ...supplyKpis(played), ...(accounts.length === 0 ? {} : { firmsPoorer: poorer.length }) },
    violations,
    feasible: Object.values(violations).every((one) => one === 0),
  };
}

/** Tokens: amounts are whole micro-tokens, and settlements are rounded to them. */
const ROUNDING = 1e-4;

/** Every firm by the rule that the firms compare with. */
function networkBaseline(problem: NetworkProblem): Assessment<SupplySolution> {
  return assessNetwork(problem, localRuleOrders(problem.instance, problem.options.rule));
}

/** Rules that are published with demand and stocks told downstream to all, and what a reference by them is called. */
const TOLD: readonly (readonly [name: string, rule: string])[] = [
  ['toldNewsvendor', 'newsvendor'],
  ['toldReorderPoint', 's-S'],
  ['toldSmoothing', 'smoothing'],
  ['toldEchelon', 'echelon'],
];

/** Every firm by one of the published local rules, told as these have it what the markets ask for and what is in stock downstream. */
function networkReferences({ instance }: NetworkProblem): Readonly<Record<string, Kpis>> {
  // In wide networks a supplier that counts the whole demand drowns in stock; the published networks have one market.
  const part = instance.network.markets.length > 1 ? 'share' : 'whole';
  const runs = TOLD.map(([name, key]): readonly [string, Kpis] => {
    const rule = SUPPLY_RULES.get(key);
    assert(rule !== undefined, `${key} is one of the rules`);
    const { orders } = localRuleOrders(instance, rule(), { shared: true, part });
    return [name, supplyKpis(replay(instance, { orders }))];
  });
  return Object.fromEntries(runs);
}

/** Lanes and periods up to which the optimum with perfect information is computed. */
const LANE_PERIODS_MAX = 45_000;

/** The optimum of one who knows all demand and rules everybody; null for networks that are too large to solve in a minute. */
async function networkOptimum(problem: NetworkProblem): Promise<Assessment<SupplySolution> | null> {
  const { network, periods } = problem.instance;
  if (network.lanes.length * periods > LANE_PERIODS_MAX) return null;
  return assessNetwork(problem, await supplyOptimum(problem.instance));
}
