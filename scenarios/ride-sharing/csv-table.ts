import { badRideFile, linesOf, numberIn } from './number-lines.ts';

/** One row of a {@link csvTable}: its numbers by column. */
export interface CsvRow {
  readonly line: number;
  /** The number in a column; undefined where the table has no such column. @throws HaggleError `bad-ride-file` */
  number(column: string): number | undefined;
}

/** Most rows that are read: the streets of a city have some ten thousand. */
const ROWS_MAX = 200_000;

/**
 * Reads comma-separated values with a line of names first, without quotes, as FleetPy writes them.
 *
 * @throws HaggleError `bad-ride-file` where a column that is needed is missing or a row has another length
 */
export function csvTable(text: string, file: string, needed: readonly string[]): readonly CsvRow[] {
  const lines = linesOf(text.replace(/^\ufeff/, ''));
  const columns = (lines[0] ?? '').split(',').map((name) => name.trim());
  for (const name of needed) {
    if (!columns.includes(name)) throw badRideFile(file, 1, `the table needs a column "${name}"`);
  }
  if (lines.length > ROWS_MAX) throw badRideFile(file, ROWS_MAX, `more than ${ROWS_MAX} rows`);
  const rows: CsvRow[] = [];
  for (const [index, row] of lines.entries()) {
    if (index === 0 || row.trim() === '') continue;
    const cells = row.split(',');
    const line = index + 1;
    if (cells.length !== columns.length) {
      throw badRideFile(file, line, `expected ${columns.length} cells, got ${cells.length}`);
    }
    rows.push({
      line,
      number: (column) => {
        const cell = cells[columns.indexOf(column)];
        return cell === undefined ? undefined : numberIn(file, line, cell.trim());
      },
    });
  }
  return rows;
}
