import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Reservation } from '../../../agent-core/ledger/operation.ts';
import type { LedgerPort } from '../../../agent-core/ledger/port.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { testAgent, type TestBench } from '../../../agent-core/testing/bench.ts';

const Job = contractNet({
  name: 'job',
  version: '1.0.0',
  task: z.object({ hours: z.number() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ did: z.string() }),
});

interface Diary {
  readonly performed: string[];
  readonly lost: number[];
}

/** Asks 10 an hour, and delivers what was called for. */
const contractor = defineAgent({
  name: 'contractor',
  state: (): Diary => ({ performed: [], lost: [] }),
  setup: (agent) =>
    Job.participant(agent, {
      bid: (_, { task, refuse }) => (task.hours > 8 ? refuse('too long') : { price: task.hours * 10 }),
      perform: (ctx, { task, bid }) => {
        ctx.state.performed.push(`${task.hours} for ${bid.price}`);
        return { did: `${task.hours} hours` };
      },
      lost: (ctx, { task }) => void ctx.state.lost.push(task.hours),
    }),
});

/** As `contractor`, and begins nothing for which 10 are not locked. */
const cautious = defineAgent({
  name: 'cautious',
  state: (): Diary => ({ performed: [], lost: [] }),
  setup: (agent) =>
    Job.participant(agent, {
      bid: (_, { task }) => ({ price: task.hours * 10 }),
      secured: () => 10n,
      perform: (ctx, { task, bid }) => {
        ctx.state.performed.push(`${task.hours} for ${bid.price}`);
        return { did: `${task.hours} hours` };
      },
      lost: (ctx, { task }) => void ctx.state.lost.push(task.hours),
    }),
});

function call(b: TestBench<Diary>, from: string, words: { readonly dialogue: string; readonly hours: number }): void {
  const body = { task: { hours: words.hours }, bidsBy: 5_000_000 };
  b.peer(from).say({ type: 'cfp', protocol: Job.id, id: words.dialogue, body });
}

function award(b: TestBench<Diary>, from: string, dialogue: string): void {
  b.peer(from).say({
    type: 'accept-proposal',
    protocol: Job.id,
    id: `award-${from}`,
    dialogue,
    body: { escrow: null },
  });
}

test('two calls of one name by two initiators are two calls', async (t) => {
  const b = testAgent(contractor());
  call(b, 'anna', { dialogue: 'same-1', hours: 8 });
  call(b, 'mallory', { dialogue: 'same-1', hours: 1 });
  award(b, 'anna', 'same-1');
  await b.settle();
  t.deepEqual(b.state.performed, ['8 for 80']);
  t.deepEqual(
    b
      .peer('anna')
      .heard(Job, 'inform')
      .map(({ body }) => body),
    [{ did: '8 hours' }],
  );
});

test('a call that is withdrawn takes no call of the same name of another initiator along', async (t) => {
  const b = testAgent(contractor());
  call(b, 'anna', { dialogue: 'same-1', hours: 8 });
  call(b, 'mallory', { dialogue: 'same-1', hours: 1 });
  b.peer('mallory').say({ type: 'cancel', protocol: Job.id, id: 'c', dialogue: 'same-1', body: { reason: '' } });
  t.deepEqual(b.state.lost, [1]);
  award(b, 'anna', 'same-1');
  await b.settle();
  t.deepEqual(b.state.performed, ['8 for 80']);
});

interface Vault {
  readonly port: LedgerPort;
  /** Answers what was asked last. */
  readonly answer: () => void;
}

/** A ledger that answers every question with one reservation, once it is told to. */
function vault(held: (name: { readonly payer: Did; readonly id: string }) => Reservation | null): Vault {
  const due: (() => void)[] = [];
  return {
    port: {
      submit: (_, done) => void due.push(() => done({ type: 'applied' })),
      balance: (_, done) => void due.push(() => done({ available: 0n, reserved: 0n, incoming: 0n })),
      reservation: (name, done) => void due.push(() => done(held(name))),
    },
    answer: () => due.shift()?.(),
  };
}

const SECURED = { dialogue: 'job-1', hours: 1 } as const;

function reserved(payer: Did, id: string, to: Did): Reservation {
  return {
    id,
    payer,
    to,
    asset: 'token',
    amount: 10n,
    remaining: 10n,
    posted: 0n,
    expires: 20_000_000,
    release: 'payer',
    reference: SECURED.dialogue,
    state: 'pending',
  };
}

function awardSecured(b: TestBench<Diary>): void {
  call(b, 'anna', SECURED);
  const body = { escrow: { reservation: 'safe', asset: 'token', amount: '10' } };
  b.peer('anna').say({ type: 'accept-proposal', protocol: Job.id, id: 'a', dialogue: SECURED.dialogue, body });
}

test('work begins once what it costs is locked for this very call', async (t) => {
  const { port, answer } = vault(({ payer, id }) => reserved(payer, id, b.did));
  const b = testAgent(cautious(), { ledger: port });
  awardSecured(b);
  answer();
  await b.settle();
  t.deepEqual(b.state.performed, ['1 for 10']);
});

const unsafe: Readonly<Record<string, Partial<Reservation> | null>> = {
  'nothing is locked': null,
  'too little is locked': { remaining: 9n },
  'something else is locked': { asset: 'sand' },
  'what is locked was paid out already': { state: 'posted' },
  'what is locked comes free before the result is due': { expires: 10_000_000 },
  'what is locked secures another call': { reference: 'job-2' },
  'what is locked secures nothing': { reference: null },
};

for (const [why, change] of Object.entries(unsafe)) {
  test(`an award is given back where ${why}`, async (t) => {
    const { port, answer } = vault(({ payer, id }) =>
      change === null ? null : { ...reserved(payer, id, b.did), ...change },
    );
    const b = testAgent(cautious(), { ledger: port });
    awardSecured(b);
    answer();
    await b.settle();
    t.deepEqual(b.state.performed, []);
    t.like(b.peer('anna').heard().at(-1), { type: 'failure', body: { reason: 'not secured' } });
  });
}

test('an award that is withdrawn while its escrow is looked up is not worked on', async (t) => {
  const { port, answer } = vault(({ payer, id }) => reserved(payer, id, b.did));
  const b = testAgent(cautious(), { ledger: port });
  awardSecured(b);
  b.peer('anna').say({ type: 'cancel', protocol: Job.id, id: 'c', dialogue: SECURED.dialogue, body: { reason: '' } });
  answer();
  await b.settle();
  t.deepEqual(b.state.performed, []);
  t.deepEqual(b.state.lost, [1]);
});

test('a call that is refused is refused with its reason', (t) => {
  const b = testAgent(contractor());
  call(b, 'anna', { dialogue: 'long-1', hours: 9 });
  t.like(b.peer('anna').heard().at(-1), { type: 'refuse', body: { reason: 'too long' } });
});
