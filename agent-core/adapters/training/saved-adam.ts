import type { Adam } from '../../learning/adam.ts';
import type { SavedArrays } from './checkpoint.ts';
import { savedDoubles, savedFloats } from './saved-column.ts';

/** An optimiser as arrays to save. */
export function adamSaved(name: string, adam: Adam): SavedArrays {
  const { decays, first, second } = adam.state();
  return { [`${name}.decays`]: Float64Array.from(decays), [`${name}.first`]: first, [`${name}.second`]: second };
}

/** The state of an optimiser of `size` parameters as it was saved. @throws HaggleError `bad-checkpoint` */
export function adamFrom(name: string, arrays: SavedArrays, size: number): ReturnType<Adam['state']> {
  const [first = 1, second = 1] = savedDoubles(arrays, `${name}.decays`, { length: 2, least: 0, most: 1 });
  return {
    decays: [first, second],
    first: savedFloats(arrays, `${name}.first`, { length: size }),
    second: savedFloats(arrays, `${name}.second`, { length: size, least: 0 }),
  };
}
