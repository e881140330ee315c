import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { RUN_SETTINGS } from '../../cli/run-settings.ts';
import { sectionsOf } from '../docs-tables.ts';
import { haggle } from './haggle.ts';

const page = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');

/** Rows of tables, as cells. */
function rows(markdown: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('the page of running agents has every setting with its variable and default', (t) => {
  const table = rows(sectionsOf(page('running-agents.md')).get('6. Settings') ?? '');
  for (const [name, { env, fallback }] of Object.entries(RUN_SETTINGS)) {
    const row = table.find(([flag = '']) => flag.split(', ').includes(`\`--${name}\``));
    t.truthy(row, name);
    if (env !== null) t.is(row?.[1], `\`${env}\``, name);
    if (fallback !== null) t.is(row?.[2], `\`${fallback}\``, name);
  }
});

test('the exit codes of the command line are all written down', (t) => {
  const table = rows(sectionsOf(page('cli.md')).get('Exit codes') ?? '');
  const written = table.map(([code = '']) => Number(code)).filter((code) => Number.isInteger(code));
  t.deepEqual(
    written,
    Object.values(EXIT).toSorted((a, b) => a - b),
  );
});

for (const command of [['agent', 'run'], ['up'], ['ps'], ['logs'], ['send']]) {
  test(`every flag of haggle ${command.join(' ')} is written down`, async (t) => {
    const { out } = await haggle(...command, '--help');
    const flags = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = '']) => flag);
    t.true(flags.length > 0);
    const text = page('cli.md');
    const short = new Map([
      ['--follow', '-f'],
      ['--lines', '-n'],
    ]);
    for (const flag of flags.filter((each) => each !== '--help')) {
      t.true(text.includes(`\`${flag}`) || text.includes(`\`${short.get(flag) ?? flag}`), flag);
    }
  });
}
