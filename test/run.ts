/**
 * The program behind `npm test`: runs AVA on the compiled tests and tells the result in its last line.
 *
 * Test files are taken from the sources, not from `dist`, so that the leftover of a deleted test never runs. Arguments,
 * if any, are test files (`test/x.test.ts` or `dist/test/x.test.js`).
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  fileOf,
  filePrefixes,
  lastLine,
  skipHint,
  tapReader,
  type RunnerExit,
  type TestResult,
} from './tap-summary.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** AVA hides its package.json from resolution; its command line lies beside its main entry point. */
const AVA = join(dirname(createRequire(import.meta.url).resolve('ava')), 'cli.mjs');

const files = chosenFiles(process.argv.slice(2));
const exit = await run(files);
process.exitCode = exit;

function chosenFiles(args: readonly string[]): readonly string[] {
  if (args.length > 0) return args.map((arg) => compiled(relative(ROOT, resolve(arg)).split(sep).join('/')));
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => compiled(`test/${name.split(sep).join('/')}`))
    .toSorted();
}

function compiled(path: string): string {
  return path.endsWith('.ts') ? `dist/${path.slice(0, -'.ts'.length)}.js` : path;
}

async function run(testFiles: readonly string[]): Promise<number> {
  const reader = tapReader();
  const prefixes = filePrefixes(testFiles);
  const started = new Set<string>();
  const failed: TestResult[] = [];
  const report = (result: TestResult | null): void => {
    if (result === null) return;
    if (result.state === 'failed') failed.push(result);
    const file = fileOf(result.title, prefixes);
    if (file !== null && !started.has(file)) {
      started.add(file);
      console.log(`  ${file}`);
    }
    tell(result);
  };

  const ava = spawn(process.execPath, [AVA, '--tap', ...testFiles], {
    cwd: ROOT,
    env: { ...process.env, FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<RunnerExit>((settle) => {
    ava.once('error', (error) => settle({ code: null, signal: error.message }));
    ava.once('close', (code, signal) => settle({ code, signal }));
  });
  for await (const line of createInterface({ input: ava.stdout })) report(reader.line(line));
  const { summary, last } = reader.end({ exit: await ended, files: testFiles });
  report(last);

  // Once more at the end: the beginning of a long log is often not kept.
  if (failed.length > 0) console.log('\nWhat failed:');
  for (const result of failed) tell(result);
  for (const problem of summary.problems) console.log(`✘ ${problem}`);
  const hint = skipHint(summary);
  if (hint !== null) console.log(hint);
  console.log(lastLine(summary));
  return summary.failed === 0 ? 0 : 1;
}

function tell(result: TestResult): void {
  if (result.state === 'skipped') console.log(`- skipped: ${result.title}`);
  if (result.state !== 'failed') return;
  console.log(`✘ ${result.title}`);
  for (const line of result.detail) console.log(`    ${line}`);
}
