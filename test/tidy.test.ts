import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import * as rules from './tidy/rules.ts';
import { treeOf } from './tidy/tree.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LEFT_OUT = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);
const TEXT = /(?:\.(?:ts|md|json|ya?ml|txt|conf|sh)|\/run|LICENSE)$/;
const TOO_LARGE_TO_BE_SOURCE_BYTES = 2_000_000;

function readTree(folder: string, prefix: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    if (LEFT_OUT.has(entry.name)) return [];
    if (entry.isDirectory()) return readTree(join(folder, entry.name), `${path}/`);
    if (!entry.isFile() || !TEXT.test(path)) return [[path, ''] as const];
    const text = readFileSync(join(folder, entry.name), 'utf8');
    return [[path, text.length > TOO_LARGE_TO_BE_SOURCE_BYTES ? '' : text] as const];
  });
}

const tree = treeOf(new Map(readTree(ROOT, '')));

const CLAIMS: readonly (readonly [string, rules.Rule])[] = [
  ['every relative import names a file', rules.importsResolve],
  ['no source files import each other in a cycle', rules.noCycles],
  ['every file is reached from an entry, a bench or an example', rules.noDeadFiles],
  ['imports between folders go in the allowed direction', rules.directions],
  ['each dependency is declared and imported in its one place', rules.dependencyPlaces],
  ['every public name has a docstring', rules.documentedSurface],
  ['exports are named one by one', rules.namedExports],
  ['nothing throws a bare Error', rules.namedErrors],
  ['every file name says what is inside', rules.tellingNames],
  ['no test runs alone and no lint rule is off without a reason', rules.nothingSwitchedOff],
  ['the repository stands alone', rules.standsAlone],
  ['the change log has a current section', rules.currentChangelog],
  ['links in the documentation lead somewhere', rules.linksResolve],
  ['the linter keeps its half of the rules', rules.guardsOfLint],
];

for (const [claim, rule] of CLAIMS) test(claim, (t) => t.deepEqual(rule(tree), []));

test('the tree under check is the whole house', (t) => {
  t.true(tree.sources.length > 10);
  for (const entry of [
    'agent-core/index.ts',
    'agents/index.ts',
    'simulator/index.ts',
    'scenarios/index.ts',
    'cli/main.ts',
  ]) {
    t.true(tree.entries.includes(entry), entry);
  }
});
