import type {
  MarketLane,
  SupplyInstance,
  SupplyLane,
  SupplyNetwork,
  SupplyNode,
} from '../../../scenarios/supply-chain/network.ts';

/** A raw source 9, a factory 2, a retailer 1 and a market 0; what is not said is free of cost. */
export function chain(changes: {
  readonly factory?: Partial<SupplyNode>;
  readonly retailer?: { readonly stock?: number; readonly holding?: number };
  readonly toFactory?: Partial<SupplyLane>;
  readonly toRetailer?: Partial<SupplyLane>;
  readonly market?: Partial<MarketLane>;
}): SupplyNetwork {
  const { stock = 0, holding = 0 } = changes.retailer ?? {};
  const lane = { leadTime: 1, price: 0, pipelineCost: 0, orderCost: 0 };
  return {
    name: 'chain',
    nodes: [
      {
        id: 1,
        kind: 'retailer',
        product: 'goods',
        items: [{ product: 'goods', stock, holding, perOutput: 1 }],
        capacity: Infinity,
        operatingCost: 0,
      },
      {
        id: 2,
        kind: 'factory',
        product: 'goods',
        items: [{ product: 'goods', stock: 0, holding: 0, perOutput: 1 }],
        capacity: 100,
        operatingCost: 0,
        ...changes.factory,
      },
      { id: 9, kind: 'raw', product: 'goods', items: [], capacity: Infinity, operatingCost: 0 },
    ],
    lanes: [
      { supplier: 2, buyer: 1, ...lane, ...changes.toRetailer },
      { supplier: 9, buyer: 2, ...lane, ...changes.toFactory },
    ],
    markets: [{ retailer: 1, market: 0, price: 0, penalty: 0, ...changes.market }],
  };
}

/** An instance of a network with one demand. */
export function instanceOf(
  network: SupplyNetwork,
  demand: readonly number[],
  more: Partial<SupplyInstance> = {},
): SupplyInstance {
  return {
    name: network.name,
    network,
    periods: demand.length,
    backlog: true,
    discount: 1,
    demand: [demand],
    disruptions: [],
    ...more,
  };
}
