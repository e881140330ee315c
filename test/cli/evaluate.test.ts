import { writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { EXIT } from '../../cli/exit.ts';
import { writePolicyFile } from '../../agent-core/adapters/policy-files.ts';
import { box } from '../../agent-core/policy/space.ts';
import type { PolicyFile } from '../../agent-core/policy/policy-file.ts';
import { ANTICIPATION_ACTIONS, ANTICIPATION_FEATURES } from '../../agents/supply-chain/policies/anticipation.ts';
import { haggle, scratch } from './haggle.ts';

const evaluate = ['evaluate', 'supply-chain', '--generate', 'firms=5,tiers=2,products=1,periods=6'] as const;

/** A net whose answer is the middle of its bounds, which is what is scripted, moved by `bias` of half their width. */
function steady(bias: readonly [number, number], changes: Partial<PolicyFile> = {}): PolicyFile {
  const inputs = ANTICIPATION_FEATURES.length;
  return {
    name: 'steady',
    role: 'supply-chain/order',
    observes: ANTICIPATION_FEATURES,
    acts: ANTICIPATION_ACTIONS,
    normaliser: { means: Array(inputs).fill(0), deviations: Array(inputs).fill(1), clip: 5 },
    network: {
      layers: [
        {
          type: 'dense',
          inputs,
          outputs: 2,
          activation: 'linear',
          kernel: new Float32Array(2 * inputs),
          bias: Float32Array.from(bias),
        },
      ],
    },
    origin: { algorithm: 'none', backend: 'none', command: 'none', seeds: [1], haggle: '0', score: 'none' },
    ...changes,
  };
}

const Result = z.object({
  scenario: z.literal('supply-chain'),
  objective: z.object({ name: z.literal('profit'), sense: z.literal('max') }),
  seeds: z.array(z.number()),
  candidates: z.array(
    z.object({ name: z.string(), values: z.record(z.string(), z.array(z.number())), infeasible: z.literal(0) }),
  ),
  comparisons: z.array(
    z.object({
      name: z.string(),
      kpi: z.string(),
      difference: z.object({ mean: z.number(), p: z.number() }),
      p: z.number(),
    }),
  ),
});

test('compares files with the first on the same seeds: one that does what is scripted differs in nothing', async (t) => {
  const path = scratch(t);
  writePolicyFile(path('same.json'), steady([0, 0]));
  writePolicyFile(path('hoarder.json'), steady([1, 1]));
  const files = ['scripted', path('same.json'), path('hoarder.json')];
  const args = [...evaluate, '--policies', files.join(','), '--seeds', '3,8-9,5'];
  const { code, out, err } = await haggle(...args, '--json');
  t.is(code, EXIT.ok, err);
  const { seeds, candidates, comparisons } = Result.parse(JSON.parse(out));
  t.deepEqual(seeds, [3, 8, 9, 5]);
  t.deepEqual(
    candidates.map(({ name }) => name),
    files,
  );
  const [scripted, same, hoarder] = candidates.map(({ values }) => values['profit'] ?? []);
  t.is(scripted?.length, seeds.length);
  t.deepEqual(same, scripted);
  t.notDeepEqual(hoarder, scripted);
  t.deepEqual(
    comparisons.map(({ name, kpi }) => [name, kpi]),
    files.slice(1).flatMap((name) => ['profit', 'gap'].map((kpi) => [name, kpi])),
  );
  for (const { name, difference, p } of comparisons) {
    t.true(p >= difference.p && p <= 1, 'corrected, a difference is never more certain');
    if (name === files[1]) t.deepEqual([difference.mean, p], [0, 1]);
  }
});

test('shows a table of means, intervals and verdicts', async (t) => {
  const path = scratch(t);
  writePolicyFile(path('same.json'), steady([0, 0]));
  const list = `scripted,${path('same.json')}`;
  const { code, out, err } = await haggle(...evaluate, '--policies', list, '--seeds', '1-2', '--kpi', 'messages');
  if (code === EXIT.ok) t.regex(out, /messages/);
  else t.regex(err, /not every run has the indicator "messages"; all have .*profit/);
  const plain = await haggle(...evaluate, '--policies', list, '--seeds', '1-2');
  t.is(plain.code, EXIT.ok, plain.err);
  t.regex(plain.out, /^supply-chain, profit \(more is better\): 2 seeds, mean ± half of the 95 % interval\n/);
  t.regex(plain.out, /beside scripted, seed by seed \(p: Student's paired test, Holm-corrected over 2\)/);
  t.regex(plain.out, /same\.json .*1\.0000 .*may be chance\n/);
});

test('refuses seeds that are none, given twice or too few', async (t) => {
  for (const [seeds, words] of [
    ['x', /--seeds takes numbers and ranges of up to 10000, such as 1-10,20, got "x"/],
    ['5-3', /got "5-3"/],
    ['1-10001', /got "1-10001"/],
    ['1-9999,20000-20009', /--seeds takes up to 10000 seeds, got 10009/],
    ['1.5', /got "1.5"/],
    ['-3', /--seeds/],
    ['1', /an evaluation needs at least 2 seeds, got 1/],
    ['1-3,2', /seed 2 is given twice/],
  ] as const) {
    const { code, out, err } = await haggle(...evaluate, '--policies', 'scripted', '--seeds', seeds);
    t.is(code, EXIT.usage, seeds);
    t.regex(err, words);
    t.is(out, '');
  }
});

test('refuses policies that are none, of another role, or given twice', async (t) => {
  const path = scratch(t);
  writeFileSync(path('words.json'), 'words\n');
  writePolicyFile(path('home.json'), steady([0, 0], { role: 'energy/home' }));
  writePolicyFile(
    path('narrow.json'),
    steady([0, 0], {
      acts: box([
        { name: 'level', min: 0, max: 1 },
        { name: 'spread', min: 0, max: 2 },
      ]),
    }),
  );
  writePolicyFile(path('same.json'), steady([0, 0]));
  for (const [policies, code, words] of [
    [path('words.json'), EXIT.badData, /words\.json: .*canonical JSON/],
    [path('home.json'), EXIT.badData, /its role is energy\/home; supply-chain has supply-chain\/order, /],
    [
      path('narrow.json'),
      EXIT.badData,
      /what supply-chain\/order does is not what it was trained to: feature 1 is level from 0\.5/,
    ],
    [
      `${path('same.json')}+${path('same.json')}`,
      EXIT.badData,
      /another policy for the role supply-chain\/order already/,
    ],
    [path('absent.json'), EXIT.noInput, /absent\.json/],
    ['scripted,scripted', EXIT.usage, /the policies "scripted" are given twice/],
    ['', EXIT.usage, /needs policies to compare, got none/],
  ] as const) {
    const failed = await haggle(...evaluate, '--policies', policies, '--seeds', '1-2');
    t.is(failed.code, code, `${policies}: ${failed.err}`);
    t.regex(failed.err, words);
  }
});

test('refuses a candidate that decides nothing under these settings', async (t) => {
  const path = scratch(t);
  writePolicyFile(path('same.json'), steady([0, 0]));
  const list = `scripted,${path('same.json')}`;
  const { code, out, err } = await haggle(...evaluate, '--set', 'negotiate=no', '--policies', list, '--seeds', '1-2');
  t.is(code, EXIT.usage);
  t.is(out, '');
  t.regex(
    err,
    /nothing in the runs of the candidate ".*same\.json".* nobody was asked in its role supply-chain\/order/,
  );
});

test('says where candidates did not play alike, as homes with foresight and without', async (t) => {
  const street = ['evaluate', 'energy', '--generate', 'homes=2,days=1,batteries=100', '--policies', 'scripted,learned'];
  const { code, out, err } = await haggle(...street, '--seeds', '1-2');
  t.is(code, EXIT.ok, err);
  t.true(
    out.includes(
      'They did not play alike: scripted played "community, foresight", learned played "community, policy".',
    ),
    out,
  );
  const alike = await haggle(...street, '--set', 'plan=policy', '--seeds', '1-2');
  t.false(alike.out.includes('alike'), alike.out);
});
