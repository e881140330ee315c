import type { Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';

/** A map cut into square cells of the same size, numbered along the rows. Everybody knows it, as everybody knows the map. */
export interface Zones {
  readonly cells: number;
  cellOf(place: number): number;
  /**
   * Cells around a place: ring 0 are the four that are nearest to it (fewer at the edge), each later ring surrounds what came
   * before. Empty once nothing is left.
   */
  around(place: number, ring: number): readonly number[];
}

/** When a vehicle will be in a cell, in units of the map, and one place there. */
export interface Presence {
  readonly place: number;
  readonly from: number;
  readonly until: number;
}

/** Where an agent finds the boards of the cells. */
export interface Boards {
  readonly zones: Zones;
  /** Address of each cell's board, by cell. */
  readonly addresses: readonly Did[];
  /** Company of the vehicle that uses them; riders look for vehicles of all companies: null. */
  readonly company: number | null;
  /** After this time a vehicle makes its posts anew, before they expire; null where they hold as long as anybody asks. */
  readonly renewMicros: Micros | null;
  /** Nobody asks after this time. */
  readonly until: Micros;
}

/** More cells than this no map needs: one for every vehicle of a very large fleet. */
const CELLS_MAX = 4_096;

/**
 * Cuts a map into about so many square cells. Its places are points in the plane.
 *
 * @throws HaggleError `bad-zones` unless there is a place, and 1 to 4,096 cells are wanted
 */
export function squareZones(
  positions: readonly { readonly x: number; readonly y: number }[],
  cellsWanted: number,
): Zones {
  if (positions.length === 0 || !Number.isInteger(cellsWanted) || cellsWanted < 1 || cellsWanted > CELLS_MAX) {
    throw new HaggleError(
      'bad-zones',
      `cutting a map of ${positions.length} places into ${cellsWanted} cells: it needs a place, and 1 to ${CELLS_MAX} cells`,
      { fields: { places: positions.length, cellsWanted } },
    );
  }
  const x = extent(positions.map((position) => position.x));
  const y = extent(positions.map((position) => position.y));
  // Of a long and narrow map the cells are as long as its share of the length, so that there are not more than were wanted.
  const side =
    Math.max(Math.sqrt((x.length * y.length) / cellsWanted), x.length / cellsWanted, y.length / cellsWanted) || 1;
  const columns = Math.max(1, Math.ceil(x.length / side));
  const rows = Math.max(1, Math.ceil(y.length / side));
  const column = Float64Array.from(positions, (position) => (position.x - x.least) / side);
  const row = Float64Array.from(positions, (position) => (position.y - y.least) / side);
  return {
    cells: columns * rows,
    cellOf: (place) => within(row[place] ?? 0, rows) * columns + within(column[place] ?? 0, columns),
    around(place, ring) {
      const left = Math.round(column[place] ?? 0) - 1;
      const top = Math.round(row[place] ?? 0) - 1;
      const found: number[] = [];
      for (let r = Math.max(0, top - ring); r <= Math.min(rows - 1, top + 1 + ring); r++) {
        for (let c = Math.max(0, left - ring); c <= Math.min(columns - 1, left + 1 + ring); c++) {
          const isShell = r === top - ring || r === top + 1 + ring || c === left - ring || c === left + 1 + ring;
          if (isShell) found.push(r * columns + c);
        }
      }
      return found;
    },
  };
}

function extent(values: readonly number[]): { readonly least: number; readonly length: number } {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, length: most - least };
}

/** Number of a row or column; the far edge belongs to the last. */
function within(at: number, count: number): number {
  return Math.min(count - 1, Math.floor(at));
}
