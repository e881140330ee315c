/** What vehicles agreed and drove, in the instance's own numbering. */
export interface RideSolution {
  /** Node numbers of the stops of every vehicle that left its start, in order, without start and end. */
  readonly routes: readonly (readonly number[])[];
  /** By route: the number of its vehicle, from 0. */
  readonly vehicles: readonly number[];
  /** By route and stop: when service began, in the instance's units of time. */
  readonly begins: readonly (readonly number[])[];
  /** By route: when the vehicle left its start and came home (or through with its last stop). */
  readonly shifts: readonly (readonly [left: number, ended: number])[];
  /** By route: places that were passed without a stop, where the vehicle turned off or waited; left out where there are none. */
  readonly passed?: readonly (readonly PassedPlace[])[];
  /** Ids of the requests that nobody serves. */
  readonly unserved: readonly number[];
  /** What renegotiation changed, in order of time. */
  readonly trades: readonly RideTrade[];
  /** By vehicle: what others told it. */
  readonly seen: readonly Seen[];
}

/** A place that was passed without a stop. */
export interface PassedPlace {
  /** Stops of the route before it. */
  readonly after: number;
  readonly place: number;
  /** When the vehicle was there. */
  readonly at: number;
}

/** One agreed exchange of trips among vehicles. */
export interface RideTrade {
  /** Virtual seconds since the run began. */
  readonly atSeconds: number;
  /** By how much the parties' joint cost fell. */
  readonly gain: number;
  /** Trips that changed hands. */
  readonly trips: number;
  /** Vehicles that gave or took. */
  readonly parties: number;
  /** A move of trips one way, a swap between two, a chain or cycle of three or more. */
  readonly kind: 'move' | 'swap' | 'chain';
}

/** What one vehicle learned from others. */
export interface Seen {
  /** Different trips whose data reached it. */
  readonly trips: number;
  /** Bids of other vehicles that it read: it reads them as chair of a session only. */
  readonly bids: number;
}
