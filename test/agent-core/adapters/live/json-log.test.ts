import test from 'ava';
import { createJsonLog, type LogLevel } from '../../../../agent-core/adapters/live/json-log.ts';
import type { LogEntry } from '../../../../agent-core/log.ts';

function logging(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const log = createJsonLog({
    level,
    agent: 'shop',
    write: (line) => void lines.push(line),
    now: () => 1_750_000_000_123,
  });
  return { log, lines, last: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? 'null') };
}

test('a line is one JSON object: time, level, agent, then what is said', (t) => {
  const { log, lines } = logging();
  log.info({ event: 'sold', units: 3, price: 12n ** 20n, left: null, trace_id: 'ab' });
  log.warn('low');
  t.deepEqual(lines, [
    '{"ts":"2025-06-15T15:06:40.123Z","level":"info","agent":"shop","event":"sold","units":3,"price":"3833759992447475122176","left":null,"trace_id":"ab"}\n',
    '{"ts":"2025-06-15T15:06:40.123Z","level":"warn","agent":"shop","msg":"low"}\n',
  ]);
});

test('less than the level is not written, and the level can change', (t) => {
  const { log, lines } = logging('warn');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
  t.is(lines.length, 2);
  log.setLevel('debug');
  log.debug('now');
  t.is(lines.length, 3);
});

const seed = 'SUAGMJH5XLGZKQQWAWKRZJIGMOU4HPFUYLXJMXOO5NLFEO2OOQJ5LPRDPM';
const token = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.eyJqdGkiOiJYWFhYWFhYWFgifQ.c2lnbmF0dXJl';
for (const [what, secret] of [
  ['an NKEY seed', seed],
  ['a token', token],
  ['a private key in PEM', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----'],
] as const) {
  test(`${what} in a text is left out`, (t) => {
    const { log, lines } = logging();
    log.error({ event: 'oops', detail: `login with ${secret}` });
    log.error(`and ${secret}`);
    for (const line of lines) {
      t.false(line.includes(secret.slice(28, 48)));
      t.true(line.includes('[secret]'));
    }
  });
}

test('an address and a public NKEY are no secrets', (t) => {
  const { log, last } = logging();
  const nkey = 'UAGMJH5XLGZKQQWAWKRZJIGMOU4HPFUYLXJMXOO5NLFEO2OOQJ5LPRDP';
  log.info({ nkey, did: 'did:key:z6MkqkvU4fDR9KkZHacVgTqDKwWkcAXJY2TfKsYnpm7G4KYr' });
  t.is(last()['nkey'], nkey);
  t.is(last()['did'], 'did:key:z6MkqkvU4fDR9KkZHacVgTqDKwWkcAXJY2TfKsYnpm7G4KYr');
});

test('bytes, objects and functions are named, never shown, whatever a program hands in', (t) => {
  const { log, last } = logging();
  const entry = {
    key: new Uint8Array([1, 2]),
    deep: { seed: 'x' },
    call: () => seed,
    not: Number.NaN,
    gone: undefined,
  };
  log.info(entry as unknown as LogEntry);
  const { key, deep, call, not } = last();
  t.deepEqual({ key, deep, call, not }, { key: '[bytes]', deep: '[object]', call: '[function]', not: 'NaN' });
  t.false('gone' in last());
});

test('an entry cannot pass for another agent or time, and a line is bounded', (t) => {
  const { log, lines, last } = logging();
  log.info({ agent: 'other', ts: 'never', level: 'error' });
  t.like(last(), { agent: 'shop', level: 'info', said_agent: 'other', said_ts: 'never', said_level: 'error' });
  log.info('x'.repeat(1_000_000));
  t.true((lines.at(-1) ?? '').length < 1_200);
  log.info(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i])));
  t.is(Object.keys(last()).length, 3 + 32);
  log.info('two\nlines');
  t.is((lines.at(-1) ?? '').split('\n').length, 2);
});
