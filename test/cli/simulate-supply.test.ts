import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch } from './haggle.ts';

const supply = ['simulate', 'supply-chain'] as const;
const SMALL = ['--generate', 'firms=5,tiers=2,products=1,periods=8'];
const kpis = z.record(z.string(), z.number());
const Result = z.object({
  scenario: z.literal('supply-chain'),
  variant: z.string(),
  objective: z.strictObject({ name: z.literal('profit'), unit: z.literal('tokens'), sense: z.literal('max') }),
  agents: kpis,
  baseline: kpis,
  optimum: kpis.nullable(),
  references: z.record(z.string(), kpis),
  gap: z.number().nullable(),
  feasible: z.boolean(),
  fingerprint: z.string(),
  messages: z.number(),
  rounds: z.number(),
});

async function result(...args: readonly string[]): Promise<z.output<typeof Result>> {
  const { out } = await haggle(...supply, '--json', ...args);
  return Result.parse(JSON.parse(out));
}

test('runs with no data, beside local rules and the optimum, and the same in all signing modes', async (t) => {
  const signed = await result(...SMALL);
  const profit = (block: Readonly<Record<string, number>> | null): number => block?.['profit'] ?? Number.NaN;
  t.true(signed.feasible);
  t.is(signed.variant, 'network, backlog');
  t.true(profit(signed.agents) <= profit(signed.optimum) + 1e-6);
  t.true((signed.gap ?? -1) >= 0);
  t.true(Object.keys(signed.references).length > 0);
  const unsigned = await result(...SMALL, '--sign', 'off');
  t.is(unsigned.fingerprint, signed.fingerprint);
});

test('without negotiation the agents are the baseline', async (t) => {
  const found = await result(...SMALL, '--set', 'negotiate=no', '--set', 'rule=newsvendor');
  t.true(Math.abs((found.agents['profit'] ?? 0) - (found.baseline['profit'] ?? 1)) < 1e-6);
  t.is(found.rounds, 0);
});

test('--solution tells orders by lane and period that earn what it says, and payments of whole micro-tokens', async (t) => {
  const path = scratch(t);
  t.is((await haggle(...supply, ...SMALL, '--solution', path('orders.json'))).code, EXIT.ok);
  const solution = z
    .object({
      orders: z.record(z.string().regex(/^\d+-\d+$/), z.array(z.number().nonnegative()).length(8)),
      profit: z.number(),
      firms: z.record(z.string(), z.object({ profit: z.number() })),
      payments: z.array(z.object({ from: z.string(), to: z.string(), amount: z.string().regex(/^\d+$/) })),
    })
    .parse(JSON.parse(readFileSync(path('orders.json'), 'utf8')));
  const whole = Object.values(solution.firms).reduce((sum, { profit }) => sum + profit, 0);
  t.true(Math.abs(whole - solution.profit) < 1e-3);
  for (const [id, { profit }] of Object.entries(solution.firms)) {
    const paid = solution.payments.reduce(
      (sum, { from, to, amount }) => sum + (to === id ? BigInt(amount) : 0n) - (from === id ? BigInt(amount) : 0n),
      0n,
    );
    t.is(paid, BigInt(Math.round(profit * 1e6)), `firm ${id}`);
  }
});

test('the trace of a run with money verifies, and not with another account of what was paid', async (t) => {
  const path = scratch(t);
  t.is((await haggle(...supply, ...SMALL, '--trace', path('run.jsonl'))).code, EXIT.ok);
  t.is((await haggle('verify', path('run.jsonl'))).code, EXIT.ok);
  const edited = readFileSync(path('run.jsonl'), 'utf8').replace(/"chains":"\w+"/, '"chains":"00"');
  writeFileSync(path('edited.jsonl'), edited);
  t.is((await haggle('verify', path('edited.jsonl'))).code, EXIT.negative);
});

test('names the setting, the value and what is allowed where it is told nonsense', async (t) => {
  for (const [set, words] of [
    ['negotiate=perhaps', 'negotiate must be yes or no, got "perhaps"'],
    ['paths=0', 'paths must be a whole number from 1 to 1000, got "0"'],
    ['share=2', 'share must be a number from 0 to 1, got "2"'],
  ] as const) {
    const { code, err } = await haggle(...supply, ...SMALL, '--set', set);
    t.is(code, EXIT.usage);
    t.is(err, `haggle: ${words}\n`);
  }
  t.regex(
    (await haggle(...supply, ...SMALL, '--set', 'speed=9')).err,
    /there is no setting "speed"; there is: negotiate, /,
  );
  t.is((await haggle(...supply, '--generate', 'firms=3')).code, EXIT.usage);
});

test('a file or folder that is no network is bad data, not a defect', async (t) => {
  const path = scratch(t);
  mkdirSync(path('nothing'));
  writeFileSync(path('words.yaml'), 'these are words\n');
  for (const instance of ['nothing', 'words.yaml']) {
    t.is((await haggle(...supply, '--instance', path(instance))).code, EXIT.badData, instance);
  }
});
