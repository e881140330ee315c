import { HaggleError } from '../../errors.ts';
import type { SavedArrays } from './checkpoint.ts';

/** What the numbers of a saved column must be, beside finite. */
export interface ColumnRule {
  readonly length: number;
  readonly least?: number;
  readonly most?: number;
  readonly isWhole?: boolean;
}

/** The column of that name in 32 bits, which a checkpoint must have. @throws HaggleError `bad-checkpoint` naming what is wrong */
export function savedFloats(arrays: SavedArrays, name: string, rule: ColumnRule): Float32Array {
  const found = arrays[name];
  if (!(found instanceof Float32Array)) throw missing(name, 32);
  checkColumn(name, found, rule);
  return found;
}

/** The column of that name in 64 bits, which a checkpoint must have. @throws HaggleError `bad-checkpoint` naming what is wrong */
export function savedDoubles(arrays: SavedArrays, name: string, rule: ColumnRule): Float64Array {
  const found = arrays[name];
  if (!(found instanceof Float64Array)) throw missing(name, 64);
  checkColumn(name, found, rule);
  return found;
}

/** How many rows of `width` numbers the column of that name has. @throws HaggleError `bad-checkpoint` unless whole and at most `most` */
export function savedRows(arrays: SavedArrays, name: string, of: { readonly width: number; most: number }): number {
  const rows = (arrays[name]?.length ?? 0) / of.width;
  if (Number.isInteger(rows) && rows <= of.most) return rows;
  throw new HaggleError('bad-checkpoint', `${name} must have at most ${of.most} rows of ${of.width}, has ${rows}`);
}

/** Refuses columns that nobody would have saved. @throws HaggleError `bad-checkpoint` */
export function checkColumns(saved: SavedArrays, expected: SavedArrays): void {
  for (const name of Object.keys(saved)) {
    if (Object.hasOwn(expected, name)) continue;
    throw new HaggleError('bad-checkpoint', `there is no column ${name} in a checkpoint of this training`);
  }
}

function checkColumn(name: string, values: Float32Array | Float64Array, rule: ColumnRule): void {
  const { length, least = -Infinity, most = Infinity, isWhole = false } = rule;
  if (values.length !== length) {
    throw new HaggleError('bad-checkpoint', `${name} must have ${length} numbers, has ${values.length}`);
  }
  for (const [k, value] of values.entries()) {
    if (Number.isFinite(value) && value >= least && value <= most && (!isWhole || Number.isSafeInteger(value))) {
      continue;
    }
    const what = `${isWhole ? 'whole' : 'finite'}${least > -Infinity ? `, from ${least}` : ''}${most < Infinity ? ` to ${most}` : ''}`;
    throw new HaggleError('bad-checkpoint', `${name}[${k}] must be ${what}, is ${value}`);
  }
}

function missing(name: string, bits: 32 | 64): HaggleError {
  const problem = `a checkpoint of this training has the ${bits}-bit numbers ${name}, and this one has not`;
  return new HaggleError('bad-checkpoint', problem);
}
