import test from 'ava';
import { declarationOf, exportedNames, importedNames, moduleReferences, tokens } from './scan.ts';

const specifiers = (source: string): readonly string[] =>
  moduleReferences(tokens(source)).map((reference) => reference.specifier);

test('finds every form of a module reference', (t) => {
  const source = [
    `import a from './a.ts';`,
    `import './b.ts';`,
    `import { c,\n  type d } from "./c.ts";`,
    `import type { E } from './e.ts';`,
    `export { f } from './f.ts';`,
    `export * from './g.ts';`,
    `const h = await import('./h.ts');`,
    `type I = typeof import('./i.ts');`,
    `new Worker(new URL('./j.ts', import.meta.url));`,
  ].join('\n');
  t.deepEqual(
    specifiers(source),
    ['a', 'b', 'c', 'e', 'f', 'g', 'h', 'i', 'j'].map((name) => `./${name}.ts`),
  );
});

test('sees no import in comments, strings, templates and regular expressions', (t) => {
  const source = [
    `// import a from './a.ts';`,
    `/* import b from './b.ts'; */`,
    `const c = "import c from './c.ts'";`,
    "const d = `import d from './d.ts' ${1 + 1} import './d.ts'`;",
    `const e = /import '.\\/e.ts'/;`,
    `const f = [/'/, 4 / 2, "it's"];`,
    `new URL('https://example.org/x.js');`,
  ].join('\n');
  t.deepEqual(specifiers(source), []);
});

test('reads code inside a template again', (t) => {
  t.deepEqual(specifiers("const a = `x ${{ y: await import('./a.ts') }} ${`${1}`}`; import './b.ts';"), [
    './a.ts',
    './b.ts',
  ]);
});

test('counts lines across multi-line tokens', (t) => {
  const list = tokens('/* a\n b */\nconst a = `x\n${1}\n`;\nimport "./z.ts";');
  t.is(moduleReferences(list)[0]?.line, 6);
});

test('a division is not a regular expression', (t) => {
  const kinds = tokens('a / b / c; (d) / e; return /x/g;').map((token) => token.kind);
  t.is(kinds.filter((kind) => kind === 'regex').length, 1);
});

test('finds exported names, their local names and sources', (t) => {
  const source = [
    `export const a = 1;`,
    `export async function b(): Promise<void> {}`,
    `export type { C as D, E } from './x.ts';`,
    `export { f, type G };`,
    `export interface H { readonly export: number }`,
    `export abstract class I {}`,
    `export function* j() {}`,
    `export * from './y.ts';`,
  ].join('\n');
  t.deepEqual(
    exportedNames(tokens(source)).map(({ name, local, from }) => [name, local, from]),
    [
      ['a', 'a', null],
      ['b', 'b', null],
      ['D', 'C', './x.ts'],
      ['E', 'E', './x.ts'],
      ['f', 'f', null],
      ['G', 'G', null],
      ['H', 'H', null],
      ['I', 'I', null],
      ['j', 'j', null],
    ],
  );
});

test('finds imported names by their local name', (t) => {
  const names = importedNames(tokens(`import { a as b, type c } from './x.ts'; import type { D } from './y.ts';`));
  t.deepEqual(
    [...names],
    [
      ['b', { name: 'a', from: './x.ts' }],
      ['c', { name: 'c', from: './x.ts' }],
      ['D', { name: 'D', from: './y.ts' }],
    ],
  );
});

test('knows a documented declaration from a bare and a missing one', (t) => {
  const list = tokens(
    `/** Doc. */\nexport const a = 1;\n// no doc\nconst b = { c: 1 };\nfunction d() { const e = 1; }\n/** Doc. */ type F = 1;`,
  );
  t.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'F'].map((name) => declarationOf(list, name)),
    ['documented', 'bare', 'missing', 'bare', 'missing', 'documented'],
  );
});

test('one documented overload is enough', (t) => {
  const list = tokens(`/** Doc. */\nexport function a(x: 1): 1;\nexport function a(x: number): number { return x; }`);
  t.is(declarationOf(list, 'a'), 'documented');
});
