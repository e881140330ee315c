import { assert, HaggleError } from '../errors.ts';
import { exp, ln } from '../float-math.ts';
import { createRandomRoot } from '../random.ts';

/** What {@link createEvolution} needs. */
export interface EvolutionOptions {
  /** Where the search starts. */
  readonly start: ArrayLike<number>;
  /** How far from there it looks at first: one deviation for all parameters, above 0. */
  readonly deviation: number;
  /** Candidates a generation, an even number from 2. Default `4 + 3 ln n` for n parameters (Hansen and Ostermeier 2001), made even. */
  readonly population?: number;
  readonly seed: number | string;
}

/** Where an evolution stands, as plain data; noise is drawn anew from the seed, so there is none to save. */
export interface EvolutionState {
  readonly generation: number;
  readonly centre: Float64Array;
  readonly deviations: Float64Array;
}

/**
 * A search for the parameters of greatest fitness that asks for no gradient. Ask for candidates, tell what they are worth, again.
 */
export interface Evolution {
  /** Generations told so far. */
  readonly generation: number;
  /** The middle of the search: what it would answer now. */
  centre(): Float32Array;
  /** The candidates of this generation; asked twice, the same. Each second one mirrors the one before it. */
  candidates(): readonly Float32Array[];
  /** Moves on. @throws HaggleError `bad-fitness` unless there is one finite number a candidate */
  tell(fitness: readonly number[]): void;
  state(): EvolutionState;
}

/**
 * Separable natural evolution strategy (Schaul, Glasmachers and Schmidhuber 2011; Wierstra and others 2014, algorithm 6) with
 * mirrored candidates (Brockhoff and others 2010). It is the one strategy here because it needs no learning rate: fitness counts
 * by rank alone, so units do not matter, and each parameter's deviation adapts by itself, which a fixed noise scale (Salimans
 * and others 2017) does not; a full covariance (CMA-ES) would cost the square of the parameters, of which a net has thousands.
 *
 * @param from - a saved state to go on from
 * @throws HaggleError `bad-training` for no parameter, a deviation that is not above 0, or an odd population
 */
export function createEvolution(options: EvolutionOptions, from?: EvolutionState): Evolution {
  const size = options.start.length;
  const population = options.population ?? defaultPopulation(size);
  check({ size, population, deviation: options.deviation });
  let generation = from?.generation ?? 0;
  const centre = from?.centre.slice() ?? Float64Array.from(options.start);
  const deviations = from?.deviations.slice() ?? new Float64Array(size).fill(options.deviation);
  assert(centre.length === size && deviations.length === size, 'a state of this size');
  const rate = (3 + ln(size)) / (5 * Math.sqrt(size));
  let noise = drawNoise({ seed: options.seed, generation, size, population });
  return {
    get generation() {
      return generation;
    },
    centre: () => Float32Array.from(centre),
    candidates: () =>
      noise.flatMap((draw) => [
        Float32Array.from(centre, (middle, k) => middle + (deviations[k] as number) * (draw[k] as number)),
        Float32Array.from(centre, (middle, k) => middle - (deviations[k] as number) * (draw[k] as number)),
      ]),
    tell: (fitness) => {
      const worth = utilities(fitness, population);
      for (let k = 0; k < size; k++) {
        let shift = 0;
        let stretch = 0;
        noise.forEach((draw, pair) => {
          const z = draw[k] as number;
          const [plus, minus] = [worth[2 * pair] as number, worth[2 * pair + 1] as number];
          shift += (plus - minus) * z;
          stretch += (plus + minus) * (z * z - 1);
        });
        centre[k] = (centre[k] as number) + (deviations[k] as number) * shift;
        deviations[k] = (deviations[k] as number) * exp((rate / 2) * stretch);
      }
      generation++;
      noise = drawNoise({ seed: options.seed, generation, size, population });
    },
    state: () => ({ generation, centre: centre.slice(), deviations: deviations.slice() }),
  };
}

/** An even number of candidates that grows with the logarithm of the parameters. */
function defaultPopulation(size: number): number {
  const usual = 4 + Math.floor(3 * ln(Math.max(1, size)));
  return usual + (usual % 2);
}

/** One vector of normal deviates a pair of candidates. */
function drawNoise(of: {
  readonly seed: number | string;
  readonly generation: number;
  readonly size: number;
  readonly population: number;
}): readonly Float64Array[] {
  // A root of its own each time: streams are kept as long as their root, and generations may be many.
  const random = createRandomRoot(of.seed).stream('evolution', String(of.generation));
  return Array.from({ length: of.population / 2 }, () => {
    const draw = new Float64Array(of.size);
    for (let k = 0; k < of.size; k++) draw[k] = random.normal();
    return draw;
  });
}

/** Worth by rank (Wierstra and others 2014, section 3.1): they sum to 0, and equals share what their ranks are worth. */
function utilities(fitness: readonly number[], population: number): Float64Array {
  if (fitness.length !== population || !fitness.every((value) => Number.isFinite(value))) {
    throw new HaggleError('bad-fitness', `a generation has ${population} finite fitnesses, got ${fitness.join(', ')}`);
  }
  const raw = Float64Array.from({ length: population }, (_, rank) =>
    Math.max(0, ln(population / 2 + 1) - ln(rank + 1)),
  );
  const sum = raw.reduce((total, value) => total + value, 0);
  const order = fitness.map((_, index) => index).toSorted((a, b) => (fitness[b] as number) - (fitness[a] as number));
  const worth = new Float64Array(population);
  for (let first = 0; first < population;) {
    let end = first;
    let shared = 0;
    while (end < population && fitness[order[end] as number] === fitness[order[first] as number]) {
      shared += raw[end++] as number;
    }
    const each = shared / (end - first) / sum - 1 / population;
    for (let rank = first; rank < end; rank++) worth[order[rank] as number] = each;
    first = end;
  }
  return worth;
}

function check(of: { readonly size: number; readonly population: number; readonly deviation: number }): void {
  const { size, population, deviation } = of;
  if (size < 1) throw new HaggleError('bad-training', 'an evolution needs at least one parameter, got none');
  if (!(deviation > 0) || deviation === Infinity) {
    throw new HaggleError('bad-training', `an evolution must start with a finite deviation above 0, got ${deviation}`);
  }
  if (Number.isSafeInteger(population) && population >= 2 && population % 2 === 0) return;
  throw new HaggleError('bad-training', `an evolution needs an even population of at least 2, got ${population}`);
}
