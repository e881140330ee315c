import type { Adam } from '../../learning/adam.ts';
import { savedDoubles, savedFloats, type SavedArrays } from './checkpoint.ts';

/** An optimiser as arrays to save. */
export function adamSaved(name: string, adam: Adam): SavedArrays {
  const { decays, first, second } = adam.state();
  return { [`${name}.decays`]: Float64Array.from(decays), [`${name}.first`]: first, [`${name}.second`]: second };
}

/** An optimiser's state as it was saved. @throws HaggleError `bad-checkpoint` */
export function adamFrom(name: string, arrays: SavedArrays): ReturnType<Adam['state']> {
  const [first = 1, second = 1] = savedDoubles(arrays, `${name}.decays`);
  return {
    decays: [first, second],
    first: savedFloats(arrays, `${name}.first`),
    second: savedFloats(arrays, `${name}.second`),
  };
}
