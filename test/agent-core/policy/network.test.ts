import test from 'ava';
import { checkNetwork, checkShapes, NETWORK_LIMITS, type LayerShape } from '../../../agent-core/policy/network.ts';
import { denseLayer, normLayer, plainDraw } from '../../fixtures/networks.ts';

const draw = plainDraw(1);
const dense = (inputs: number, outputs: number): LayerShape => ({ type: 'dense', inputs, outputs, activation: 'relu' });

test('counts the weights of shapes that fit', (t) => {
  t.is(checkShapes([dense(3, 5), { type: 'layer-norm', size: 5, epsilon: 0.001 }, dense(5, 2)]), 20 + 10 + 12);
});

for (const [what, layers, message] of [
  ['no layer', [], /1 to 16 layers, got 0/],
  ['too many layers', Array.from({ length: 17 }, () => dense(1, 1)), /1 to 16 layers, got 17/],
  ['no output', [dense(3, 0)], /layer 0 must be 1 to 4096 wide, got 0/],
  ['a part of an input', [dense(1.5, 1)], /layer 0 must be 1 to 4096 wide, got 1.5/],
  ['a NaN as width', [dense(Number.NaN, 1)], /layer 0 must be 1 to 4096 wide, got NaN/],
  ['too wide a layer', [dense(1, 4_097)], /layer 0 must be 1 to 4096 wide, got 4097/],
  ['a gap', [dense(3, 4), dense(5, 1)], /layer 1 takes 5 numbers, the layer before it gives 4/],
  ['too many weights', [dense(4_096, 4_096)], /at most 4000000 weights, got 16781312/],
  ['an epsilon of 0', [{ type: 'layer-norm', size: 2, epsilon: 0 }], /epsilon of layer 0 must be above 0/],
  ['an epsilon that is 0 in f32', [{ type: 'layer-norm', size: 2, epsilon: 1e-50 }], /epsilon of layer 0/],
  ['a large epsilon', [{ type: 'layer-norm', size: 2, epsilon: 1.5 }], /at most 1, got 1.5/],
  ['an epsilon that is NaN', [{ type: 'layer-norm', size: 2, epsilon: Number.NaN }], /got NaN/],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => checkShapes(layers), { code: 'bad-network', message });
  });
}

test('accepts a network at its bounds', (t) => {
  const { width, layers } = NETWORK_LIMITS;
  t.notThrows(() => checkShapes([dense(width, 1), dense(1, width)]));
  t.notThrows(() => checkShapes(Array.from({ length: layers }, () => dense(1, 1))));
});

test('refuses weights that are too few or not finite, by name and place', (t) => {
  const layer = denseLayer([2, 3], 'relu', draw);
  const norm = normLayer(3, draw);
  const refused = (changed: typeof layer, message: RegExp): void => {
    t.throws(() => checkNetwork({ layers: [changed] }), { code: 'bad-network', message });
  };
  t.notThrows(() => checkNetwork({ layers: [layer, norm] }));
  refused({ ...layer, kernel: new Float32Array(5) } as typeof layer, /kernel of layer 0 must have 6 numbers, got 5/);
  refused({ ...layer, bias: new Float32Array(4) } as typeof layer, /bias of layer 0 must have 3 numbers, got 4/);
  refused({ ...layer, bias: Float32Array.of(0, Number.NaN, 0) } as typeof layer, /bias of layer 0 .* got NaN at 1/);
  refused({ ...norm, gamma: Float32Array.of(1, 1) } as typeof norm, /gamma of layer 0 must have 3 numbers, got 2/);
  refused({ ...norm, beta: Float32Array.of(0, 0, -Infinity) } as typeof norm, /beta .* got -Infinity at 2/);
});
