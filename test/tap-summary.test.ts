import test from 'ava';
import { fileOf, filePrefixes, lastLine, skipHint, tapReader, type Summary, type TestResult } from './tap-summary.ts';

interface Reading {
  readonly results: readonly TestResult[];
  readonly summary: Summary;
}

function read(report: readonly string[], code: number | null, files: readonly string[] = ['a.test.js']): Reading {
  const reader = tapReader();
  const results = report.map((line) => reader.line(line)).filter((result) => result !== null);
  const { summary, last } = reader.end({ exit: { code, signal: code === null ? 'SIGKILL' : null }, files });
  return { results: last === null ? results : [...results, last], summary };
}

const HEAD = 'TAP version 13';

test('counts passed, failed and skipped tests', (t) => {
  const { summary } = read([HEAD, 'ok 1 - a', 'not ok 2 - b', 'ok 3 - c # SKIP', '', '1..3', '# pass 1'], 1);
  t.deepEqual(summary, { passed: 1, failed: 1, skipped: 1, skippedLive: 0, skippedDeploy: 0, problems: [] });
});

test('a todo is skipped, not failed', (t) => {
  const { summary, results } = read([HEAD, 'ok 1 - a', 'not ok 2 - later # TODO', '1..2'], 0);
  t.deepEqual(summary, { passed: 1, failed: 0, skipped: 1, skippedLive: 0, skippedDeploy: 0, problems: [] });
  t.is(results[1]?.title, 'later');
});

test('keeps the reason of a skip in the title', (t) => {
  const { results } = read([HEAD, 'ok 1 - DARP set (needs HAGGLE_DATA) # SKIP', 'ok 2 - b', '1..2'], 0);
  t.deepEqual(results[0], { state: 'skipped', title: 'DARP set (needs HAGGLE_DATA)', detail: [] });
});

test('a test line inside a YAML block is a detail of the failing test', (t) => {
  const block = ['  ---', '    message: |-', '      ok 9 - fake', '  not ok 3 - fake', '', '    1..4', '  ...'];
  const { results, summary } = read([HEAD, 'not ok 1 - a', '#   logged', ...block, 'ok 2 - b', '1..2'], 1);
  t.is(summary.failed, 1);
  t.is(summary.passed, 1);
  t.deepEqual(results[0]?.detail, ['#   logged', ...block.slice(1, -1)]);
});

test('a report cut off inside a block fails', (t) => {
  const { summary } = read([HEAD, 'ok 1 - a', 'not ok 2 - b', '  ---', '    name: x'], 1);
  t.is(summary.failed, 2);
  t.regex(summary.problems.join('\n'), /before its plan line/);
});

test('a crash after passed tests fails, whatever the exit code', (t) => {
  for (const code of [0, 1, null]) {
    const { summary } = read([HEAD, 'ok 1 - a'], code);
    t.deepEqual(summary.problems, ['the report ends before its plan line: the runner crashed or was stopped']);
    t.is(lastLine(summary), '1 passed, 1 failed');
  }
});

test('a runner that fails although all tests passed is a failure', (t) => {
  t.is(read([HEAD, 'ok 1 - a', '1..1'], 2).summary.failed, 1);
  t.regex(read([HEAD, 'ok 1 - a', '1..1'], null).summary.problems.join('\n'), /SIGKILL/);
});

test('a failing exit code is not counted on top of failing tests', (t) => {
  t.is(read([HEAD, 'not ok 1 - a', '1..1'], 1).summary.failed, 1);
});

test('a file that exits without tests is a failure', (t) => {
  const { summary } = read([HEAD, 'ok 1 - b › x', 'not ok 2 - No tests found in t/a.test.js', '1..1'], 1, [
    't/a.test.js',
    't/b.test.js',
  ]);
  t.is(summary.passed, 1);
  t.deepEqual(summary.problems, ['no test of t/a.test.js reported a result']);
  t.is(summary.failed, 2);
});

test('a run without tests fails, also where all of them are skipped', (t) => {
  t.is(read([HEAD, '1..0'], 0).summary.failed, 2);
  t.deepEqual(read([HEAD, 'ok 1 - a # SKIP', '1..1'], 0).summary.problems, ['no test ran']);
  t.true(read([], 0).summary.failed > 0);
});

test('a runner that counts other passed tests than it lists is a failure', (t) => {
  t.is(read([HEAD, 'ok 1 - a', '1..2', '# tests 2', '# pass 2'], 0).summary.failed, 1);
});

test('giving up is a failure', (t) => {
  const { summary } = read([HEAD, 'ok 1 - a', 'Bail out! out of memory', '1..1'], 0);
  t.deepEqual(summary.problems, ['the runner gave up: out of memory']);
});

test('a log line that looks like a count changes nothing', (t) => {
  t.is(read([HEAD, 'ok 1 - a', '# pass 7', '1..1', '# pass 1'], 0).summary.failed, 0);
});

test('a title belongs to the file with the longest path that starts it', (t) => {
  const prefixes = filePrefixes(['dist/test/bus.test.js', 'dist/test/bus/subjects.test.js']);
  t.is(fileOf('bus › subjects › refuses x', prefixes), 'dist/test/bus/subjects.test.js');
  t.is(fileOf('bus > refuses x', prefixes), 'dist/test/bus.test.js');
  t.is(fileOf('other › refuses x', prefixes), null);
});

test('the last line names skipped tests only where there are some', (t) => {
  t.is(
    lastLine({ passed: 3, failed: 0, skipped: 0, skippedLive: 0, skippedDeploy: 0, problems: [] }),
    '3 passed, 0 failed',
  );
  t.is(
    lastLine({ passed: 3, failed: 1, skipped: 2, skippedLive: 0, skippedDeploy: 0, problems: [] }),
    '3 passed, 1 failed, 2 skipped',
  );
});

test('one line says how to run skipped tests, where there are some', (t) => {
  t.is(skipHint({ passed: 3, failed: 0, skipped: 0, skippedLive: 0, skippedDeploy: 0, problems: [] }), null);
  const hint = skipHint({ passed: 3, failed: 0, skipped: 2, skippedLive: 0, skippedDeploy: 0, problems: [] }) ?? '';
  t.regex(hint, /^2 skipped .*HAGGLE_DATA=FOLDER npm test/);
  t.false(hint.includes('\n'));
});

test('tells tests that need a program for deploying from those that need data', (t) => {
  const { summary } = read([HEAD, 'ok 1 - a (needs buildah) # SKIP', 'ok 2 - b', '1..2'], 0, [
    'dist/test/deploy/image.test.js',
  ]);
  t.is(summary.skippedDeploy, 1);
  t.is(skipHint(summary), '1 skipped tests of docs/deploy say in their names what they need');
});

test('tells tests that need a broker from those that need data', (t) => {
  const files = ['dist/test/live/bus.test.js', 'dist/test/grid.test.js'];
  const report = [
    HEAD,
    'ok 1 - live > bus > a # SKIP',
    'ok 2 - grid > b # SKIP',
    'ok 3 - grid > c',
    '1..3',
    '# pass 1',
  ];
  const { summary } = read(report, 0, files);
  t.deepEqual([summary.skipped, summary.skippedLive], [2, 1]);
  const [data = '', broker = ''] = (skipHint(summary) ?? '').split('\n');
  t.regex(data, /^1 skipped for want of benchmark data/);
  t.regex(broker, /^1 skipped for want of a nats-server: .*haggle broker install/);
  t.is(read([HEAD, 'ok 1 - a # SKIP', 'ok 2 - b', '1..2'], 0, ['dist/test/live/bus.test.js']).summary.skippedLive, 1);
});
