import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { scratch } from './cli/haggle.ts';
import { runIn } from './cli/linked-project.ts';
import { blocksOf, type Block } from './docs-blocks.ts';
import { programs } from './docs-programs.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Follows a page block by block, as its reader would, and checks what it claims to see. */
async function follow(t: ExecutionContext, page: string): Promise<void> {
  const path = scratch(t);
  const bin = programs(path('bin'));
  mkdirSync(path('home'));
  let folder = path('home');
  let printed = '';
  const perform: Readonly<Record<string, (block: Block, where: string) => Promise<void> | void>> = {
    async sh({ text }, where) {
      const { code, out, err } = await runIn(folder, `PATH="${bin}:$PATH"\n${text}\npwd > "${path('folder')}"`);
      t.is(code, 0, `${where}: ${out}\n${err}`);
      printed = out;
      folder = readFileSync(path('folder'), 'utf8').trimEnd();
    },
    ts({ text, marks }, where) {
      const file = marks.get('file');
      const excerpt = marks.get('excerpt');
      if (file !== undefined) writeFileSync(join(folder, file), text);
      else if (excerpt === undefined) t.fail(`${where}: a block of code names the file that it is, or is from`);
      else
        t.true(flat(readFileSync(join(folder, excerpt), 'utf8')).includes(flat(text)), `${where}: not in ${excerpt}`);
    },
    text({ text }, where) {
      t.is(printed.trimEnd(), text.trimEnd(), where);
    },
  };
  for (const block of blocksOf(readFileSync(join(DOCS, page), 'utf8'))) {
    const where = `${page}:${block.line}`;
    const act = perform[block.language];
    if (act === undefined) t.fail(`${where}: nobody knows how to follow a block of ${block.language}`);
    else await act(block, where);
  }
}

/** Code without its indentation. */
function flat(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

test('Write your first agent can be followed as it stands', (t) => follow(t, 'write-your-first-agent.md'));

test('Keys and permissions can be followed as it stands', (t) => follow(t, 'keys.md'));

test('Learning quotes the example that is run', (t) => {
  const blocks = blocksOf(readFileSync(join(DOCS, 'learning.md'), 'utf8'));
  const quoted = blocks.filter(({ marks }) => marks.has('excerpt'));
  t.is(quoted.length, 3);
  for (const { text, marks, line } of quoted) {
    const file = marks.get('excerpt') ?? '';
    t.true(
      flat(readFileSync(join(DOCS, '..', file), 'utf8')).includes(flat(text)),
      `learning.md:${line}: not in ${file}`,
    );
  }
});

test('blocks are read with their language, marks and line', (t) => {
  const page = ['text', '', '```ts file=a.ts', 'a;', '```', '', '```sh', 'b', 'c', '```', ''].join('\n');
  t.deepEqual(blocksOf(page), [
    { language: 'ts', marks: new Map([['file', 'a.ts']]), text: 'a;\n', line: 4 },
    { language: 'sh', marks: new Map(), text: 'b\nc\n', line: 8 },
  ]);
  t.deepEqual(blocksOf('none'), []);
});
