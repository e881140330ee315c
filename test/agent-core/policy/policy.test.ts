import test from 'ava';
import * as fc from 'fast-check';
import { decide, definePolicy, observationHash, type PolicySpec } from '../../../agent-core/policy/policy.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';

const plain: PolicySpec = {
  name: 'plain-1',
  observes: [
    { name: 'load', min: 0, max: 4 },
    { name: 'balance', min: -10, max: 10 },
  ],
  acts: box([{ name: 'markup', min: 0, max: 0.5 }]),
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
    t.throws(() => decide(policy, [0, 0]), { code: 'bad-action', message: /policy plain-1 does/ });
  }
});

test('has a hash that its name, its features and its parameters decide, in whatever order parameters are written', (t) => {
  const of = (changed: Partial<PolicySpec>): string => definePolicy({ ...plain, ...changed }).hash;
  t.regex(of({}), /^[0-9a-f]{32}$/);
  t.is(of({ parameters: { b: 1, a: 2 } }), of({ parameters: { a: 2, b: 1 } }));
  const others = [
    { name: 'plain-2' },
    { parameters: { slope: 0.3 } },
    { acts: box([{ name: 'markup', min: 0, max: 1 }]) },
    { acts: discrete(['markup']) },
    { observes: plain.observes.slice(1) },
  ].map(of);
  t.is(new Set([of({}), ...others]).size, 6);
});

for (const [what, changed] of [
  ['no name', { name: '' }],
  ['no action', { acts: box([]) }],
  ['a parameter that is not finite', { parameters: { slope: Number.NaN } }],
] as const) {
  test(`refuses a policy with ${what}`, (t) => {
    t.throws(() => definePolicy({ ...plain, ...changed }), { code: 'bad-policy' });
  });
}

const valve = definePolicy({
  name: 'valve-1',
  observes: [{ name: 'pressure', min: 0, max: 1 }],
  acts: discrete(['shut', 'half', 'open']),
  parameters: {},
  act: ([pressure = 0], mask) => [pressure > 0.5 && mask?.[2] !== false ? 2 : 1],
});

test('asks a policy of choices with those that are open, and records them', (t) => {
  t.deepEqual(decide(valve, [0.9]).action, [2]);
  const mask = [true, true, false];
  t.deepEqual(decide(valve, [0.9], mask), { policy: valve.hash, observation: [0.9], mask, action: [1] });
});

test('refuses a choice that is masked, that there is not, or that is no whole number', (t) => {
  t.throws(() => decide(valve, [0.9], [true, false, false]), {
    code: 'bad-action',
    message: /1 \(half\), which is masked/,
  });
  for (const action of [[3], [-1], [0.5], [], [0, 1], [Number.NaN]]) {
    t.throws(() => decide({ ...valve, act: () => action }, [0]), { code: 'bad-action', message: /from 0 to 2/ });
  }
});

for (const [what, policy, mask] of [
  ['a mask of another length', valve, [true]],
  ['a mask that leaves nothing open', valve, [false, false, false]],
  ['a mask for a box', definePolicy({ ...plain, observes: valve.observes }), [true]],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => decide(policy, [0], mask), { code: 'bad-mask' });
  });
}

test('names an observation by its numbers', (t) => {
  t.is(observationHash([0.1, 2]), observationHash([0.1, 2]));
  t.not(observationHash([0.1, 2]), observationHash([2, 0.1]));
  t.is(observationHash(decide(valve, [-0]).observation), observationHash([0]), '-0 and 0 are one observation');
});
