import { HaggleError } from './errors.ts';
import { ln } from './float-math.ts';
import { hashPath, pathText } from './stream-hash.ts';

/** Where a stream stands, as plain data: it survives JSON. */
export interface RandomState {
  /** The four unsigned 32-bit words of sfc32. */
  readonly words: readonly number[];
  readonly draws: number;
}

/**
 * A named stream of chance. Same root seed and same path give the same values, whatever other streams do.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state.
 */
export interface RandomStream {
  /** 32-bit words drawn so far; belongs in a run's manifest. */
  readonly draws: number;
  /** A whole number in [0, 2^32). */
  uint32(): number;
  /** A multiple of 2^-53 in [0, 1). */
  uniform(): number;
  /** A number in [min, max); rounding may reach `max`. @throws HaggleError `bad-range` unless finite and min <= max. */
  between(min: number, max: number): number;
  /** A whole number in [min, max], both included, without bias. @throws HaggleError `bad-range`. */
  integer(min: number, max: number): number;
  /** A normal deviate (Marsaglia's polar method, 1964). @throws HaggleError `bad-range` for a negative deviation. */
  normal(mean?: number, deviation?: number): number;
  /** An exponential deviate by inversion. @throws HaggleError `bad-range` unless the mean is finite and not negative. */
  exponential(mean: number): number;
  /** One of the items. @throws HaggleError `empty-choice`. */
  pick<T>(items: readonly T[]): T;
  /** The items in a random order, as a new array (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
  state(): RandomState;
  /** Continues from a saved state. @throws HaggleError `bad-random-state`. */
  restore(state: RandomState): void;
}

/** All chance of one run: a tree of named streams that hang off one seed. */
export interface RandomRoot {
  /**
   * The stream at a path such as `('latency', from, to)`. Streams are kept: a second call with the same path gives the
   * same object, which goes on where it stands.
   *
   * @throws HaggleError `too-many-streams` past a million streams of one seed.
   */
  stream(...path: readonly string[]): RandomStream;
  /** The root of a subtree: `scope('a').stream('b')` is `stream('a', 'b')`. */
  scope(...path: readonly string[]): RandomRoot;
  /** Every stream used so far with its draws, sorted by name. */
  manifest(): readonly { readonly path: readonly string[]; readonly draws: number }[];
}

/** Streams of one root; a guard against a path that is built from a growing number. */
const MAX_STREAMS = 1_000_000;
const TWO_POWER_32 = 0x1_0000_0000;
const TWO_POWER_53 = 2 ** 53;
/** Rounds after seeding, as PractRand does, so that similar seeds have parted before the first draw. */
const WARM_UP_ROUNDS = 12;

class Sfc32 implements RandomStream {
  readonly #words = new Int32Array(4);
  #draws = 0;

  constructor(words: readonly number[]) {
    this.#words.set(words);
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.uint32();
    this.#draws = 0;
  }

  get draws(): number {
    return this.#draws;
  }

  uint32(): number {
    const words = this.#words;
    const [b, c, counter] = [words[1] ?? 0, words[2] ?? 0, words[3] ?? 0];
    const out = ((words[0] ?? 0) + b + counter) | 0;
    words[3] = counter + 1;
    words[0] = b ^ (b >>> 9);
    words[1] = c + (c << 3);
    words[2] = ((c << 21) | (c >>> 11)) + out;
    this.#draws++;
    return out >>> 0;
  }

  #bits53(): number {
    const high = this.uint32() >>> 5;
    return high * 0x400_0000 + (this.uint32() >>> 6);
  }

  uniform(): number {
    return this.#bits53() / TWO_POWER_53;
  }

  between(min: number, max: number): number {
    if (!(min <= max) || !Number.isFinite(max - min)) throw badRange('between', min, max);
    return min + (max - min) * this.uniform();
  }

  integer(min: number, max: number): number {
    const span = max - min + 1;
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || span < 1 || span > TWO_POWER_53) {
      throw badRange('integer', min, max);
    }
    // Values past the last whole multiple of the span would favour small results: draw again.
    if (span <= TWO_POWER_32) {
      const bound = TWO_POWER_32 - (TWO_POWER_32 % span);
      let value = this.uint32();
      while (value >= bound) value = this.uint32();
      return min + (value % span);
    }
    const bound = TWO_POWER_53 - (TWO_POWER_53 % span);
    let value = this.#bits53();
    while (value >= bound) value = this.#bits53();
    return min + (value % span);
  }

  normal(mean = 0, deviation = 1): number {
    if (!Number.isFinite(mean) || !(deviation >= 0) || deviation === Infinity) {
      throw badRange('normal', mean, deviation);
    }
    // The second value of the pair is let go: kept, it would be state that a saved stream has to carry.
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return mean + deviation * x * Math.sqrt((-2 * ln(square)) / square);
    }
  }

  exponential(mean: number): number {
    if (!(mean >= 0) || mean === Infinity) throw badRange('exponential', 0, mean);
    return -mean * ln(1 - this.uniform());
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new HaggleError('empty-choice', 'pick needs at least one item, got none');
    const at = this.integer(0, items.length - 1);
    for (const chosen of items.slice(at, at + 1)) return chosen;
    throw new HaggleError('empty-choice', 'pick met a hole in its items');
  }

  shuffle<T>(items: readonly T[]): T[] {
    const left = [...items];
    const out: T[] = [];
    while (left.length > 1) {
      const at = this.integer(0, left.length - 1);
      const last = left.splice(-1);
      out.push(...(at === left.length ? last : left.splice(at, 1, ...last)));
    }
    return [...out, ...left].toReversed();
  }

  state(): RandomState {
    return { words: Array.from(this.#words, (word) => word >>> 0), draws: this.#draws };
  }

  restore(state: RandomState): void {
    const { words, draws } = state;
    const whole = words.every((word) => Number.isInteger(word) && word >= 0 && word < TWO_POWER_32);
    if (words.length !== 4 || !whole || !Number.isSafeInteger(draws) || draws < 0) {
      throw new HaggleError(
        'bad-random-state',
        `restore needs four 32-bit words and a count, got ${words.length} words`,
      );
    }
    this.#words.set(words);
    this.#draws = draws;
  }
}

function badRange(draw: string, min: number, max: number): HaggleError {
  return new HaggleError('bad-range', `${draw}(${min}, ${max}) is not a range to draw from`, { fields: { min, max } });
}

/**
 * The root of all chance of a run. A stream's seed is MurmurHash3 of `seed / path parts`. The number 7 and the text
 * `'7'` are the same seed, so a seed from a command line needs no parsing.
 *
 * @throws HaggleError `bad-seed` for a number that is not a safe integer or an empty text.
 */
export function createRandomRoot(seed: number | string): RandomRoot {
  if (seed === '' || (typeof seed === 'number' && !Number.isSafeInteger(seed))) {
    throw new HaggleError('bad-seed', `a seed is a safe integer or a text, got ${JSON.stringify(seed)}`);
  }
  const known = new Map<string, { readonly path: readonly string[]; readonly stream: RandomStream }>();
  const find = (path: readonly string[]): RandomStream => {
    const key = pathText(path);
    const found = known.get(key);
    if (found !== undefined) return found.stream;
    if (known.size >= MAX_STREAMS) {
      throw new HaggleError('too-many-streams', `stream ${path.join('/')} would be one more than ${MAX_STREAMS}`);
    }
    const stream = new Sfc32(hashPath([`${seed}`, ...path]));
    known.set(key, { path, stream });
    return stream;
  };
  const rootAt = (prefix: readonly string[]): RandomRoot => ({
    stream: (...path) => find([...prefix, ...path]),
    scope: (...path) => rootAt([...prefix, ...path]),
    manifest: () =>
      [...known]
        .filter(([, { path }]) => prefix.every((part, index) => path[index] === part))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { path, stream }]) => ({ path, draws: stream.draws })),
  });
  return rootAt([]);
}
