import type { RandomStream } from '../../agent-core/random.ts';
import {
  latticeLaw,
  normalLaw,
  poissonLaw,
  roundedNormalLaw,
  uniformLaw,
  type LatticeLaw,
} from '../../agents/supply-chain/serial/lattice-law.ts';
import { exp } from '../../agent-core/float-math.ts';

/** What end customers want in a period. */
export type SerialDemand =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'rounded-normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'poisson'; readonly mean: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** `chances[k]`: of `low + k` units. */
  | { readonly kind: 'given'; readonly low: number; readonly chances: readonly number[] };

/** Points of the lattice in a standard deviation of a normal demand, over the shortest lead time: costs are then right to 0.05 %. */
const POINTS_PER_DEVIATION = 20;

/** The law of a period's demand; a continuous one on a lattice that is fine enough for lead times of so many periods and more. */
export function lawOfDemand(demand: SerialDemand, shortestLeadTime: number): LatticeLaw {
  switch (demand.kind) {
    case 'normal': {
      const step = (demand.deviation * Math.sqrt(shortestLeadTime)) / POINTS_PER_DEVIATION;
      return normalLaw({ mean: demand.mean, deviation: demand.deviation, step });
    }
    case 'rounded-normal':
      return roundedNormalLaw(demand.mean, demand.deviation);
    case 'poisson':
      return poissonLaw(demand.mean);
    case 'uniform':
      return uniformLaw(demand.low, demand.high);
    case 'given':
      break;
  }
  return latticeLaw(1, demand.low, demand.chances);
}

/** One period's demand, units. */
export function drawDemand(demand: SerialDemand, random: RandomStream): number {
  switch (demand.kind) {
    case 'normal':
      return Math.max(0, random.normal(demand.mean, demand.deviation));
    case 'rounded-normal':
      return Math.max(0, Math.round(random.normal(demand.mean, demand.deviation)));
    case 'poisson':
      return drawPoisson(demand.mean, random);
    case 'uniform':
      return random.integer(demand.low, demand.high);
    case 'given':
      break;
  }
  return demand.low + drawIndex(demand.chances, random);
}

function drawIndex(chances: readonly number[], random: RandomStream): number {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  let left = random.uniform() * total;
  for (const [k, chance] of chances.entries()) {
    left -= chance;
    if (left < 0) return k;
  }
  return Math.max(0, chances.length - 1);
}

/** Parts of a mean small enough for exp to be accurate, each by multiplication of uniform draws (Knuth 1969, 3.4.1). */
function drawPoisson(mean: number, random: RandomStream): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 16) {
    const limit = exp(-Math.min(16, left));
    for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  }
  return count;
}
