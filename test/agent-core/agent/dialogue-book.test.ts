import test from 'ava';
import { createDialogueBook, type DialogueRecord } from '../../../agent-core/agent/dialogue-book.ts';
import { didOf, type Did } from '../../../agent-core/identity/did-key.ts';
import { Metering } from '../../fixtures/metering.ts';

const stranger = (byte: number): Did => didOf(new Uint8Array(32).fill(byte));

test('forgets peers without a dialogue once it knows as many as it may, and never says a number twice to one', (t) => {
  const book = createDialogueBook((nkey) => `to ${nkey}`, { knownPeers: 8 });
  const [kept, idle] = [book.peer(stranger(100)), book.peer(stranger(101))];
  kept.seq = 7;
  idle.seq = 40;
  const record: DialogueRecord = {
    id: 'd',
    key: 'k d',
    peer: kept,
    played: { protocol: Metering, side: 0, handlers: [], ended: undefined },
    deadline: 1,
    state: 0,
    begun: true,
    wake: 0,
    trace: undefined,
    answering: null,
    letter: null,
    waiting: null,
    outcome: null,
  };
  book.add(record);
  for (let number = 2; number < 8; number++) t.is(book.peer(stranger(number)).seq, 1);
  t.is(book.peer(stranger(101)), idle);
  const fresh = book.peer(stranger(99));
  t.is(fresh.seq, 40);
  t.is(book.peer(stranger(100)), kept);
  t.is(book.find(stranger(100), 'd'), record);
  t.not(book.peer(stranger(101)), idle);
  t.is(book.peer(stranger(101)).seq, 40);
});

test('numbers its messages from where it is told', (t) => {
  const book = createDialogueBook((nkey) => `to ${nkey}`, { firstSeq: 2 ** 32 + 1 });
  t.is(book.peer(stranger(99)).seq, 2 ** 32 + 1);
});
