import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import * as prettier from 'prettier';
import { EXIT } from '../../cli/exit.ts';
import { writeFolder } from '../../cli/files.ts';
import { agentFiles, camelCase } from '../../cli/scaffold/agent-files.ts';
import { haggleIn, scratch } from './haggle.ts';
import { linkPackages, runIn } from './linked-project.ts';

const FILES = ['.gitignore', 'README.md', 'package.json', 'src', 'tsconfig.json'];
const versions = { zod: '4', typescript: '7', nodeTypes: '20' };

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  return manifest;
}

test('a new agent is built and its tests pass, with nothing but what its package.json names', async (t) => {
  const path = scratch(t);
  const made = await haggleIn(path('.'), 'new', 'agent', 'corner-shop');
  t.deepEqual(made, {
    code: EXIT.ok,
    out: 'corner-shop/ is made. Next:\n\n  cd corner-shop\n  npm install\n  npm test\n',
    err: '',
  });
  const project = path('corner-shop');
  t.deepEqual(readdirSync(path('.')), ['corner-shop']);
  t.deepEqual(readdirSync(project).toSorted(), FILES);
  t.deepEqual(readdirSync(`${project}/src`).toSorted(), ['corner-shop.test.ts', 'corner-shop.ts']);
  linkPackages(project);
  const tested = await runIn(project, manifestOf(project).scripts['test'] ?? '');
  t.is(tested.code, 0, `${tested.out}\n${tested.err}`);
  t.regex(tested.out, /^# pass 3$/m);
  t.regex(tested.out, /^# fail 0$/m);
});

test('a test of the new agent that is wrong fails, and one that breaks the protocol does not compile', async (t) => {
  const path = scratch(t);
  await haggleIn(path('.'), 'new', 'agent', 'deal');
  const project = path('deal');
  linkPackages(project);
  const file = `${project}/src/deal.test.ts`;
  const good = readFileSync(file, 'utf8');
  const run = async (text: string): Promise<string> => {
    writeFileSync(file, text);
    const { code, out } = await runIn(project, manifestOf(project).scripts['test'] ?? '');
    t.not(code, 0);
    return out;
  };
  t.regex(await run(good.replace('6n * TOKEN', '7n * TOKEN')), /^# fail 1$/m);
  t.regex(
    await run(good.replace("deal.hear('decline').left", "deal.hear('decline').price")),
    /error TS2339: .*'price'/,
  );
});

test('the dependency is this package, unless --haggle says where else to find it', async (t) => {
  const path = scratch(t);
  await haggleIn(path('.'), 'new', 'agent', 'near');
  const near = manifestOf(path('near')).dependencies['haggle'] ?? '';
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  t.true(near.startsWith('file:'));
  t.is(fileURLToPath(new URL(`${near.slice('file:'.length)}/`, `file://${path('near')}/`)), root);
  await haggleIn(path('.'), 'new', 'agent', 'far', '--haggle', 'git+https://example.org/haggle.git');
  t.is(manifestOf(path('far')).dependencies['haggle'], 'git+https://example.org/haggle.git');
  t.regex(readFileSync(path('far/README.md'), 'utf8'), /takes it from `git\+https:\/\/example\.org\/haggle\.git`/);
});

const misuse: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no kind of thing', ['new'], /Usage: haggle new/],
  ['an unknown kind of thing', ['new', 'planet', 'x'], /unknown command 'planet'/],
  ['no name', ['new', 'agent'], /missing required argument 'name'/],
  ['a name with capitals', ['new', 'agent', 'Shop'], /name of an agent must be lower-case words.*got "Shop"/],
  ['a path as name', ['new', 'agent', '../shop'], /got "\.\.\/shop"/],
  ['a name that begins with a digit', ['new', 'agent', '7up'], /got "7up"/],
  ['a name that ends in a dash', ['new', 'agent', 'shop-'], /got "shop-"/],
  ['an empty name', ['new', 'agent', ''], /got ""/],
  ['a name of 65 characters', ['new', 'agent', 'x'.repeat(65)], /at most 64 characters/],
  ['the name of a dependency', ['new', 'agent', 'zod'], /cannot be called "zod"/],
  ['a spec with a space', ['new', 'agent', 'shop', '--haggle', 'a b'], /--haggle needs a version, a path/],
  ['an empty spec', ['new', 'agent', 'shop', '--haggle', ''], /--haggle needs a version, a path/],
];

for (const [what, args, message] of misuse) {
  test(`refuses ${what} as wrong usage and makes nothing`, async (t) => {
    const path = scratch(t);
    const { code, out, err } = await haggleIn(path('.'), ...args);
    t.deepEqual([code, out], [EXIT.usage, '']);
    t.regex(err, message);
    t.deepEqual(readdirSync(path('.')), []);
  });
}

test('refuses a folder with something in it and a file of that name, and leaves them as they are', async (t) => {
  const path = scratch(t);
  mkdirSync(path('full'));
  writeFileSync(path('full/keep'), 'mine');
  writeFileSync(path('file'), 'mine');
  for (const [name, why] of [
    ['full', 'the folder is there and is not empty'],
    ['file', 'a file of this name is there'],
  ] as const) {
    const { code, out, err } = await haggleIn(path('.'), 'new', 'agent', name);
    t.deepEqual([code, out], [EXIT.cannotWrite, '']);
    t.regex(err, new RegExp(`^haggle: cannot make [^\n]*${name}: ${why}\n$`));
  }
  t.is(readFileSync(path('full/keep'), 'utf8'), 'mine');
  t.is(readFileSync(path('file'), 'utf8'), 'mine');
  t.deepEqual(readdirSync(path('.')).toSorted(), ['file', 'full']);
});

test('takes an empty folder', async (t) => {
  const path = scratch(t);
  mkdirSync(path('shop'));
  t.is((await haggleIn(path('.'), 'new', 'agent', 'shop')).code, EXIT.ok);
  t.deepEqual(readdirSync(path('shop')).toSorted(), FILES);
});

test('leaves nothing half-done where a file cannot be written', (t) => {
  const path = scratch(t);
  const impossible = new Map([
    ['a', 'text'],
    ['a/b', 'a file has no files in it'],
  ]);
  t.throws(() => writeFolder(path('shop'), impossible), { code: 'cannot-write', message: /cannot make / });
  writeFileSync(path('file'), '');
  for (const place of ['none/shop', 'file/shop']) {
    t.throws(() => writeFolder(path(place), new Map([['a', '']])), { code: 'cannot-write' });
  }
  t.deepEqual(readdirSync(path('.')), ['file']);
});

test('what is in the way of a draft is left as it is', (t) => {
  const path = scratch(t);
  const draft = path(`shop.${process.pid}.part`);
  mkdirSync(draft);
  writeFileSync(`${draft}/mine`, 'mine');
  t.throws(() => writeFolder(path('shop'), new Map([['a', '']])), { code: 'cannot-write' });
  t.is(readFileSync(`${draft}/mine`, 'utf8'), 'mine');
});

test('every name makes a constant that the two files can declare', (t) => {
  t.is(camelCase('price-watcher-2'), 'priceWatcher2');
  for (const word of ['class', 'default', 'await', 'test', 'deal', 'z', 'amount', 'undefined']) {
    t.is(camelCase(word), `${word}Agent`);
  }
});

test('what is made is formatted as its formatter would', async (t) => {
  for (const [path, text] of agentFiles({ name: 'shop', haggle: 'file:..', versions })) {
    if (path === '.gitignore') continue;
    const options = { filepath: path, printWidth: 120, singleQuote: true };
    t.is(await prettier.format(text, options), text, path);
  }
});
