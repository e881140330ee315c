import { BOARD_LIMITS, zoneBoard } from '../../agents/ride-sharing/zone-board.ts';
import type { DayClock } from '../../agents/ride-sharing/vehicle-state.ts';
import { squareZones, type Boards } from '../../agents/ride-sharing/zones.ts';
import type { World } from '../../simulator/world.ts';
import type { RideInstance } from './instance.ts';

/** Up to so many vehicles everybody knows everybody, as all benchmarks with a published optimum have it. */
const WHOLE_FLEET_MAX = 32;
/** Vehicles for one cell: four cells around a place then hold as many as a rider calls, and more. */
const VEHICLES_PER_CELL = 4;

/** Whether a fleet is too large for everybody to know everybody. */
export function isLargeFleet(vehicles: number): boolean {
  return vehicles > WHOLE_FLEET_MAX;
}

/** Places a board for each cell of a map whose fleet is too large for everybody to know everybody; null where it is not. */
export function placeBoards(place: World, { map, vehicles }: RideInstance, clock: DayClock): Boards | null {
  if (!isLargeFleet(vehicles.length)) return null;
  const zones = squareZones(map.positions, Math.ceil(vehicles.length / VEHICLES_PER_CELL));
  // Before the day begins nobody moves, and negotiation may take as long as it wants.
  const lifeMicros = BOARD_LIMITS.lifeMicros + clock.dayStart;
  const addresses = Array.from({ length: zones.cells }, (_, cell) => {
    const board = zoneBoard({ cell, zones, map, clock, lifeMicros });
    return place.spawn(board, { name: `board-${cell}` }).did;
  });
  return { zones, addresses, company: null, renewMicros: Math.floor(0.75 * lifeMicros) };
}
