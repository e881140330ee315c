import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { createRandomRoot } from '../../agent-core/random.ts';
import { EXIT } from '../../cli/exit.ts';
import { generateGrid } from '../../scenarios/energy/generator.ts';
import { parseMatpower } from '../../scenarios/energy/matpower.ts';
import { toMatpower } from '../../scenarios/energy/matpower-text.ts';
import { scoreDispatch } from '../../scenarios/energy/score.ts';
import { haggle, MAIN, scratch } from './haggle.ts';

const kpis = z.record(z.string(), z.number());

/** The result object as the documentation has it. */
const documented = z.strictObject({
  scenario: z.literal('energy'),
  variant: z.literal('dispatch'),
  instance: z.string().min(1),
  seed: z.number().int(),
  mode: z.strictObject({
    bus: z.literal('memory'),
    workers: z.literal(1),
    sign: z.enum(['each', 'batch', 'off']),
    policy: z.literal('scripted'),
  }),
  objective: z.strictObject({ name: z.literal('costPerHour'), unit: z.literal('$/h'), sense: z.literal('min') }),
  agents: kpis,
  baseline: kpis,
  optimum: kpis.nullable(),
  references: z.strictObject({}),
  gap: z.number().nullable(),
  feasible: z.boolean(),
  violations: kpis,
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  messages: z.number().int().positive(),
  bytes: z.number().int().positive(),
  rounds: z.number().int().positive(),
  decisions: z.strictObject({}),
  virtualSeconds: z.number().positive(),
  cpuSeconds: z.number().nonnegative(),
});

type Result = z.output<typeof documented>;

async function result(...args: readonly string[]): Promise<Result> {
  const { out } = await haggle('simulate', 'energy', '--json', ...args);
  return documented.parse(JSON.parse(out));
}

test('--json prints one document of the documented shape, each block with the objective in it', async (t) => {
  const { code, out, err } = await haggle('simulate', 'energy', '--generate', 'buses=12', '--seed', '7', '--json');
  t.is(code, EXIT.ok);
  t.is(err, '');
  const found = documented.parse(JSON.parse(out));
  t.is(found.seed, 7);
  t.true(found.feasible);
  for (const block of [found.agents, found.baseline, found.optimum]) t.is(typeof block?.['costPerHour'], 'number');
  t.true(Math.abs(found.gap ?? 1) < 1e-4);
  const [agents = 0, best = 0] = [found.agents['costPerHour'], found.optimum?.['costPerHour']];
  t.is(found.gap, (agents - best) / Math.abs(best));
});

test('without --json it prints a table with agents, baseline and optimum, and nothing on standard error', async (t) => {
  const { code, out, err } = await haggle('simulate', 'energy', '--generate', 'buses=5');
  t.is(code, EXIT.ok);
  t.is(err, '');
  t.regex(out, /agents +baseline +optimum\ncostPerHour \(\$\/h\)/);
  t.regex(out, /feasible +yes/);
});

test('the same seed gives the same run in all signing modes, another seed another grid', async (t) => {
  const args = ['--generate', 'buses=8', '--seed', '3'] as const;
  const runs = await Promise.all([
    result(...args),
    result(...args),
    ...['each', 'batch', 'off'].map((sign) => result(...args, '--sign', sign)),
  ]);
  t.is(new Set(runs.map(({ fingerprint }) => fingerprint)).size, 1);
  t.is(new Set(runs.map(({ agents }) => JSON.stringify(agents))).size, 1);
  t.deepEqual(
    runs.map(({ mode }) => mode.sign),
    ['batch', 'batch', 'each', 'batch', 'off'],
  );
  t.not((await result('--generate', 'buses=8', '--seed', '4')).fingerprint, runs[0]?.fingerprint);
});

test('--solution is one row a generator and bus of the file, and scores as the result says', async (t) => {
  const path = scratch(t);
  const random = createRandomRoot(5).stream('test');
  writeFileSync(path('grid.m'), toMatpower(generateGrid({ buses: 20, random })));
  const found = await result('--instance', path('grid.m'), '--solution', path('solution.json'));
  const grid = parseMatpower(readFileSync(path('grid.m'), 'utf8'));
  const solution = z
    .strictObject({
      pgMw: z.array(z.number()).length(grid.generators.length),
      thetaRad: z.array(z.number()).length(grid.buses.length),
      pricePerMwh: z.array(z.number()).length(grid.buses.length),
      congestionPricePerMwh: z.array(z.number()).length(grid.branches.length),
    })
    .parse(JSON.parse(readFileSync(path('solution.json'), 'utf8')));
  const score = scoreDispatch(grid, solution);
  t.like(found.agents, { ...score });
  t.true(score.worstOverloadPu <= 1e-4 && score.worstBalanceMismatchPu <= 1e-4);
});

for (const [what, args] of [
  ['the result', ['simulate', 'energy', '--generate', 'buses=3', '--json']],
  ['the help', ['--help']],
] as const) {
  test(`a reader that stops reading ${what} is not told about it`, async (t) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    t.is(err, '');
    t.is(code, EXIT.ok);
  });
}
