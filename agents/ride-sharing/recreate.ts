import type { RandomStream } from '../../agent-core/random.ts';
import type { RoadMap, Trip } from './trip.ts';

/** In which order the lots of a round are awarded: by a key, lowest first, or by regret. */
export type AwardOrder = { readonly type: 'key'; readonly keys: readonly number[] } | { readonly type: 'regret' };

/** Share of the rounds in which the lot is next whose second-best bid is the furthest behind its best. */
const REGRET_SHARE = 0.5;

/**
 * Draws the order of a round: by regret, or at random, by time, by way or by the width of the windows (orders of Christiaens and
 * Vanden Berghe 2020, with time windows in the place of demand).
 */
export function drawOrder(lots: readonly Trip[], map: RoadMap, random: RandomStream): AwardOrder {
  if (random.uniform() < REGRET_SHARE) return { type: 'regret' };
  const draw = random.uniform();
  return { type: 'key', keys: lots.map((trip) => keyOf(trip, draw, { map, random })) };
}

function keyOf(
  { pickup, dropoff }: Trip,
  draw: number,
  { map, random }: { readonly map: RoadMap; readonly random: RandomStream },
): number {
  if (draw < 0.3) return random.uniform();
  if (draw < 0.5) return pickup.earliest;
  if (draw < 0.7) return -pickup.earliest;
  if (draw < 0.85) return -map.time(pickup.place, dropoff.place);
  return pickup.latest - pickup.earliest + (dropoff.latest - dropoff.earliest);
}

/** The best bid of a lot and how far the second best is behind; null where nobody bids. */
export function bestBid(
  bids: readonly (number | null)[],
): { readonly bidder: number; readonly cost: number; readonly regret: number } | null {
  let bidder = -1;
  let least = Infinity;
  let second = Infinity;
  for (const [k, cost] of bids.entries()) {
    if (cost === null || cost >= second) continue;
    if (cost < least) [second, least, bidder] = [least, cost, k];
    else second = cost;
  }
  return bidder < 0 ? null : { bidder, cost: least, regret: second - least };
}
