import { HaggleError } from '../../agent-core/errors.ts';
import { NETWORK_LIMITS } from './network-check.ts';

/** A demand that was drawn once, so that everybody is measured by the same. */
export interface DemandTrace {
  /** Such as `trend+seasonal`. */
  readonly demand: string;
  readonly seed: string;
  /** Period by period. */
  readonly units: readonly number[];
}

/** Most characters and rows that are read. */
const TEXT_CHARS = 10_000_000;
const ROWS_MAX = 10_000;

/**
 * Reads traces as CSV, with a first line `demand,seed,t0,t1,...` and one trace in each further line.
 *
 * @throws HaggleError `bad-trace` naming file, line, column and what was found
 */
export function parseDemandTraces(text: string, file: string): readonly DemandTrace[] {
  const fault = (line: number, problem: string): HaggleError =>
    new HaggleError('bad-trace', `${file}:${line}: ${problem}`, { fields: { file, line } });
  if (text.length > TEXT_CHARS) throw fault(1, `traces have at most ${TEXT_CHARS} characters, got ${text.length}`);
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  if (lines.length > ROWS_MAX) throw fault(ROWS_MAX, `there are at most ${ROWS_MAX} lines, got ${lines.length}`);
  const columns = (lines[0] ?? '').split(',').map((name) => name.trim());
  const periods = columns.length - 2;
  if (periods < 1 || periods > NETWORK_LIMITS.periods || columns.some((name, at) => name !== columnName(at))) {
    throw fault(1, `the first line must be demand,seed,t0,t1,... with at most ${NETWORK_LIMITS.periods} periods`);
  }
  const seen = new Set<string>();
  return lines.flatMap((row, index) => {
    if (index === 0 || row.trim() === '') return [];
    const cells = row.split(',').map((cell) => cell.trim());
    if (cells.length !== columns.length) {
      throw fault(index + 1, `expected ${columns.length} cells, got ${cells.length}`);
    }
    const [demand = '', seed = ''] = cells;
    if (!/^[\w+ .-]{1,60}$/.test(demand)) throw fault(index + 1, `the demand must have a name, got ${shown(demand)}`);
    if (!/^\d{1,16}$/.test(seed)) throw fault(index + 1, `the seed must be a whole number, got ${shown(seed)}`);
    const name = `${demand} ${seed}`;
    if (seen.has(name)) throw fault(index + 1, `the trace of ${demand} and seed ${seed} is there twice`);
    seen.add(name);
    const units = cells.slice(2).map((cell, period) => {
      const value = /^\d{1,12}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?$/.test(cell) ? Number(cell) : Number.NaN;
      if (value <= NETWORK_LIMITS.number) return value;
      const wanted = `a number from 0 to ${NETWORK_LIMITS.number}`;
      throw fault(index + 1, `column t${period} must hold ${wanted}, got ${shown(cell)}`);
    });
    return [{ demand, seed, units }];
  });
}

function columnName(at: number): string {
  return at === 0 ? 'demand' : at === 1 ? 'seed' : `t${at - 2}`;
}

function shown(cell: string): string {
  return JSON.stringify((cell.length > 40 ? `${cell.slice(0, 40)}...` : cell).replace(/[^\x20-\x7e]/g, '?'));
}
