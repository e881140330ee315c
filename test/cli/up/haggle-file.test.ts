import { writeFileSync } from 'node:fs';
import test from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import { namesIn, readHaggleFile, withAddresses } from '../../../cli/up/haggle-file.ts';
import { scratch } from '../haggle.ts';

const ONE = 'agents: { shop: { file: a.js } }';

test('what is left out has its default, replicas have names and keys of their own, paths begin at the file', (t) => {
  const path = scratch(t);
  writeFileSync(
    path('haggle.yaml'),
    'broker: true\nagents:\n  shop: { file: a.js, replicas: 2 }\n  bank: { file: /b.js, key: k }\n',
  );
  const { realm, broker, makesKeys, drain, agents } = readHaggleFile(path('haggle.yaml'));
  t.deepEqual(
    { realm, broker, makesKeys, drain },
    {
      realm: 'main',
      broker: { port: 4_222, jetstream: true, accounts: true },
      makesKeys: false,
      drain: '20s',
    },
  );
  t.deepEqual(
    agents.map(({ name, entry, file, key }) => [name, entry, file, key]),
    [
      ['shop-1', 'shop', path('a.js'), path('.haggle/keys/shop-1.key')],
      ['shop-2', 'shop', path('a.js'), path('.haggle/keys/shop-2.key')],
      ['bank', 'bank', '/b.js', path('k')],
    ],
  );
});

const malformed: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown setting', `nats: a\nrelam: b\n${ONE}`, /:2:1: relam: there is no such setting$/],
  [
    'an unknown setting of an agent',
    'nats: a\nagents:\n  shop:\n    fiel: a.js\n    file: a.js',
    /:4:5: agents\.shop\.fiel: there is no such setting$/,
  ],
  ['an unknown setting of the broker', `broker:\n  prot: 1\n${ONE}`, /:2:3: broker\.prot: there is no such setting$/],
  ['neither broker nor address', ONE, /:1:1: needs either broker: .* or nats: /],
  ['both broker and address', `broker: true\nnats: a\n${ONE}`, /:1:1: needs either broker: /],
  ['no agents', 'nats: a', /:1:1: agents: must be a list of agents by name$/],
  ['an empty list of agents', 'nats: a\nagents: {}', /:2:1: agents: needs at least one agent$/],
  ['an agent without a file', 'nats: a\nagents: { shop: { export: a } }', /:2:11: agents\.shop\.file: must be a text$/],
  ['a name with capitals', 'nats: a\nagents: { Shop: { file: a.js } }', /:2:11: agents\.Shop: .*lower-case|:2:11: /],
  [
    'half a replica',
    'nats: a\nagents: { shop: { file: a.js, replicas: 1.5 } }',
    /:2:31: agents\.shop\.replicas: must be a whole number from 1 to 256$/,
  ],
  [
    'one key for two',
    'nats: a\nagents: { shop: { file: a.js, replicas: 2, key: k } }',
    /:2:44: replicas have a key each/,
  ],
  [
    'two of one name',
    'nats: a\nagents: { a: { file: a.js, replicas: 2 }, a-1: { file: a.js } }',
    /two agents would be called a-1$/,
  ],
  [
    'too many agents',
    'nats: a\nagents: { a: { file: a.js, replicas: 256 }, b: { file: a.js } }',
    /257 agents, the limit of one file is 256$/,
  ],
  ['a realm with a dot', `nats: a\nrealm: a.b\n${ONE}`, /:2:1: realm: must be 1 to 64/],
  ['a duration without unit', `nats: a\ndrain: 20\n${ONE}`, /:2:1: drain: /],
  ['an unknown way of keys', `nats: a\nkeys: maybe\n${ONE}`, /:2:1: keys: must be auto or given$/],
];
for (const [what, text, message] of malformed) {
  test(`a file with ${what} is refused with line and column`, (t) => {
    const path = scratch(t);
    writeFileSync(path('haggle.yaml'), text);
    const error = t.throws(() => readHaggleFile(path('haggle.yaml')), { code: 'bad-config', message });
    t.regex(error.message, /haggle\.yaml:\d+:\d+: [^\n]+$/);
  });
}

const addresses = new Map([
  ['shop', ['did:1', 'did:2']],
  ['shop-1', ['did:1']],
]);
const refuse = (path: readonly PropertyKey[], message: string): HaggleError =>
  new HaggleError('bad-config', `${path.join('/')}: ${message}`);

test('@name is an address, and in a list those of all replicas', (t) => {
  const params = { a: '@shop-1', b: ['@shop', 'x', ['@shop-1']], c: { d: '@shop-1' }, e: 'me@shop', f: 3, g: null };
  t.deepEqual(withAddresses(params, addresses, refuse), {
    a: 'did:1',
    b: ['did:1', 'did:2', 'x', ['did:1']],
    c: { d: 'did:1' },
    e: 'me@shop',
    f: 3,
    g: null,
  });
  t.deepEqual(namesIn(params), ['shop-1', 'shop', 'shop-1', 'shop-1']);
});

test('refuses @name of nobody, and of several where one is wanted, with the place', (t) => {
  t.throws(() => withAddresses({ a: ['@bank'] }, addresses, refuse), {
    message: 'a/0: there is no agent "bank" in this file',
  });
  t.throws(() => withAddresses({ a: { b: '@shop' } }, addresses, refuse), {
    message: /^a\/b: "@shop" stands for several/,
  });
});
