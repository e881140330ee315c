import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch } from './haggle.ts';

const run = ['simulate', 'energy', '--generate', 'buses=3'] as const;

test('an output that is a pipe is written to, not replaced by a file', async (t) => {
  const pipe = scratch(t)('pipe');
  execFileSync('mkfifo', [pipe]);
  for (const flag of ['--solution', '--trace']) {
    const reader = spawn('cat', [pipe]);
    let text = '';
    reader.stdout.on('data', (chunk) => (text += String(chunk)));
    const closed = new Promise((resolve) => reader.on('close', resolve));
    t.like(await haggle(...run, flag, pipe), { code: EXIT.ok });
    await closed;
    t.regex(text, /^\{"[^]+\}\n$/);
    t.true(lstatSync(pipe).isFIFO());
  }
});

test('an output that is a link stays one, and what it leads to is written', async (t) => {
  const file = scratch(t);
  writeFileSync(file('old'), 'old');
  symlinkSync(file('old'), file('link'));
  t.like(await haggle(...run, '--solution', file('link')), { code: EXIT.ok });
  t.true(lstatSync(file('link')).isSymbolicLink());
  t.regex(readFileSync(file('old'), 'utf8'), /^\{"pgMw/);
});

test('an input may be a pipe', async (t) => {
  const file = scratch(t);
  execFileSync('mkfifo', [file('pipe')]);
  t.like(await haggle(...run, '--trace', file('trace')), { code: EXIT.ok });
  const writer = spawn('cp', [file('trace'), file('pipe')]);
  const closed = new Promise((resolve) => writer.on('close', resolve));
  t.like(await haggle('verify', file('pipe')), { code: EXIT.ok });
  await closed;
});

// Read only. It has no end, so that only the bound of an input keeps the memory whole.
test('an input without an end is refused at the limit', async (t) => {
  const endless = await haggle('verify', '/dev/zero');
  t.is(endless.code, EXIT.noInput);
  t.regex(endless.err, /cannot read \/dev\/zero: it goes on, the limit is \d+ bytes/);
});
