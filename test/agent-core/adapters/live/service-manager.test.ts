import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { serviceManager } from '../../../../agent-core/adapters/live/service-manager.ts';
import { writeProgram } from '../../../fixtures/write-program.ts';

/** A `systemd-notify` that writes down what it was told, in the order in which it was told. */
function fakeNotify(t: ExecutionContext, exit = 0): { readonly path: string; readonly told: () => readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-notify-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const record = join(folder, 'told');
  writeFileSync(record, '');
  writeProgram(join(folder, 'systemd-notify'), `printf '%s\\n' "$*" >> "${record}"\nexit ${exit}`);
  return { path: `${folder}:/usr/bin:/bin`, told: () => readFileSync(record, 'utf8').trim().split('\n') };
}

test('readiness, stopping and their order reach the manager', async (t) => {
  const { path, told } = fakeNotify(t);
  const manager = serviceManager({ PATH: path, NOTIFY_SOCKET: '/run/x' }, (why) => t.fail(why));
  manager.ready('did:key:z6Mk… in market');
  manager.stopping();
  await manager.close();
  t.deepEqual(told(), [`READY=1 STATUS=did:key:z6Mk… in market MAINPID=${process.pid}`, 'STOPPING=1']);
});

test('the watchdog is fed only while the process is alive', async (t) => {
  const { path, told } = fakeNotify(t);
  const env = { PATH: path, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '2000' };
  const manager = serviceManager(env, (why) => t.fail(why));
  await new Promise<void>((resolve) => {
    let asked = 0;
    manager.watch(() => {
      asked += 1;
      if (asked === 4) resolve();
      return asked === 2;
    });
    // The manager's own timer keeps nothing alive.
    const hold = setInterval(() => (asked >= 4 ? clearInterval(hold) : undefined), 1);
  });
  await manager.close();
  t.deepEqual(told(), ['WATCHDOG=1']);
});

test('the watchdog of another process is not fed', async (t) => {
  const { path, told } = fakeNotify(t);
  const env = { PATH: path, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
  const manager = serviceManager(env, (why) => t.fail(why));
  manager.watch(() => t.fail());
  manager.ready('');
  await manager.close();
  t.is(told().length, 1);
});

test('without a manager nobody is told, and nothing is started', async (t) => {
  const manager = serviceManager({ PATH: '/nowhere' }, (why) => t.fail(why));
  manager.ready('x');
  manager.watch(() => true);
  manager.stopping();
  await manager.close();
  t.pass();
});

test('a manager that cannot be told is a complaint, not an end', async (t) => {
  const complaints: string[] = [];
  const { path } = fakeNotify(t, 3);
  for (const PATH of [path, '/nowhere']) {
    const manager = serviceManager({ PATH, NOTIFY_SOCKET: '/run/x' }, (why) => void complaints.push(why));
    manager.ready('x');
    await manager.close();
  }
  t.regex(complaints[0] ?? '', /systemd-notify ended with code 3/);
  t.regex(complaints[1] ?? '', /ENOENT/);
});
