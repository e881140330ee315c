import { readFileSync, writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { haggle, scratch, type Exit } from './haggle.ts';

const recorded = new Map<string, Promise<string[]>>();

/** The lines of the trace of a run of 4 buses. */
function record(t: ExecutionContext, sign = 'batch'): Promise<string[]> {
  const known = recorded.get(sign) ?? recordNow(t, sign);
  recorded.set(sign, known);
  return known;
}

async function recordNow(t: ExecutionContext, sign: string): Promise<string[]> {
  const path = scratch(t);
  const args = ['--generate', 'buses=4', '--sign', sign, '--trace', path('trace.jsonl'), '--json'];
  const { code, out } = await haggle('simulate', 'energy', ...args);
  t.is(code, EXIT.ok);
  const lines = readFileSync(path('trace.jsonl'), 'utf8').split('\n').slice(0, -1);
  const result: { fingerprint: string; messages: number } = JSON.parse(out);
  t.deepEqual(JSON.parse(lines.at(-1) ?? ''), { deliveries: result.messages, fingerprint: result.fingerprint });
  return lines;
}

async function verify(t: ExecutionContext, text: string, ...flags: readonly string[]): Promise<Exit> {
  const file = scratch(t)('trace.jsonl');
  writeFileSync(file, text);
  const { code, out, err } = await haggle('verify', file, ...flags);
  return { code, out: out.replaceAll(file, 'TRACE'), err: err.replaceAll(file, 'TRACE') };
}

test('a recorded run verifies: every signature and the fingerprint', async (t) => {
  for (const sign of ['each', 'batch']) {
    const lines = await record(t, sign);
    const { code, out, err } = await verify(t, `${lines.join('\n')}\n`, '--json');
    t.is(code, EXIT.ok);
    t.is(err, '');
    const deliveries = lines.length - 2;
    const { fingerprint }: { fingerprint: string } = JSON.parse(lines.at(-1) ?? '');
    t.deepEqual(JSON.parse(out), {
      valid: true,
      deliveries,
      decisions: 0,
      signedAlone: sign === 'each' ? deliveries : 0,
      signedInBatch: sign === 'batch' ? deliveries : 0,
      unsigned: 0,
      fingerprint,
      problems: [],
    });
  }
});

test('a trace without signatures does not verify, whatever its first line says', async (t) => {
  const { code, out } = await verify(t, (await record(t, 'off')).join('\n'));
  t.is(code, EXIT.negative);
  t.regex(out, /^TRACE: NOT VERIFIED\n/);
  t.regex(out, /delivery 1: unsigned/);
});

test('with --allow-unsigned a run without signatures is consistent, and said to prove nobody', async (t) => {
  const { code, out } = await verify(t, (await record(t, 'off')).join('\n'), '--allow-unsigned');
  t.is(code, EXIT.ok);
  t.regex(out, /^TRACE: consistent, but not signed\n/);
  t.regex(out, /their senders are not proven/);
});

/** Changes one line. */
const at =
  (line: number, change: (record: { payload: string; headers: Record<string, string>; time: number }) => void) =>
  (lines: readonly string[]): string[] =>
    lines.map((text, index) => {
      if (index !== line) return text;
      const entry: Parameters<typeof change>[0] = JSON.parse(text);
      change(entry);
      return JSON.stringify(entry);
    });

const tampered: readonly (readonly [string, (lines: readonly string[]) => string[], RegExp])[] = [
  [
    'a byte of a payload changed',
    at(40, (entry) => (entry.payload = entry.payload.replace('"v":1', '"v":2'))),
    /delivery 40: bad-/,
  ],
  [
    'a number in a payload changed',
    at(40, (entry) => (entry.payload = entry.payload.replace(/"seq":(\d+)/, '"seq":1$1'))),
    /delivery 40: bad-/,
  ],
  [
    'a byte of a signature changed',
    at(41, ({ headers }) => {
      const signature = headers['Haggle-Signature'] ?? '';
      headers['Haggle-Signature'] = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    }),
    /delivery 41: bad-signature/,
  ],
  ['its signature taken off', at(41, (entry) => (entry.headers = {})), /delivery 41: unsigned/],
  ['a delivery removed', (lines) => lines.toSpliced(40, 1), /has \d+ records, its last line says \d+/],
  ['a delivery doubled', (lines) => lines.toSpliced(40, 0, lines[40] ?? ''), /delivery 41: (out-of-order|replayed)/],
  [
    'two deliveries swapped',
    (lines) => lines.toSpliced(40, 2, lines[41] ?? '', lines[40] ?? ''),
    /delivery 41: out-of-order/,
  ],
  ['a delivery moved in time', at(40, (entry) => (entry.time -= 1)), /delivery 40: out-of-order|fingerprint/],
  [
    'another number of deliveries in its last line',
    (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(/"deliveries":\d+/, '"deliveries":1')],
    /its last line says 1\n/,
  ],
  [
    'another fingerprint in its last line',
    (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(/"fingerprint":"\w+"/, '"fingerprint":"00"')],
    /fingerprint of the deliveries is \w{16}, the last line says 00\n/,
  ],
];

for (const [what, change, message] of tampered) {
  test(`a trace with ${what} does not verify`, async (t) => {
    const { code, out, err } = await verify(t, `${change(await record(t)).join('\n')}\n`);
    t.is(code, EXIT.negative);
    t.is(err, '');
    t.regex(out, /^TRACE: NOT VERIFIED\n/);
    t.regex(out, message);
  });
}

const malformed: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  ['an empty file', () => '', /TRACE: a trace has at least 2 lines, header and fingerprint; this has 0/],
  ['a file that is no JSON', () => 'function mpc = case\nend\n', /TRACE:1: not a JSON document/],
  ['JSON of something else', () => '[]\n{}\n', /TRACE:1: /],
  [
    'a trace of an unknown version',
    (text) => text.replace('"haggleTrace":1', '"haggleTrace":2'),
    /TRACE:1: haggleTrace/,
  ],
  ['a trace cut off within a line', (text) => text.slice(0, Math.floor(text.length / 2)), /TRACE:\d+: .*cut off/],
  ['a trace cut off between lines', (text) => text.split('\n').slice(0, 40).join('\n'), /TRACE:40: .*deliveries/],
  ['a line with a field too many', (text) => text.replace('"priority":0', '"priority":0,"note":1'), /TRACE:2: .*note/],
  ['a line without its payload', (text) => text.replace('"payload"', '"load"'), /TRACE:2: payload/],
];

for (const [what, change, message] of malformed) {
  test(`refuses ${what} as bad data, naming the line`, async (t) => {
    const text = `${(await record(t)).join('\n')}\n`;
    const { code, out, err } = await verify(t, change(text));
    t.is(code, EXIT.badData);
    t.is(out, '');
    t.regex(err, message);
    t.regex(err, /^haggle: [^\n]+\n$/);
  });
}

test('decisions verify with the fingerprint, and a changed one does not', async (t) => {
  const path = scratch(t);
  const args = ['--generate', 'game=classic,periods=12', '--trace', path('trace.jsonl'), '--json'];
  t.is((await haggle('simulate', 'supply-chain', ...args)).code, EXIT.ok);
  const lines = readFileSync(path('trace.jsonl'), 'utf8').split('\n').slice(0, -1);
  const decided = lines.findIndex((line) => line.includes('"subject":"decision"'));
  const good = await verify(t, `${lines.join('\n')}\n`);
  t.is(good.code, EXIT.ok, good.out);
  t.regex(good.out, /decisions +\d+\n/);
  const changed = (change: (line: string) => string): string[] =>
    lines.map((line, k) => (k === decided ? change(line) : line));
  const acted = await verify(t, changed((line) => line.replace(/\\"action\\":\[/, '\\"action\\":[1')).join('\n'));
  t.is(acted.code, EXIT.negative);
  t.regex(acted.out, /the fingerprint of the deliveries is/);
  const foreign = await verify(t, changed((line) => line.replace(/"to":"[^"]+"/, '"to":"other"')).join('\n'));
  t.regex(foreign.out, /not-its-own/);
  const broken = await verify(t, changed((line) => line.replace('\\"observation\\":', '\\"seen\\":')).join('\n'));
  t.regex(broken.out, /bad-decision/);
});
