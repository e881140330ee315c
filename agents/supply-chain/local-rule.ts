import { decide, type Asker, type Policy } from '../../agent-core/policy/policy.ts';
import type { DemandSummary } from './demand-forecast.ts';
import { PERIODS_SEEN, replenishmentFeatures, type Replenishment } from './policies/replenishment.ts';

/** What a firm knows by itself when it orders: nothing of what its partners have in stock, sell or plan, unless they share it. */
export interface LocalView {
  /** From 0. */
  readonly period: number;
  /** With this one. */
  readonly periodsLeft: number;
  /** Units of what it ships that were asked of the firm in each period so far: by its customers' orders or by its markets. */
  readonly asked: readonly number[];
  /** Units of demand that wait; 0 for those who are not retailers. */
  readonly backlog: number;
  /** Units that can be shipped in a period; `Infinity` where nothing bounds it. */
  readonly capacity: number;
  /** What a unit that the firm ships brings, at the highest of its list prices. */
  readonly price: number;
  /** Money for each unit that is asked for and not shipped, at the end of a period: the highest; 0 where there is none. */
  readonly penalty: number;
  /** Money for each unit that it ships. */
  readonly operatingCost: number;
  readonly items: readonly LocalItem[];
  /** What those downstream tell it; absent where they keep it to themselves. */
  readonly shared?: SharedDemand;
}

/** Something that the firm stocks. */
export interface LocalItem {
  /** Before arrivals of this period. */
  readonly stock: number;
  readonly holding: number;
  readonly perOutput: number;
  readonly suppliers: readonly LocalSupplier[];
}

/** Where it comes from. */
export interface LocalSupplier {
  readonly leadTime: number;
  readonly price: number;
  readonly pipelineCost: number;
  readonly orderCost: number;
  /** Units under way, with those that arrive in this period. */
  readonly onOrder: number;
}

/** What a firm can learn from those between it and the markets, in units of what it ships. */
export interface SharedDemand {
  /** What the markets asked for in each period so far; takes the place of what was asked of the firm itself. */
  readonly asked: readonly number[];
  /** Units a period that the retailers reckoned with before anything was asked. */
  readonly expected: number;
  /** In stock at all whom the firm supplies, directly or not, and under way to them, less what waits there. The firm itself is not in it. */
  readonly positionBelow: number;
  /** Periods of the longest way from the firm to a retailer; 0 for a retailer. */
  readonly leadTimeToMarket: number;
  /** Holding costs of its direct customers, added up. */
  readonly holdingBelow: number;
  /** What the retailers expect the markets to ask for from the present period on; absent where they keep that to themselves. */
  readonly forecast?: DemandSummary;
}

/**
 * What a firm orders by its rule, without a word to anybody: units by item and supplier, in the order of the view, real numbers from 0.
 * The policy says up to which position (stock and what is under way, less what waits) each item is ordered. Where an item has several
 * suppliers, each gets a share in proportion to its {@link supplierScore}.
 *
 * @param ask - what the rule says to an observation: `ctx.decide` in an agent
 * @throws HaggleError `bad-observation`, `bad-action` for a policy whose features are not those of replenishment
 */
export function localOrders(
  rule: Policy,
  view: LocalView,
  ask: Asker = (policy, observation) => decide(policy, observation).action,
): readonly (readonly number[])[] {
  return view.items.map((item) => {
    const { suppliers } = item;
    if (suppliers.length === 0) return [];
    const { seen, scale } = observeItem(view, item);
    const [orderUpTo = 0] = ask(rule, replenishmentFeatures(seen));
    const missing = Math.max(0, orderUpTo * scale * item.perOutput - positionOf(view, item));
    const scores = suppliers.map(supplierScore);
    const whole = sum(scores);
    return scores.map((score) => (scores.length === 1 ? missing : missing * (score / whole)));
  });
}

/**
 * How much of an order goes to a supplier, beside those of the same item: 1 / (1 + price + a tenth of the lead time), as in the published
 * rules of gym-invmgmt (arXiv 2605.11355).
 */
export function supplierScore({ price, leadTime }: Pick<LocalSupplier, 'price' | 'leadTime'>): number {
  return 1 / (1 + price + 0.1 * leadTime);
}

/** What a rule sees of an item, and how many units one of its quantities is. */
interface ScaledView {
  readonly seen: Replenishment;
  /** Units, from 1. */
  readonly scale: number;
}

function observeItem(view: LocalView, item: LocalItem): ScaledView {
  const { shared, price, penalty } = view;
  const { stock, perOutput, suppliers } = item;
  const history = (shared?.asked ?? view.asked).slice(-PERIODS_SEEN);
  const leadTime = Math.max(0, ...suppliers.map((supplier) => supplier.leadTime));
  const mean = history.length > 0 ? meanOf(history) : (shared?.expected ?? stock / perOutput / (leadTime + 1));
  const scale = Math.max(1, mean);
  const money = Math.max(1, price + item.holding * perOutput + penalty);
  const ahead = aheadOf(shared, leadTime);
  const seen: Replenishment = {
    mean: mean / scale,
    unit: 1 / scale,
    token: 1 / money,
    periodsAsked: history.length,
    periodsLeft: view.periodsLeft,
    position: positionOf(view, item) / perOutput / scale,
    backlog: view.backlog / scale,
    capacity: view.capacity / scale,
    leadTime,
    margin: (price - sum(view.items.map(cheapest))) / money,
    holding: (item.holding * perOutput) / money,
    penalty: penalty / money,
    operatingCost: view.operatingCost / money,
    pipelineCost: (perOutput * meanOf(suppliers.map(({ pipelineCost }) => pipelineCost))) / money,
    orderCost: meanOf(suppliers.map(({ orderCost }) => orderCost)) / (money * scale),
    positionBelow: (shared?.positionBelow ?? 0) / scale,
    leadTimeToMarket: shared?.leadTimeToMarket ?? 0,
    holdingBelow: (shared?.holdingBelow ?? 0) / money,
    aheadMean: sum(ahead.mean) / scale,
    aheadDeviation: Math.sqrt(sum(ahead.deviation.map((units) => units * units))) / scale,
    asked: history.map((units) => units / scale).toReversed(),
  };
  return { seen, scale };
}

/** What is expected until the order after this one could be sold. */
function aheadOf(shared: SharedDemand | undefined, leadTime: number): DemandSummary {
  const { mean = [], deviation = [] } = shared?.forecast ?? {};
  const periods = (shared?.leadTimeToMarket ?? 0) + leadTime + 1;
  return { mean: mean.slice(0, periods), deviation: deviation.slice(0, periods) };
}

/** In stock and under way, less what it takes to serve what waits. */
function positionOf({ backlog }: LocalView, { stock, perOutput, suppliers }: LocalItem): number {
  return stock + sum(suppliers.map(({ onOrder }) => onOrder)) - backlog * perOutput;
}

/** What the item costs in a unit that the firm ships. */
function cheapest({ perOutput, suppliers }: LocalItem): number {
  return suppliers.length === 0 ? 0 : perOutput * Math.min(...suppliers.map(({ price }) => price));
}

function meanOf(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
