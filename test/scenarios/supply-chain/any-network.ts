import * as fc from 'fast-check';
import type { Disruption, SupplyInstance, SupplyLane, SupplyNode } from '../../../scenarios/supply-chain/network.ts';

const money = fc.integer({ min: 0, max: 80 }).map((tenths) => tenths / 10);
const small = fc.integer({ min: 0, max: 20 }).map((hundredths) => hundredths / 100);
const units = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }));

/** What is drawn for a firm, whatever it is. */
const firm = fc.record({
  stock: units,
  holding: small,
  perOutput: fc.constantFrom(1, 1, 0.5, 2, 1 / 3, 1 / 0.7),
  capacity: fc.constantFrom(1, 7, 20.5, Infinity),
  operatingCost: small,
  /** A factory that makes its goods of two things. */
  ofTwo: fc.boolean(),
  /** Who supplies it, among those before it. */
  suppliers: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
  /** Retailers. */
  markets: fc.array(
    fc.record({ price: money, penalty: small, demand: fc.array(units, { minLength: 6, maxLength: 6 }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
});

const lane = fc.record({
  leadTime: fc.integer({ min: 0, max: 3 }),
  price: money,
  pipelineCost: small,
  orderCost: fc.constantFrom(0, 0, 0, 5),
});

type DrawnFirm = typeof firm extends fc.Arbitrary<infer Firm> ? Firm : never;

const drawn = fc.record({
  factories: fc.array(firm, { maxLength: 2 }),
  distributors: fc.array(firm, { maxLength: 2 }),
  retailers: fc.array(firm, { minLength: 1, maxLength: 2 }),
  lanes: fc.array(lane, { minLength: 24, maxLength: 24 }),
  periods: fc.integer({ min: 1, max: 6 }),
  backlog: fc.boolean(),
  discount: fc.constantFrom(1, 1, 0.9),
  strikes: fc.array(
    fc.record({ at: fc.nat(20), ofLane: fc.boolean(), from: fc.nat(4), share: fc.constantFrom(0, 0.5) }),
    {
      maxLength: 2,
    },
  ),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer All> ? All : never;

/**
 * Small networks of every kind that is allowed: from one raw source and one retailer to factories that supply factories; bills of
 * material, yields, lead time 0, several markets, nothing in stock, one period, costs of orders, a discount, and anything on strike.
 */
export const anyNetwork: fc.Arbitrary<SupplyInstance> = drawn.map(instanceFrom);

const RAW = 100;
const OTHER_RAW = 101;

function instanceFrom({ factories, distributors, retailers, lanes: terms, ...game }: Drawn): SupplyInstance {
  const kinds = [
    ...factories.map((one) => ({ kind: 'factory' as const, one })),
    ...distributors.map((one) => ({ kind: 'distributor' as const, one })),
    ...retailers.map((one) => ({ kind: 'retailer' as const, one })),
  ];
  const links: [number, number][] = [];
  const supplied = new Set<number>();
  for (const [id, { kind, one }] of kinds.entries()) {
    const firms = kinds.flatMap(({ kind: other }, at) => (at < id && other !== 'retailer' ? [at] : []));
    const choice = [RAW, ...firms];
    const from = new Set(one.suppliers.map((k) => choice[k % choice.length] ?? RAW));
    if (kind === 'factory' && one.ofTwo) from.add(RAW);
    // Whoever has no customer yet when the last retailer chooses gets that one.
    if (id === kinds.length - 1) for (const other of firms) if (!supplied.has(other)) from.add(other);
    for (const supplier of from) {
      supplied.add(supplier);
      links.push([supplier, id]);
    }
    if (kind === 'factory' && one.ofTwo) links.push([OTHER_RAW, id]);
  }
  const lanes = links.map(([supplier, buyer], at): SupplyLane => ({
    supplier,
    buyer,
    ...(terms[at % terms.length] ?? TERMS),
  }));
  const raw = { kind: 'raw' as const, items: [], capacity: Infinity, operatingCost: 0 };
  const sources = [RAW, OTHER_RAW].filter((id) => links.some(([supplier]) => supplier === id));
  const nodes = [
    ...kinds.map(({ kind, one }, id) => nodeFrom(id, kind, one)),
    ...sources.map((id) => ({ id, product: id === RAW ? 'goods' : 'bolts', ...raw })),
  ];
  const sold = kinds.flatMap(({ kind, one }, retailer) =>
    kind === 'retailer'
      ? one.markets.map((market, k) => ({ retailer, market: 200 + 10 * k + (retailer % 2), ...market }))
      : [],
  );
  return {
    name: 'any',
    network: {
      name: 'any',
      nodes,
      lanes,
      markets: sold.map(({ retailer, market, price, penalty }) => ({ retailer, market, price, penalty })),
    },
    periods: game.periods,
    backlog: game.backlog,
    discount: game.discount,
    demand: sold.map(({ demand }) => demand.slice(0, game.periods)),
    disruptions: game.strikes.map((strike): Disruption => {
      const time = { from: strike.from, to: strike.from + 2 };
      const { supplier = 0, buyer = 0 } = lanes[strike.at % lanes.length] ?? {};
      if (strike.ofLane) return { kind: 'lane', supplier, buyer, ...time };
      return { kind: 'plant', node: nodes[strike.at % nodes.length]?.id ?? 0, share: strike.share, ...time };
    }),
  };
}

const TERMS = { leadTime: 0, price: 0, pipelineCost: 0, orderCost: 0 };

function nodeFrom(id: number, kind: 'factory' | 'distributor' | 'retailer', one: DrawnFirm): SupplyNode {
  const { stock, holding, perOutput, capacity, operatingCost, ofTwo } = one;
  const isFactory = kind === 'factory';
  const item = { product: 'goods', stock, holding, perOutput: isFactory ? perOutput : 1 };
  const bolts = { product: 'bolts', stock: 3, holding, perOutput: 2 };
  return {
    id,
    kind,
    product: 'goods',
    items: isFactory && ofTwo ? [item, bolts] : [item],
    capacity: isFactory ? capacity : Infinity,
    operatingCost: isFactory ? operatingCost : 0,
  };
}
