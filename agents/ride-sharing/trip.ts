/** What riders and vehicles talk about: trips on a map that everybody knows. Times and distances are in the units of the map. */

/** Where and when a vehicle stops. */
export interface Stop {
  /** Number of the place on the map. */
  readonly place: number;
  /** How long boarding or alighting takes. */
  readonly service: number;
  /** Service begins in [earliest, latest]; who comes earlier waits. */
  readonly earliest: number;
  readonly latest: number;
}

/** What one rider asks for. */
export interface Trip {
  /** Number of the request; unique in an instance. */
  readonly id: number;
  /** Seats, at least 1. */
  readonly load: number;
  readonly pickup: Stop;
  readonly dropoff: Stop;
  /** Longest time from the end of service at the pickup to the beginning of service at the drop-off; Infinity without limit. */
  readonly maxRide: number;
}

/** A map that everybody has. */
export interface RoadMap {
  /** How many places there are, numbered from 0. */
  readonly places: number;
  /** Fastest time from one place to another. */
  time(from: number, to: number): number;
  /** Length of the way that takes that time. */
  distance(from: number, to: number): number;
  /**
   * The first place on the fastest way that is `elapsed` or more after its start and from which a vehicle can go elsewhere; its end at
   * the latest. Left out where a way that was begun is driven to its end.
   */
  turn?(from: number, to: number, elapsed: number): Turn;
}

/** A place on a way. */
export interface Turn {
  readonly place: number;
  /** Since the start of the way. */
  readonly time: number;
}

/** A stop of a route. */
export interface Visit extends Stop {
  readonly trip: Trip;
  readonly kind: 'pickup' | 'dropoff';
}

/** The two stops of a trip, as routes hold them. */
export interface TripVisits {
  readonly pickup: Visit;
  readonly dropoff: Visit;
}

/** Makes the stops of a trip. Fields are written out: spreading them takes ten times as long, and it is done for every bid that wins. */
export function visitsOf(trip: Trip): TripVisits {
  return { pickup: visitOf(trip, 'pickup'), dropoff: visitOf(trip, 'dropoff') };
}

function visitOf(trip: Trip, kind: Visit['kind']): Visit {
  const { place, service, earliest, latest } = trip[kind];
  return { place, service, earliest, latest, trip, kind };
}
