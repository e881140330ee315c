import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseMatpower } from '../../../scenarios/energy/matpower.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';

/** Where the benchmark set is, in whatever of its layouts the data root has. */
export const PGLIB = join(process.env['HAGGLE_DATA'] ?? 'data', 'pglib-opf');

export const PGLIB_PRESENT = existsSync(join(PGLIB, 'BASELINE.md'));

/** Every case file of the set as `folder/name`, without its ending. */
export function pglibCases(): readonly string[] {
  if (!PGLIB_PRESENT) return [];
  return ['typ', 'api'].flatMap((folder) =>
    readdirSync(join(PGLIB, folder))
      .filter((file) => file.endsWith('.m'))
      .map((file) => `${folder}/${file.slice(0, -2)}`),
  );
}

export function pglibText(name: string): string {
  return readFileSync(join(PGLIB, `${name}.m`), 'utf8');
}

export function pglibGrid(name: string): Grid {
  return parseMatpower(pglibText(name), { file: `${name}.m` });
}
