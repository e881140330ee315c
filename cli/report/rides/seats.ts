import type { RideRequest } from '../../../scenarios/ride-sharing/instance.ts';
import type { VehicleDay } from './day.ts';

/** A ride in the seats that it takes: where no seats beside each other are free, in several blocks. */
export interface SeatedRide {
  readonly request: RideRequest;
  readonly from: number;
  readonly to: number;
  /** First seat from 0, and how many beside it. */
  readonly blocks: readonly { readonly seat: number; readonly seats: number }[];
}

/** Seats every rider in the lowest free seats for the whole ride. Who comes beyond the capacity sits on top. */
export function ridesInSeats({ stops }: VehicleDay): readonly SeatedRide[] {
  const taken: boolean[] = [];
  const open = new Map<number, { readonly from: number; readonly seats: readonly number[] }>();
  const rides: SeatedRide[] = [];
  for (const { request, kind, begin } of stops) {
    if (kind === 'pickup') {
      const seats: number[] = [];
      for (let seat = 0; seats.length < request.load; seat += 1) if (taken[seat] !== true) seats.push(seat);
      for (const seat of seats) taken[seat] = true;
      open.set(request.id, { from: begin, seats });
    } else {
      const ride = open.get(request.id);
      if (ride === undefined) continue;
      for (const seat of ride.seats) taken[seat] = false;
      open.delete(request.id);
      rides.push({ request, from: ride.from, to: begin, blocks: blocksOf(ride.seats) });
    }
  }
  return rides.toSorted((a, b) => a.from - b.from || a.request.id - b.request.id);
}

function blocksOf(seats: readonly number[]): SeatedRide['blocks'] {
  const blocks: { seat: number; seats: number }[] = [];
  for (const seat of seats) {
    const last = blocks.at(-1);
    if (last !== undefined && last.seat + last.seats === seat) last.seats += 1;
    else blocks.push({ seat, seats: 1 });
  }
  return blocks;
}
