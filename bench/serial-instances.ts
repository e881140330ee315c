import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SerialInstance } from '../scenarios/supply-chain/serial-instance.ts';
import { parseStockpyl, serialInstance, type SerialSpec } from '../scenarios/supply-chain/serial-stockpyl.ts';

const FILE = join(process.env['HAGGLE_DATA'] ?? 'data', 'stockpyl', 'stockpyl_instances.json');

const NORMAL_61 = { kind: 'normal', mean: 5, deviation: 1 } as const;
const EVEN = {
  holding: [1, 0.75, 0.5, 0.25],
  leadTimes: [0.25, 0.25, 0.25, 0.25],
  demand: { kind: 'poisson', mean: 16 },
} as const;
const UNEVEN = { ...EVEN, holding: [5.5, 5.25, 2.75, 0.25] } as const;
const CHAIN_61 = { holding: [7, 4, 2], leadTimes: [1, 1, 2], stockout: 37.12 } as const;
const FIVE = { holding: [7, 5, 3, 2, 1], leadTimes: [0.5, 0.5, 0.5, 0.5, 0.5], stockout: 24 } as const;

/** Instances whose optimal cost is published, with their parameters from stockpyl's documentation. */
const SPECS: readonly SerialSpec[] = [
  { name: 'example_6_1', ...CHAIN_61, demand: NORMAL_61 },
  { name: 'example_6_1_poisson', ...CHAIN_61, demand: { kind: 'poisson', mean: 5 } },
  {
    name: 'problem_6_1',
    holding: [2, 1],
    leadTimes: [1, 1],
    stockout: 15,
    demand: { kind: 'normal', mean: 100, deviation: 15 },
  },
  { name: 'problem_6_2a', ...FIVE, demand: { kind: 'normal', mean: 64, deviation: 8 } },
  { name: 'problem_6_2b', ...FIVE, demand: { kind: 'poisson', mean: 64 } },
  {
    name: 'problem_6_16',
    holding: [7, 2],
    leadTimes: [8, 3],
    stockout: 24,
    demand: { kind: 'normal', mean: 20, deviation: 4 },
  },
  { name: 'shang_song_1', ...EVEN, stockout: 9 },
  { name: 'shang_song_9', ...UNEVEN, stockout: 9 },
  { name: 'shang_song_17', ...EVEN, stockout: 99 },
  { name: 'shang_song_25', ...UNEVEN, stockout: 99 },
];

/** Echelon levels, retailer first, as stockpyl's tests give them. */
export const PUBLISHED_LEVELS: Readonly<Record<string, readonly number[]>> = {
  example_6_1: [6.6, 12, 22.79],
  example_6_1_poisson: [9, 15, 26],
  problem_6_1: [126.2, 226.03],
  problem_6_2a: [42.32, 75.34, 112.49, 145.51, 178.53],
  problem_6_2b: [41, 74, 109, 142, 174],
  problem_6_16: [170.79, 233.85],
  shang_song_1: [8, 13, 18, 22],
  shang_song_9: [9, 10, 13, 19],
  shang_song_17: [11, 17, 22, 27],
  shang_song_25: [11, 14, 18, 26],
};

/** An instance for a table, and where it is from. */
export interface BenchInstance {
  readonly source: 'file' | 'parameters';
  readonly instance: SerialInstance;
}

/** Every serial chain of the data file, then those that are published elsewhere. */
export function benchInstances(): readonly BenchInstance[] {
  const found: BenchInstance[] = [];
  if (existsSync(FILE)) {
    const { library } = parseStockpyl(readFileSync(FILE, 'utf8'), 'stockpyl_instances.json');
    for (const one of library.values()) {
      if (!('refused' in one) && one.stages.length > 1) found.push({ source: 'file', instance: one });
    }
  }
  const names = new Set(found.map(({ instance }) => instance.name));
  for (const spec of SPECS) {
    if (names.has(spec.name)) continue;
    const made = serialInstance(spec);
    if (!('refused' in made)) found.push({ source: 'parameters', instance: made });
  }
  return found;
}
