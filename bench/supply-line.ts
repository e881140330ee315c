/**
 * Local rules of replenishment on the line of OR-Gym's InvManagement-v0 (demand and orders wait) and -v1 (both are lost):
 * `node dist/bench/supply-line.js [--paths 100]`. The dynamics are those of the environment (Hubbs et al., arXiv 2008.06319): four stages,
 * 30 periods, orders in whole units; what a supplier does not ship is penalised at every stage, and is added to the next order where
 * it waits. The last column is the optimum with perfect information: who knows the future orders nothing in vain, so it is that of a
 * line without penalties upstream.
 */
import { parseArgs } from 'node:util';
import { createRandomRoot } from '../agent-core/random.ts';
import type { Policy } from '../agent-core/policy/policy.ts';
import { localOrders, type LocalView } from '../agents/supply-chain/local-rule.ts';
import { baseStock } from '../agents/supply-chain/policies/base-stock.ts';
import { exponentialSmoothing } from '../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../agents/supply-chain/policies/reorder-point.ts';
import { poissonDraw } from '../agent-core/draws.ts';
import type { SupplyInstance, SupplyNode } from '../scenarios/supply-chain/network.ts';
import { supplyOptimum } from '../scenarios/supply-chain/optimum.ts';

const PERIODS = 30;
const MEAN = 20;
const DISCOUNT = 0.97;

/** A stage, and its way from the next; the last has material without end and no stock. */
interface Stage {
  readonly stock: number;
  readonly holding: number;
  /** For each unit that is asked of it and not shipped. */
  readonly penalty: number;
  readonly price: number;
  readonly leadTime: number;
  /** Of the next stage, which supplies it. */
  readonly capacity: number;
}

const STAGES: readonly Stage[] = [
  { stock: 100, holding: 0.15, penalty: 0.1, price: 2, leadTime: 3, capacity: 100 },
  { stock: 100, holding: 0.1, penalty: 0.075, price: 1.5, leadTime: 5, capacity: 90 },
  { stock: 200, holding: 0.05, penalty: 0.05, price: 1, leadTime: 10, capacity: 80 },
];
/** What the last stage asks for a unit, what that costs it, and its penalty. */
const LAST = { price: 0.75, cost: 0.5, penalty: 0.025 };

const RULES: readonly Policy[] = [reorderPoint(), newsvendor(), exponentialSmoothing(), baseStock()];

interface Line {
  readonly backlog: boolean;
  /** Every stage is told the demand of the market. */
  readonly told: boolean;
}

/** What happens at the stages; `shipped`, `owed` and `asked` of stage k are those of its supplier to it. */
interface Situation {
  readonly demand: readonly number[];
  period: number;
  readonly stock: number[];
  readonly shipped: number[][];
  readonly owed: number[];
  readonly asked: number[][];
  waiting: number;
}

/** Discounted profit of the line. */
function profitOf(demand: readonly number[], rule: Policy, line: Line): number {
  const at: Situation = {
    demand,
    period: 0,
    stock: STAGES.map(({ stock }) => stock),
    shipped: STAGES.map(() => []),
    owed: STAGES.map(() => 0),
    asked: STAGES.map(() => []),
    waiting: 0,
  };
  let profit = 0;
  for (; at.period < PERIODS; at.period++) profit += DISCOUNT ** at.period * playPeriod(at, rule, line);
  return profit;
}

function playPeriod(at: Situation, rule: Policy, line: Line): number {
  const { period, stock, shipped, owed } = at;
  const orders = STAGES.map((_, k) => Math.floor(localOrders(rule, viewOf(at, k, line))[0]?.[0] ?? 0));
  const ships = STAGES.map(({ capacity }, k) =>
    Math.min((orders[k] ?? 0) + (owed[k] ?? 0), capacity, stock[k + 1] ?? Infinity),
  );
  let profit = 0;
  for (const [k, { leadTime }] of STAGES.entries()) {
    const units = ships[k] ?? 0;
    const short = (orders[k] ?? 0) + (owed[k] ?? 0) - units;
    profit -= short * (STAGES[k + 1]?.penalty ?? LAST.penalty);
    owed[k] = line.backlog ? short : 0;
    at.asked[k]?.push(orders[k] ?? 0);
    shipped[k]?.push(units);
    stock[k] = (stock[k] ?? 0) + (shipped[k]?.[period - leadTime] ?? 0) - (ships[k - 1] ?? 0);
  }
  profit -= LAST.cost * (ships.at(-1) ?? 0);
  const wanted = (at.demand[period] ?? 0) + at.waiting;
  const sold = Math.min(wanted, stock[0] ?? 0);
  stock[0] = (stock[0] ?? 0) - sold;
  at.waiting = line.backlog ? wanted - sold : 0;
  profit += (STAGES[0]?.price ?? 0) * sold - (STAGES[0]?.penalty ?? 0) * (wanted - sold);
  return STAGES.reduce((left, { holding }, k) => left - holding * (stock[k] ?? 0), profit);
}

function viewOf(
  { demand, period, stock, shipped, owed, asked, waiting }: Situation,
  k: number,
  { told }: Line,
): LocalView {
  const stage = STAGES[k] ?? { leadTime: 0, holding: 0, price: 0, penalty: 0 };
  const underWay = (shipped[k] ?? []).slice(Math.max(0, period - stage.leadTime));
  const supplier = {
    leadTime: stage.leadTime,
    price: STAGES[k + 1]?.price ?? LAST.price,
    pipelineCost: 0,
    orderCost: 0,
    onOrder: underWay.reduce((sum, units) => sum + units, 0) + (owed[k] ?? 0),
  };
  return {
    period,
    periodsLeft: PERIODS - period,
    asked: told || k === 0 ? demand.slice(0, period) : (asked[k - 1] ?? []),
    backlog: k === 0 ? waiting : (owed[k - 1] ?? 0),
    capacity: STAGES[k - 1]?.capacity ?? Infinity,
    price: stage.price,
    penalty: stage.penalty,
    operatingCost: 0,
    items: [{ stock: stock[k] ?? 0, holding: stage.holding, perOutput: 1, suppliers: [supplier] }],
  };
}

/** The line as a network; the margin of the last stage is the network's, so what enters costs what it costs that stage. */
function instanceOf(demand: readonly number[], backlog: boolean): SupplyInstance {
  const source = { id: STAGES.length, kind: 'factory', product: 'goods', operatingCost: 0 } as const;
  const firms = STAGES.map(({ stock, holding }, id): SupplyNode => ({
    id,
    kind: id === 0 ? 'retailer' : 'distributor',
    product: 'goods',
    items: [{ product: 'goods', stock, holding, perOutput: 1 }],
    capacity: STAGES[id - 1]?.capacity ?? Infinity,
    operatingCost: 0,
  }));
  return {
    name: 'line',
    network: {
      name: 'line',
      nodes: [...firms, { ...source, kind: 'raw', items: [], capacity: STAGES.at(-1)?.capacity ?? Infinity }],
      lanes: STAGES.map(({ leadTime }, k) => ({
        supplier: k + 1,
        buyer: k,
        leadTime,
        price: STAGES[k + 1]?.price ?? LAST.cost,
        pipelineCost: 0,
        orderCost: 0,
      })),
      markets: [{ retailer: 0, market: 9, price: 2, penalty: 0.1 }],
    },
    periods: PERIODS,
    backlog,
    discount: DISCOUNT,
    demand: [demand],
    disruptions: [],
  };
}

function meanOf(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return `${mean.toFixed(1)} ± ${((1.96 * deviation) / Math.sqrt(values.length)).toFixed(1)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { paths: { type: 'string', default: '100' } } });
  const random = createRandomRoot(1).stream('demand');
  const paths = Array.from({ length: Number(values.paths) }, () =>
    Array.from({ length: PERIODS }, () => poissonDraw(random, MEAN)),
  );
  console.log(`Mean profit of ${paths.length} Poisson(${MEAN}) paths with its 95 % interval.\n`);
  console.log(`| | ${RULES.map(({ name }) => name).join(' | ')} | optimum |`);
  console.log(`|---|${RULES.map(() => '--:|').join('')}--:|`);
  for (const backlog of [true, false]) {
    const optima: number[] = [];
    for (const demand of paths) optima.push((await supplyOptimum(instanceOf(demand, backlog))).profit);
    for (const told of [true, false]) {
      const cells = RULES.map((rule) => meanOf(paths.map((demand) => profitOf(demand, rule, { backlog, told }))));
      const name = `${backlog ? 'v0' : 'v1'}, ${told ? 'told' : 'alone'}`;
      console.log(`| ${name} | ${cells.join(' | ')} | ${meanOf(optima)} |`);
    }
  }
}

await main();
