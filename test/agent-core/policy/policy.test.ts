import test from 'ava';
import * as fc from 'fast-check';
import { decide, definePolicy, type PolicySpec } from '../../../agent-core/policy/policy.ts';

const plain: PolicySpec = {
  name: 'plain-1',
  observes: [
    { name: 'load', min: 0, max: 4 },
    { name: 'balance', min: -10, max: 10 },
  ],
  acts: [{ name: 'markup', min: 0, max: 0.5 }],
  parameters: { slope: 0.2 },
  act: ([load = 0, balance = 0]) => [0.2 * load + balance],
};

test('holds observations and actions to their bounds', (t) => {
  const policy = definePolicy(plain);
  t.deepEqual(decide(policy, [9, -99]), { policy: policy.hash, observation: [4, -10], action: [0] });
  t.deepEqual(decide(policy, [Infinity, 0]).action, [0.5]);
});

test('gives the same bounded action for the same observation, whatever it is', (t) => {
  const policy = definePolicy(plain);
  const number = fc.double({ noNaN: true });
  fc.assert(
    fc.property(number, number, (load, balance) => {
      const { action, observation } = decide(policy, [load, balance]);
      t.deepEqual(decide(policy, [load, balance]).action, action);
      t.deepEqual(decide(policy, observation).action, action, 'what is recorded can be repeated');
      t.true(action.every((value) => value >= 0 && value <= 0.5));
    }),
  );
});

for (const [what, observation] of [
  ['too few values', [1]],
  ['too many', [1, 2, 3]],
  ['a NaN', [1, Number.NaN]],
] as const) {
  test(`refuses ${what} as an observation`, (t) => {
    t.throws(() => decide(definePolicy(plain), [...observation]), { code: 'bad-observation' });
  });
}

test('refuses the action of a rule that gives another number of values, or a NaN', (t) => {
  for (const action of [[], [1, 2], [Number.NaN]]) {
    const policy = definePolicy({ ...plain, act: () => action });
    t.throws(() => decide(policy, [0, 0]), { code: 'bad-action', message: /policy plain-1 acts on/ });
  }
});

test('has a hash that its name, its features and its parameters decide, in whatever order parameters are written', (t) => {
  const of = (changed: Partial<PolicySpec>): string => definePolicy({ ...plain, ...changed }).hash;
  t.regex(of({}), /^[0-9a-f]{32}$/);
  t.is(of({ parameters: { b: 1, a: 2 } }), of({ parameters: { a: 2, b: 1 } }));
  const others = [
    { name: 'plain-2' },
    { parameters: { slope: 0.3 } },
    { acts: [{ name: 'markup', min: 0, max: 1 }] },
    { observes: plain.observes.slice(1) },
  ].map(of);
  t.is(new Set([of({}), ...others]).size, 5);
});

for (const [what, changed] of [
  ['no name', { name: '' }],
  ['no action', { acts: [] }],
  ['bounds out of order', { acts: [{ name: 'x', min: 1, max: 0 }] }],
  ['bounds that are not finite', { observes: [{ name: 'x', min: 0, max: Infinity }] }],
  ['two features of one name', { observes: [plain.acts[0], plain.acts[0]].flatMap((one) => one ?? []) }],
  ['a parameter that is not finite', { parameters: { slope: Number.NaN } }],
  [
    'more features than 4,096',
    { observes: Array.from({ length: 4_097 }, (_, k) => ({ name: String(k), min: 0, max: 1 })) },
  ],
] as const) {
  test(`refuses a policy with ${what}`, (t) => {
    t.throws(() => definePolicy({ ...plain, ...changed }), { code: 'bad-policy' });
  });
}
