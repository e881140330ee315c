import type { RoadMap, Trip } from '../../agents/ride-sharing/trip.ts';

/** Which kind of problem an instance is; it follows from the file's format. */
export type RideVariant = 'dial-a-ride' | 'pickup-and-delivery' | 'ride-pooling' | 'city';

/** A place as it is drawn, in units of the instance. */
export interface PlacePosition {
  readonly x: number;
  readonly y: number;
}

/** Streets to draw beneath the routes: pairs of places, or of points where no place is. */
export interface RideMap extends RoadMap {
  /** By number of the place. */
  readonly positions: readonly PlacePosition[];
  /** The streets that are drawn; empty where all ways are straight. */
  readonly streets: readonly (readonly [PlacePosition, PlacePosition])[];
}

/** A vehicle before its day begins. */
export interface RideVehicle {
  /** Where it starts, and where it has to end; null where it may end anywhere. */
  readonly start: number;
  readonly home: number | null;
  /** Its day: when it may leave, and when it has to be home. */
  readonly earliest: number;
  readonly latest: number;
  readonly capacity: number;
  /** Longest time from leaving to coming home; Infinity without limit. */
  readonly maxDuration: number;
  /** Which company it belongs to, from 0. */
  readonly operator: number;
}

/** What one rider wants, and since when anybody knows. */
export interface RideRequest extends Trip {
  /** When the rider makes its wish known in online mode, in units of time of the instance. */
  readonly requestTime: number;
  /** Node numbers of the two stops in the file: what `--solution` writes. */
  readonly nodes: readonly [pickup: number, dropoff: number];
}

/** What is to be kept small: way, riders' time and used vehicles, each weighed. */
export interface RideCosts {
  readonly perDistance: number;
  /** Per unit of time from a pickup's earliest time to the drop-off, per rider. */
  readonly perRiderTime: number;
  /** Per vehicle that leaves its start. */
  readonly perVehicle: number;
}

/** A ride-sharing problem: a map, a fleet and those who want to ride. Times and distances are in units of its own. */
export interface RideInstance {
  readonly name: string;
  readonly variant: RideVariant;
  readonly map: RideMap;
  readonly vehicles: readonly RideVehicle[];
  /** In the file's order; ids are unique. */
  readonly requests: readonly RideRequest[];
  readonly costs: RideCosts;
  /** Seconds in one unit of time, for online mode: 60 where times are minutes. */
  readonly secondsPerTime: number;
  /** Names of the units, for people. */
  readonly units: { readonly time: string; readonly distance: string };
  /** Published optimum or best known distance, where the instance is a benchmark; its vehicles where fewer are better. */
  readonly published: PublishedRoutes | null;
}

/** What the literature says about an instance. */
export interface PublishedRoutes {
  readonly distance: number;
  /** Null where the number of vehicles is only an upper bound. */
  readonly vehicles: number | null;
  readonly status: 'proven' | 'best-known';
  readonly source: string;
}
