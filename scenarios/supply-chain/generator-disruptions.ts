import type { RandomStream } from '../../agent-core/random.ts';
import type { SupplyParameters } from './generator-parameters.ts';
import type { Disruption, SupplyNetwork } from './network.ts';

/** Periods that a disruption lasts. */
const LENGTH = [3, 8] as const;
const KINDS = ['plant', 'lane', 'demand'] as const;

/** As many disruptions as wanted, in turn a plant, a lane and a demand, all of them in the middle half of the run. */
export function drawDisruptions(
  { disruptions, periods }: SupplyParameters,
  network: SupplyNetwork,
  random: RandomStream,
): readonly Disruption[] {
  const factories = network.nodes.filter(({ kind }) => kind === 'factory');
  const firms = new Set(network.nodes.flatMap(({ id, kind }) => (kind === 'raw' ? [] : [id])));
  const ways = network.lanes.filter(({ supplier }) => firms.has(supplier));
  return Array.from({ length: disruptions }, (_, index): Disruption => {
    const from = random.integer(Math.floor(periods / 4), Math.floor((3 * periods) / 4));
    const time = { from, to: Math.min(periods, from + random.integer(...LENGTH)) };
    const kind = KINDS[index % KINDS.length] ?? 'plant';
    if (kind === 'plant') {
      return { kind, node: random.pick(factories).id, ...time, share: random.pick([0, 0, 0.5]) };
    }
    if (kind === 'lane') {
      const { supplier, buyer } = random.pick(ways);
      return { kind, supplier, buyer, ...time };
    }
    const factor = Math.round(random.between(1.5, 3) * 10) / 10;
    return { kind, market: random.pick(network.markets).market, ...time, factor };
  });
}
