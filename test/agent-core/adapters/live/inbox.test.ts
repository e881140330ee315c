import test from 'ava';
import { createInbox } from '../../../../agent-core/adapters/live/inbox.ts';
import type { BusMessage } from '../../../../agent-core/bus/bus.ts';

const message = (payload: string, headers: BusMessage['headers'] = {}): BusMessage => ({
  subject: '',
  payload,
  headers,
  reply: undefined,
  noResponders: false,
});

test('messages leave in the order in which they came', (t) => {
  const inbox = createInbox();
  for (let n = 0; n < 5_000; n++) t.true(inbox.put(message(String(n))));
  const taken = [];
  for (let next = inbox.take(); next !== undefined; next = inbox.take()) taken.push(Number(next.payload));
  t.deepEqual(
    taken,
    Array.from({ length: 5_000 }, (_, n) => n),
  );
  t.is(inbox.size, 0);
});

test('a full inbox takes nothing more, by messages and by text, until one is taken', (t) => {
  const byCount = createInbox({ liveInboxMessages: 2, liveInboxChars: 100 });
  t.true(byCount.put(message('a')));
  t.true(byCount.put(message('b')));
  t.false(byCount.put(message('c')));
  byCount.take();
  t.true(byCount.put(message('c')));
  const byText = createInbox({ liveInboxMessages: 10, liveInboxChars: 5 });
  t.true(byText.put(message('abcde')));
  t.false(byText.put(message('f')));
  byText.take();
  t.true(byText.put(message('f')));
});

test('headers count as text: a broker takes a megabyte of them', (t) => {
  const inbox = createInbox({ liveInboxMessages: 10, liveInboxChars: 20 });
  t.true(inbox.put(message('a', { Name: 'fifteen letters' })));
  t.false(inbox.put(message('b')));
  inbox.take();
  t.true(inbox.put(message('b')));
});
