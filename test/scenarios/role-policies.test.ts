import test from 'ava';
import { box } from '../../agent-core/policy/space.ts';
import { loadInstance, type InstanceSource } from '../../scenarios/instance-source.ts';
import { rolePolicies } from '../../scenarios/role-policies.ts';
import { energy } from '../../scenarios/energy/scenario.ts';
import { simulate } from '../../scenarios/simulate.ts';
import { supplyChain } from '../../scenarios/supply-chain/scenario.ts';
import { drawnPolicy, drawnPolicyText } from '../fixtures/drawn-policies.ts';

const ORDER = 'supply-chain/order';
const order = { file: 'order.json', text: drawnPolicyText(ORDER, 1) };
const small = {
  type: 'generated',
  parameters: new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: '5' })),
  settings: new Map<string, string>(),
} satisfies InstanceSource;

test('agents decide by the policies of files, each in its role, and by their own in others', async (t) => {
  const run = async (source: InstanceSource): Promise<string> => {
    const instance = loadInstance(supplyChain, source, 1);
    return (await simulate(supplyChain, instance, { seed: 1, sign: 'off' })).result.fingerprint;
  };
  const scripted = await run(small);
  const learned = await run({ ...small, policies: [order] });
  t.not(learned, scripted);
  t.is(await run({ ...small, policies: [order] }), learned);
  t.not(await run({ ...small, policies: [{ ...order, text: drawnPolicyText(ORDER, 2) }] }), learned);
});

for (const [what, sources, message] of [
  [
    'a policy of another scenario',
    [{ file: 'a.json', text: drawnPolicyText('ride-sharing/shading', 1) }],
    /supply-chain has supply-chain\/order, /,
  ],
  [
    'a policy of a role that there is not',
    [{ file: 'a.json', text: drawnPolicyText(ORDER, 1, { role: 'supply-chain/chief' }) }],
    /its role is supply-chain\/chief/,
  ],
  ['two policies of one role', [order, order], /another policy for the role supply-chain\/order/],
  ['what is no policy file', [{ file: 'a.json', text: '{}' }], /a\.json/],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => rolePolicies(supplyChain, sources), { code: 'bad-policy-file', message });
  });
}

test('refuses a policy that was trained to see or to do something else', (t) => {
  const { observes, acts } = drawnPolicy(ORDER, 1);
  const renamed = observes.map((feature, k) => (k === 1 ? { ...feature, name: 'periods' } : feature));
  const wider = acts.kind === 'box' ? box(acts.features.map((feature) => ({ ...feature, max: 9 }))) : acts;
  for (const [changed, message] of [
    [{ observes: renamed }, /feature 2 is periodsLeft from 0 to 1024, the file has periods/],
    [{ acts: wider }, /feature 1 is level from 0.5 to 1.5, the file has level from 0.5 to 9/],
  ] as const) {
    const text = drawnPolicyText(ORDER, 1, changed);
    t.throws(() => rolePolicies(supplyChain, [{ file: 'a.json', text }]), { code: 'bad-policy-file', message });
  }
});

test('an instance whose agents leave nothing to policies takes none', (t) => {
  const beer: InstanceSource = { ...small, parameters: new Map([['game', 'classic']]), policies: [order] };
  t.throws(() => loadInstance(supplyChain, beer, 1), { code: 'no-such-role', message: /there is no role "order"/ });
  const grid: InstanceSource = { ...small, parameters: new Map([['buses', '4']]), policies: [order] };
  t.throws(() => loadInstance(energy, grid, 1), { code: 'bad-policy-file' });
});
