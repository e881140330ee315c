/**
 * Reads the TAP report of a test run line by line and decides whether the run was good.
 *
 * Pure: text in, results out. The rule behind it is that silence is a failure. A runner that crashed, a report without
 * its plan line, a test file nobody heard of and a run without tests all look green to a reader who only looks for
 * `not ok`; here each of them is a problem and counts as failed.
 */

/** One test as the report tells it; `detail` holds its log and error lines as written. */
export interface TestResult {
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly title: string;
  readonly detail: readonly string[];
}

/** How the runner's process ended: its exit code, or the signal that ended it. */
export interface RunnerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The verdict on a run. `failed` counts failing tests and problems of the run itself. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Of those, tests that need a nats-server: the ones of `test/live/`. */
  readonly skippedLive: number;
  /** Of those, the ones below `test/deploy`. */
  readonly skippedDeploy: number;
  readonly problems: readonly string[];
}

/** What {@link TapReader.end} needs to know beside the report. */
export interface RunFacts {
  readonly exit: RunnerExit;
  /** Paths of the test files that were handed to the runner, each of which must report at least one test. */
  readonly files: readonly string[];
}

/** A report being read. */
export interface TapReader {
  /** Takes one line without its line break; returns the test that this line completes, if any. */
  line(text: string): TestResult | null;
  /** Ends the report; `last` is a test that no later line completed. */
  end(facts: RunFacts): { readonly summary: Summary; readonly last: TestResult | null };
}

const TEST_LINE = /^(not ok|ok)\b(?: +\d+)?(?: +-)? ?(.*)$/;
const DIRECTIVE = / # (SKIP|TODO)\b.*$/i;
const PLAN_LINE = /^1\.\.\d+/;
const COUNT_LINE = /^# pass (\d+)$/;

/** A reader for one report in TAP 13 as AVA writes it: diagnostics follow their test line, YAML blocks are indented. */
export function tapReader(): TapReader {
  const done: TestResult[] = [];
  const bails: string[] = [];
  let open: { state: TestResult['state']; title: string; detail: string[] } | null = null;
  let inBlock = false;
  let planSeen = false;
  let passClaimed: number | null = null;

  const close = (): TestResult | null => {
    const finished = open;
    open = null;
    inBlock = false;
    if (finished !== null) done.push(finished);
    return finished;
  };

  const line = (text: string): TestResult | null => {
    const inside = inBlock && text !== '  ...' && (text === '' || text.startsWith('  '));
    if (inside || text === '  ---' || text === '  ...') {
      inBlock = text !== '  ...';
      if (inside) open?.detail.push(text);
      return null;
    }
    const test = TEST_LINE.exec(text);
    if (test !== null) {
      const finished = close();
      const title = test[2] ?? '';
      open = { state: stateOf(test[1] === 'ok', title), title: title.replace(DIRECTIVE, ''), detail: [] };
      return finished;
    }
    if (PLAN_LINE.test(text)) {
      planSeen = true;
      return close();
    }
    if (text.startsWith('Bail out!')) bails.push(`the runner gave up: ${text.slice('Bail out!'.length).trim()}`);
    const count = planSeen ? COUNT_LINE.exec(text) : null;
    if (count !== null) passClaimed = Number(count[1]);
    if (text !== '') open?.detail.push(text);
    return null;
  };

  const end = (facts: RunFacts): { summary: Summary; last: TestResult | null } => {
    const last = close();
    return { last, summary: judge(done, { ...facts, bails, planSeen, passClaimed }) };
  };

  return { line, end };
}

interface Evidence extends RunFacts {
  readonly bails: readonly string[];
  readonly planSeen: boolean;
  readonly passClaimed: number | null;
}

function judge(results: readonly TestResult[], evidence: Evidence): Summary {
  const count = (state: TestResult['state']): number => results.filter((result) => result.state === state).length;
  const passed = count('passed');
  const problems = [...evidence.bails];
  if (!evidence.planSeen) problems.push('the report ends before its plan line: the runner crashed or was stopped');
  for (const file of silentFiles(results, evidence.files)) problems.push(`no test of ${file} reported a result`);
  if (evidence.passClaimed !== null && evidence.passClaimed !== passed) {
    problems.push(`the runner counts ${evidence.passClaimed} passed tests, its report lists ${passed}`);
  }
  if (passed + count('failed') === 0) problems.push('no test ran');
  const { code, signal } = evidence.exit;
  if (code !== 0 && count('failed') === 0 && problems.length === 0) {
    problems.push(`every test passed, yet the runner ended with ${signal ?? `exit code ${code}`}`);
  }
  const skipped = results.filter(({ state }) => state === 'skipped');
  const prefixes = filePrefixes(evidence.files);
  const below = (folder: string): number =>
    skipped.filter(({ title }) => {
      const file = evidence.files.length === 1 ? evidence.files[0] : fileOf(title, prefixes);
      return file?.includes(`/${folder}/`) ?? false;
    }).length;
  const counts = { skipped: skipped.length, skippedLive: below('live'), skippedDeploy: below('deploy') };
  return { passed, failed: count('failed') + problems.length, ...counts, problems };
}

function stateOf(ok: boolean, title: string): TestResult['state'] {
  if (DIRECTIVE.test(title)) return 'skipped';
  return ok ? 'passed' : 'failed';
}

/**
 * Files without a single result. AVA starts a title with the file's path below the folder common to all files, without
 * `.test.js`, parts joined by a pointer; it leaves the path away where only one file runs.
 */
function silentFiles(results: readonly TestResult[], files: readonly string[]): readonly string[] {
  if (files.length === 1) return results.length === 0 ? files : [];
  const prefixes = filePrefixes(files);
  const heard = new Set(results.map((result) => fileOf(result.title, prefixes)));
  return files.filter((file) => !heard.has(file));
}

/** For each test file the start of its titles, with ` › ` between parts. */
export function filePrefixes(files: readonly string[]): ReadonlyMap<string, string> {
  const paths = files.map((file) => file.replace(/\.test\.js$/, '').split('/'));
  const first = paths[0] ?? [];
  let shared = 0;
  while (paths.every((path) => shared < path.length - 1 && path[shared] === first[shared])) {
    shared += 1;
    if (shared >= first.length) break;
  }
  return new Map(files.map((file, index) => [file, `${(paths[index] ?? []).slice(shared).join(' › ')} › `]));
}

/** The file a title belongs to: the one with the longest matching prefix, or null. */
export function fileOf(title: string, prefixes: ReadonlyMap<string, string>): string | null {
  let best: string | null = null;
  let bestLength = 0;
  const plain = title.replaceAll(' > ', ' › ');
  for (const [file, prefix] of prefixes) {
    if (prefix.length > bestLength && plain.startsWith(prefix)) [best, bestLength] = [file, prefix.length];
  }
  return best;
}

/** The last line of a run: `N passed, N failed`, and `, N skipped` where there are any. */
export function lastLine(summary: Summary): string {
  const skipped = summary.skipped > 0 ? `, ${summary.skipped} skipped` : '';
  return `${summary.passed} passed, ${summary.failed} failed${skipped}`;
}

/** How to run what is skipped: tests need benchmark data, a nats-server or a program. Null where nothing is. */
export function skipHint({ skipped, skippedLive, skippedDeploy }: Summary): string | null {
  const hints: string[] = [];
  const skippedData = skipped - skippedLive - skippedDeploy;
  if (skippedData > 0) {
    const what = `${skippedData} skipped for want of benchmark data`;
    hints.push(
      `${what}: HAGGLE_DATA=FOLDER npm test runs them (folders pglib-opf, orlib-assign, anac-domains, darp, li-lim-pdptw, fleetpy-example and hga-manhattan in it)`,
    );
  }
  if (skippedDeploy > 0) hints.push(`${skippedDeploy} skipped tests of docs/deploy say in their names what they need`);
  if (skippedLive > 0) {
    hints.push(
      `${skippedLive} skipped for want of a nats-server: \`npx haggle broker install\` says why none can be had`,
    );
  }
  return hints.length === 0 ? null : hints.join('\n');
}
