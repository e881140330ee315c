import type { RandomStream } from '../../agent-core/random.ts';
import type { Topic } from './exchange-protocol.ts';
import type { RoadMap, Trip } from './trip.ts';

/** Trips of one vehicle that it releases at most in a round. */
const STRING_MAX = 10;
/** What a unit of time counts beside a unit of time on the way. */
const TIME_WEIGHT = 0.5;

/** How far a trip is from a topic: ways between the pickups and between the drop-offs, and the time between. */
export function nearness(trip: Trip, topic: Topic, map: RoadMap): number {
  const apart = Math.abs(trip.pickup.earliest - topic.at);
  if (topic.timeOnly) return apart;
  const ways = map.time(topic.pickup, trip.pickup.place) + map.time(topic.dropoff, trip.dropoff.place);
  return ways + 2 * TIME_WEIGHT * apart;
}

/**
 * A string of consecutive trips around the one that is nearest to a topic, sometimes with a gap left in the middle
 * (Christiaens and Vanden Berghe 2020, "Slack Induction by String Removals").
 */
export function releaseString(
  trips: readonly Trip[],
  { topic, map, random }: { readonly topic: Topic; readonly map: RoadMap; readonly random: RandomStream },
): { readonly trips: readonly Trip[]; readonly nearness: number | null } {
  let nearest = -1;
  let least = Infinity;
  for (const [k, trip] of trips.entries()) {
    const near = nearness(trip, topic, map);
    if (near < least) [nearest, least] = [k, near];
  }
  if (nearest < 0) return { trips: [], nearness: null };
  const length = random.integer(1, Math.min(STRING_MAX, trips.length));
  const gap = length < trips.length && random.uniform() < 0.5 ? random.integer(1, trips.length - length) : 0;
  const lastStart = trips.length - length - gap;
  const start = Math.max(0, Math.min(nearest - random.integer(0, length - 1), lastStart));
  const gapAt = start + random.integer(0, length - 1);
  const chosen = trips.slice(start, start + length + gap);
  return {
    trips: gap === 0 ? chosen : chosen.filter((_, k) => start + k < gapAt || start + k >= gapAt + gap),
    nearness: least,
  };
}
