// A rule of two numbers for the same kiosk: so many papers, and so many more for each that is usually bought.
import { createRandomRoot } from 'haggle';
import { profit } from './kiosk-env.ts';

/** What `evolve` asks a module for: how good these numbers are, by the chance of this seed. */
export function evaluate([base = 0, share = 0]: Float32Array, seed: number): number {
  const chance = createRandomRoot(seed).stream('kiosk');
  let sum = 0;
  for (let day = 0; day < 16; day++) {
    const usual = chance.between(20, 80);
    sum += profit(Math.max(0, base + share * usual), usual * chance.between(0.4, 1.6));
  }
  return sum;
}
