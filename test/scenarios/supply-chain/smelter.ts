import type { SupplyInstance, SupplyNetwork, SupplyNode } from '../../../scenarios/supply-chain/network.ts';

const RAW: SupplyNode = { id: 9, kind: 'raw', product: 'ore', items: [], capacity: Infinity, operatingCost: 0 };

const lane = { leadTime: 2, price: 1, pipelineCost: 0.01, orderCost: 0 };

/** Ore, a smelter that takes two of it, and two shops with a market each. */
const NETWORK: SupplyNetwork = {
  name: 'smelter',
  nodes: [
    RAW,
    {
      id: 5,
      kind: 'factory',
      product: 'pan',
      items: [{ product: 'ore', stock: 100, holding: 0.01, perOutput: 2 }],
      capacity: 60,
      operatingCost: 0.01,
    },
    ...[1, 2].map((id): SupplyNode => ({
      id,
      kind: 'retailer',
      product: 'pan',
      items: [{ product: 'pan', stock: 50, holding: 0.03, perOutput: 1 }],
      capacity: Infinity,
      operatingCost: 0,
    })),
  ],
  lanes: [
    { ...lane, supplier: 9, buyer: 5, price: 0.2, leadTime: 1 },
    { ...lane, supplier: 5, buyer: 1 },
    { ...lane, supplier: 5, buyer: 2, leadTime: 3 },
  ],
  markets: [
    { retailer: 1, market: 11, price: 3, penalty: 0.1 },
    { retailer: 2, market: 12, price: 3, penalty: 0.2 },
  ],
};

/** Twelve periods of it. */
export const SMELTER: SupplyInstance = {
  name: 'smelter',
  network: NETWORK,
  periods: 12,
  backlog: true,
  discount: 1,
  demand: [
    [8, 12, 10, 9, 11, 13, 7, 10, 14, 6, 10, 10],
    [20, 18, 22, 25, 15, 20, 21, 19, 20, 20, 23, 17],
  ],
  disruptions: [],
};
