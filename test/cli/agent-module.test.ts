import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { loadAgent, loadProtocol } from '../../cli/agent-module.ts';
import { agentFrom, givenParams, type GivenParams } from '../../cli/agent-params.ts';
import { scratch } from './haggle.ts';
import { linkPackages } from './linked-project.ts';

const AGENTS = fileURLToPath(new URL('../fixtures/live-agents.js', import.meta.url));
const { did, nkey } = nodeBackend.signer(new Uint8Array(32).fill(7));

const SMALL = `
import { defineAgent, defineProtocol } from 'haggle';
import { z } from 'zod';
export default defineAgent({ name: 'small', params: z.object({ size: z.number().max(9 as number) }), setup: () => undefined });
`;

test('an agent is found by its name, or alone; TypeScript is loaded as it is', async (t) => {
  const path = scratch(t);
  linkPackages(path('.'));
  writeFileSync(path('package.json'), '{"type":"module"}');
  writeFileSync(path('small.ts'), SMALL);
  const small = await loadAgent(path('small.ts'));
  t.is(small.agentName, 'small');
  t.deepEqual(small.parameters, ['size']);
  t.is(agentFrom(small, givenParams(['size=9'])).name, 'small');
  const carrier = await loadAgent(AGENTS, 'carrier');
  t.is(carrier.agentName, 'carrier');
  t.deepEqual((await loadAgent(AGENTS, 'idler')).parameters, []);
});

for (const [where, packageJson] of [
  ['no package', null],
  ['a package of CommonJS', '{}'],
] as const) {
  test(`TypeScript in ${where} is loaded, with what it imports`, async (t) => {
    const path = scratch(t);
    linkPackages(path('.'));
    if (packageJson !== null) writeFileSync(path('package.json'), packageJson);
    writeFileSync(path('size.ts'), 'export const SIZE_MAX: number = 9;');
    writeFileSync(path('small.ts'), SMALL.replace('9 as number', 'SIZE_MAX') + "import { SIZE_MAX } from './size.ts';");
    const small = await loadAgent(path('small.ts'));
    t.is(small.agentName, 'small');
    t.throws(() => agentFrom(small, givenParams(['size=10'])), { code: 'bad-parameter' });
    t.is(agentFrom(small, givenParams(['size=9'])).name, 'small');
  });
}

test('a package that TypeScript outside a module lacks is named, in one line', async (t) => {
  const path = scratch(t);
  writeFileSync(path('lost.ts'), SMALL);
  const message = /: Cannot find module 'haggle' \(npm install haggle beside it\)$/;
  await t.throwsAsync(loadAgent(path('lost.ts')), { code: 'bad-agent-module', message });
});

const modules: readonly (readonly [string, string, string, RegExp])[] = [
  ['a syntax error', 'broken.ts', 'export const = 1', /cannot load .*broken\.ts: .*broken\.ts:1:13/],
  ['a package that is not there', 'lost.js', "import 'haggle';", /Cannot find package 'haggle'.*\(npm install haggle/],
  ['a module that throws', 'thrower.js', "throw new TypeError('no')", /cannot load .*thrower\.js: TypeError: no$/],
  ['no agent', 'none.js', 'export const a = 1, f = () => 2;', /none\.js exports no agent made by defineAgent$/],
];
for (const [what, name, text, message] of modules) {
  test(`refuses a module with ${what}, in one line`, async (t) => {
    const path = scratch(t);
    writeFileSync(path('package.json'), '{"type":"module"}');
    writeFileSync(path(name), text);
    const error = await t.throwsAsync(loadAgent(path(name)), { code: 'bad-agent-module', message });
    t.false(error.message.includes('\n'));
  });
}

test('refuses what is no file, no module, or no clear choice', async (t) => {
  const path = scratch(t);
  mkdirSync(path('folder.ts'));
  writeFileSync(path('agent.py'), '');
  await t.throwsAsync(loadAgent(path('none.ts')), { code: 'no-input', message: /no such file/ });
  await t.throwsAsync(loadAgent(path('folder.ts')), { code: 'no-input' });
  await t.throwsAsync(loadAgent(path('agent.py')), { code: 'bad-flag', message: /\(\.ts, \.js, \.mjs\)/ });
  await t.throwsAsync(loadAgent(AGENTS), {
    code: 'bad-agent-module',
    message: /more than one agent.*: choose with --export \(carrier, dier, idler, shipper, stray\)/,
  });
  await t.throwsAsync(loadAgent(AGENTS, 'nobody'), { message: /no agent .*named "nobody"; there is: carrier/ });
});

test('one agent under two names is one agent', async (t) => {
  const path = scratch(t);
  writeFileSync(path('package.json'), '{"type":"module"}');
  writeFileSync(path('twice.js'), `import { idler } from '${AGENTS}'; export { idler }; export default idler;`);
  t.is((await loadAgent(path('twice.js'))).agentName, 'idler');
});

test('a protocol is found in a module by its name, or alone', async (t) => {
  t.is((await loadProtocol(AGENTS)).name, 'haul');
  t.is((await loadProtocol(AGENTS, 'haul')).version, '1.0.0');
  await t.throwsAsync(loadProtocol(AGENTS, 'mail'), { message: /exports no protocol named "mail"; there is: haul/ });
});

const taken: readonly (readonly [string, string, readonly string[], unknown])[] = [
  ['digits for a bigint', 'carrier', ['perTonne=9'], { perTonne: 9n, delivery: '1 ms' }],
  [
    'digits beyond exact numbers for a bigint',
    'carrier',
    ['perTonne=12345678901234567890123'],
    { perTonne: 12345678901234567890123n, delivery: '1 ms' },
  ],
  ['quoted digits for a bigint', 'carrier', ['perTonne="9"'], { perTonne: 9n, delivery: '1 ms' }],
  ['a text', 'carrier', ['perTonne=9', 'delivery=1 h'], { perTonne: 9n, delivery: '1 h' }],
  [
    'an address or the NKEY of one',
    'shipper',
    [`carriers=["${did}","${nkey}"]`, 'tonnes=3'],
    { carriers: [did, did], tonnes: 3 },
  ],
  ['a number for a text', 'shipper', ['carriers=[]', 'tonnes=3', 'note=042'], { carriers: [], tonnes: 3, note: '042' }],
  [
    'a value with an equals sign',
    'shipper',
    ['carriers=[]', 'tonnes=3', 'note=a=b'],
    { carriers: [], tonnes: 3, note: 'a=b' },
  ],
];
for (const [what, name, pairs, params] of taken) {
  test(`takes ${what}`, async (t) => {
    t.deepEqual(agentFrom(await loadAgent(AGENTS, name), givenParams(pairs)).params, params);
  });
}

test('an agent that takes no parameters needs none, with an empty schema or without one', async (t) => {
  const file = fileURLToPath(new URL('../fixtures/empty-schema-agent.js', import.meta.url));
  t.deepEqual(agentFrom(await loadAgent(file), givenParams([])).params, {});
  t.is(agentFrom(await loadAgent(AGENTS, 'idler'), givenParams([])).params, undefined);
});

const refused: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ['a value out of bounds', 'carrier', ['perTonne=0'], /\(carrier\): perTonne: .*>0.*, got 0$/],
  ['half a bigint', 'carrier', ['perTonne=1.5'], /perTonne: .*bigint.*, got 1\.5$/],
  ['a missing parameter', 'carrier', [], /perTonne is missing \(bigint\)$/],
  [
    'a parameter that is not there',
    'carrier',
    ['perTone=9'],
    /has no parameter "perTone"; there is: perTonne, delivery$/,
  ],
  ['any parameter of an agent that takes none', 'idler', ['x=1'], /has no parameter "x"; it takes none$/],
  [
    'a bad address deep inside',
    'shipper',
    ['carriers=["bob"]', 'tonnes=1'],
    /carriers\[0\]: must be an agent's did:key address, got "bob"$/,
  ],
  ['several faults at once', 'shipper', ['carriers=x', 'tonnes=y'], /carriers: .*, got "x"; tonnes: .*, got "y"$/],
  ['a name of Object.prototype', 'carrier', ['constructor=1'], /has no parameter "constructor"/],
];
for (const [what, name, pairs, message] of refused) {
  test(`refuses ${what}`, async (t) => {
    const loaded = await loadAgent(AGENTS, name);
    t.throws(() => agentFrom(loaded, givenParams(pairs)), { code: 'bad-parameter', message });
  });
}

test('a file gives parameters, and --param counts more', (t) => {
  const path = scratch(t);
  writeFileSync(path('p.yaml'), 'a: 1\nb: [x, y]\n__proto__: 3\n');
  const given: GivenParams = givenParams(['a=2', 'c={"d":null}'], path('p.yaml'));
  t.is(given.values['a'], 2);
  t.deepEqual(given.values['b'], ['x', 'y']);
  t.deepEqual(given.values['c'], { d: null });
  t.throws(() => givenParams([], path('none.yaml')), { code: 'no-input' });
  writeFileSync(path('list.json'), '[1]');
  t.throws(() => givenParams([], path('list.json')), { code: 'bad-config', message: /list\.json:1:1: / });
});

test('refuses --param without a name, without a value, and twice', (t) => {
  t.throws(() => givenParams(['=1']), { code: 'bad-flag', message: /takes name=value, got "=1"/ });
  t.throws(() => givenParams(['a']), { code: 'bad-flag', message: /got "a"/ });
  t.throws(() => givenParams(['a=1', 'a=2']), { code: 'bad-flag', message: /gives "a" twice/ });
});
