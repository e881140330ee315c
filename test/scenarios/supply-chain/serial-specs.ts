import type { SerialSpec } from '../../../scenarios/supply-chain/serial-stockpyl.ts';

/** A published instance. Costs and levels are those of stockpyl's tests. */
interface PublishedSpec {
  readonly spec: SerialSpec;
  /** Echelon levels, retailer first. */
  readonly levels: readonly number[];
  readonly published: number;
  /** How far above it the exact optimum may be, as its digits and its grid have it. */
  readonly tolerance: number;
}

const shangSong = { holding: [1, 0.75, 0.5, 0.25], leadTimes: [0.25, 0.25, 0.25, 0.25] } as const;
const uneven = { holding: [5.5, 5.25, 2.75, 0.25], leadTimes: [0.25, 0.25, 0.25, 0.25] } as const;
const busy = { kind: 'poisson', mean: 16 } as const;

/** Parameters as the public documentation of stockpyl gives them (docs: serial system instances). */
export const SERIAL_SPECS: Readonly<Record<string, PublishedSpec>> = {
  'example 6.1': {
    spec: {
      name: 'example_6_1',
      holding: [7, 4, 2],
      leadTimes: [1, 1, 2],
      stockout: 37.12,
      demand: { kind: 'normal', mean: 5, deviation: 1 },
    },
    levels: [6.49, 12.02, 22.71],
    published: 47.65,
    tolerance: 0.001,
  },
  'example 6.1 with Poisson demand': {
    spec: {
      name: 'example_6_1_poisson',
      holding: [7, 4, 2],
      leadTimes: [1, 1, 2],
      stockout: 37.12,
      demand: { kind: 'poisson', mean: 5 },
    },
    levels: [9, 15, 26],
    published: 72.0435,
    tolerance: 0.001,
  },
  'problem 6.1': {
    spec: {
      name: 'problem_6_1',
      holding: [2, 1],
      leadTimes: [1, 1],
      stockout: 15,
      demand: { kind: 'normal', mean: 100, deviation: 15 },
    },
    levels: [126.2, 226.03],
    published: 170.285,
    tolerance: 0,
  },
  'problem 6.2a': {
    spec: {
      name: 'problem_6_2a',
      holding: [7, 5, 3, 2, 1],
      leadTimes: [0.5, 0.5, 0.5, 0.5, 0.5],
      stockout: 24,
      demand: { kind: 'normal', mean: 64, deviation: 8 },
    },
    levels: [42.32, 75.34, 112.49, 145.51, 178.53],
    published: 457.58,
    tolerance: 0,
  },
  'problem 6.2b': {
    spec: {
      name: 'problem_6_2b',
      holding: [7, 5, 3, 2, 1],
      leadTimes: [0.5, 0.5, 0.5, 0.5, 0.5],
      stockout: 24,
      demand: { kind: 'poisson', mean: 64 },
    },
    levels: [41, 74, 109, 142, 174],
    published: 453.6856,
    tolerance: 0.001,
  },
  'problem 6.16': {
    spec: {
      name: 'problem_6_16',
      holding: [7, 2],
      leadTimes: [8, 3],
      stockout: 24,
      demand: { kind: 'normal', mean: 20, deviation: 4 },
    },
    levels: [170.79, 233.85],
    published: 451.655,
    tolerance: 0,
  },
  'Shang and Song, row 1': {
    spec: { name: 'shang_song_1', ...shangSong, stockout: 9, demand: busy },
    levels: [8, 13, 18, 22],
    published: 12.688,
    tolerance: 0.001,
  },
  'Shang and Song, row 9': {
    spec: { name: 'shang_song_9', ...uneven, stockout: 9, demand: busy },
    levels: [9, 10, 13, 19],
    published: 53.008,
    tolerance: 0.001,
  },
  'Shang and Song, row 17': {
    spec: { name: 'shang_song_17', ...shangSong, stockout: 99, demand: busy },
    levels: [11, 17, 22, 27],
    published: 16.206,
    tolerance: 0.001,
  },
  'Shang and Song, row 25': {
    spec: { name: 'shang_song_25', ...uneven, stockout: 99, demand: busy },
    levels: [11, 14, 18, 26],
    published: 74.564,
    tolerance: 0.001,
  },
};
