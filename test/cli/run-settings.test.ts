import { writeFileSync } from 'node:fs';
import test from 'ava';
import { RUN_SETTINGS, runSettings, type RunSettings, type SettingName } from '../../cli/run-settings.ts';
import { scratch } from './haggle.ts';

interface Case {
  readonly read: (settings: RunSettings) => unknown;
  /** A text for the flag, the variable and the file, and what each becomes. */
  readonly flag: readonly [string, unknown];
  readonly env: readonly [string, unknown];
  readonly file: readonly [string, unknown];
  readonly fallback: unknown;
}

const listen = (port: number) => ({ host: '127.0.0.1', port });

/** Every setting but those that have no variable, and the key, without which there is no agent. */
const CASES: Readonly<Partial<Record<SettingName, Case>>> = {
  jwt: { read: (s) => s.jwt, flag: ['/a', '/a'], env: ['/b', '/b'], file: ['/c', '/c'], fallback: undefined },
  nats: {
    read: (s) => s.servers,
    flag: ['nats://a:1,nats://b:2', ['nats://a:1', 'nats://b:2']],
    env: ['nats://c:3', ['nats://c:3']],
    file: ['nats://d:4', ['nats://d:4']],
    fallback: ['nats://127.0.0.1:4222'],
  },
  'tls-ca': {
    read: (s) => s.tls,
    flag: ['/a', { caFile: '/a' }],
    env: ['/b', { caFile: '/b' }],
    file: ['/c', { caFile: '/c' }],
    fallback: undefined,
  },
  realm: { read: (s) => s.realm, flag: ['a', 'a'], env: ['b', 'b'], file: ['c', 'c'], fallback: 'main' },
  name: { read: (s) => s.name, flag: ['a', 'a'], env: ['b', 'b'], file: ['c', 'c'], fallback: undefined },
  data: { read: (s) => s.data, flag: ['a', 'a'], env: ['none', null], file: ['/c', '/c'], fallback: undefined },
  health: {
    read: (s) => s.health,
    flag: ['1', listen(1)],
    env: ['0.0.0.0:2', { host: '0.0.0.0', port: 2 }],
    file: ['[::1]:3', { host: '::1', port: 3 }],
    fallback: null,
  },
  'log-level': {
    read: (s) => s.logLevel,
    flag: ['debug', 'debug'],
    env: ['warn', 'warn'],
    file: ['error', 'error'],
    fallback: 'info',
  },
  sign: {
    read: (s) => s.sign,
    flag: ['batch', 'batch'],
    env: ['each', 'each'],
    file: ['batch', 'batch'],
    fallback: 'each',
  },
  drain: {
    read: (s) => s.drain,
    flag: ['1s', 1_000_000],
    env: ['2 min', 120_000_000],
    file: ['3ms', 3_000],
    fallback: 20_000_000,
  },
  'on-diverged': {
    read: (s) => s.onDiverged,
    flag: ['abandon', 'abandon'],
    env: ['refuse', 'refuse'],
    file: ['abandon', 'abandon'],
    fallback: 'refuse',
  },
};

for (const [name, { read, flag, env, file, fallback }] of Object.entries(CASES)) {
  test(`${name}: the flag counts more than the variable, this more than the file, this more than the default`, (t) => {
    const path = scratch(t);
    writeFileSync(path('run.yaml'), `${name}: ${JSON.stringify(file[0])}\n`);
    const variable = RUN_SETTINGS[name as SettingName].env ?? '';
    const config = { key: 'k', config: path('run.yaml') };
    t.deepEqual(read(runSettings({ ...config, [name]: flag[0] }, { [variable]: env[0] })), flag[1]);
    t.deepEqual(read(runSettings(config, { [variable]: env[0] })), env[1]);
    t.deepEqual(read(runSettings(config, { [variable]: '' })), file[1]);
    t.deepEqual(read(runSettings({ key: 'k' }, {})), fallback);
  });
}

test('every setting with a variable has its case here', (t) => {
  const others = ['key', 'passphrase-file', 'export', 'tls-cert', 'tls-key'];
  const all = Object.keys(RUN_SETTINGS).filter((name) => !others.includes(name));
  t.deepEqual(all.toSorted(), Object.keys(CASES).toSorted());
});

test('the file may be named by HAGGLE_CONFIG, holds parameters, and its paths begin where it is', (t) => {
  const path = scratch(t);
  writeFileSync(path('run.json'), '{"key":"a.key","data":"none","tls-cert":"c.pem","params":{"x":[1]}}');
  const settings = runSettings({}, { HAGGLE_CONFIG: path('run.json') });
  t.is(settings.key, path('a.key'));
  t.is(settings.data, null);
  t.deepEqual(settings.tls, { certFile: path('c.pem') });
  t.deepEqual(settings.params, { x: [1] });
});

test('an agent without a key is refused with what to do', (t) => {
  t.throws(() => runSettings({}, {}), { code: 'bad-flag', message: /--key FILE, or HAGGLE_KEY/ });
  t.is(runSettings({}, { HAGGLE_KEY: 'e.key' }).key, 'e.key');
});

const misuse: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'a password in an address on the command line',
    { nats: 'nats://me:secret@h' },
    /--nats takes an address without a password/,
  ],
  ['an empty address', { nats: 'nats://a,' }, /--nats takes an address such as/],
  ['a realm with a dot', { realm: 'a.b' }, /--realm takes 1 to 64 .* got "a\.b"/],
  ['a name with a space', { name: 'a b' }, /--name takes a letter/],
  ['an unknown level', { 'log-level': 'loud' }, /--log-level takes one of debug, info, warn, error, got "loud"/],
  ['a run without signatures', { sign: 'off' }, /--sign takes one of each, batch, got "off"/],
  ['a duration without unit', { drain: '20' }, /--drain takes a duration such as 20s .* got "20"/],
  ['a port too large', { health: '65536' }, /--health takes PORT or HOST:PORT .* got "65536"/],
  ['an address without host', { health: ':1' }, /got ":1"/],
  ['a port that is no number', { health: 'localhost:http' }, /got "localhost:http"/],
];
for (const [what, flags, message] of misuse) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => runSettings({ key: 'k', ...flags }, {}), { code: 'bad-flag', message });
  });
}

test('a password in a variable or a file is taken: others do not see it there', (t) => {
  t.deepEqual(runSettings({ key: 'k' }, { HAGGLE_NATS: 'nats://me:pw@h' }).servers, ['nats://me:pw@h']);
});

const malformed: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown setting', 'realm: a\nrelam: b\n', /run\.yaml:2:1: relam: there is no such setting$/],
  ['a wrong value', 'realm: a\nsign: never\n', /run\.yaml:2:1: sign takes one of each, batch, got "never"$/],
  ['a number where a text belongs', 'health: 80\n', /run\.yaml:1:1: health: must be a text$/],
  ['a setting twice', 'realm: a\nrealm: b\n', /run\.yaml:2:1: .*unique/],
  ['no settings', 'just text\n', /run\.yaml:1:1: must be a list of settings$/],
  ['broken YAML', 'realm: [a\n', /run\.yaml:\d+:\d+: /],
  [
    'a bomb of aliases',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`,
    /run\.yaml:1:1: .*alias/i,
  ],
];
for (const [what, text, message] of malformed) {
  test(`a file with ${what} is refused with its line and column`, (t) => {
    const path = scratch(t);
    writeFileSync(path('run.yaml'), text);
    const error = t.throws(() => runSettings({ key: 'k', config: path('run.yaml') }, {}), {
      code: 'bad-config',
      message,
    });
    t.false(error.message.includes('\n'));
  });
}
