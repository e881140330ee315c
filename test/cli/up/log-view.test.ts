import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { logView, shortDid } from '../../../cli/up/log-view.ts';
import { openRotatingLog } from '../../../cli/up/rotating-log.ts';
import { spanText } from '../../../cli/commands/ps.ts';
import { scratch } from '../haggle.ts';

const plain = (_: string, text: string): string => text;
const view = logView(['shop', 'carrier'], plain);
const DID = 'did:key:z6MkqkvU4fDR9KkZHacVgTqDKwWkcAXJY2TfKsYnpm7G4KYr';

test('a line shows time, agent, what happened and its fields', (t) => {
  const ts = new Date(2026, 0, 2, 3, 4, 5, 6).toISOString();
  const line = view.line(
    'shop',
    JSON.stringify({ ts, level: 'info', agent: 'shop', event: 'sold', units: 3, to: DID }),
  );
  t.is(line, '03:04:05.006 shop    sold units=3 to=did:key:z6MkqkvU…4KYr');
  const both = view.line('shop', JSON.stringify({ ts, event: 'sold', msg: 'at last', trace_id: 'abcdef0123456789' }));
  t.is(both, '03:04:05.006 shop    sold msg=at last trace abcdef01');
});

test('what is no log line is shown as it is, but cannot move the cursor or pass for another line', (t) => {
  const blank = ' '.repeat(12);
  t.is(view.line('shop', 'plain words'), `${blank} shop    plain words`);
  t.is(view.line('shop', '{broken'), `${blank} shop    {broken`);
  t.is(view.line('shop', '[1]'), `${blank} shop    [1]`);
  t.is(view.line('shop', 'a\u001b[2Jb\u2028c'), `${blank} shop    a\\u{1b}[2Jb\\u{2028}c`);
  t.false(view.line('shop', '{"msg":"a\\u001b[31m\\nfake"}').includes('\u001b'));
});

test('levels have their colours, names theirs', (t) => {
  const seen: string[] = [];
  const coloured = logView(['shop'], (format, text) => {
    seen.push(`${format} ${text.trim()}`);
    return text;
  });
  coloured.line('shop', '{"level":"error","event":"broke"}');
  coloured.line('shop', '{"level":"warn","event":"bent"}');
  t.true(seen.includes('red broke') && seen.includes('yellow bent') && seen.includes('cyan shop'));
});

test('addresses are shortened, other texts are not', (t) => {
  t.is(shortDid(DID), 'did:key:z6MkqkvU…4KYr');
  t.is(shortDid('did:web:x'), 'did:web:x');
});

test('spans are told by their two greatest units', (t) => {
  const spans = [0, 1.9, 59, 60, 61, 3_600, 3_661, 90_061].map(spanText);
  t.deepEqual(spans, ['0s', '1s', '59s', '1m', '1m 1s', '1h', '1h 1m', '1d 1h']);
});

test('a log that is full becomes .1, and never holds more than two files', (t) => {
  const path = scratch(t);
  const read = (name: string): string => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');
  const first = openRotatingLog(path('log'), 10);
  first.add('1234');
  first.add('5678');
  t.is(read('log'), '1234\n5678\n');
  first.close();
  const second = openRotatingLog(path('log'), 10);
  second.add('9');
  t.deepEqual([read('log.1'), read('log')], ['1234\n5678\n', '9\n']);
  second.add('a line that is longer than a file may be');
  second.add('b');
  second.close();
  t.deepEqual([read('log.1'), read('log')], ['a line that is longer than a file may be\n', 'b\n']);
});
