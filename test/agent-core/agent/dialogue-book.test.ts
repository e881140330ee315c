import test from 'ava';
import { createDialogueBook, type DialogueRecord } from '../../../agent-core/agent/dialogue-book.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { Metering } from '../../fixtures/metering.ts';

const didOf = (number: number): Did => `did:key:z${number}` as unknown as Did;

test('forgets peers without a dialogue once it knows as many as it may, and never says a number twice to one', (t) => {
  const book = createDialogueBook((peer) => `to ${peer}`);
  const [kept, idle] = [book.peer(didOf(-1)), book.peer(didOf(-2))];
  kept.seq = 7;
  idle.seq = 40;
  const record: DialogueRecord = {
    id: 'd',
    peer: kept,
    played: { protocol: Metering, side: 0, handlers: [], ended: undefined },
    deadline: 1,
    state: 0,
    begun: true,
    wake: 0,
    answering: null,
    waiting: null,
    outcome: null,
  };
  book.add(record);
  for (let number = 2; number < LIMITS.knownPeers; number++) t.is(book.peer(didOf(number)).seq, 1);
  t.is(book.peer(didOf(-2)), idle);
  const fresh = book.peer(didOf(1));
  t.is(fresh.seq, 40);
  t.is(book.peer(didOf(-1)), kept);
  t.is(book.find(didOf(-1), 'd'), record);
  t.not(book.peer(didOf(-2)), idle);
  t.is(book.peer(didOf(-2)).seq, 40);
});

test('numbers its messages from where it is told', (t) => {
  const book = createDialogueBook((peer) => `to ${peer}`, 2 ** 32 + 1);
  t.is(book.peer(didOf(1)).seq, 2 ** 32 + 1);
});
