import { readFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { scratch } from '../cli/haggle.ts';
import { deployText, needs, run } from './files.ts';
import { unit, valuesOf } from './unit.ts';

/** Of 10; `systemd-analyze security` calls up to 2 points OK. What is left is the network, which an agent is for. */
const EXPOSURE_MAX = 2;

const systemd = needs('systemd-analyze');

/** The unit in a folder of its own, with a program that is there: `systemd-analyze verify` asks for it. */
function installed(t: ExecutionContext): string {
  const path = scratch(t)('haggle@.service');
  writeFileSync(path, deployText('haggle@.service').replace('/usr/local/bin/haggle', process.execPath));
  t.true(readFileSync(path, 'utf8').includes(`ExecStart=${process.execPath} agent run`));
  return path;
}

systemd('systemd-analyze finds no fault in the unit', async (t) => {
  const { code, out, err } = await run('systemd-analyze', ['verify', '--man=no', installed(t)]);
  t.is(code, 0, `${out}${err}`);
  t.is(err.trim(), '');
});

systemd('systemd-analyze would see a fault in it', async (t) => {
  const path = installed(t);
  writeFileSync(path, readFileSync(path, 'utf8').replace('Type=notify', 'Type=notify\nProtectSistem=strict'));
  const { err } = await run('systemd-analyze', ['verify', '--man=no', path]);
  t.regex(err, /Unknown key .*'ProtectSistem'/);
});

systemd(`the exposure of the unit is at most ${EXPOSURE_MAX} of 10`, async (t) => {
  const { out } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', installed(t)]);
  const [, exposure] = /Overall exposure level for .*: ([\d.]+) /.exec(out) ?? [];
  t.log(`exposure ${exposure}`);
  t.true(Number(exposure) <= EXPOSURE_MAX, out);
});

test('an instance has a user, a folder, a key and a token of its own', (t) => {
  t.deepEqual(valuesOf(unit, 'DynamicUser'), ['yes']);
  t.deepEqual(valuesOf(unit, 'StateDirectory'), ['haggle/%i']);
  t.deepEqual(valuesOf(unit, 'LoadCredential'), ['key:/etc/haggle/%i.key', 'jwt:/etc/haggle/%i.jwt']);
  const [start = ''] = valuesOf(unit, 'ExecStart');
  for (const word of ['--key=%d/key', '--jwt=%d/jwt', '--data=%S/haggle/%i', '--name=%i'])
    t.true(start.includes(` ${word}`), word);
});

test('systemd hears from the agent that it is ready and that it lives', (t) => {
  t.deepEqual(valuesOf(unit, 'Type'), ['notify']);
  t.deepEqual(valuesOf(unit, 'NotifyAccess'), ['all']);
  t.is(valuesOf(unit, 'WatchdogSec').length, 1);
});

test('the unit never forbids what V8 needs: memory that it writes and then runs', (t) => {
  t.deepEqual(valuesOf(unit, 'MemoryDenyWriteExecute'), []);
});
