import test from 'ava';
import * as fc from 'fast-check';
import { referenceNetwork } from '../../../agent-core/policy/kernel/reference.ts';
import { networkPolicy, type NetworkPolicySpec } from '../../../agent-core/policy/network-policy.ts';
import { decide } from '../../../agent-core/policy/policy.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';
import { denseLayer, denseNetwork, normLayer, plainDraw } from '../../fixtures/networks.ts';
import { boxPolicy, choicePolicy } from '../../fixtures/policies.ts';

const one = (name: string, min: number, max: number): { name: string; min: number; max: number } => ({
  name,
  min,
  max,
});

/** One number in, the same number out. */
const identity: NetworkPolicySpec = {
  name: 'identity',
  observes: [one('load', -100, 100)],
  acts: box([one('charge', -2, 6)]),
  normaliser: { means: [10], deviations: [5], clip: 3 },
  network: {
    layers: [
      {
        type: 'dense',
        inputs: 1,
        outputs: 1,
        activation: 'linear',
        kernel: Float32Array.of(1),
        bias: Float32Array.of(0),
      },
    ],
  },
};

test('takes -1 to 1 of the network for the least to the most of a feature, after scaling what is observed', (t) => {
  const policy = networkPolicy(identity);
  t.deepEqual(policy.act([10]), [2], 'the mean is 0, the middle');
  t.deepEqual(policy.act([15]), [6], 'one deviation is 1, the most');
  t.deepEqual(policy.act([5]), [-2]);
  t.deepEqual(policy.act([100]), [14], 'clipped at 3 deviations');
  t.deepEqual(decide(policy, [100]).action, [6], 'and held to its bounds by whoever asks');
  t.deepEqual(policy.act([-100]), [-10]);
});

/** One number in; its products with these out. */
function scores(factors: readonly number[]): NetworkPolicySpec {
  const layer = denseLayer([1, factors.length], 'linear', () => 0);
  return {
    ...identity,
    acts: discrete(factors.map((_, k) => `choice ${k}`)),
    normaliser: { means: [0], deviations: [1], clip: 10 },
    network: { layers: [{ ...layer, kernel: Float32Array.from(factors) } as typeof layer] },
  };
}

test('takes the choice with the greatest output among those open, the first of equals', (t) => {
  const policy = networkPolicy(scores([1, 3, 3, 2]));
  t.deepEqual(policy.act([1]), [1]);
  t.deepEqual(policy.act([0]), [0], 'all are equal');
  t.deepEqual(policy.act([-1]), [0]);
  t.deepEqual(policy.act([1], [true, false, true, true]), [2]);
  t.deepEqual(policy.act([1], [true, false, false, true]), [3]);
  t.deepEqual(decide(policy, [-1], [false, false, false, true]).action, [3]);
});

test('refuses to choose by a score that is NaN, but not for a masked one', (t) => {
  const layers = [denseLayer([1, 2], 'linear', () => 3e38)];
  const last = denseLayer([2, 2], 'linear', () => 0);
  const network = {
    layers: [...layers, { ...last, kernel: Float32Array.of(-1, 0.25, 1, 0.25) } as typeof last],
  };
  const policy = networkPolicy({ ...scores([1, 1]), network });
  t.throws(() => policy.act([10]), { code: 'bad-action', message: /policy identity scores choice 0 with NaN/ });
  t.deepEqual(policy.act([10], [false, true]), [1]);
});

test('a policy on a box whose answer is NaN is refused by whoever asks', (t) => {
  const layers = [denseLayer([1, 2], 'linear', () => 3e38)];
  const last = denseLayer([2, 1], 'linear', () => 0);
  const network = { layers: [...layers, { ...last, kernel: Float32Array.of(-1, 1) } as typeof last] };
  const policy = networkPolicy({ ...identity, network });
  t.throws(() => decide(policy, [100]), { code: 'bad-action', message: /got NaN/ });
});

test('acts alike by kernel and by reference', (t) => {
  fc.assert(
    fc.property(fc.oneof(boxPolicy, choicePolicy), fc.infiniteStream(fc.double({ noNaN: true })), (spec, stream) => {
      const fast = networkPolicy(spec);
      const exact = networkPolicy(spec, { compile: referenceNetwork });
      t.is(fast.hash, exact.hash);
      const observation = spec.observes.map(() => Number(stream.next().value));
      t.deepEqual(decide(fast, observation), decide(exact, observation));
    }),
  );
});

test('has a hash that name, spaces, normaliser, layers and weights decide', (t) => {
  const of = (changed: Partial<NetworkPolicySpec>): string => networkPolicy({ ...identity, ...changed }).hash;
  const [layer] = identity.network.layers;
  const { normaliser } = identity;
  t.regex(of({}), /^[0-9a-f]{32}$/);
  t.is(of({}), of({ network: { layers: [...identity.network.layers] } }));
  const others: readonly Partial<NetworkPolicySpec>[] = [
    { name: 'other' },
    { observes: [one('load', -100, 99)] },
    { acts: box([one('charge', -2, 5)]) },
    { normaliser: { ...normaliser, means: [9] } },
    { normaliser: { ...normaliser, deviations: [4] } },
    { normaliser: { ...normaliser, clip: 4 } },
    { network: { layers: [{ ...layer, bias: Float32Array.of(2 ** -149) } as typeof layer & object] } },
    { network: { layers: [{ ...layer, activation: 'tanh' } as typeof layer & object] } },
    { network: { layers: [normLayer(1, plainDraw(1)), ...identity.network.layers] } },
  ];
  t.is(new Set([of({}), ...others.map(of)]).size, others.length + 1);
});

const wide = denseNetwork([2, 1], { hidden: 'relu', last: 'linear', draw: plainDraw(1) });
for (const [what, changed, message] of [
  ['a network that takes more than is observed', { network: wide }, /takes 2 numbers, observed are 1/],
  ['a network that gives less than can be done', { acts: discrete(['a', 'b']) }, /gives 1 numbers, .* has 2/],
  ['a mean too few', { normaliser: { means: [], deviations: [1], clip: 1 } }, /must have 1 means, got 0/],
  [
    'a deviation too many',
    { normaliser: { means: [1], deviations: [1, 1], clip: 1 } },
    /must have 1 deviations, got 2/,
  ],
  ['a mean beyond f32', { normaliser: { means: [1e39], deviations: [1], clip: 1 } }, /means .* got 1e\+39/],
  ['a deviation of 0', { normaliser: { means: [0], deviations: [0], clip: 1 } }, /deviations .* got 0/],
  ['a deviation that is 0 in f32', { normaliser: { means: [0], deviations: [1e-60], clip: 1 } }, /got 1e-60/],
  ['a negative clip', { normaliser: { means: [0], deviations: [1], clip: -1 } }, /clip .* got -1/],
  ['a clip that is NaN', { normaliser: { means: [0], deviations: [1], clip: Number.NaN } }, /clip .* got NaN/],
  ['observed bounds beyond f32', { observes: [one('load', 0, 1e300)] }, /feature load .* got 0 to 1e\+300/],
  ['action bounds beyond f32', { acts: box([one('charge', -1e39, 0)]) }, /feature charge .* got -1e\+39 to 0/],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => networkPolicy({ ...identity, ...changed }), { code: 'bad-policy', message });
  });
}

test('refuses a last layer that does not say what to do', (t) => {
  const ending = (activation: 'relu' | 'tanh' | 'softmax'): NetworkPolicySpec['network'] =>
    denseNetwork([1, 1], { hidden: 'relu', last: activation, draw: plainDraw(1) });
  const refused = (changed: Partial<NetworkPolicySpec>, message: RegExp): void => {
    t.throws(() => networkPolicy({ ...identity, ...changed }), { code: 'bad-policy', message });
  };
  refused({ network: ending('relu') }, /the last layer must be linear or tanh, got relu/);
  refused({ network: ending('softmax') }, /the last layer must be linear or tanh, got softmax/);
  refused({ network: ending('tanh'), acts: discrete(['a']) }, /must be linear or softmax, got tanh/);
  refused({ network: { layers: [normLayer(1, plainDraw(1))] } }, /got layer-norm/);
});
