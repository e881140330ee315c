import type { Draws } from '../../../scenarios/energy/generator-network.ts';

/** A small deterministic generator (mulberry32) for tests that need chance from a seed. */
export function draws(seed: number): Draws {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    between: (min, max) => min + (max - min) * uniform(),
    integer: (min, max) => min + Math.floor(uniform() * (max - min + 1)),
    normal: (mean, deviation) => mean + deviation * (uniform() + uniform() + uniform() - 1.5) * 2,
  };
}
