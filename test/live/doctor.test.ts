import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { EXIT } from '../../cli/exit.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { haggle, MAIN, scratch, type Exit } from '../cli/haggle.ts';
import { broker, live } from './broker.ts';

async function findings(...flags: readonly string[]): Promise<Exit & { readonly said: readonly string[] }> {
  const exit = await haggle('doctor', '--json', ...flags);
  const { findings: list } = JSON.parse(exit.out) as { readonly findings: readonly Finding[] };
  return { ...exit, said: list.map(({ severity, area, what }) => `${severity} ${area}: ${what}`) };
}

live(
  'a broker where nobody logs in is good enough for this machine, and the doctor says what is missing',
  async (t) => {
    const server = await broker(t, { jetstream: true });
    const { code, said } = await findings('--nats', server.url, '--data', scratch(t)('journal'));
    t.is(code, EXIT.ok);
    const text = said.join('\n');
    t.regex(text, /ok broker: connected to 127\.0\.0\.1:\d+, round trip [\d.]+ ms/);
    t.true(text.includes(`broker: nats-server ${server.version}`));
    t.regex(text, /warning broker: nobody has to log in \(here only this machine reaches it\)/);
    t.regex(text, /ok broker: JetStream is there/);
    t.regex(text, /note broker: so everybody may read and say everything/);
    t.regex(text, /data: .* is writable/);
  },
);

live('a login that may do everything is an error, and one that may do nothing strange is none', async (t) => {
  const open = await broker(t, { config: 'authorization { user: ann, password: secret }\nmax_payload: 2000\n' });
  const { code, said } = await findings('--nats', `nats://ann:secret@127.0.0.1:${open.port}`);
  t.is(code, EXIT.negative);
  const text = said.join('\n');
  t.regex(text, /error broker: we may listen to everything/);
  t.regex(text, /error broker: we may listen to another's inbox/);
  t.regex(text, /error broker: we may publish in another's name/);
  t.regex(text, /warning broker: it takes messages of 2000 bytes/);
  t.regex(text, /note broker: no JetStream/);
  const narrow = await broker(t, {
    config: `authorization { users: [{ user: ann, password: secret,
      permissions: { publish: ["x"], subscribe: ["x"] } }] }\n`,
  });
  const good = await findings('--nats', `nats://ann:secret@127.0.0.1:${narrow.port}`);
  t.is(good.code, EXIT.ok);
  t.true(good.said.includes('ok broker: it refuses a forged sender, a foreign inbox and ">"'));
  t.false(good.out.includes('secret'));
});

live('a broker that is not there or refuses us is an error with what to do, never a stack', async (t) => {
  const port = await freePort();
  const gone = await haggle('doctor', '--nats', `nats://127.0.0.1:${port}`);
  t.is(gone.code, EXIT.negative);
  t.regex(gone.out, /✘ cannot reach a broker at nats:\/\/127\.0\.0\.1:\d+: nothing listens there\n\s+→ start one with/);
  t.regex(gone.out, /1 error, \d+ warnings?: not ready\n$/);
  t.is(gone.err, '');
  const server = await broker(t, { config: 'authorization { user: ann, password: secret }\n' });
  const refused = await haggle('doctor', '--nats', server.url);
  t.is(refused.code, EXIT.negative);
  t.regex(refused.out, /refused our login/);
});

live('a realm made by the command line passes: its configuration, its key, its token', async (t) => {
  const path = scratch(t);
  const port = await freePort();
  const make = ['--realm', 'main', '--out', path('realm'), '--port', String(port)];
  t.is((await haggle('nats-config', ...make)).code, EXIT.ok);
  t.is((await haggle('keys', 'new', path('ann.key'))).code, EXIT.ok);
  const token = ['--dir', path('realm'), '--agent', path('ann.key'), '--token', path('ann.jwt')];
  t.is((await haggle('nats-config', 'user', ...token)).code, EXIT.ok);
  const config = path('realm/nats-server.conf');
  const server = spawn(process.execPath, [MAIN, 'broker', 'start', '--config', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => server.kill('SIGKILL'));
  const exited = once(server, 'exit');
  for await (const line of createInterface({ input: server.stdout })) {
    t.regex(line, new RegExp(`^nats-server \\S+ at nats://127\\.0\\.0\\.1:${port}.*\\^C ends it$`));
    break;
  }
  const login = ['--key', path('ann.key'), '--jwt', path('ann.jwt'), '--broker-config', config];
  const { code, said } = await findings('--nats', `nats://127.0.0.1:${port}`, ...login);
  t.is(code, EXIT.ok, said.join('\n'));
  t.true(said.includes('ok broker: it refuses a forged sender, a foreign inbox and ">"'));
  t.true(said.some((text) => text.startsWith('ok key:')));
  t.false(said.some((text) => text.startsWith('error')));
  server.kill('SIGTERM');
  t.deepEqual(await exited, [EXIT.ok, null]);
});

live('a configuration is shown to the server itself as well', async (t) => {
  const path = scratch(t);
  const server = await broker(t);
  writeFileSync(
    path('bad.conf'),
    'listen: "127.0.0.1:1"\nmax_payload: 1000\noperator_typo: 3\nauthorization { user: a }\n',
  );
  const { code, said } = await findings('--nats', server.url, '--broker-config', path('bad.conf'));
  t.is(code, EXIT.negative);
  t.true(
    said.some((text) => /^error config: nats-server \S+ does not take it: .*operator_typo/.test(text)),
    said.join('\n'),
  );
});

live('broker start listens where it is told, and a port that is taken is told with its exit code', async (t) => {
  const { port } = await broker(t);
  const { code, err } = await haggle('broker', 'start', '--port', String(port));
  t.is(code, EXIT.unavailable);
  t.regex(err, /address already in use/);
  t.is((await haggle('broker', 'start', '--port', '70000')).code, EXIT.usage);
});

live('broker path names the server that would be used', async (t) => {
  const { code, out } = await haggle('broker', 'path', '--json');
  t.is(code, EXIT.ok);
  const { path, version } = JSON.parse(out) as { path: string; version: string };
  t.regex(version, /^\d+\.\d+\.\d+/);
  t.is((await haggle('broker', 'path')).out, `${path}\n`);
});
