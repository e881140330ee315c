import type { RoadMap, Trip } from './trip.ts';

/** A call that a vehicle heard. Times are in units of the map. */
export interface HeardCall {
  readonly trip: number;
  readonly place: number;
  readonly at: number;
  /** The fastest way to where it goes. */
  readonly ride: number;
}

/** Where a vehicle takes another to be, and from when on it takes it to be free. It was told neither. */
export interface Supposed {
  place: number;
  free: number;
}

/** What a vehicle has heard of demand, and what it concludes of others: all from calls that it was sent and from its own bids. */
export interface Outlook {
  /** In order of time. */
  readonly calls: HeardCall[];
  readonly others: Supposed[];
  /** How long it took lately to get to a rider from where it stood idle, the latest counting most; null before the first. */
  access: number | null;
}

/** Bounds of an outlook: the calls of two hours or so, and no more others than matter near one place. */
export const OUTLOOK_LIMITS = { calls: 128, others: 32 } as const;

/** How much the latest way to a rider counts. */
const LEARNING = 0.2;

/** A vehicle that has heard nothing yet. */
export function newOutlook(): Outlook {
  return { calls: [], others: [], access: null };
}

/** Notes a call; one of the same trip once. */
export function noteCall(
  { calls }: Outlook,
  trip: Trip,
  { map, now }: { readonly map: RoadMap; readonly now: number },
): void {
  if (calls.some((call) => call.trip === trip.id)) return;
  const { place } = trip.pickup;
  calls.push({ trip: trip.id, place, at: now, ride: map.time(place, trip.dropoff.place) });
  if (calls.length > OUTLOOK_LIMITS.calls) calls.shift();
}

/** What {@link noteLost} needs to know beside the trip. */
export interface LostAt {
  readonly map: RoadMap;
  readonly now: number;
  /** How many others there are at most. */
  readonly most: number;
}

/**
 * Somebody else serves a trip: of those who are supposed to be somewhere whoever can be there first, unless one who was not heard of
 * yet must be nearer. Where the trip ends there will be a vehicle.
 */
export function noteLost({ others }: Outlook, trip: Trip, { map, now, most }: LostAt): void {
  const { pickup, dropoff } = trip;
  let nearest: Supposed | null = null;
  let arrival = Infinity;
  for (const other of others) {
    const at = Math.max(now, other.free) + map.time(other.place, pickup.place);
    if (at < arrival) [nearest, arrival] = [other, at];
  }
  const ride = map.time(pickup.place, dropoff.place);
  const isNew =
    others.length < Math.min(most, OUTLOOK_LIMITS.others) && arrival > Math.max(now, pickup.earliest) + ride / 2;
  if (nearest === null || isNew) {
    if (most > 0) others.push({ place: dropoff.place, free: dropoff.earliest });
    return;
  }
  nearest.place = dropoff.place;
  nearest.free = Math.max(dropoff.earliest, arrival + ride);
}

/** Notes how long it takes to the rider of a trip that was won by a vehicle that stood idle. */
export function noteAccess(outlook: Outlook, time: number): void {
  outlook.access = outlook.access === null ? time : outlook.access + LEARNING * (time - outlook.access);
}

/** Where a vehicle is that looks where to wait. */
export interface Standing {
  readonly map: RoadMap;
  readonly place: number;
  readonly now: number;
  readonly idleSince: number;
  readonly secondsPerTime: number;
}

/** What a place promises, beside the one where the vehicle stands. In the order of the features of `policies/repositioning.ts`. */
export type Prospect = readonly number[];

/** Calls of the last half hour are recent. */
const RECENT_SECONDS = 1_800;
/** Older ones are none of this day's hour any more. */
const LONG_SECONDS = 7_200;
/** Candidates among the places of calls, and how many are looked at for that. */
const PLACES = 6;
const PLACES_SEEN = 24;
/** A ride is never taken to be shorter than this: 1 min. */
const RIDE_LEAST_SECONDS = 60;

/** A call as it counts now. */
interface Weighed extends HeardCall {
  readonly recent: number;
  /** How long whoever else is nearest would take to get there, up to a mean ride. */
  readonly others: number;
  /** How long this vehicle would take from where it is, likewise. */
  readonly here: number;
}

/** A vehicle's view of its surroundings at one time. */
export interface View {
  readonly places: readonly number[];
  prospect(place: number): Prospect;
}

/** What a vehicle sees when it looks where to wait; null while it has heard nothing. */
export function viewOf(outlook: Outlook, standing: Standing): View | null {
  const { map, now, place: from, secondsPerTime } = standing;
  const heard = outlook.calls.filter(({ at }) => (now - at) * secondsPerTime <= LONG_SECONDS);
  if (heard.length === 0) return null;
  const scale = Math.max(RIDE_LEAST_SECONDS / secondsPerTime, mean(heard.map(({ ride }) => ride)));
  const idle = outlook.others.filter(({ free }) => free <= now + scale);
  const calls = heard.map((call): Weighed => {
    const reach = (other: Supposed): number => Math.max(0, other.free - now) + map.time(other.place, call.place);
    return {
      ...call,
      recent: Math.max(0, 1 - ((now - call.at) * secondsPerTime) / RECENT_SECONDS),
      others: idle.reduce((least, other) => Math.min(least, reach(other)), scale),
      here: map.time(from, call.place),
    };
  });
  const recent = sum(calls.map((call) => call.recent));
  const span = Math.max(RECENT_SECONDS, Math.min(LONG_SECONDS, (now - (heard[0]?.at ?? now)) * secondsPerTime));
  // Weights fall to 0 over the recent time: at an even rate they sum to half its calls.
  const recentRate = (2 * recent) / RECENT_SECONDS;
  const longRate = heard.length / span;
  const callsPerRide = recentRate * scale * secondsPerTime;
  const common = [
    callsPerRide,
    recentRate / longRate,
    (now - standing.idleSince) / scale,
    (outlook.access ?? scale) / scale,
    idle.length,
  ];
  return {
    places: placesOf(calls, { map, from, apart: scale / 4 }),
    prospect(place) {
      const way = map.time(from, place);
      let [gainRecent, gainLong, nearer] = [0, 0, 0];
      for (const call of calls) {
        const there = map.time(place, call.place);
        const gain = Math.min(call.others, call.here) - Math.min(call.others, there);
        gainRecent += call.recent * gain;
        gainLong += gain;
        nearer += call.recent * (Math.max(0, 1 - (2 * there) / scale) - Math.max(0, 1 - (2 * call.here) / scale));
      }
      const share = Math.max(1, recent);
      gainRecent /= share * scale;
      gainLong /= calls.length * scale;
      const sooner = idle.filter((other) => Math.max(0, other.free - now) + map.time(other.place, place) < way);
      return [
        gainRecent,
        gainLong,
        ((gainRecent + gainLong) / 2) * callsPerRide,
        nearer / share,
        way / scale,
        sooner.length,
        ...common,
      ];
    },
  };
}

/** Places of calls, the latest first, that are not near each other nor where the vehicle is. */
function placesOf(
  calls: readonly Weighed[],
  { map, from, apart }: { readonly map: RoadMap; readonly from: number; readonly apart: number },
): readonly number[] {
  const places: number[] = [];
  for (const { place } of calls.slice(-PLACES_SEEN).toReversed()) {
    if (places.length >= PLACES) break;
    if (map.time(from, place) < apart || places.some((other) => map.time(other, place) < apart)) continue;
    places.push(place);
  }
  return places;
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
