import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import { ANGLE_PAD_RAD } from '../../../scenarios/energy/grid.ts';
import { toMatpower } from '../../../scenarios/energy/matpower-text.ts';
import { MATPOWER_CHARS_MAX, MATPOWER_ROWS_MAX, parseMatpower } from '../../../scenarios/energy/matpower.ts';
import { draws } from './draws.ts';
import { PGLIB_PRESENT, pglibCases, pglibGrid } from './pglib.ts';

const HOSTILE = join('test', 'hostile', 'matpower');

interface Expected {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

const expected: readonly Expected[] = JSON.parse(readFileSync(join(HOSTILE, 'expected.json'), 'utf8'));

const SMALL = `\ufefffunction mpc = small  % a comment
%{
mpc.baseMVA = 1; a block comment
%}
mpc.version = "2"
mpc.baseMVA = 1e2, mpc.note = 'it''s % no comment';
mpc.areas = [ 1 1 ];
mpc.bus_name = { 'a;b'; 'c]'; { "d" } };
mpc.extra.deep = struct('x', {1, [2 3]'});
other = 3;
mpc.bus = [ 10, 3, 1.5D1, 0, .5, 0, 1, 1, 0, 230, 1, 1.1, 0.9 % first
  20 1 +4. 0 0 0 1 1 0 230 1 1.1 0.9; 30 4 5 0 0 0 1 1 0 230 1 1.1 0.9;; ];
mpc.gen = [
  10 0 0 Inf -Inf 1 100 1 80 -5 ... continued
  0 0 0
  30 0 0 0 0 1 100 1 80 0 0 0 0
  20 0 0 0 0 1 100 0 80 0 0 0 0 ];
mpc.gencost = [ 2 0 0 3 0.1 2 3; 2 0 0 2 7 8 0; 2 0 0 1 9 0 0; 2 0 0 1 0 0 0; 2 0 0 1 0 0 0; 1 0 0 1 0 0 0];
mpc.branch = [
\t10\t20\t0.03\t0.04\t0\t0\t0\t0\t0\t0\t1\t0\t0;\r
\t10\t20\t0\t-0.1\t0\t9\t0\t0\t1.1\t5\t0\t-360\t45;
\t20\t30\t0\t0.1\t0\tInf\t0\t0\t0\t0\t1\t-10\t90;
];
mpc.dcline = [ 10 20 0 5 ];
end
`;

test('reads comments, continued lines, commas, exponents and infinities, and skips what the model does not use', (t) => {
  const grid = parseMatpower(SMALL);
  t.is(grid.name, 'small');
  t.is(grid.baseMva, 100);
  t.deepEqual(
    grid.buses.map(({ id, kind, isolated, demandMw, shuntMw }) => [id, kind, isolated, demandMw, shuntMw]),
    [
      [10, 'reference', false, 15, 0.5],
      [20, 'load', false, 4, 0],
      [30, 'isolated', true, 5, 0],
    ],
  );
  t.deepEqual(
    grid.generators.map(({ busRow, minMw, maxMw, c2, c1, c0, active }) => [busRow, minMw, maxMw, c2, c1, c0, active]),
    [
      [0, -5, 80, 0.1, 2, 3, true],
      [2, 0, 80, 0, 7, 8, false],
      [1, 0, 80, 0, 0, 9, false],
    ],
  );
});

test('takes x / (r² + x²) as susceptance, rate 0 for unlimited and the angle limits of PowerModels', (t) => {
  const [first, second, third] = parseMatpower(SMALL).branches;
  t.true(Math.abs((first?.susceptancePu ?? 0) - 16) < 1e-12);
  t.is(first?.limitMw, Infinity);
  t.deepEqual([first?.angleMinRad, first?.angleMaxRad], [-ANGLE_PAD_RAD, ANGLE_PAD_RAD]);
  t.is(second?.susceptancePu, -0.1 / (0.1 * 0.1));
  t.deepEqual([second?.angleMinRad, second?.angleMaxRad], [-ANGLE_PAD_RAD, Math.PI / 4]);
  t.deepEqual([second?.inService, second?.active], [false, false]);
  t.deepEqual([third?.limitMw, third?.angleMaxRad], [Infinity, ANGLE_PAD_RAD]);
  t.deepEqual([third?.inService, third?.active], [true, false]);
});

for (const { file, line, column, problem } of expected) {
  test(`refuses ${file} at ${line}:${column}, saying "${problem}"`, (t) => {
    const text = readFileSync(join(HOSTILE, file), 'utf8');
    const error = t.throws(() => parseMatpower(text, { file }), { instanceOf: HaggleError, code: 'bad-matpower' });
    t.true(error?.message.startsWith(`${file}:${line}:${column}: `), error?.message);
    t.true(error?.message.includes(problem), error?.message);
    t.deepEqual(error?.fields, { file, line, column });
  });
}

test('refuses ten million characters by their number, and reads one long line below the bound', (t) => {
  t.throws(() => parseMatpower('1 '.repeat(5_000_000)), {
    code: 'bad-matpower',
    message: `case.m:1:1: text has 10000000 characters, at most ${MATPOWER_CHARS_MAX} are read`,
  });
  t.throws(() => parseMatpower(`mpc.bus = [${'1 '.repeat(500_000)}];`), {
    code: 'bad-matpower',
    message: /baseMVA is missing/,
  });
  t.throws(() => parseMatpower(`x = ${'9'.repeat(1_000_000)}z`), { code: 'bad-matpower', message: /is not a number$/ });
});

test('refuses the first row past the bound, and reads a million strings on one line', (t) => {
  t.throws(() => parseMatpower(`mpc.bus = [\n${'1\n'.repeat(MATPOWER_ROWS_MAX + 1)}];`), {
    code: 'bad-matpower',
    message: `case.m:${MATPOWER_ROWS_MAX + 2}:1: bus has more than ${MATPOWER_ROWS_MAX} rows`,
  });
  t.throws(() => parseMatpower(`mpc.names = {${"'a' ".repeat(1_000_000)}};`), {
    code: 'bad-matpower',
    message: /baseMVA is missing/,
  });
});

test('throws nothing but bad-matpower, whatever is done to a good text', (t) => {
  const text = toMatpower(generateGrid({ buses: 4, random: draws(1) }));
  fc.assert(
    fc.property(
      fc.nat(text.length),
      fc.nat(12),
      fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('[', ']', '{', "'", '%', '...', 'NaN', '\n', ';', '-')),
      (at, cut, insert) => {
        try {
          parseMatpower(text.slice(0, at) + insert + text.slice(at + cut));
        } catch (error) {
          if (!(error instanceof HaggleError) || error.code !== 'bad-matpower') throw error;
        }
      },
    ),
    { seed: 20_240_517, numRuns: 1_000 },
  );
  t.pass();
});

test('reads back exactly the grid that was printed', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (buses, seed) => {
      const grid = generateGrid({ buses, random: draws(seed) });
      t.deepEqual(parseMatpower(toMatpower(grid)), grid);
    }),
    { seed: 7, numRuns: 50 },
  );
  const odd = parseMatpower(SMALL);
  t.deepEqual(parseMatpower(toMatpower(odd)), odd);
});

const run = PGLIB_PRESENT ? test : test.skip;

run('reads back exactly every printed case of data set pglib-opf', (t) => {
  for (const name of pglibCases()) {
    const grid = pglibGrid(name);
    t.deepEqual(parseMatpower(toMatpower(grid)), grid, name);
  }
});
