import test from 'ava';
import { evaluate, type Candidate } from '../../scenarios/evaluate.ts';
import type { InstanceSource } from '../../scenarios/instance-source.ts';
import { supplyChain } from '../../scenarios/supply-chain/scenario.ts';
import { drawnPolicyText } from '../fixtures/drawn-policies.ts';

const source: InstanceSource = {
  type: 'generated',
  parameters: new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: '5' })),
  settings: new Map(),
};
const scripted: Candidate = { name: 'scripted', source };
const drawn: Candidate = {
  name: 'drawn',
  source: { ...source, policies: [{ file: 'drawn.json', text: drawnPolicyText('supply-chain/order', 1) }] },
};
const options = { seeds: [1, 2, 3], sign: 'off' } as const;

test('compares every candidate with the first on the same seeds, with intervals and corrected p values', async (t) => {
  const seen: number[] = [];
  const found = await evaluate(supplyChain, [scripted, drawn], {
    ...options,
    onRun: ({ runs }) => void seen.push(runs),
  });
  t.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  t.deepEqual(
    found.candidates.map(({ name }) => name),
    ['scripted', 'drawn'],
  );
  const [first, second] = found.candidates;
  for (const { kpi, difference, p } of found.comparisons) {
    const a = first?.values[kpi] ?? [];
    const b = second?.values[kpi] ?? [];
    t.is(a.length, 3);
    const mean = b.reduce((sum, value, k) => sum + value - (a[k] ?? 0), 0) / 3;
    t.true(Math.abs(difference.mean - mean) < 1e-9);
    t.true(p >= difference.p && p <= 1);
  }
  t.deepEqual(
    found.comparisons.map(({ kpi }) => kpi),
    ['profit', 'gap'],
  );
});

test('a candidate beside itself differs by nothing, and may be chance', async (t) => {
  const { comparisons } = await evaluate(supplyChain, [scripted, { ...scripted, name: 'again' }], options);
  t.true(comparisons.every(({ difference, p }) => difference.mean === 0 && p === 1));
});

for (const [what, candidates, changed] of [
  ['no candidate', [], {}],
  ['a single seed', [scripted], { seeds: [1] }],
  ['a seed given twice', [scripted], { seeds: [1, 2, 1] }],
  ['a name given twice', [scripted, scripted], {}],
  ['an indicator that there is not', [scripted], { kpis: ['mood'] }],
] as const) {
  test(`refuses ${what}`, async (t) => {
    await t.throwsAsync(() => evaluate(supplyChain, candidates, { ...options, ...changed }), {
      code: 'bad-evaluation',
    });
  });
}
