import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  cachedProgram,
  cacheFolder,
  compareVersions,
  findNatsServer,
  findNatsServers,
  versionOf,
} from '../../../../agent-core/adapters/nats-server/find.ts';
import { startNatsServer } from '../../../../agent-core/adapters/nats-server/run.ts';
import { HaggleError } from '../../../../agent-core/errors.ts';
import { writeProgram } from '../../../fixtures/write-program.ts';

function place(t: ExecutionContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'haggle-find-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function server(path: string, says: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeProgram(path, `echo "${says}"`);
  return path;
}

test('looks at HAGGLE_NATS_SERVER, then the PATH, then the newest of the cache', async (t) => {
  const folder = place(t);
  const env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), HAGGLE_NATS_SERVER: '' };
  t.is(await findNatsServer({ env }), null);
  server(cachedProgram('2.9.10', env), 'nats-server: v2.9.10');
  const cached = server(cachedProgram('2.12.15', env), 'nats-server: v2.12.15');
  t.deepEqual(await findNatsServer({ env }), { path: cached, version: '2.12.15', source: 'cache' });
  const onPath = server(join(folder, 'bin', 'nats-server'), 'nats-server: v2.10.1');
  t.deepEqual(await findNatsServer({ env }), { path: onPath, version: '2.10.1', source: 'PATH' });
  const named = server(join(folder, 'mine'), 'nats-server: v2.14.0-RC.1');
  const all = await findNatsServers({ env: { ...env, HAGGLE_NATS_SERVER: named } });
  t.deepEqual(
    all.map(({ version, source }) => [version, source]),
    [
      ['2.14.0-RC.1', 'HAGGLE_NATS_SERVER'],
      ['2.10.1', 'PATH'],
      ['2.12.15', 'cache'],
      ['2.9.10', 'cache'],
    ],
  );
});

test('never replaces silently what HAGGLE_NATS_SERVER asked for', async (t) => {
  const folder = place(t);
  for (const named of [join(folder, 'absent'), server(join(folder, 'other'), 'redis-server v=7'), folder]) {
    const env = { PATH: '', XDG_CACHE_HOME: folder, HAGGLE_NATS_SERVER: named };
    const error = await t.throwsAsync(findNatsServer({ env }), { instanceOf: HaggleError });
    t.is(error.code, 'bad-broker-program');
    t.true(error.message.includes(named));
  }
});

test('a program that is just being written is waited for', async (t) => {
  const path = server(join(place(t), 'nats-server'), 'nats-server: v2.11.0');
  const held = openSync(path, 'a');
  const version = versionOf(path);
  closeSync(held);
  t.is(await version, '2.11.0');
});

test('a program below a file is none', async (t) => {
  const file = join(place(t), 'file');
  writeFileSync(file, '');
  t.is(await versionOf(join(file, 'nats-server')), null);
});

test('passes over what only bears the name, and counts each version once', async (t) => {
  const folder = place(t);
  const bins = ['a', 'b', 'c', 'd'].map((name) => join(folder, name));
  mkdirSync(join(bins[0] ?? '', 'nats-server'), { recursive: true });
  writeFileSync(join(server(join(bins[1] ?? '', 'x'), ''), '..', 'nats-server'), 'no program');
  server(join(bins[2] ?? '', 'nats-server'), 'hello');
  const good = server(join(bins[3] ?? '', 'nats-server'), 'nats-server: v2.11.0');
  const env = { PATH: [...bins, bins[3]].join(':'), XDG_CACHE_HOME: folder };
  t.deepEqual(await findNatsServers({ env }), [{ path: good, version: '2.11.0', source: 'PATH' }]);
});

test('keeps the cache where the system wants it', (t) => {
  t.is(cacheFolder({ XDG_CACHE_HOME: '/x' }), '/x/haggle');
  t.regex(cacheFolder({}), /\.cache[/\\]haggle$/);
});

test('orders versions by number', (t) => {
  const versions = ['2.9.10', '2.12.15', '2.12.7', '2.11.16', '2.9.9', '2.14.0-RC.1'];
  t.deepEqual(versions.toSorted(compareVersions), ['2.9.9', '2.9.10', '2.11.16', '2.12.7', '2.12.15', '2.14.0-RC.1']);
});

test('a program that ends at once is told with what it said', async (t) => {
  const path = server(join(place(t), 'nats-server'), 'no, thank you');
  const error = await t.throwsAsync(startNatsServer({ program: { path, version: '0.0.0' } }), {
    instanceOf: HaggleError,
  });
  t.is(error.code, 'broker-not-started');
  t.regex(error.message, /no, thank you/);
  const absent = startNatsServer({ program: { path: `${path}-absent`, version: '0.0.0' } });
  t.regex((await t.throwsAsync(absent, { instanceOf: HaggleError })).message, /does not run/);
});
