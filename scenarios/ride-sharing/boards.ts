import { BOARD_LIMITS, zoneBoard } from '../../agents/ride-sharing/zone-board.ts';
import type { DayClock } from '../../agents/ride-sharing/vehicle-state.ts';
import { squareZones, type Boards } from '../../agents/ride-sharing/zones.ts';
import type { World } from '../../simulator/world.ts';
import type { Micros } from '../../agent-core/clock.ts';
import type { RideInstance } from './instance.ts';

/** Up to so many vehicles everybody knows everybody, as all benchmarks with a published optimum have it. */
const WHOLE_FLEET_MAX = 32;
/** Vehicles for one cell: four cells around a place then hold as many as a rider calls, and more. */
const VEHICLES_PER_CELL = 4;
/** Posts are made anew after this share of their life. */
const RENEWED = 0.75;

/** Whether a fleet is too large for everybody to know everybody. */
export function isLargeFleet(vehicles: number): boolean {
  return vehicles > WHOLE_FLEET_MAX;
}

/**
 * Places a board for each cell of a map whose fleet is too large for everybody to know everybody; null where it is not. `until`: when
 * the last rider has called.
 */
export function placeBoards(
  place: World,
  { map, vehicles }: RideInstance,
  { clock, until }: { readonly clock: DayClock; readonly until: Micros },
): Boards | null {
  if (!isLargeFleet(vehicles.length)) return null;
  const zones = squareZones(map.positions, Math.ceil(vehicles.length / VEHICLES_PER_CELL));
  // Before the day begins nobody moves: what is posted then holds for all who call before.
  const isAhead = clock.dayStart > 0;
  const lifeMicros = isAhead ? Math.max(1, until) : BOARD_LIMITS.lifeMicros;
  const addresses = Array.from({ length: zones.cells }, (_, cell) => {
    const board = zoneBoard({ cell, zones, map, clock, lifeMicros });
    return place.spawn(board, { name: `board-${cell}` }).did;
  });
  return { zones, addresses, company: null, renewMicros: isAhead ? null : Math.floor(RENEWED * lifeMicros), until };
}
