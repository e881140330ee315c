import test from 'ava';
import * as fc from 'fast-check';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import { decide } from '../../../agent-core/policy/policy.ts';
import {
  formatPolicyFile,
  parsePolicyFile,
  POLICY_FILE_LIMITS,
  policyOf,
  type PolicyFile,
} from '../../../agent-core/policy/policy-file.ts';
import { networkPolicy } from '../../../agent-core/policy/network-policy.ts';
import { discrete } from '../../../agent-core/policy/space.ts';
import { weightBytes, weightsDigest } from '../../../agent-core/policy/weights.ts';
import { denseNetwork, plainDraw } from '../../fixtures/networks.ts';
import { boxPolicy, choicePolicy } from '../../fixtures/policies.ts';

const origin = {
  algorithm: 'PPO, 64-64 tanh',
  command: 'haggle train energy --role home --seeds 1,2,3',
  seeds: [1, 2, 3],
  backend: 'tfjs-wasm 4.22.0',
  haggle: '0.1.0',
  score: 'captures 0.71 of the gap on seeds 101 to 120',
};

const file: PolicyFile = {
  name: 'energy-home-1',
  role: 'energy/home',
  observes: [
    { name: 'load (kW)', min: 0, max: 4 },
    { name: 'price', min: -1, max: 1 },
  ],
  acts: discrete(['wait', 'charge', 'discharge']),
  normaliser: { means: [1.5, 0], deviations: [0.7, 0.25], clip: 10 },
  network: denseNetwork([2, 4, 3], { hidden: 'relu', last: 'linear', draw: plainDraw(7) }),
  origin,
};
const text = formatPolicyFile(file);
const { format, weights: writtenWeights } = JSON.parse(text) as {
  readonly format: string;
  readonly weights: { readonly base64url: string; readonly sha256: string };
};

const parse = (json: string): PolicyFile => parsePolicyFile(json, 'home.json');

test('a policy that was written and read is the policy: same bytes, same hash, same actions', (t) => {
  const observations = fc.infiniteStream(fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.oneof(boxPolicy, choicePolicy), observations, (spec, stream) => {
      const written = formatPolicyFile({ ...spec, role: 'test', origin });
      const read = parse(written);
      t.is(formatPolicyFile(read), written);
      const before = networkPolicy(spec);
      const after = policyOf(read);
      t.is(after.hash, before.hash);
      for (let k = 0; k < 5; k++) {
        const observation = spec.observes.map(() => Number(stream.next().value));
        t.deepEqual(decide(after, observation), decide(before, observation));
      }
    }),
  );
});

test('is one line of canonical JSON that names its format', (t) => {
  t.true(text.endsWith('}\n'));
  t.is(text, `${canonicalize(JSON.parse(text))}\n`);
  t.is(format, 'haggle-policy/1');
  t.deepEqual(parse(text.trimEnd()), parse(text), 'the line end may be missing');
});

test('keeps role and origin, and leaves out whatever else an object carries', (t) => {
  const { role, origin: read } = parse(text);
  t.deepEqual({ role, origin: read }, { role: 'energy/home', origin });
  const layers = file.network.layers.map((layer) => ({ ...layer, extra: 1 }));
  t.is(formatPolicyFile({ ...file, network: { layers } }), text);
});

test('the hash of the policy does not depend on how it came to be', (t) => {
  t.is(policyOf({ ...file, role: 'other', origin: { ...origin, score: 'none' } }).hash, policyOf(file).hash);
});

test('weights are f32, little-endian, layer after layer, kernel before bias', (t) => {
  const bytes = weightBytes(file.network.layers);
  t.is(writtenWeights.base64url, Buffer.from(bytes).toString('base64url'));
  t.is(writtenWeights.sha256, weightsDigest(bytes));
  const [kernel = 0, bias = 0] = [4, 4 * 8].map((at) => Buffer.from(bytes).readFloatLE(at));
  const [first] = file.network.layers;
  t.deepEqual([kernel, bias], first?.type === 'dense' ? [first.kernel[1], first.bias[0]] : []);
});

/** The text with one value replaced, or left out; `path` in dots. */
function changed(path: string, value: unknown): string {
  const document: object = JSON.parse(text);
  const keys = path.split('.');
  const at = keys.slice(0, -1).reduce((inside: object, key) => Reflect.get(inside, key) as object, document);
  const last = keys.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
  return canonicalize(document);
}

/** The text with other weights, and the hash that they have. */
function withWeights(values: readonly number[]): string {
  const bytes = Buffer.from(Float32Array.from(values).buffer);
  return changed('weights', { base64url: encodeBase64Url(bytes), sha256: weightsDigest(bytes) });
}

/** Dense layers of these widths as a file has them. */
function dense(...widths: readonly number[]): readonly object[] {
  return widths.slice(1).map((outputs, k) => ({ activation: 'linear', inputs: widths[k], outputs, type: 'dense' }));
}

const WEIGHTS = 2 * 4 + 4 + 4 * 3 + 3;
const { base64url } = writtenWeights;

for (const [what, hostile, message] of [
  ['nothing', '', /truncated|not-json/],
  ['another format', changed('format', 'haggle-policy/2'), /format: .*haggle-policy\/1.*got "haggle-policy\/2"/],
  ['an array', '[]', /the document: .*object/],
  ['a missing field', changed('normaliser.clip', undefined), /normaliser\.clip: .*number/],
  ['an unknown field', changed('normaliser.shift', 1), /normaliser: .*shift/],
  ['an unknown field of a layer', changed('layers.0.units', 1), /layers\.0: .*units/],
  ['a number as a string', changed('observes.0.max', '4'), /observes\.0\.max: .*number.*got "4"/],
  ['a width as a string', changed('layers.0.inputs', '2'), /layers\.0\.inputs: .*number.*got "2"/],
  ['a role that is no path', changed('role', '../home'), /role: must be words as in energy\/home, got "\.\.\/home"/],
  ['a name with a control character', changed('name', 'a\u001b[2J'), /name: must have no control characters/],
  ['an empty name', changed('name', ''), /name: .*got ""/],
  ['a command that is too long', changed('origin.command', 'x'.repeat(4_001)), /command: .*4000.*… \(4003 char/],
  ['a seed that is not whole', changed('origin.seeds', [1.5]), /origin\.seeds\.0: .*got 1\.5/],
  ['no seeds', changed('origin.seeds', []), /origin\.seeds: /],
  ['a date', changed('origin.date', '2026-01-01'), /origin: .*date/],
  [
    'two features of one name',
    changed('observes.1.name', 'load (kW)'),
    /two features of a box have the name load \(kW\)/,
  ],
  ['two choices of one name', changed('acts.choices.1', 'wait'), /two choices .* have the name wait/],
  [
    'bounds out of order',
    changed('observes.0.min', 5),
    /feature load \(kW\) must have finite bounds in order, got 5 to 4/,
  ],
  ['bounds beyond f32', changed('observes.0.max', 1e300), /bounds of feature load \(kW\) must be finite in f32/],
  ['a space of another kind', changed('acts.kind', 'continuous'), /acts\.kind: /],
  ['a space with the members of another', changed('acts.features', []), /acts: .*features/],
  ['a mean too few', changed('normaliser.means', [1]), /must have 2 means, got 1/],
  ['a deviation of 0', changed('normaliser.deviations.0', 0), /deviations must be .* above 0 in f32, got 0/],
  ['no layers', changed('layers', []), /layers: /],
  ['an unknown layer', changed('layers.0.type', 'conv'), /layers\.0\.type: /],
  ['an unknown activation', changed('layers.0.activation', 'eval'), /layers\.0\.activation: .*got "eval"/],
  ['layers that do not fit', changed('layers.0.outputs', 5), /layer 1 takes 4 numbers, the layer before it gives 5/],
  ['a gigantic layer', changed('layers.0.inputs', 2 ** 40), /layers\.0\.inputs: .*4096, got 1099511627776/],
  ['gigantic weights', changed('layers', dense(2, 4_096, 4_096, 3)), /at most 4000000 weights, got 16805891/],
  [
    'weights that are not there',
    changed('layers', dense(2, 1_900, 1_900, 3)),
    /3623303 weights of 4 bytes are 19324283/,
  ],
  [
    'a last layer that is none',
    changed('layers.1.activation', 'relu'),
    /last layer must be linear or softmax, got relu/,
  ],
  [
    'a network of another input',
    changed('observes', [{ max: 1, min: 0, name: 'a' }]),
    /takes 2 numbers, observed are 1/,
  ],
  [
    'truncated weights',
    changed('weights.base64url', base64url.slice(0, -4)),
    /27 weights of 4 bytes are 144 characters, got 140/,
  ],
  [
    'more weights',
    changed('weights.base64url', `${base64url}AAAA`),
    /27 weights of 4 bytes are 144 characters, got 148/,
  ],
  ['padded weights', changed('weights.base64url', `${base64url.slice(0, -1)}=`), /is not base64url/],
  ['weights in the other base64', changed('weights.base64url', `+${base64url.slice(1)}`), /is not base64url/],
  ['another sha256', changed('weights.sha256', '0'.repeat(64)), /weights\.sha256: .* is [0-9a-f]{64}, got 0{64}/],
  ['a sha256 in capitals', changed('weights.sha256', 'A'.repeat(64)), /weights\.sha256: /],
  [
    'a weight that is NaN',
    withWeights([Number.NaN, ...Array<number>(WEIGHTS - 1).fill(0)]),
    /kernel of layer 0 .*NaN at 0/,
  ],
  [
    'an infinite weight',
    withWeights([...Array<number>(WEIGHTS - 1).fill(0), Infinity]),
    /bias of layer 1 .*Infinity at 2/,
  ],
  ['a prototype', text.replace('{"acts"', '{"__proto__":{},"acts"'), /forbidden-key at character 2/],
  ['a prototype deeper down', text.replace('"origin":{', '"origin":{"__proto__":{"x":1},'), /forbidden-key/],
  ['a field said twice', text.replace('"name":"energy-home-1"', '"name":"a","name":"b"'), /duplicate-key/],
  [
    'another order of fields',
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
    /not-canonical/,
  ],
  ['white space', JSON.stringify(JSON.parse(text), null, 2), /not-canonical|canonical JSON/],
  ['trailing data', `${text}{}`, /at character \d+/],
  ['two line ends', `${text}\n`, /at character \d+/],
  ['a byte order mark', `\ufeff${text}`, /at character 0/],
  ['half a file', text.slice(0, 300), /truncated/],
  ['depth', '['.repeat(100_000), /too-deep/],
] as const) {
  test(`refuses ${what}`, (t) => {
    const refusal = t.throws(() => parse(hostile), { code: 'bad-policy-file', message });
    t.regex(refusal.message, /^reading policy file home\.json: /);
    t.true(refusal.message.length < 400, refusal.message);
  });
}

test('refuses a text above 16 MiB before it looks inside', (t) => {
  t.throws(() => parse(`"${'x'.repeat(POLICY_FILE_LIMITS.bytes)}"`), {
    code: 'bad-policy-file',
    message: /payload-too-large at character 0, the limit is 16777216 bytes/,
  });
});

test('no text that is changed somewhere is read as something that is not a policy', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.string({ maxLength: 3 }), fc.nat({ max: 3 }), (at, put, cut) => {
      const mutated = text.slice(0, at) + put + text.slice(at + cut);
      try {
        t.is(formatPolicyFile(parse(mutated)), mutated.endsWith('\n') ? mutated : `${mutated}\n`);
      } catch (error) {
        t.is((error as { readonly code?: string }).code, 'bad-policy-file');
      }
    }),
    { numRuns: 500 },
  );
});

for (const [what, wrong] of [
  [
    'weights that are NaN',
    { network: denseNetwork([2, 3], { hidden: 'relu', last: 'linear', draw: () => Number.NaN }) },
  ],
  ['a mean that is NaN', { normaliser: { means: [Number.NaN, 0], deviations: [1, 1], clip: 1 } }],
  ['a role that is none', { role: 'Energy Home' }],
  ['no seed', { origin: { ...origin, seeds: [] } }],
  ['a lone surrogate', { name: 'a\ud800' }],
] as const) {
  test(`does not write ${what}, which it would not read`, (t) => {
    t.throws(() => formatPolicyFile({ ...file, ...wrong }), { code: 'bad-policy-file' });
  });
}
