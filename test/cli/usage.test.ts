import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch } from './haggle.ts';

const HOSTILE = fileURLToPath(new URL('../../../test/hostile/matpower/', import.meta.url));
const energy = ['simulate', 'energy'] as const;

test('--help names the commands, simulate --help its flags, --version the version of the package', async (t) => {
  const help = await haggle('--help');
  t.like(help, { code: EXIT.ok, err: '' });
  t.regex(help.out, /simulate[^]+verify/);
  const simulate = await haggle('simulate', '--help');
  t.is(simulate.code, EXIT.ok);
  for (const flag of ['instance', 'generate', 'seed', 'sign', 'json', 'solution', 'report', 'trace']) {
    t.true(simulate.out.includes(`--${flag}`), flag);
  }
  const manifest: { version: string } = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8'),
  );
  t.deepEqual(await haggle('--version'), { code: EXIT.ok, out: `${manifest.version}\n`, err: '' });
});

const misuse: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /Usage: haggle/],
  ['an unknown command', ['negotiate'], /unknown command 'negotiate'/],
  ['no scenario', ['simulate'], /missing required argument 'scenario'/],
  ['an unknown scenario', ['simulate', 'weather'], /no scenario "weather"; there is: energy/],
  ['a name of Object.prototype as scenario', ['simulate', 'constructor'], /no scenario "constructor"/],
  ['an unknown flag', [...energy, '--fast'], /unknown option '--fast'/],
  ['an argument too many', [...energy, 'now'], /too many arguments/],
  ['a seed that is no number', [...energy, '--seed', 'x'], /--seed must be a whole number.*got "x"/],
  ['a negative seed', [...energy, '--seed', '-1'], /--seed must be a whole number.*got "-1"/],
  ['a seed beyond exact integers', [...energy, '--seed', '9007199254740993'], /from 0 to 9007199254740991/],
  ['an unknown signing mode', [...energy, '--sign', 'never'], /Allowed choices are each, batch, off/],
  ['a file and a generator', [...energy, '--instance', 'a.m', '--generate', 'buses=3'], /exclude each other/],
  ['an unknown parameter', [...energy, '--generate', 'nodes=3'], /takes the parameter "buses", got "nodes"/],
  ['a parameter without a value', [...energy, '--generate', 'buses'], /key=value pairs.*got "buses"/],
  ['a parameter twice', [...energy, '--generate', 'buses=3,buses=4'], /names "buses" twice/],
  ['too few buses', [...energy, '--generate', 'buses=1'], /from 2 to 2000, got "1"/],
  ['too many buses', [...energy, '--generate', 'buses=2001'], /from 2 to 2000, got "2001"/],
  ['half a bus', [...energy, '--generate', 'buses=2.5'], /whole number.*got "2.5"/],
  ['no trace to verify', ['verify'], /missing required argument 'trace'/],
];

for (const [what, args, message] of misuse) {
  test(`refuses ${what} as wrong usage`, async (t) => {
    const { code, out, err } = await haggle(...args);
    t.is(code, EXIT.usage);
    t.is(out, '');
    t.regex(err, message);
    t.notRegex(err, /\n\s+at /);
  });
}

test('says what a folder lacks that is no instance', async (t) => {
  const folder = scratch(t)('.');
  t.deepEqual(await haggle(...energy, '--instance', folder), {
    code: EXIT.badData,
    out: '',
    err: `haggle: ${folder} holds no schema.json\n`,
  });
});

test('says in one line that an input is not there, or is a folder', async (t) => {
  const path = scratch(t);
  for (const [args, reason] of [
    [[...energy, '--instance', path('none.m')], 'no such file or folder'],
    [['verify', path('none.jsonl')], 'no such file or folder'],
    [['verify', path('.')], 'it is a folder'],
  ] as const) {
    t.deepEqual(await haggle(...args), {
      code: EXIT.noInput,
      out: '',
      err: `haggle: cannot read ${args.at(-1)}: ${reason}\n`,
    });
  }
});

for (const name of ['ragged-row', 'open-string', 'html', 'empty', 'nan', 'binary', 'concave-cost']) {
  test(`refuses the malformed case ${name}.m in one line that names file, line and column`, async (t) => {
    const file = `${HOSTILE}${name}.m`;
    const { code, out, err } = await haggle(...energy, '--instance', file, '--json');
    t.is(code, EXIT.badData);
    t.is(out, '');
    t.true(err.startsWith(`haggle: ${file}:`), err);
    t.regex(err.slice(`haggle: ${file}`.length), /^:\d+:\d+: [^\n]+\n$/);
  });
}

test('a grid that cannot serve its load is bad data, and leaves no trace or solution behind', async (t) => {
  const path = scratch(t);
  writeFileSync(
    path('dark.m'),
    `function mpc = dark
    mpc.baseMVA = 100;
    mpc.bus = [1 3 50 0 0 0 1 1 0 1 1 1 1];
    mpc.gen = [1 0 0 0 0 1 1 1 40 0];
    mpc.gencost = [2 0 0 2 10 0];
    mpc.branch = [];`,
  );
  const { code, out, err } = await haggle(
    ...energy,
    '--instance',
    path('dark.m'),
    '--trace',
    path('trace'),
    '--solution',
    path('solution'),
  );
  t.is(code, EXIT.badData);
  t.is(out, '');
  t.regex(err, /^haggle: [^\n]+\n$/);
  t.deepEqual(readdirSync(path('.')), ['dark.m']);
});

for (const flag of ['solution', 'report', 'trace']) {
  test(`says in one line that a ${flag} cannot be written, and leaves nothing half-written`, async (t) => {
    const path = scratch(t);
    writeFileSync(path('file'), '');
    const three = [...energy, '--generate', 'buses=3'];
    for (const [target, left] of [
      [path('none/out'), ['file']],
      [path('file/out'), ['file']],
      [path('.'), ['file']],
    ] as const) {
      const { code, out, err } = await haggle(...three, `--${flag}`, target);
      t.is(code, EXIT.cannotWrite);
      t.is(out, '');
      t.regex(err, /^haggle: cannot write [^\n]+\n$/);
      t.deepEqual(readdirSync(path('.')), left);
    }
  });
}
