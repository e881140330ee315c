import type { SupplyLayout } from './layout.ts';
import type { SupplyInstance } from './network.ts';

/** What the disruptions of an instance leave of capacities and lanes, period by period. */
export interface Outages {
  /** By lane: 1 where nothing can be shipped in the period that was begun. */
  readonly cut: Uint8Array;
  /** Writes what each node can ship in a period into `room`, and which lanes are cut into `cut`. */
  begin(period: number, room: Float64Array): void;
}

/** Outages of an instance, in the places of its layout. Where several strike a node, the smallest share counts. */
export function createOutages({ network, disruptions }: SupplyInstance, { nodeOf }: SupplyLayout): Outages {
  const capacity = Float64Array.from(network.nodes, (node) => node.capacity);
  const cut = new Uint8Array(network.lanes.length);
  const strikes = disruptions.filter(({ kind }) => kind !== 'demand');
  const laneOf = new Map(network.lanes.map(({ supplier, buyer }, index) => [`${supplier}-${buyer}`, index]));
  const places = strikes.map((strike) =>
    strike.kind === 'plant'
      ? nodeOf.get(strike.node)
      : strike.kind === 'lane'
        ? laneOf.get(`${strike.supplier}-${strike.buyer}`)
        : -1,
  );
  return {
    cut,
    begin(period, room) {
      room.set(capacity);
      if (strikes.length === 0) return;
      cut.fill(0);
      for (let index = 0; index < strikes.length; index++) {
        const strike = strikes[index];
        const place = places[index] ?? -1;
        if (strike === undefined || period < strike.from || period >= strike.to) continue;
        if (strike.kind === 'lane') cut[place] = 1;
        else if (strike.kind === 'plant') {
          const left = strike.share === 0 ? 0 : (capacity[place] ?? 0) * strike.share;
          room[place] = Math.min(room[place] ?? 0, left);
        }
      }
    },
  };
}
