import type { SupplyLayout } from './layout.ts';
import type { SupplyInstance } from './network.ts';

/** Units beyond which a best plan never goes: by lane in one period, by market lane in stock before it is served. */
export interface UnitBounds {
  readonly shipped: readonly number[];
  readonly sold: readonly number[];
}

/**
 * Bounds for the whole columns of the optimum. No best plan has more about than what is there at first and what all markets can need:
 * every unit that is bought beyond costs and brings nothing.
 */
export function unitBounds(instance: SupplyInstance, { supplier, seller, item, perOutput }: SupplyLayout): UnitBounds {
  const { nodes, lanes } = instance.network;
  const demand = instance.demand.flat().reduce((sum, units) => sum + units, 0);
  const need = new Map<number, number>();
  // What all markets can need of a node: through each buyer, as much as that can need, times what goes into a unit of it.
  const needOf = (node: number): number => {
    const known = need.get(node);
    if (known !== undefined) return known;
    let units = nodes[node]?.kind === 'retailer' ? demand : 0;
    for (let lane = 0; lane < lanes.length; lane++) {
      if (supplier[lane] !== node) continue;
      const buyer = instance.network.nodes.findIndex(({ id }) => id === lanes[lane]?.buyer);
      units = Math.max(units, needOf(buyer) * (perOutput[item[lane] ?? 0] ?? 1));
    }
    need.set(node, units);
    return units;
  };
  const there = new Map<number, number>();
  // What is there at first that can come to a node, all of it, with what it has itself.
  const thereAt = (node: number): number => {
    const known = there.get(node);
    if (known !== undefined) return known;
    let units = 0;
    for (const { stock, perOutput: each } of nodes[node]?.items ?? []) units += stock / each;
    for (let lane = 0; lane < lanes.length; lane++) {
      if (lanes[lane]?.buyer !== nodes[node]?.id) continue;
      units += thereAt(supplier[lane] ?? 0) / (perOutput[item[lane] ?? 0] ?? 1);
    }
    there.set(node, units);
    return units;
  };
  return {
    shipped: lanes.map((_, lane) => {
      const node = supplier[lane] ?? 0;
      return Math.min(nodes[node]?.capacity ?? Infinity, needOf(node) + thereAt(node));
    }),
    sold: Array.from(seller, (node) => needOf(node) + thereAt(node)),
  };
}
