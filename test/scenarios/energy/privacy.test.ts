import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { magnitudeOf, powerOfTen } from '../../../agents/energy/magnitude.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import { perUnit, type Grid } from '../../../scenarios/energy/grid.ts';
import { gridDispatch } from '../../../scenarios/energy/grid-scenario.ts';
import { simulate } from '../../../scenarios/simulate.ts';
import type { TraceRecord } from '../../../simulator/trace.ts';
import { PGLIB_PRESENT, pglibGrid } from './pglib.ts';

const generated = (seed: number): Grid => generateGrid({ buses: 14, random: createRandomRoot(seed).stream('privacy') });

// Grids whose numbers are not round: among round ones, one says what another is by accident.
const GRIDS: readonly (readonly [string, () => Grid, boolean])[] = [
  ['a generated 14-bus grid', () => generated(1), true],
  ['another generated 14-bus grid', () => generated(2), true],
  ['pglib_opf_case14_ieee', () => pglibGrid('typ/pglib_opf_case14_ieee'), PGLIB_PRESENT],
];

async function recorded(grid: Grid): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  await simulate(gridDispatch, grid, { seed: 1, sign: 'off', record: (record) => void records.push(record) });
  return records;
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

/** Cost coefficients and limits of every generator that has a choice, in every unit that the system knows, by name. */
function secretsOf(grid: Grid): ReadonlyMap<string, number> {
  const pu = perUnit(grid).generators.filter(({ minPu, maxPu }) => maxPu > minPu);
  const offers = pu.map(({ row, minPu, maxPu, quadratic, linear }) => ({
    row,
    minPu,
    maxPu,
    c2: quadratic,
    c1: linear,
  }));
  const scale = powerOfTen(magnitudeOf(offers) ?? 0);
  const secrets = new Map<string, number>();
  for (const { row, minPu, maxPu, c1, c2 } of offers) {
    const add = (name: string, value: number): void => void secrets.set(`${name} of generator ${row}`, value);
    add('c1 in $/h per p.u.', c1);
    add('c1 in $/MWh', c1 / grid.baseMva);
    add('c1 scaled', c1 / scale);
    add('c2 in $/h per p.u.²', c2);
    add('c2 in $/MW²h', c2 / grid.baseMva ** 2);
    add('c2 scaled', c2 / scale);
    add('slope scaled', (2 * c2) / scale);
    for (const [name, limit] of [
      ['Pmin', minPu],
      ['Pmax', maxPu],
    ] as const) {
      add(`${name} in p.u.`, limit);
      add(`${name} in MW`, limit * grid.baseMva);
      add(`marginal cost at ${name}`, c1 + 2 * c2 * limit);
      add(`marginal cost at ${name} scaled`, (c1 + 2 * c2 * limit) / scale);
    }
  }
  return secrets;
}

for (const [name, make, present] of GRIDS) {
  const run = present ? test : test.skip;

  run(`no message about ${name} holds a cost coefficient or a limit of a generator`, async (t) => {
    const grid = make();
    const said = new Map<number, string>();
    for (const { payload } of await recorded(grid)) {
      const { type, body } = JSON.parse(payload) as { type: string; body: unknown };
      // Whole numbers name nodes, rounds and counts, and 0 and 1 steps; a limit of 100 MW is no secret among them.
      for (const number of numbersIn(body)) if (!Number.isInteger(number)) said.set(Math.abs(number), type);
    }
    t.true(said.size > 1_000);
    const sorted = [...said.keys()].toSorted((a, b) => a - b);
    for (const [what, secret] of secretsOf(grid)) {
      if (Number.isInteger(secret)) continue;
      const size = Math.abs(secret);
      const close = sorted.find((number) => Math.abs(number - size) <= 1e-9 * size);
      t.is(close, undefined, `${what} is ${secret}; a ${said.get(close ?? 0)} says ${close}`);
    }
  });

  run(`messages about ${name} pass between the ends of lines only`, async (t) => {
    const grid = make();
    const bus = (row: number): string => `bus-${grid.buses[row]?.id}`;
    const joined = new Set(
      grid.branches
        .filter(({ active }) => active)
        .flatMap(({ fromRow, toRow }) => [`${bus(fromRow)}>${bus(toRow)}`, `${bus(toRow)}>${bus(fromRow)}`]),
    );
    const pairs = new Set((await recorded(grid)).map(({ from, to }) => `${from}>${to}`));
    t.deepEqual(
      [...pairs].filter((pair) => !joined.has(pair)),
      [],
    );
    t.true(pairs.size > 0);
  });
}
