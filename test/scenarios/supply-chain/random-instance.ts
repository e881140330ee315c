import * as fc from 'fast-check';
import type { SupplyInstance, SupplyLane } from '../../../scenarios/supply-chain/network.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';

/** An instance and some orders. */
export interface Drawn {
  readonly instance: SupplyInstance;
  readonly orders: SupplySolution['orders'];
}

const money = fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10);
const small = fc.integer({ min: 0, max: 10 }).map((hundredths) => hundredths / 100);
const units = fc.integer({ min: 0, max: 30 });

/** The nodes of {@link randomInstance}: two retailers, a distributor, an assembler of two parts, two makers of the first part, materials. */
const LINKS = [
  [3, 1],
  [3, 2],
  [4, 3],
  [4, 2],
  [5, 4],
  [6, 4],
  [9, 5],
  [9, 6],
  [8, 4],
] as const;

/**
 * A small network with everything in it: bills of material, alternative suppliers, a shared distributor, disruptions, a discount, with or
 * without a backlog. `orderCosts`: some lanes cost something for each order. `twoMarkets`: the second retailer has two of them.
 */
export function randomInstance({
  orderCosts = false,
  twoMarkets = false,
}: { readonly orderCosts?: boolean; readonly twoMarkets?: boolean } = {}): fc.Arbitrary<Drawn> {
  const lane = fc.record({ leadTime: fc.integer({ min: 0, max: 3 }), price: money, pipelineCost: small, cost: units });
  return fc
    .record({
      periods: fc.integer({ min: 2, max: 6 }),
      lanes: fc.tuple(...LINKS.map(() => lane)),
      stocks: fc.tuple(...Array.from({ length: 7 }, () => units)),
      holding: fc.tuple(...Array.from({ length: 7 }, () => small)),
      capacities: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 25 }))),
      operating: fc.tuple(...Array.from({ length: 3 }, () => small)),
      bill: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0.5, 1, 2)),
      prices: fc.tuple(money, money, money),
      penalties: fc.tuple(small, money, small),
      backlog: fc.boolean(),
      discount: fc.constantFrom(1, 0.9),
      demand: fc.tuple(...Array.from({ length: 3 }, () => fc.array(units, { minLength: 6, maxLength: 6 }))),
      strikes: fc.subarray([0, 1, 2] as const),
      orders: fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 6, maxLength: 6 }), {
        minLength: LINKS.length,
        maxLength: LINKS.length,
      }),
    })
    .map((drawn): Drawn => {
      const { periods, stocks, holding, capacities, operating, prices, penalties } = drawn;
      const item = (at: number, product: string, perOutput = 1) => ({
        product,
        stock: stocks[at] ?? 0,
        holding: holding[at] ?? 0,
        perOutput,
      });
      const store = { capacity: Infinity, operatingCost: 0, product: 'goods' };
      const factory = (at: number) => ({
        kind: 'factory' as const,
        capacity: capacities[at] ?? 1,
        operatingCost: operating[at] ?? 0,
      });
      const raw = { kind: 'raw' as const, items: [], capacity: Infinity, operatingCost: 0 };
      const lanes = LINKS.map(([supplier, buyer], at): SupplyLane => {
        const { cost = 0, leadTime = 0, price = 0, pipelineCost = 0 } = drawn.lanes[at] ?? {};
        return { supplier, buyer, leadTime, price, pipelineCost, orderCost: orderCosts && at % 3 === 0 ? cost : 0 };
      });
      const sold = [[1, 11], [2, 12], ...(twoMarkets ? [[2, 13] as const] : [])];
      const instance: SupplyInstance = {
        name: 'random',
        network: {
          name: 'random',
          nodes: [
            { id: 1, kind: 'retailer', items: [item(0, 'goods')], ...store },
            { id: 2, kind: 'retailer', items: [item(1, 'goods')], ...store },
            { id: 3, kind: 'distributor', items: [item(2, 'goods')], ...store },
            {
              id: 4,
              product: 'goods',
              items: [item(3, 'part', drawn.bill[0]), item(4, 'bolt', drawn.bill[1])],
              ...factory(0),
            },
            { id: 5, product: 'part', items: [item(5, 'ore')], ...factory(1) },
            { id: 6, product: 'part', items: [item(6, 'ore', 2)], ...factory(2) },
            { id: 8, product: 'bolt', ...raw },
            { id: 9, product: 'ore', ...raw },
          ],
          lanes,
          markets: sold.map(([retailer = 0, market = 0], at) => ({
            retailer,
            market,
            price: prices[at] ?? 0,
            penalty: penalties[at] ?? 0,
          })),
        },
        periods,
        backlog: drawn.backlog,
        discount: drawn.discount,
        demand: sold.map((_, at) => (drawn.demand[at] ?? []).slice(0, periods)),
        disruptions: [
          { kind: 'plant' as const, node: 4, from: 1, to: 3, share: 0.5 },
          { kind: 'lane' as const, supplier: 3, buyer: 2, from: 0, to: 2 },
          { kind: 'plant' as const, node: 2, from: 1, to: 2, share: 0 },
        ].filter((_, at) => drawn.strikes.some((strike) => strike === at)),
      };
      const orders = Object.fromEntries(
        lanes.map((each, at) => [laneName(each), (drawn.orders[at] ?? []).slice(0, periods)]),
      );
      return { instance, orders };
    });
}
