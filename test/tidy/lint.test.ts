import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OXLINT = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');

const LONG_FUNCTION = `export function long(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(80)}  return n;\n}\n`;

/** Rule → a file in `agents` that breaks it. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['no-restricted-properties', 'export const draw = (): number => Math.random();'],
  ['no-restricted-properties', 'const { random } = Math;\nexport const draw = (): number => random();'],
  ['no-restricted-globals', 'export const now = (): number => Date.now();'],
  ['no-restricted-globals', 'export const wait = (): unknown => setTimeout(() => undefined, 1);'],
  ['no-restricted-globals', 'export const wait = (): unknown => globalThis.setTimeout(() => undefined, 1);'],
  ['no-restricted-globals', 'export const load = (): unknown => fetch("https://example.org");'],
  ['no-floating-promises', 'async function later(): Promise<void> {}\nexport function f(): void {\n  later();\n}'],
  ['no-misused-promises', 'export const f = (list: number[]): void => list.forEach(async () => {});'],
  ['no-explicit-any', 'export const f = (x: unknown): unknown => x as any;'],
  ['no-unsafe-assignment', 'export function f(text: string): void {\n  const x = JSON.parse(text);\n  void x;\n}'],
  ['no-non-null-assertion', 'export const f = (list: readonly string[]): string => list[0]!;'],
  ['no-unused-vars', 'const unused = 1;\nexport const used = 2;'],
  [
    'switch-exhaustiveness-check',
    'export function f(x: 1 | 2): void {\n  switch (x) {\n    case 1:\n      break;\n  }\n}',
  ],
  ['no-default-export', 'export default 1;'],
  ['no-empty', 'export function f(g: () => void): void {\n  try {\n    g();\n  } catch {}\n}'],
  ['only-throw-error', "export function f(): void {\n  throw 'text';\n}"],
  ['require-array-sort-compare', 'export const f = (list: number[]): number[] => list.toSorted();'],
  ['no-console', "console.log('x');"],
  ['max-params', 'export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d;'],
  ['max-lines-per-function', LONG_FUNCTION],
  ['max-lines', `export const a = 1;\n${'// line\n'.repeat(400)}`],
  ['consistent-type-imports', "import { A } from './sound.ts';\nexport const a: A = 1;"],
  ['no-cycle', "import { b } from './cycle.ts';\nexport const a: number = b;"],
];

const SOUND = `export type A = number;
// ${['oxlint', 'disable-next-line'].join('-')} max-lines-per-function -- a table is longer as a loop
${LONG_FUNCTION}`;

test('each lint rule fires on a planted fault, and a sound file passes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'haggle-lint-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'agents'));
  await copyFile(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const options = {
    strict: true,
    target: 'ES2023',
    module: 'NodeNext',
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, types: [] } }));
  await writeFile(join(folder, 'agents', 'sound.ts'), SOUND);
  const cycleIndex = FAULTS.findIndex(([rule]) => rule === 'no-cycle');
  await writeFile(
    join(folder, 'agents', 'cycle.ts'),
    `import { a } from './fault-${cycleIndex}.ts';\nexport const b: number = a;\n`,
  );
  for (const [index, [, text]] of FAULTS.entries()) {
    await writeFile(join(folder, 'agents', `fault-${index}.ts`), text);
  }

  const report = await lint(folder);
  for (const [index, [rule]] of FAULTS.entries()) {
    const lines = report.filter((line) => line.includes(`fault-${index}.ts:`));
    t.true(
      lines.some((line) => line.includes(`(${rule})`)),
      `${rule} is silent about fault ${index}: ${lines.join('; ')}`,
    );
  }
  t.deepEqual(
    report.filter((line) => line.includes('sound.ts:')),
    [],
  );
});

function lint(folder: string): Promise<readonly string[]> {
  // The linter looks for its type-aware half on the path, where npm puts it and a bare `node` does not.
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const options = { cwd: folder, env: { ...process.env, PATH: path } };
  return new Promise((settle) => {
    execFile(process.execPath, [OXLINT, '-f', 'unix', '.'], options, (_, stdout, stderr) => {
      settle(`${stdout}\n${stderr}`.split('\n'));
    });
  });
}
