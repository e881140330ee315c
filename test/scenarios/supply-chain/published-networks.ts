import type {
  SupplyInstance,
  SupplyKind,
  SupplyLane,
  SupplyNetwork,
  SupplyNode,
} from '../../../scenarios/supply-chain/network.ts';

/** id, kind, stock, holding, capacity, operating cost. */
type NodeRow = readonly [number, SupplyKind, number, number, number, number];
/** supplier, buyer, lead time, price, pipeline cost. */
type LaneRow = readonly [number, number, number, number, number];

function node([id, kind, stock, holding, capacity, operatingCost]: NodeRow): SupplyNode {
  const raw = kind === 'raw';
  const item = { product: kind === 'factory' ? 'material' : 'goods', stock, holding, perOutput: 1 };
  return { id, kind, product: raw ? 'material' : 'goods', items: raw ? [] : [item], capacity, operatingCost };
}

function lane([supplier, buyer, leadTime, price, pipelineCost]: LaneRow): SupplyLane {
  return { supplier, buyer, leadTime, price, pipelineCost, orderCost: 0 };
}

const NONE = Infinity;

/** The two networks of the gym-invmgmt table. */
export const NETWORKS: Readonly<Record<string, SupplyNetwork>> = {
  base: {
    name: 'base',
    nodes: (
      [
        [1, 'retailer', 100, 0.03, NONE, 0],
        [2, 'distributor', 110, 0.02, NONE, 0],
        [3, 'distributor', 80, 0.015, NONE, 0],
        [4, 'factory', 400, 0.012, 90, 0.01],
        [5, 'factory', 350, 0.013, 90, 0.015],
        [6, 'factory', 380, 0.011, 80, 0.012],
        [7, 'raw', 0, 0, NONE, 0],
        [8, 'raw', 0, 0, NONE, 0],
      ] as const
    ).map(node),
    lanes: (
      [
        [2, 1, 5, 1.5, 0.01],
        [3, 1, 3, 1.6, 0.015],
        [4, 2, 8, 1, 0.008],
        [4, 3, 10, 0.8, 0.006],
        [5, 2, 9, 0.7, 0.005],
        [6, 2, 11, 0.75, 0.007],
        [6, 3, 12, 0.8, 0.004],
        [7, 4, 0, 0.15, 0],
        [7, 5, 1, 0.05, 0.005],
        [8, 5, 2, 0.07, 0.002],
        [8, 6, 0, 0.2, 0],
      ] as const
    ).map(lane),
    markets: [{ retailer: 1, market: 0, price: 2, penalty: 0.1 }],
  },
  serial: {
    name: 'serial',
    nodes: (
      [
        [1, 'retailer', 100, 0.03, NONE, 0],
        [2, 'distributor', 100, 0.02, NONE, 0],
        [3, 'factory', 200, 0.01, 100, 0.01],
        [4, 'raw', 0, 0, NONE, 0],
      ] as const
    ).map(node),
    lanes: (
      [
        [2, 1, 4, 1.5, 0.01],
        [3, 2, 4, 1, 0.005],
        [4, 3, 0, 0.5, 0],
      ] as const
    ).map(lane),
    markets: [{ retailer: 1, market: 0, price: 2, penalty: 0.1 }],
  },
};

/** One of them with a demand. */
export function publishedInstance(network: string, demand: readonly number[], backlog: boolean): SupplyInstance {
  const found = NETWORKS[network] ?? { name: network, nodes: [], lanes: [], markets: [] };
  return {
    name: network,
    network: found,
    periods: demand.length,
    backlog,
    discount: 1,
    demand: [demand],
    disruptions: [],
  };
}
