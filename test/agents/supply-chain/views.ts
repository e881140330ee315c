import * as fc from 'fast-check';
import type { LocalItem, LocalSupplier, LocalView } from '../../../agents/supply-chain/local-rule.ts';

export const SUPPLIER: LocalSupplier = { leadTime: 4, price: 1.5, pipelineCost: 0.01, orderCost: 0, onOrder: 0 };

export const ITEM: LocalItem = { stock: 0, holding: 0.03, perOutput: 1, suppliers: [SUPPLIER] };

/** A retailer with one supplier and nothing in stock. */
export const VIEW: LocalView = {
  period: 5,
  periodsLeft: 25,
  asked: [18, 22, 20, 24, 16],
  backlog: 0,
  capacity: Infinity,
  price: 2,
  penalty: 0.1,
  operatingCost: 0,
  items: [ITEM],
};

/** The same with so much in stock. */
export function withStock(stock: number, view: LocalView = VIEW): LocalView {
  return { ...view, items: view.items.map((item) => ({ ...item, stock })) };
}

const units = fc.double({ min: 0, max: 1e6, noNaN: true });
const money = fc.double({ min: 0, max: 1e4, noNaN: true });
const periods = fc.nat(2_000);

const anySupplier: fc.Arbitrary<LocalSupplier> = fc.record({
  leadTime: periods,
  price: money,
  pipelineCost: money,
  orderCost: money,
  onOrder: units,
});

const anyItem: fc.Arbitrary<LocalItem> = fc.record({
  stock: units,
  holding: money,
  perOutput: fc.double({ min: 0.01, max: 100, noNaN: true }),
  suppliers: fc.array(anySupplier, { maxLength: 4 }),
});

const told = fc.record({
  asked: fc.array(units, { maxLength: 50 }),
  expected: units,
  positionBelow: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  leadTimeToMarket: periods,
  holdingBelow: money,
});

const forecast = fc.record({
  mean: fc.array(units, { maxLength: 20 }),
  deviation: fc.array(units, { maxLength: 20 }),
});

const alone = fc.record({
  period: periods,
  periodsLeft: periods,
  asked: fc.array(units, { maxLength: 50 }),
  backlog: units,
  capacity: fc.oneof(units, fc.constant(Infinity)),
  price: money,
  penalty: money,
  operatingCost: money,
  items: fc.array(anyItem, { maxLength: 3 }),
});

/** Whatever a firm may find itself in. */
export const anyView: fc.Arbitrary<LocalView> = fc
  .tuple(alone, fc.option(told), fc.option(forecast))
  .map(([view, shared, ahead]) => {
    if (shared === null) return view;
    return { ...view, shared: ahead === null ? shared : { ...shared, forecast: ahead } };
  });
