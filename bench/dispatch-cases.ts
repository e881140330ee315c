/** The PGLib-OPF cases and generated grids that the dispatch benches run on. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomRoot } from '../agent-core/random.ts';
import { generateGrid } from '../scenarios/energy/generator.ts';
import type { Grid } from '../scenarios/energy/grid.ts';
import { parseMatpower } from '../scenarios/energy/matpower.ts';

/** A grid and, for PGLib's, the DC objective that BASELINE.md publishes, in $/h. */
export interface BenchCase {
  readonly grid: Grid;
  readonly publishedCostPerHour: number | null;
}

const FOLDER = join(process.env['HAGGLE_DATA'] ?? 'data', 'pglib-opf');

/** The cases of data set pglib-opf, smallest first. Says by name that it is absent and gives none where it is. */
export function pglibCases(): readonly BenchCase[] {
  if (!existsSync(join(FOLDER, 'BASELINE.md'))) {
    console.error('data set pglib-opf is absent: set HAGGLE_DATA to the folder that holds it; its cases are left out');
    return [];
  }
  const published = publishedCosts(readFileSync(join(FOLDER, 'BASELINE.md'), 'utf8'));
  return ['typ', 'api']
    .flatMap((folder) => readdirSync(join(FOLDER, folder)).map((file) => ({ folder, file })))
    .filter(({ file }) => file.endsWith('.m'))
    .map(({ folder, file }) => {
      const grid = parseMatpower(readFileSync(join(FOLDER, folder, file), 'utf8'), { file });
      return { grid, publishedCostPerHour: published.get(file.slice(0, -2)) ?? null };
    })
    .toSorted((a, b) => a.grid.buses.length - b.grid.buses.length);
}

/** Generated grids, one for each size and seed. */
export function generatedCases(sizes: readonly number[], seeds: readonly number[]): readonly BenchCase[] {
  return sizes.flatMap((buses) =>
    seeds.map((seed) => {
      const random = createRandomRoot(seed).stream('instance', 'energy');
      return {
        grid: generateGrid({ buses, random, name: `generated ${buses}, seed ${seed}` }),
        publishedCostPerHour: null,
      };
    }),
  );
}

/** Case name to DC objective in $/h, from the tables of BASELINE.md. */
function publishedCosts(text: string): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, , , cost] = line.split('|').map((cell) => cell.trim());
    if (name?.startsWith('pglib_opf_') === true) costs.set(name, Number(cost));
  }
  return costs;
}
