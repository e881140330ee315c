import type { LocalView } from './local-rule.ts';
import { lanesOf, type FirmParams, type FirmState, type Shadow } from './firm-state.ts';

/** A firm that has done nothing yet. */
export function startShadow({ items, suppliers, markets, periods }: FirmParams): Shadow {
  return {
    stock: items.map(({ stock }) => stock),
    underWay: suppliers.map(({ leadTime }) => Array.from({ length: periods + leadTime }, () => 0)),
    waiting: markets.map(() => 0),
    asked: [],
    shipped: 0,
    received: suppliers.map(() => 0),
    profit: 0,
  };
}

/** What is like what in a firm and in its shadow. */
type Situation = Pick<FirmState & Shadow, 'stock' | 'underWay' | 'waiting' | 'asked'>;

/** What the firm's local rule is shown: of the firm itself, or of its shadow. */
export function localViewOf(
  params: FirmParams,
  { period, situation }: { readonly period: number; readonly situation: Situation },
): LocalView {
  const { stock, underWay, waiting, asked } = situation;
  const outlets = [...params.markets, ...params.customers];
  return {
    period,
    periodsLeft: params.periods - period,
    asked,
    backlog: waiting.reduce((sum, one) => sum + one, 0),
    capacity: params.capacity,
    operatingCost: params.operatingCost,
    price: Math.max(0, ...outlets.map(({ price }) => price)),
    penalty: Math.max(0, ...params.markets.map(({ penalty }) => penalty)),
    items: params.items.map(({ holding, perOutput }, item) => ({
      stock: stock[item] ?? 0,
      holding,
      perOutput,
      suppliers: lanesOf(params, item).map((lane) => {
        const { leadTime = 0, price = 0, pipelineCost = 0, orderCost = 0 } = params.suppliers[lane] ?? {};
        const onOrder = (underWay[lane] ?? []).slice(period).reduce((sum, one) => sum + one, 0);
        return { leadTime, price, pipelineCost, orderCost, onOrder };
      }),
    })),
  };
}

/** Has units leave the stock for a customer, as far as stock and capacity reach; gives how many. */
export function takeOut(
  { items, capacity }: { readonly items: FirmParams['items']; readonly capacity: number },
  from: { readonly stock: number[]; shipped: number },
  wanted: number,
): number {
  const reach = items.map(({ perOutput }, k) => (from.stock[k] ?? 0) / perOutput);
  const quantity = Math.max(0, Math.min(wanted, capacity - from.shipped, ...reach));
  for (const [k, { perOutput }] of items.entries()) from.stock[k] = (from.stock[k] ?? 0) - quantity * perOutput;
  from.shipped += quantity;
  return quantity;
}

/** Puts what arrives in a period into stock. */
export function takeIn(
  { suppliers }: Pick<FirmParams, 'suppliers'>,
  into: { readonly stock: number[]; readonly underWay: readonly number[][] },
  period: number,
): void {
  for (const [lane, { item }] of suppliers.entries()) {
    const arriving = into.underWay[lane];
    into.stock[item] = (into.stock[item] ?? 0) + (arriving?.[period] ?? 0);
    if (arriving !== undefined) arriving[period] = 0;
  }
}

/** What storage, pipeline, operation, orders and unserved demand cost at the end of a period, in tokens. */
export function periodCosts(
  params: FirmParams,
  at: Pick<Shadow, 'stock' | 'underWay' | 'waiting' | 'shipped' | 'received'>,
): number {
  const { items, suppliers, markets, operatingCost } = params;
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
  return (
    sum(items.map(({ holding }, k) => holding * (at.stock[k] ?? 0))) +
    sum(suppliers.map(({ pipelineCost }, lane) => pipelineCost * sum(at.underWay[lane] ?? []))) +
    sum(suppliers.map(({ orderCost }, lane) => ((at.received[lane] ?? 0) > 0 ? orderCost : 0))) +
    sum(markets.map(({ penalty }, k) => penalty * (at.waiting[k] ?? 0))) +
    operatingCost * at.shipped
  );
}
