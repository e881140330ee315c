import { HaggleError } from '../../../agent-core/errors.ts';

/** Where something was found that is not as it should be; line and column from 1. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** A defect of an instance that is read. */
export function badCommunity({ file, line, column }: Spot, problem: string): HaggleError {
  const at = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  const fields = column === undefined ? { file, line } : { file, line, column };
  return new HaggleError('bad-community', `${at}: ${problem}`, { fields });
}

/** What a column must hold. */
export interface Wanted {
  readonly min: number;
  readonly max: number;
  /** A multiple of this, where there is one. */
  readonly step?: number;
}

/** Columns of numbers by their names. */
export interface NumberTable {
  readonly rows: number;
  /** @throws HaggleError `bad-community` where it is missing, or a cell is not what is wanted */
  column(name: string, wanted: Wanted): number[];
  has(name: string): boolean;
}

const TEXT_CHARS = 20_000_000;
const ROWS_MAX = 100_000;
const COLUMNS_MAX = 200;
const NUMBER = /^-?\d{1,15}(?:\.\d{0,20})?(?:[eE][+-]?\d{1,3})?$/;

/**
 * Reads comma-separated numbers below a line of names, without quotes. Cells of columns that nobody asks for may hold anything.
 *
 * @throws HaggleError `bad-community` naming file, line and column
 */
export function numberTable(text: string, file: string): NumberTable {
  if (text.length > TEXT_CHARS) {
    throw badCommunity({ file, line: 1 }, `a table has at most ${TEXT_CHARS} characters, got ${text.length}`);
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const names = (lines[0] ?? '').split(',').map((name) => name.trim());
  if (names.length > COLUMNS_MAX) throw badCommunity({ file, line: 1 }, `more than ${COLUMNS_MAX} columns`);
  if (lines.length - 1 > ROWS_MAX) throw badCommunity({ file, line: ROWS_MAX }, `more than ${ROWS_MAX} rows`);
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice >= 0) throw badCommunity({ file, line: 1, column: columnAt(names, twice) }, 'a column is there twice');
  const rows = lines.slice(1).map((row, index) => {
    const cells = row.split(',');
    if (cells.length === names.length) return cells;
    throw badCommunity({ file, line: index + 2 }, `expected ${names.length} cells, got ${cells.length}`);
  });
  return {
    rows: rows.length,
    has: (name) => names.includes(name),
    column(name, wanted) {
      const at = names.indexOf(name);
      if (at < 0) throw badCommunity({ file, line: 1 }, `the table needs a column "${name}"`);
      return rows.map((cells, index) => {
        const cell = (cells[at] ?? '').trim();
        const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
        const problem = faultOf(value, wanted);
        if (problem === null) return value;
        const spot = { file, line: index + 2, column: columnAt(cells, at) };
        throw badCommunity(spot, `${name} must be ${problem}, got ${shown(cell)}`);
      });
    },
  };
}

function faultOf(value: number, { min, max, step }: Wanted): string | null {
  if (!(value >= min && value <= max)) return `a number from ${min} to ${max}`;
  if (step === undefined) return null;
  const multiples = value / step;
  return Math.abs(multiples - Math.round(multiples)) < 1e-6 ? null : `a multiple of ${step}`;
}

/** Where a cell begins in its line, from 1. */
function columnAt(cells: readonly string[], at: number): number {
  return cells.slice(0, at).reduce((sum, cell) => sum + cell.length + 1, 1);
}

/** A value of a file for a message: short, and nothing that a terminal would act upon. */
export function shown(cell: string): string {
  return JSON.stringify((cell.length > 40 ? `${cell.slice(0, 40)}...` : cell).replace(/[^\x20-\x7e]/g, '?'));
}
