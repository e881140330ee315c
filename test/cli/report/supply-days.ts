import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { supplyReport } from '../../../cli/report/supply.ts';
import type { Assessment } from '../../../scenarios/scenario.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';
import type {
  Disruption,
  SupplyInstance,
  SupplyLane,
  SupplyNetwork,
  SupplyNode,
} from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyProblem } from '../../../scenarios/supply-chain/options.ts';
import { localRuleOrders } from '../../../scenarios/supply-chain/references.ts';
import { replay, supplyKpis, type Replay } from '../../../scenarios/supply-chain/score.ts';
import type { FirmAccount, SupplyPayment, SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { supplyViolations } from '../../../scenarios/supply-chain/violations.ts';

/** What a made-up chain is made of. */
export interface ChainOptions {
  /** How many nodes each tier has, raw sources first, retailers last. */
  readonly tiers: readonly number[];
  readonly periods?: number;
  readonly backlog?: boolean;
  readonly seed?: number;
  readonly disruptions?: readonly Disruption[];
  /** Demand of a market in a period; drawn where left out. */
  readonly demand?: number;
}

/** A problem with its run, as the command line would report it. */
export interface MadeChain {
  readonly problem: SupplyProblem;
  readonly simulation: Simulation<SupplySolution>;
}

/** A chain whose numbers come from replays of two local rules: one stands for the agents. Nothing is negotiated. */
export function madeChain(options: ChainOptions): MadeChain {
  const { periods = 30, backlog = true, seed = 1, disruptions = [], demand } = options;
  const random = createRandomRoot(seed).stream('chain');
  const network = networkOf(options.tiers, random);
  const instance: SupplyInstance = {
    name: 'made-up chain',
    network,
    periods,
    backlog,
    discount: 1,
    demand: network.markets.map(() => Array.from({ length: periods }, () => demand ?? random.integer(10, 30))),
    disruptions,
  };
  return chainOf(instance);
}

/** An instance with a run. */
export function chainOf(instance: SupplyInstance): MadeChain {
  const problem: SupplyProblem = {
    instance,
    options: { ...DEFAULT_OPTIONS, rule: newsvendor() },
  };
  return { problem, simulation: simulationOf(instance) };
}

export function reportOf({ problem, simulation }: MadeChain): string {
  return supplyReport(problem, simulation);
}

function networkOf(tiers: readonly number[], random: RandomStream): SupplyNetwork {
  const nodes: SupplyNode[] = [];
  const lanes: SupplyLane[] = [];
  let before: readonly number[] = [];
  let id = 1;
  for (const [k, count] of tiers.entries()) {
    const kind = k === 0 ? 'raw' : k === tiers.length - 1 ? 'retailer' : k === 1 ? 'factory' : 'distributor';
    const tier = Array.from({ length: count }, () => id++);
    for (const [place, node] of tier.entries()) {
      const stock = random.integer(80, 200);
      nodes.push({
        id: node,
        kind,
        product: 'goods',
        items: kind === 'raw' ? [] : [{ product: 'goods', stock, holding: 0.01 * k, perOutput: 1 }],
        capacity: kind === 'factory' ? 90 : Infinity,
        operatingCost: kind === 'factory' ? 0.01 : 0,
      });
      const suppliers = before.length < 2 ? before : [0, 1].map((j) => before[(place + j) % before.length] ?? 0);
      for (const supplier of new Set(suppliers)) {
        lanes.push({
          supplier,
          buyer: node,
          leadTime: random.integer(1, 4),
          price: 0.3 * k,
          pipelineCost: 0.004,
          orderCost: 0,
        });
      }
    }
    before = tier;
  }
  return {
    name: 'made-up',
    nodes,
    lanes,
    markets: before.map((retailer, k) => ({ retailer, market: 10_000 + k, price: 2, penalty: 0.1 })),
  };
}

function simulationOf(instance: SupplyInstance): Simulation<SupplySolution> {
  const shared = localRuleOrders(instance, baseStock(), { shared: true });
  const optimum = assessed(instance, shipped(instance, shared));
  const baseline = assessed(instance, localRuleOrders(instance, newsvendor()));
  const agents = assessed(instance, withBooks(instance, shipped(instance, localRuleOrders(instance, baseStock()))));
  return {
    agents,
    baseline,
    optimum,
    course: [],
    chains: null,
    result: {
      scenario: 'supply-chain',
      variant: instance.backlog ? 'backlog' : 'lost-sales',
      instance: instance.name,
      seed: 1,
      mode: { bus: 'memory', workers: 1, sign: 'batch', policy: 'scripted' },
      objective: { name: 'profit', unit: 'tokens', sense: 'max' },
      agents: agents.kpis,
      baseline: baseline.kpis,
      optimum: optimum.kpis,
      references: {},
      gap: null,
      feasible: agents.feasible,
      violations: agents.violations,
      fingerprint: '00'.repeat(32),
      messages: 12_345,
      bytes: 6_789_012,
      rounds: 120,
      virtualSeconds: 34.5,
      decisions: {},
      cpuSeconds: 1.25,
    },
  };
}

function assessed(instance: SupplyInstance, solution: SupplySolution): Assessment<SupplySolution> {
  const played = replay(instance, solution);
  const violations = supplyViolations(played, solution);
  return {
    solution,
    kpis: supplyKpis(played),
    violations,
    feasible: Object.values(violations).every((size) => size === 0),
  };
}

/** Orders that ask for what was shipped, and for no more. */
function shipped(instance: SupplyInstance, solution: SupplySolution): SupplySolution {
  const { environment } = replay(instance, solution);
  const orders = instance.network.lanes.map(({ supplier, buyer }, lane) => [
    `${supplier}-${buyer}`,
    Array.from({ length: instance.periods }, (_, t) => environment.shippedOn(lane, t)),
  ]);
  return { ...solution, orders: Object.fromEntries(orders) as SupplySolution['orders'], profit: environment.profit };
}

/** Payments as a replay gives them, a settlement of one token in a ring of all firms, and gains that follow from it. */
function withBooks(instance: SupplyInstance, solution: SupplySolution): SupplySolution {
  const played = replay(instance, solution);
  const firms = instance.network.nodes.filter(({ kind }) => kind !== 'raw').map(({ id }) => String(id));
  const ring = firms.map((from, k): SupplyPayment => ({
    from,
    to: firms[(k + 1) % firms.length] ?? from,
    amount: String(1_000_000 + 1000 * k),
    what: 'settlement',
  }));
  const trade = tradeOf(played);
  const payments = [...trade, ...costsOf(played, trade), ...(firms.length > 1 ? ring : [])].filter(
    ({ amount }) => amount !== '0',
  );
  const balance = new Map<string, number>();
  const settled = new Map<string, number>();
  for (const { from, to, amount, what } of payments) {
    for (const [who, sign] of [
      [from, -1],
      [to, 1],
    ] as const) {
      balance.set(who, (balance.get(who) ?? 0) + sign * Number(amount));
      if (what === 'settlement') settled.set(who, (settled.get(who) ?? 0) + sign * Number(amount));
    }
  }
  const accounts = firms.map((id, k): [string, FirmAccount] => {
    const profit = (balance.get(id) ?? 0) / 1e6;
    return [id, { profit, settlement: (settled.get(id) ?? 0) / 1e6, alone: profit - 0.5 * k - 0.25, partners: 3 }];
  });
  return { ...solution, firms: Object.fromEntries(accounts), payments };
}

const micros = (tokens: number): string => String(Math.round(tokens * 1e6));

function tradeOf({ environment, history }: Replay): readonly SupplyPayment[] {
  const { network } = environment.instance;
  const sum = (values: Float64Array, width: number, place: number): number =>
    values.reduce((total, units, at) => (at % width === place ? total + units : total), 0);
  return [
    ...network.lanes.map(({ supplier, buyer, price }, lane): SupplyPayment => ({
      from: String(buyer),
      to: String(supplier),
      amount: micros(price * sum(history.shipped, environment.lanes, lane)),
      what: 'goods',
    })),
    ...network.markets.map(({ retailer, market, price }, lane): SupplyPayment => ({
      from: String(market),
      to: String(retailer),
      amount: micros(price * sum(history.sold, environment.markets, lane)),
      what: 'sales',
    })),
  ];
}

/** What the trade has brought each firm, less what it has earned: all that it paid for storage, transport and the like. */
function costsOf({ environment }: Replay, trade: readonly SupplyPayment[]): readonly SupplyPayment[] {
  return environment.instance.network.nodes.flatMap(({ id, kind }, node): SupplyPayment[] => {
    if (kind === 'raw') return [];
    const name = String(id);
    const brought = trade.reduce(
      (sum, { from, to, amount }) => sum + (to === name ? Number(amount) : 0) - (from === name ? Number(amount) : 0),
      0,
    );
    const amount = micros(Math.max(0, brought / 1e6 - environment.profitOf(node)));
    return [{ from: name, to: 'costs', amount, what: 'costs' }];
  });
}
