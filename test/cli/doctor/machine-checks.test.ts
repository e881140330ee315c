import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { createKeyFile } from '../../../agent-core/adapters/keys/key-file.ts';
import { versionFindings } from '../../../cli/doctor/broker-version.ts';
import {
  clockFindings,
  dataFindings,
  keyFindings,
  nodeFindings,
  type Clocks,
} from '../../../cli/doctor/machine-checks.ts';
import { scratch } from '../haggle.ts';

/** Clocks of which the one for the wall moves `moved` ms more than the other while the doctor waits. */
function clocks(moved: number, { at = Date.UTC(2026, 10, 22), synchronised = 'yes' } = {}): Clocks {
  let waited = 0;
  return {
    wall: () => at + waited + (waited > 0 ? moved : 0),
    steady: () => waited,
    wait: async (millis) => {
      waited += millis;
      await Promise.resolve();
    },
    synchronised: async () => await Promise.resolve(synchronised),
  };
}

for (const [version, severities] of [
  ['2.9.10', ['warning', 'warning']],
  ['2.9.25', ['warning', 'warning']],
  ['2.10.29', ['warning']],
  ['2.11.15', ['warning']],
  ['2.11.16', ['ok']],
  ['2.12.6', ['warning']],
  ['2.12.7', ['ok']],
  ['2.12.15', ['ok']],
  ['2.13.0', ['warning']],
  ['2.14.0', ['ok']],
  ['3.0.0-beta.1', ['ok']],
  ['nonsense', ['note']],
] as const) {
  test(`knows what nats-server ${version} means`, (t) => {
    t.deepEqual(
      versionFindings(version).map(({ severity }) => severity),
      severities,
    );
  });
}

test('refuses a Node.js that is too old, and says so of one without long-term support', (t) => {
  const severity = (version: string): unknown => nodeFindings(version)[0]?.severity;
  t.deepEqual(['18.20.0', '20.18.1', '20.19.0', '22.1.0', '23.0.0', '24.0.0'].map(severity), [
    'error',
    'error',
    'ok',
    'ok',
    'note',
    'ok',
  ]);
});

test('tells a clock that jumps, one that is unset, and one that follows nobody', async (t) => {
  const severity = async (given: Clocks): Promise<unknown> => (await clockFindings(given))[0]?.severity;
  t.is(await severity(clocks(0)), 'ok');
  t.is(await severity(clocks(20)), 'ok');
  t.is(await severity(clocks(26)), 'warning');
  t.is(await severity(clocks(-3_600_000)), 'warning');
  t.is(await severity(clocks(0, { at: 0 })), 'error');
  t.is(await severity(clocks(0, { synchronised: 'no' })), 'warning');
  t.is(await severity(clocks(0, { synchronised: '' })), 'note');
});

test('looks at a data folder and leaves nothing in it', (t) => {
  const folder = scratch(t)('journal');
  const [finding] = dataFindings(folder);
  t.true(finding?.severity === 'ok' || finding?.severity === 'warning');
  t.regex(finding?.what ?? '', /is writable, fsync takes [\d.]+ ms/);
  t.deepEqual(readdirSync(folder), []);
});

test('warns of a data folder in which others may write, and fails where it is none', (t) => {
  const path = scratch(t);
  mkdirSync(path('open'));
  chmodSync(path('open'), 0o777);
  t.true(
    dataFindings(path('open')).some(({ what, severity }) => severity === 'warning' && what.includes('others may')),
  );
  writeFileSync(path('file'), '');
  const [finding] = dataFindings(path('file'));
  t.is(finding?.severity, 'error');
  t.regex(finding?.what ?? '', /cannot hold a journal: /);
});

test('takes a good key file, and refuses one that others can read, a link, and what is none', async (t) => {
  const path = scratch(t);
  await createKeyFile(path('good.key'));
  t.regex(keyFindings(path('good.key'))[0]?.what ?? '', /belongs to U[A-Z2-7]{11}…, only you can read it/);
  await createKeyFile(path('open.key'));
  chmodSync(path('open.key'), 0o644);
  symlinkSync(path('good.key'), path('link.key'));
  writeFileSync(path('other.key'), 'hello', { mode: 0o600 });
  await createKeyFile(path('account.key'), { kind: 'account' });
  for (const name of ['open.key', 'link.key', 'other.key', 'account.key', 'absent.key']) {
    const findings = keyFindings(path(name));
    t.deepEqual(
      findings.map(({ severity }) => severity),
      ['error'],
      name,
    );
  }
});
