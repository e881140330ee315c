import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch } from './haggle.ts';

const small = ['simulate', 'energy', '--generate', 'buses=3'];

test('an output that is a link goes to where it leads, and the link stays one', async (t) => {
  const path = scratch(t);
  writeFileSync(path('target.json'), 'old');
  symlinkSync(path('target.json'), path('link.json'));
  const { code } = await haggle(...small, '--solution', path('link.json'));
  t.is(code, EXIT.ok);
  t.true(lstatSync(path('link.json')).isSymbolicLink());
  t.true(readFileSync(path('target.json'), 'utf8').startsWith('{"pgMw":['));
});

test('refuses to write two outputs into one file, or over the instance', async (t) => {
  const path = scratch(t);
  symlinkSync(path('a.out'), path('b.out'));
  writeFileSync(path('grid.m'), 'precious');
  for (const flags of [
    ['--generate', 'buses=3', '--trace', path('a.out'), '--solution', path('a.out')],
    ['--instance', path('grid.m'), '--report', path('grid.m')],
  ]) {
    const { code, out, err } = await haggle('simulate', 'energy', ...flags);
    t.is(code, EXIT.usage);
    t.is(out, '');
    t.regex(err, /^haggle: --\w+ [^\n]+ is the same file as [^\n]+\n$/);
  }
  t.is(readFileSync(path('grid.m'), 'utf8'), 'precious');
  t.false(existsSync(path('a.out')));
});

test('an empty file name is refused', async (t) => {
  const { code, err } = await haggle(...small, '--report', '');
  t.is(code, EXIT.usage);
  t.is(err, 'haggle: --report needs the name of a file\n');
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a run that ${signal} interrupts ends by it and leaves nothing half-written`, async (t) => {
    const path = scratch(t);
    const program = new URL('../../cli/main.js', import.meta.url).pathname;
    const flags = ['--generate', 'buses=300', '--trace', path('run.jsonl'), '--report', path('run.html')];
    const child = spawn(process.execPath, [program, 'simulate', 'energy', ...flags], { stdio: 'ignore' });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_, by) => {
        resolve(by);
      });
    });
    // The draft is there once the command runs; a second later at the earliest it is done.
    while (readdirSync(path('.')).length === 0) await new Promise((resolve) => setImmediate(resolve));
    child.kill(signal);
    t.is(await ended, signal);
    t.deepEqual(readdirSync(path('.')), []);
  });
}
