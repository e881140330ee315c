import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import * as core from '../../agent-core/index.ts';
import { EXIT } from '../../cli/exit.ts';
import { referencePage } from '../../cli/commands/protocols.ts';
import { CATALOGUE } from '../../cli/protocol-catalogue.ts';
import { haggle } from './haggle.ts';

test('docs/protocols.md is what the protocols say today (npm run docs:protocols writes it)', (t) => {
  const page = fileURLToPath(new URL('../../../docs/protocols.md', import.meta.url));
  t.is(readFileSync(page, 'utf8'), referencePage(CATALOGUE));
});

test('every protocol that the library exports is in the catalogue, under a name of its own', (t) => {
  const listed = new Set<unknown>(CATALOGUE.map(({ protocol }) => protocol));
  const exported = Object.entries<unknown>({ ...core }).filter(
    ([, value]) => typeof value === 'object' && value !== null && 'digest' in value && 'table' in value,
  );
  t.true(exported.length > 0);
  for (const [name, value] of exported) t.true(listed.has(value), `${name} is not in cli/protocol-catalogue.ts`);
  t.is(new Set(CATALOGUE.map(({ protocol }) => protocol.name)).size, CATALOGUE.length);
});

test('protocols lists name, version, roles and digest', async (t) => {
  const { code, out, err } = await haggle('protocols');
  t.deepEqual([code, err], [EXIT.ok, '']);
  const lines = out.trimEnd().split('\n');
  t.is(lines.length, CATALOGUE.length + 1);
  for (const { protocol } of CATALOGUE) {
    t.true(
      lines.some((line) => [protocol.name, protocol.version, protocol.digest].every((word) => line.includes(word))),
    );
  }
});

test('protocols <name> describes one, as text, Markdown, diagram or JSON Schema', async (t) => {
  const name = 'price-coordination';
  const text = await haggle('protocols', name);
  t.regex(text.out, /^price-coordination 1\.0\.0: [^]+\nwelcome +inform +participant +greeted +node: integer/);
  t.regex((await haggle('protocols', name, '--markdown')).out, /^## price-coordination 1\.0\.0\n/);
  t.regex((await haggle('protocols', name, '--mermaid')).out, /^stateDiagram-v2\n/);
  const { out } = await haggle('protocols', name, '--json-schema');
  const schema: { name: string; messages: Record<string, { body: { type: string } }> } = JSON.parse(out);
  t.is(schema.name, name);
  t.is(schema.messages['hello']?.body.type, 'object');
});

test('protocols --markdown prints the whole page', async (t) => {
  t.is((await haggle('protocols', '--markdown')).out, referencePage(CATALOGUE));
});

const misuse: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown protocol', ['gossip'], /there is no protocol "gossip"; there is: .*price-coordination/],
  ['two forms at once', ['price-coordination', '--mermaid', '--markdown'], /exclude each other/],
  ['a diagram of nothing', ['--mermaid'], /need the name of a protocol/],
  ['a schema of nothing', ['--json-schema'], /need the name of a protocol/],
];

for (const [what, args, message] of misuse) {
  test(`refuses ${what} as wrong usage`, async (t) => {
    const { code, out, err } = await haggle('protocols', ...args);
    t.deepEqual([code, out], [EXIT.usage, '']);
    t.regex(err, message);
  });
}
