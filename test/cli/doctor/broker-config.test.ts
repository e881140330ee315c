import * as fc from 'fast-check';
import test from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import { configFindings } from '../../../cli/doctor/broker-config.ts';
import { isBlock, parseNatsConfig, type ConfigValue } from '../../../cli/doctor/nats-config-syntax.ts';

const nothing = (name: string): string => {
  throw new HaggleError('no-input', `cannot read ${name}: no such file or folder`);
};

function said(text: string): readonly string[] {
  return configFindings(text, nothing).map(({ severity, what }) => `${severity}: ${what}`);
}

function plain(value: ConfigValue): unknown {
  if (isBlock(value)) return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  return typeof value === 'string' ? value : value.map((inner) => plain(inner));
}

const SAFE = 'listen: "127.0.0.1:4222"\nmax_payload: 69632\noperator: eyJh.b.c\n';

test('has nothing to say about a safe configuration', (t) => {
  t.deepEqual(said(SAFE), ['ok: nothing unsafe stands in the configuration']);
});

const UNSAFE: readonly (readonly [string, string, RegExp])[] = [
  ['a user for everybody', `${SAFE}no_auth_user: guest\n`, /^error: no_auth_user lets everybody in as guest$/],
  [
    'authorization beside accounts',
    `${SAFE}authorization { users: [] }\n`,
    /^error: authorization stands beside accounts/,
  ],
  ['no login at all', 'listen: "127.0.0.1:4222"\nmax_payload: 1000\n', /^error: nobody has to log in$/],
  ['all addresses in the open', SAFE.replace('127.0.0.1', '0.0.0.0'), /^error: listens on all addresses without TLS$/],
  ['a port alone', SAFE.replace('"127.0.0.1:4222"', '4222'), /^error: listens on all addresses without TLS$/],
  ['no address', SAFE.replace(/listen.*\n/, ''), /^error: listens on all addresses without TLS$/],
  ['no limit of messages', SAFE.replace(/max_payload.*\n/, ''), /^note: no max_payload/],
  [
    'lazy JetStream',
    `${SAFE}jetstream { store_dir: "/srv/nats" }\n`,
    /^note: JetStream writes to disk every 2 minutes$/,
  ],
  [
    'JetStream in a temporary folder',
    `${SAFE}jetstream { store_dir: "/tmp/js", sync_interval: always }\n`,
    /^warning: JetStream keeps its data in \/tmp\/js/,
  ],
  [
    'a user without permissions',
    'listen: "127.0.0.1:1"\nmax_payload: 1\nauthorization { users = [ { user: ann, password: x } ] }\n',
    /^error: user ann has no permissions/,
  ],
  [
    'users of an account without permissions',
    'listen: "127.0.0.1:1"\nmax_payload: 1\naccounts { A { users: [{ nkey: UA }, { nkey: UB }] } }\n',
    /^error: 2 users have no permissions/,
  ],
  ['one token', 'listen: "127.0.0.1:1"\nmax_payload: 1\nauthorization { token: x }\n', /^error: user \(token\) has no/],
  ['an open monitoring port', `${SAFE}http_port: 8222\n`, /^warning: the monitoring port/],
];

for (const [name, text, expected] of UNSAFE) {
  test(`finds ${name}`, (t) => {
    const findings = said(text);
    t.is(findings.length, 1, findings.join('\n'));
    t.regex(findings[0] ?? '', expected);
  });
}

test('lets be what is safe in its place', (t) => {
  const users = 'users: [{ user: ann, password: x, permissions: { publish: a } }]';
  t.deepEqual(said(`${SAFE}http: "127.0.0.1:8222"\n`), said(SAFE));
  t.deepEqual(said(`${SAFE.replace('127.0.0.1', '0.0.0.0')}tls { cert_file: a, key_file: b }\n`), said(SAFE));
  t.deepEqual(said(SAFE.replace(/operator.*\n/, `authorization { ${users} }\n`)), said(SAFE));
  const defaults = 'authorization { default_permissions: { publish: a }, users: [{ user: b }] }\n';
  t.deepEqual(said(SAFE.replace(/operator.*\n/, defaults)), said(SAFE));
});

test('reads blocks, lists, quotes, comments and included files as the server does', (t) => {
  const text = `
    # a comment with { and "
    Port: 4222 // another
    host = 'a "quoted" host'
    jetstream { store_dir "/var/lib/nats"; max_mem: 1G }
    cluster: {
      routes = [ nats://a:1, "nats://b:2"
        nats://user:pass@c:3 ]
    }
    include "./more.conf"
    users: [{ user: a, pass: $PASS }, {}]
  `;
  const config = parseNatsConfig(text, (name) => (name === './more.conf' ? 'operator: x\n' : nothing(name)));
  t.deepEqual(plain(config), {
    port: '4222',
    host: 'a "quoted" host',
    jetstream: { store_dir: '/var/lib/nats', max_mem: '1G' },
    cluster: { routes: ['nats://a:1', 'nats://b:2', 'nats://user:pass@c:3'] },
    operator: 'x',
    users: [{ user: 'a', pass: '$PASS' }, {}],
  });
});

for (const [text, line] of [
  ['a: {\n b: 1\n', 2],
  ['a: [1, 2', 1],
  ['a: 1\n}\n', 2],
  ['a:', 1],
  ['a: ]', 1],
  ['a: "never ends\n', 1],
  ['a: { '.repeat(40), 1],
  [`a: ${'['.repeat(40)}`, 1],
] as const) {
  test(`names the line of what it cannot read: ${JSON.stringify(text.slice(0, 20))}`, (t) => {
    const error = t.throws(() => parseNatsConfig(text, nothing), { instanceOf: HaggleError });
    t.is(error.code, 'bad-config');
    t.is(error.fields['line'], line);
    t.regex(said(text)[0] ?? '', /^error: the broker's configuration cannot be read: line \d+/);
  });
}

test('a file that includes itself, or is not there, is told', (t) => {
  t.throws(() => parseNatsConfig('include a', () => 'include a'), { instanceOf: HaggleError, code: 'bad-config' });
  t.throws(() => configFindings('include a', nothing), { instanceOf: HaggleError, code: 'no-input' });
});

test('any text is read or refused by name, in a time that grows with its length', (t) => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    '=',
    ',',
    ';',
    '"',
    "'",
    '#',
    '//',
    '\n',
    ' ',
    'a',
    '\\',
    'include',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 200 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (source) => {
      try {
        parseNatsConfig(source, () => 'x: 1');
      } catch (error) {
        t.true(error instanceof HaggleError && error.code === 'bad-config');
      }
    }),
    { seed: 4_222, numRuns: 2_000 },
  );
});
