import type { RandomStream } from '../../agent-core/random.ts';
import type { RoadMap, Stop, Trip } from './trip.ts';

/** What a round of renegotiation is about: trips that begin or end near these places at about these times. */
export interface Topic {
  readonly pickup: TopicEnd;
  readonly dropoff: TopicEnd;
}

/** Where and when, in units of the map. */
export interface TopicEnd {
  readonly place: number;
  readonly earliest: number;
}

/** By what trips are near a topic: by place and time, or by the time of the pickup alone. */
export type Nearness = 'place-and-time' | 'time';

/** Bounds of what one vehicle gives up in a round. */
export interface ReleaseLimits {
  readonly map: RoadMap;
  readonly nearness: Nearness;
  /** Most trips in a string, at least 1. */
  readonly maxTrips: number;
  /** Chance of keeping some trips in the middle of the string. */
  readonly splitChance: number;
  /** Most trips that are kept there, at least 1. */
  readonly maxKept: number;
}

/** What one vehicle gives up, and how near its nearest trip is to the topic. */
export interface Release {
  readonly trips: readonly Trip[];
  /** In units of distance; Infinity where the vehicle has no trip. */
  readonly distance: number;
}

/** One unit of time counts as much as this many units of distance. */
export const TIME_WEIGHT = 0.5;

/** How far a trip is from a topic: 0 for the topic's own trip. In units of distance, or of time where time alone counts. */
export function distanceToTopic({ pickup, dropoff }: Trip, topic: Topic, { map, nearness }: ReleaseLimits): number {
  const late = Math.abs(pickup.earliest - topic.pickup.earliest);
  if (nearness === 'time') return late;
  const way = map.distance(pickup.place, topic.pickup.place) + map.distance(dropoff.place, topic.dropoff.place);
  return way + TIME_WEIGHT * (late + Math.abs(dropoff.earliest - topic.dropoff.earliest));
}

/** The topic that a trip makes. */
export function topicOf({ pickup, dropoff }: { readonly pickup: Stop; readonly dropoff: Stop }): Topic {
  return {
    pickup: { place: pickup.place, earliest: pickup.earliest },
    dropoff: { place: dropoff.place, earliest: dropoff.earliest },
  };
}

/**
 * Chooses what a vehicle gives up: a string of consecutive pickups around its trip nearest to the topic, of a random length, at
 * times with some kept in the middle. `trips` are those that may be given up, in route order; `limits.maxTrips` bounds the length.
 *
 * Adjacent string removal: Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
 * Transportation Science 54 (2020), section 5.1. Here each vehicle alone decides over its own string.
 */
export function releaseString(
  { trips, topic }: { readonly trips: readonly Trip[]; readonly topic: Topic },
  limits: ReleaseLimits,
  random: RandomStream,
): Release {
  let nearest = -1;
  let distance = Infinity;
  for (const [k, trip] of trips.entries()) {
    const here = distanceToTopic(trip, topic, limits);
    if (here >= distance) continue;
    nearest = k;
    distance = here;
  }
  if (nearest === -1) return { trips: [], distance };
  const given = random.integer(1, Math.max(1, Math.min(limits.maxTrips, trips.length)));
  const mostKept = Math.min(limits.maxKept, trips.length - given);
  const splits = random.uniform() < limits.splitChance && mostKept > 0;
  const kept = splits ? random.integer(1, mostKept) : 0;
  const reach = given + kept;
  const first = Math.max(0, Math.min(nearest - random.integer(0, reach - 1), trips.length - reach));
  const keptFrom = first + random.integer(0, given - 1);
  const inString = (k: number): boolean => k >= first && k < first + reach && (k < keptFrom || k >= keptFrom + kept);
  return { trips: trips.filter((_, k) => inString(k)), distance };
}
