import { existsSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { EXIT } from '../../cli/exit.ts';
import { drawnPolicyText } from '../fixtures/drawn-policies.ts';
import { haggle, scratch } from './haggle.ts';

const supply = ['simulate', 'supply-chain', '--generate', 'firms=5,tiers=2,products=1,periods=5'] as const;
const Decisions = z.object({ decisions: z.record(z.string().regex(/^[0-9a-f]{32}$/), z.int().positive()) });

test('the table says how often a policy that was given was asked, as the result object does', async (t) => {
  const [table, json] = await Promise.all([
    haggle(...supply, '--policy', 'learned'),
    haggle(...supply, '--policy', 'learned', '--json'),
  ]);
  t.is(table.code, EXIT.ok, table.err);
  const [, times = ''] = /^decisions {8}([\d,]+) by supply-chain\/order$/m.exec(table.out) ?? [];
  const { decisions } = Decisions.parse(JSON.parse(json.out));
  t.true(Object.values(decisions).includes(Number(times.replaceAll(',', ''))), table.out);
});

test('of two policies the table says also which had nothing to decide', async (t) => {
  const path = scratch(t);
  writeFileSync(path('order.json'), drawnPolicyText('supply-chain/order', 1));
  writeFileSync(path('rule.json'), drawnPolicyText('supply-chain/rule', 1));
  const policies = ['rule', 'order'].map((role) => path(`${role}.json`)).join(',');
  const { code, out, err } = await haggle(...supply, '--set', 'negotiate=no', '--policy', policies);
  t.is(code, EXIT.ok, err);
  t.regex(out, /^decisions {8}[\d,]+ by supply-chain\/rule, 0 by supply-chain\/order$/m);
});

test('a run by the scripted rules counts them in the result object, and says nothing of them in the table', async (t) => {
  const [table, json] = await Promise.all([haggle(...supply), haggle(...supply, '--json')]);
  t.false(table.out.includes('decisions'));
  t.true(Object.keys(Decisions.parse(JSON.parse(json.out)).decisions).length > 0);
});

test('a policy that nobody asks is refused with file, role and reason, and nothing is written', async (t) => {
  const path = scratch(t);
  writeFileSync(path('park.json'), drawnPolicyText('ride-sharing/reposition', 1));
  writeFileSync(path('order.json'), drawnPolicyText('supply-chain/order', 1));
  writeFileSync(path('rule.json'), drawnPolicyText('supply-chain/rule', 1));
  const alone = [...supply, '--set', 'negotiate=no'];
  const still = ['simulate', 'ride-sharing', '--generate', 'requests=4,vehicles=2'];
  for (const [args, files, words] of [
    [alone, ['order'], /order\.json: nobody was asked in its role supply-chain\/order/],
    [
      still,
      ['park'],
      /\(city, static\).*park\.json: nobody was asked in its role ride-sharing\/reposition, where a vehicle/,
    ],
  ] as const) {
    const outputs = ['trace', 'solution', 'report'].flatMap((flag) => [`--${flag}`, path(flag)]);
    const policy = files.map((file) => path(`${file}.json`)).join(',');
    const { code, out, err } = await haggle(...args, '--policy', policy, ...outputs);
    t.is(code, EXIT.usage, err);
    t.is(out, '');
    t.regex(err, words);
    t.regex(err, /rules that --set gives/);
    for (const flag of ['trace', 'solution', 'report']) t.false(existsSync(path(flag)));
  }
});

test('foresight and a policy for homes exclude each other before anything runs', async (t) => {
  const homes = ['energy', '--generate', 'homes=2,days=1', '--set', 'plan=foresight'];
  const words = /plan must not be foresight where homes have a policy/;
  for (const command of [
    ['simulate', ...homes, '--policy', 'learned'],
    ['evaluate', ...homes, '--policies', 'scripted,learned', '--seeds', '1-2'],
  ]) {
    const { code, out, err } = await haggle(...command);
    t.is(code, EXIT.usage);
    t.is(out, '');
    t.regex(err, words);
  }
  t.is((await haggle('simulate', ...homes)).code, EXIT.ok, 'scripted homes may have it');
});
