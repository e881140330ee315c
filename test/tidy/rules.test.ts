import test, { type ExecutionContext } from 'ava';
import * as rules from './rules.ts';
import { treeOf } from './tree.ts';

const MANIFEST = JSON.stringify(
  {
    name: 'house',
    version: '0.1.0',
    bin: { house: 'dist/cli/main.js' },
    exports: {
      '.': { default: './dist/agent-core/index.js' },
      './testing': { default: './dist/agent-core/testing/index.js' },
    },
    dependencies: { nats: '1', zod: '1', highs: '1', '@noble/hashes': '1' },
    devDependencies: { ava: '1' },
  },
  null,
  2,
);

/** Written in parts, so that this file does not switch anything off itself. */
const DISABLE = ['oxlint', 'disable-next-line'].join('-');

type Files = Readonly<Record<string, string>>;

const check = (rule: rules.Rule, files: Files): readonly string[] =>
  rule(treeOf(new Map(Object.entries({ 'package.json': MANIFEST, ...files }))));

function fires(t: ExecutionContext, rule: rules.Rule, planted: { fault: Files; says: RegExp; sound: Files }): void {
  const complaints = check(rule, planted.fault);
  t.is(complaints.length, 1, complaints.join('\n'));
  t.regex(complaints[0] ?? '', planted.says);
  t.deepEqual(check(rule, planted.sound), []);
}

test('finds an import of a file that does not exist', (t) => {
  fires(t, rules.importsResolve, {
    fault: { 'agents/a.ts': `import { b } from './b.ts';` },
    says: /agents\/a\.ts:1 imports \.\/b\.ts/,
    sound: { 'agents/a.ts': `import { b } from './b.ts';`, 'agents/b.ts': '' },
  });
});

test('finds a cycle over three files, also of types', (t) => {
  const files = {
    'agents/a.ts': `import { b } from './b.ts';`,
    'agents/b.ts': `import type { C } from './c.ts';`,
    'agents/c.ts': '',
  };
  fires(t, rules.noCycles, {
    fault: { ...files, 'agents/c.ts': `export { a } from './a.ts';` },
    says: /a\.ts → agents\/b\.ts → agents\/c\.ts → agents\/a\.ts is a cycle/,
    sound: files,
  });
});

test('a diamond is not a cycle', (t) => {
  const files = {
    'agents/a.ts': `import './b.ts'; import './c.ts';`,
    'agents/b.ts': `import './d.ts';`,
    'agents/c.ts': `import './d.ts';`,
    'agents/d.ts': '',
  };
  t.deepEqual(check(rules.noCycles, files), []);
});

test('finds a file that nothing reaches and one that only tests reach', (t) => {
  const files = { 'agent-core/index.ts': `export { a } from './a.ts';`, 'agent-core/a.ts': '' };
  fires(t, rules.noDeadFiles, {
    fault: { ...files, 'agent-core/b.ts': '' },
    says: /b\.ts: nothing reaches it/,
    sound: files,
  });
  fires(t, rules.noDeadFiles, {
    fault: { ...files, 'agent-core/b.ts': '', 'test/b.test.ts': `import '../agent-core/b.ts';` },
    says: /b\.ts: only tests reach it/,
    sound: { ...files, 'agent-core/b.ts': '', 'bench/b.ts': `import '../agent-core/b.ts';` },
  });
});

test('a worker started by URL and an import of the package by its own name keep files alive', (t) => {
  const files = {
    'cli/main.ts': `new Worker(new URL('./worker.js', import.meta.url));`,
    'cli/worker.ts': '',
    'examples/01.ts': `import { a } from 'house/testing';`,
    'agent-core/testing/index.ts': `export { a } from './a.ts';`,
    'agent-core/testing/a.ts': '',
  };
  t.deepEqual(check(rules.noDeadFiles, files), []);
});

const WRONG_WAYS: readonly (readonly [string, string])[] = [
  ['agents', 'simulator'],
  ['agents', 'agent-core/adapters'],
  ['agent-core', 'agent-core/adapters'],
  ['agent-core', 'agent-core/testing'],
  ['agent-core', 'agents'],
  ['simulator', 'agents'],
  ['scenarios', 'agent-core/adapters'],
  ['scenarios', 'cli'],
  ['cli', 'test'],
  ['bench', 'examples'],
  ['examples', 'cli'],
];

for (const [from, to] of WRONG_WAYS) {
  test(`refuses an import from ${from} to ${to}`, (t) => {
    const up = '../'.repeat(from.split('/').length);
    fires(t, rules.directions, {
      fault: { [`${from}/a.ts`]: `import type { B } from '${up}${to}/b.ts';`, [`${to}/b.ts`]: '' },
      says: /must not import/,
      sound: { 'test/a.ts': `import type { B } from '../${to}/b.ts';`, [`${to}/b.ts`]: '' },
    });
  });
}

test('refuses a dependency outside its place, an undeclared one and node: in a pure folder', (t) => {
  fires(t, rules.dependencyPlaces, {
    fault: { 'agent-core/bus/bus.ts': `import { connect } from 'nats';` },
    says: /nats may be imported only in agent-core\/adapters\//,
    sound: { 'agent-core/adapters/nats.ts': `import { connect } from 'nats';` },
  });
  fires(t, rules.dependencyPlaces, {
    fault: { 'simulator/a.ts': `import { sha256 } from '@noble/hashes/sha2.js';` },
    says: /@noble\/hashes may be imported only in/,
    sound: { 'agent-core/message/a.ts': `import { sha256 } from '@noble/hashes/sha2.js';` },
  });
  fires(t, rules.dependencyPlaces, {
    fault: { 'cli/a.ts': `const chalk = await import('chalk');` },
    says: /chalk is not declared/,
    sound: { 'test/a.ts': `import test from 'ava';` },
  });
  fires(t, rules.dependencyPlaces, {
    fault: { 'agents/a.ts': `import { readFileSync } from 'node:fs';` },
    says: /node:fs has no place in agents/,
    sound: { 'scenarios/a.ts': `import { readFileSync } from 'node:fs';` },
  });
  t.regex(check(rules.dependencyPlaces, { 'cli/a.ts': `import 'ava';` }).join('\n'), /only in bench\/, test\//);
});

test('finds a public name without docstring, through re-exports and renames', (t) => {
  const files = {
    'agent-core/index.ts': `export { a } from './a.ts'; export type { B as C } from './a.ts';`,
    'agent-core/a.ts': `import { a } from './deep.ts'; export { a };\n/** Doc. */ export interface B {}`,
    'agent-core/deep.ts': `/** Doc. */\nexport const a = 1;`,
  };
  fires(t, rules.documentedSurface, {
    fault: { ...files, 'agent-core/deep.ts': `// no doc\nexport const a = 1;` },
    says: /index\.ts:1 a has no docstring in agent-core\/deep\.ts/,
    sound: files,
  });
  t.regex(check(rules.documentedSurface, { ...files, 'agent-core/deep.ts': '' }).join('\n'), /a is not exported by/);
});

test('refuses export * and default exports', (t) => {
  const sound = {
    'agents/a.ts': `export { b } from './b.ts'; import * as c from 'c'; import { default as d } from 'd';`,
  };
  fires(t, rules.namedExports, { fault: { 'agents/a.ts': `export * from './b.ts';` }, says: /export \*/, sound });
  fires(t, rules.namedExports, { fault: { 'agents/a.ts': `export default 1;` }, says: /export default/, sound });
  fires(t, rules.namedExports, { fault: { 'agents/a.ts': `export { b as default };` }, says: /as default/, sound });
});

test('refuses a bare Error outside tests', (t) => {
  fires(t, rules.namedErrors, {
    fault: { 'agents/a.ts': `throw new\n  Error('x');` },
    says: /bare Error/,
    sound: { 'test/a.ts': `throw new Error('x');`, 'agents/a.ts': `// throw new Error(\nthrow new HaggleError('x');` },
  });
});

test('refuses names that say nothing', (t) => {
  fires(t, rules.tellingNames, {
    fault: { 'agents/utils.ts': '' },
    says: /utils/,
    sound: { 'agents/subtypes.ts': '' },
  });
  for (const path of ['agents/common/a.ts', 'agent-core/types.ts', 'test/helpers.test.ts']) {
    t.is(check(rules.tellingNames, { [path]: '' }).length, 1);
  }
});

test('refuses a test that runs alone and a lint rule switched off in silence', (t) => {
  const disable = (reason: string): Files => ({ 'agents/a.ts': `// ${DISABLE} no-empty${reason}` });
  fires(t, rules.nothingSwitchedOff, {
    fault: disable(''),
    says: /:1 switches/,
    sound: disable(' -- the table is long'),
  });
  fires(t, rules.nothingSwitchedOff, {
    fault: { 'test/a.test.ts': `test.only('x', () => {});` },
    says: /runs only some/,
    sound: { 'test/a.test.ts': `// test.only('x')\ntest('only', () => {});` },
  });
});

test('refuses a mention of a folder outside the repository', (t) => {
  const text = ['..', 'shared', 'data'].join('/');
  fires(t, rules.standsAlone, { fault: { 'docs/a.md': text }, says: /docs\/a\.md/, sound: { '.ci/run': text } });
});

test('wants a change log with a current section', (t) => {
  const log = (heading: string): Files => ({ 'CHANGELOG.md': `# Changelog\n\n${heading}\n` });
  fires(t, rules.currentChangelog, {
    fault: log('## [0.0.9]'),
    says: /no section for 0\.1\.0/,
    sound: log('## [0.1.0]'),
  });
  t.deepEqual(check(rules.currentChangelog, log('## [Unreleased]')), []);
  t.is(check(rules.currentChangelog, {}).length, 1);
});

test('finds a dead link in documentation, and leaves code and the web alone', (t) => {
  fires(t, rules.linksResolve, {
    fault: { 'docs/a.md': 'See [b](b.md#part).' },
    says: /links to b\.md/,
    sound: {
      'docs/a.md':
        'See [b](b.md#part), [here](#x), [web](https://example.org), [up](../docs/), `[c](c.md)`.\n\n```\n[d](d.md)\n```\n',
      'docs/b.md': '',
    },
  });
  t.is(check(rules.linksResolve, { 'README.md': '[a]: docs/gone.md\n' }).length, 1);
});

test('notices a lint rule that is off', (t) => {
  const complaints = check(rules.guardsOfLint, { '.oxlintrc.json': '{ "rules": { "max-lines": ["error", {}] } }' });
  t.false(complaints.some((complaint) => complaint.includes(' max-lines is')));
  t.true(complaints.some((complaint) => complaint.includes('typescript/no-explicit-any')));
});
