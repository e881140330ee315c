import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createKeyFile } from '../../agent-core/adapters/keys/key-file.ts';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { didOf } from '../../agent-core/identity/did-key.ts';
import { nkeyOf } from '../../agent-core/identity/nkey.ts';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch } from '../cli/haggle.ts';
import { readPrometheusText, valueOf } from '../fixtures/prometheus-text.ts';
import { writeProgram } from '../fixtures/write-program.ts';
import { broker, eventually, live } from './broker.ts';
import { realmFolder } from './guarded-broker.ts';
import { AGENTS, ask, eventsOf, haggleAt } from './haggle-terminal.ts';
import type { Terminal } from './terminal.ts';

const PAGE = fileURLToPath(new URL('../../../docs/running-agents.md', import.meta.url));

interface Bench {
  readonly path: (name: string) => string;
  readonly url: string;
  /** Makes a key and starts an agent of the fixture with it. */
  run(name: string, flags: readonly string[], env?: NodeJS.ProcessEnv): Promise<Terminal & { readonly did: string }>;
}

async function benchOf(t: ExecutionContext, url: string): Promise<Bench> {
  const path = scratch(t);
  const made = new Map<string, string>();
  return {
    path,
    url,
    async run(name, flags, env = {}) {
      const key = path(`${name}.key`);
      const did = made.get(name) ?? didOf((await createKeyFile(key)).publicKey);
      made.set(name, did);
      const args = ['agent', 'run', AGENTS, '--export', name, '--key', key, '--nats', url, ...flags];
      return Object.assign(haggleAt(t, path('.'), { args, env }), { did });
    },
  };
}

const PRICE = ['--param', 'perTonne=9'] as const;

live('two processes agree over a broker, their logs share one trace, and health tells of it', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  const carrier = await bench.run('carrier', [...PRICE, '--health', '0', '--realm', 'market']);
  const ready = JSON.parse(await carrier.until('"event":"ready"')) as { did: string; health: string };
  t.is(ready.did, carrier.did);
  await carrier.until(/^carrier: /);
  t.regex(
    carrier.shown,
    new RegExp(`^carrier: ${carrier.did} in realm market on ${url}, health http://127\\.0\\.0\\.1:\\d+$`, 'm'),
  );
  t.deepEqual(await ask(`${ready.health}/readyz`), { status: 200, body: 'ok\n' });
  t.deepEqual(await ask(`${ready.health}/livez`), { status: 200, body: 'ok\n' });

  const carriers = JSON.stringify([carrier.did]);
  const shipper = await bench.run('shipper', [
    '--realm',
    'market',
    '--param',
    `carriers=${carriers}`,
    '--param',
    'tonnes=4',
  ]);
  t.is(await shipper.ended, EXIT.ok, shipper.shown);
  const haul = eventsOf(shipper).find(({ event }) => event === 'haul');
  const called = eventsOf(carrier).find(({ event }) => event === 'under-way');
  t.is(haul?.['outcome'], 'done');
  t.regex(String(haul?.['trace_id']), /^[0-9a-f]{32}$/);
  t.is(called?.['trace_id'], haul?.['trace_id']);

  const metrics = readPrometheusText((await ask(`${ready.health}/metrics`)).body);
  t.is(valueOf(metrics, 'haggle_dialogues_ended_total', { outcome: 'done' }), 1);
  t.is(valueOf(metrics, 'messaging_client_sent_messages_total'), 2);
  t.is(valueOf(metrics, 'messaging_client_consumed_messages_total'), 2);
  t.is(valueOf(metrics, 'haggle_ready'), 1);
  t.is(valueOf(metrics, 'haggle_build_info'), 1);
  const written = [...readFileSync(PAGE, 'utf8').matchAll(/`((?:haggle|messaging|process)_\w+)(?:\{\w+\})?`/g)];
  t.deepEqual([...metrics.keys()].toSorted(), [...new Set(written.map(([, name = '']) => name))].toSorted());
  const status = JSON.parse((await ask(`${ready.health}/status`)).body) as Record<string, unknown>;
  t.like(status, { name: 'carrier', did: carrier.did, state: 'running', notReady: [], dialoguesOpen: 0, sent: 2 });

  t.is(await carrier.end('SIGTERM'), EXIT.ok, carrier.shown);
  for (const line of carrier.lines) t.notThrows(() => JSON.parse(line) as unknown, line);
});

live(
  'a broker that hangs makes an agent not ready within seconds, but leaves it alive; then all is well again',
  async (t) => {
    const server = await broker(t);
    const bench = await benchOf(t, server.url);
    const agent = await bench.run('idler', ['--health', '0']);
    const { health } = JSON.parse(await agent.until('"event":"ready"')) as { health: string };
    await server.kill('SIGSTOP');
    await eventually('not ready', async () => (await ask(`${health}/readyz`)).body === 'broker\n', 20);
    t.is((await ask(`${health}/livez`)).status, 200);
    await server.kill('SIGCONT');
    await eventually('ready', async () => (await ask(`${health}/readyz`)).status === 200, 20);
    t.is(await agent.end('SIGTERM'), EXIT.ok, agent.shown);
  },
);

live('an agent that drains ends what it has under way with a failure, after as long as it was told', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  const carrier = await bench.run('carrier', [...PRICE, '--param', 'delivery=1 h', '--drain', '4s', '--health', '0']);
  const { health } = JSON.parse(await carrier.until('"event":"ready"')) as { health: string };
  const carriers = JSON.stringify([carrier.did]);
  const shipper = await bench.run('shipper', ['--param', `carriers=${carriers}`, '--param', 'tonnes=4']);
  await carrier.until('under-way');
  carrier.signal('SIGTERM');
  await carrier.until('draining');
  await eventually('not ready, but alive', async () => {
    const [readyz, livez] = await Promise.all([ask(`${health}/readyz`), ask(`${health}/livez`)]);
    return readyz.body.includes('draining') && livez.status === 200;
  });
  t.is(await carrier.ended, EXIT.ok, carrier.shown);
  t.is(await shipper.ended, EXIT.ok, shipper.shown);
  t.not(eventsOf(shipper).find(({ event }) => event === 'haul')?.['outcome'], 'done');
});

live('a second signal ends an agent at once', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  const carrier = await bench.run('carrier', [...PRICE, '--param', 'delivery=1 h', '--drain', '10min']);
  await carrier.until('"event":"ready"');
  const carriers = JSON.stringify([carrier.did]);
  const shipper = await bench.run('shipper', ['--param', `carriers=${carriers}`, '--param', 'tonnes=4']);
  await carrier.until('under-way');
  carrier.signal('SIGINT');
  await carrier.until('draining');
  carrier.signal('SIGTERM');
  t.is(await carrier.ended, 128 + 15);
  t.is(await shipper.end('SIGKILL'), 'SIGKILL');
});

live('a promise that nobody catches is a crash, with what was thrown in the log', async (t) => {
  const { url } = await broker(t);
  const stray = await (await benchOf(t, url)).run('stray', []);
  t.is(await stray.ended, EXIT.internal, stray.shown);
  t.regex(stray.shown, /"event":"unhandled-rejection","error":"TypeError: nobody catches this"/);
});

live('settings come from a file and from the environment too', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  await createKeyFile(bench.path('a.key'));
  writeFileSync(
    bench.path('run.yaml'),
    `key: a.key\nnats: ${url}\nexport: carrier\nparams: { perTonne: 9 }\nname: filed\n`,
  );
  const args = ['agent', 'run', AGENTS, '--config', 'run.yaml'];
  const agent = haggleAt(t, bench.path('.'), { args, env: { HAGGLE_REALM: 'fair', HAGGLE_NAME: 'named' } });
  await agent.until('"event":"ready"');
  t.like(
    eventsOf(agent).find(({ event }) => event === 'ready'),
    { agent: 'named', realm: 'fair' },
  );
  t.true(readdirSync(bench.path('.haggle/run/named/journal')).length > 0);
  t.is(await agent.end(), EXIT.ok);
});

live('systemd hears when an agent is ready and when it stops', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  mkdirSync(bench.path('bin'));
  writeProgram(bench.path('bin/systemd-notify'), `printf '%s\\n' "$1" >> "${bench.path('told')}"`);
  writeFileSync(bench.path('told'), '');
  const env = {
    PATH: `${bench.path('bin')}:${process.env['PATH'] ?? ''}`,
    NOTIFY_SOCKET: '/run/none',
    WATCHDOG_USEC: '50000',
  };
  const agent = await bench.run('idler', [], env);
  const told = (): readonly string[] => readFileSync(bench.path('told'), 'utf8').trim().split('\n');
  await eventually('the watchdog is fed', () => told().includes('WATCHDOG=1'));
  t.is(await agent.end('SIGTERM'), EXIT.ok);
  t.is(told()[0], 'READY=1');
  t.true(told().includes('STOPPING=1'));
});

const LOGIN =
  'authorization { user: someone, password: "$2a$04$P/.bd.7unw9Ew7yWJqXsl.f4oNRLQGvadEL2YnqQXbbb.IVQajRdK" }';

live('a login that the broker refuses is told in one line', async (t) => {
  const { url } = await broker(t, { config: LOGIN });
  const agent = await (await benchOf(t, url)).run('idler', []);
  t.is(await agent.ended, EXIT.noPermission, agent.shown);
  t.regex(agent.shown, /^haggle: [^\n]+\n$/);
});

live('a realm in which the broker does not let an agent speak is told in one line', async (t) => {
  const { folder, config } = await realmFolder(t);
  const server = await broker(t, { config });
  const bench = await benchOf(t, server.url);
  const key = bench.path('idler.key');
  const { publicKey } = await createKeyFile(key);
  const token = await haggle('nats-config', 'user', '--dir', folder, '--agent', nkeyOf(publicKey));
  writeFileSync(bench.path('idler.jwt'), token.out);
  const args = ['agent', 'run', AGENTS, '--export', 'idler', '--key', key, '--nats', server.url];
  const agent = haggleAt(t, bench.path('.'), {
    args: [...args, '--jwt', bench.path('idler.jwt'), '--realm', 'elsewhere'],
  });
  t.is(await agent.ended, EXIT.noPermission, agent.shown);
  t.regex(agent.shown, /\nhaggle: the broker does not let this agent speak in realm "elsewhere": [^\n]+\n$/);
  t.notRegex(agent.shown, /"event":"ready"/);
});

live('a health address that is taken is told in one line', async (t) => {
  const { url, port } = await broker(t);
  const agent = await (await benchOf(t, url)).run('idler', ['--health', String(port)]);
  t.is(await agent.ended, EXIT.unavailable, agent.shown);
  t.is(agent.shown, `haggle: cannot serve health on 127.0.0.1:${port}: it is taken\n`);
});

live('a second process of one agent is told in one line, and so is a journal that is damaged', async (t) => {
  const { url } = await broker(t);
  const bench = await benchOf(t, url);
  const flags = [...PRICE, '--data', bench.path('data')];
  const first = await bench.run('carrier', flags);
  await first.until('"event":"ready"');
  const second = await bench.run('carrier', flags);
  t.is(await second.ended, EXIT.cannotWrite, second.shown);
  t.regex(second.shown, /^haggle: taking [^\n]+ runs this agent$/m);
  const carriers = JSON.stringify([first.did]);
  const shipper = await bench.run('shipper', ['--param', `carriers=${carriers}`, '--param', 'tonnes=4']);
  t.is(await shipper.ended, EXIT.ok, shipper.shown);
  t.is(await first.end('SIGKILL'), 'SIGKILL');
  const file = join(bench.path('data'), readdirSync(bench.path('data')).find((name) => name.endsWith('.log')) ?? '');
  const bytes = readFileSync(file);
  bytes[40] = (bytes[40] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
  const third = await bench.run('carrier', flags);
  t.is(await third.ended, EXIT.badData, third.shown);
  t.regex(third.shown, /^haggle: [^\n]*damaged[^\n]+ --on-diverged abandon\)\n$/);
});

test('a broker that nobody serves is told in one line', async (t) => {
  const agent = await (await benchOf(t, `nats://127.0.0.1:${await freePort()}`)).run('idler', []);
  t.is(await agent.ended, EXIT.unavailable, agent.shown);
  t.regex(
    agent.shown,
    /^haggle: cannot reach a broker at nats:\/\/127\.0\.0\.1:\d+: [^\n]+ \(`haggle broker start` [^\n]+\n$/,
  );
});

interface Misuse {
  readonly what: string;
  readonly code: number;
  readonly message: RegExp;
  readonly flags?: readonly string[];
  readonly prepare?: (path: (name: string) => string) => void;
}

const MISUSE: readonly Misuse[] = [
  {
    what: 'a key file that others can read',
    code: EXIT.noPermission,
    message: /idler\.key/,
    prepare: (path) => chmodSync(path('idler.key'), 0o644),
  },
  {
    what: 'a key file that is a link',
    code: EXIT.noPermission,
    message: /symbolic link/,
    flags: ['--key', 'link.key'],
    prepare: (path) => symlinkSync(path('idler.key'), path('link.key')),
  },
  {
    what: 'a key file that is damaged',
    code: EXIT.badData,
    message: /idler\.key/,
    prepare: (path) => writeFileSync(path('idler.key'), 'not a key\n'),
  },
  { what: 'a key file that is not there', code: EXIT.noInput, message: /none\.key/, flags: ['--key', 'none.key'] },
  { what: 'a parameter that is not there', code: EXIT.usage, message: /no parameter "x"/, flags: ['--param', 'x=1'] },
  { what: 'a flag that is not there', code: EXIT.usage, message: /unknown option '--fast'/, flags: ['--fast'] },
  { what: 'a bad address of a broker', code: EXIT.usage, message: /http/, flags: ['--nats', 'http://127.0.0.1'] },
  {
    what: 'a malformed configuration',
    code: EXIT.badConfig,
    message: /^haggle: run\.yaml:1:1: relam: there is no such setting\n$/,
    flags: ['--config', 'run.yaml'],
    prepare: (path) => writeFileSync(path('run.yaml'), 'relam: a\n'),
  },
  {
    what: 'a token that is none',
    code: EXIT.badData,
    message: /run\.jwt holds no token/,
    flags: ['--jwt', 'run.jwt'],
    prepare: (path) => writeFileSync(path('run.jwt'), 'hello\n'),
  },
];

for (const { what, code, message, flags = [], prepare } of MISUSE) {
  test(`refuses ${what} with code ${code}, before it connects`, async (t) => {
    const path = scratch(t);
    await createKeyFile(path('idler.key'));
    prepare?.(path);
    const args = ['agent', 'run', AGENTS, '--export', 'idler', '--key', 'idler.key', ...flags];
    const agent = haggleAt(t, path('.'), { args, env: { HAGGLE_NATS: 'nats://127.0.0.1:1' } });
    t.is(await agent.ended, code, agent.shown);
    t.regex(agent.shown, message);
    t.notRegex(agent.shown, /\n\s+at /);
  });
}
