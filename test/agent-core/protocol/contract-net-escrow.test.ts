import * as fc from 'fast-check';
import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { contractNet, type ContractNetResult } from '../../../agent-core/protocol/contract-net.ts';
import { SETTLEMENT_MICROS } from '../../../agent-core/protocol/escrow.ts';
import { world, type World } from '../../../simulator/world.ts';

const Job = contractNet({
  name: 'job',
  version: '1.0.0',
  task: z.object({ hours: z.number() }),
  bid: z.object({ price: amount() }),
  result: z.object({ done: z.boolean() }),
});

type Result = ContractNetResult<{ price: bigint }, { done: boolean }>;

const WAYS = ['delivers', 'fails', 'throws', 'sleeps', 'leaves-early', 'stops'] as const;
type Way = (typeof WAYS)[number];

const worker = defineAgent({
  name: 'worker',
  params: z.object({ price: z.bigint(), way: z.enum(WAYS) }),
  state: () => ({ seen: [] as string[] }),
  setup: (agent) =>
    agent.play(Job, 'participant', {
      cfp: async (ctx, m) => {
        m.reply('propose', { price: ctx.params.price });
        if (ctx.params.way !== 'leaves-early') return;
        // Answers, then gives up while the initiator is locking its money.
        await ctx.sleep('4 ms');
        m.fail('changed my mind');
      },
      'accept-proposal': async (ctx, m) => {
        const { escrow } = m.body;
        const held = escrow === null ? null : await ctx.ledger.reservation(escrow.reservation, m.from);
        ctx.state.seen.push(`${held?.remaining ?? 0n} ${held?.state ?? 'none'}`);
        switch (ctx.params.way) {
          case 'delivers':
          case 'leaves-early':
            await ctx.sleep('1 h');
            return m.reply('inform', { done: true });
          case 'fails':
            return m.fail('no tools');
          case 'throws':
            throw new Error('no tools');
          case 'stops':
            return ctx.stop();
          case 'sleeps':
            return;
        }
      },
      'reject-proposal': () => undefined,
      cancel: () => undefined,
    }),
});

function boss(to: readonly Did[], take: number) {
  return defineAgent({
    name: 'boss',
    state: () => ({ results: [] as Result[], at: 0 }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        ctx.state.results.push(
          await ctx.run(Job.initiator, {
            task: { hours: 1 },
            to,
            bidsWithin: '1 s',
            resultWithin: '2 h',
            choose: (proposals) => proposals.slice(0, take),
            escrow: ({ bid }) => ({ amount: bid.price }),
          }),
        );
        ctx.state.at = ctx.now();
      }),
  })();
}

interface Done {
  readonly w: World;
  readonly result: Result | undefined;
  readonly at: number;
  readonly seen: readonly string[];
  readonly boss: Did;
  readonly workers: readonly Did[];
}

async function hire(workers: readonly { price: bigint; way: Way }[], funds: bigint, take = 1): Promise<Done> {
  const w = world({ seed: 1, latency: '1 ms' });
  const placed = workers.map((each) => w.spawn(worker(each)));
  const hiring = w.spawn(
    boss(
      placed.map(({ did }) => did),
      take,
    ),
    { funds },
  );
  await w.run({ until: '3 h' });
  for (const { counters, name } of w.agents) {
    if (counters.dialoguesOpen > 0) throw new Error(`${name} has an open dialogue`);
  }
  return {
    w,
    result: hiring.state.results[0],
    at: hiring.state.at,
    seen: placed.flatMap(({ state }) => state.seen),
    boss: hiring.did,
    workers: placed.map(({ did }) => did),
  };
}

test('an award is locked before it is said, seen by the winner, and paid when the result comes', async (t) => {
  const { w, result, seen, boss: payer, workers } = await hire([{ price: 70n, way: 'delivers' }], 100n);
  t.is(result?.type === 'done' && result.award.paid, true);
  t.deepEqual(seen, ['70 pending']);
  t.deepEqual(w.ledger.balance(payer), { available: 30n, reserved: 0n, incoming: 0n });
  t.is(w.ledger.balance(workers[0] ?? payer).available, 70n);
});

for (const [way, code] of [
  ['fails', 'failed'],
  ['throws', 'handler-failed'],
  ['stops', 'agent-stopped'],
] as const) {
  test(`a winner that ${way} pays the award back at once, by its own signed failure`, async (t) => {
    const { w, result, boss: payer, at } = await hire([{ price: 70n, way }], 100n);
    t.is(result?.type, 'failed');
    if (result?.type === 'failed') {
      t.deepEqual(
        result.awards.map((award) => award.type === 'unfulfilled' && award.code),
        [code],
      );
    }
    t.deepEqual(w.ledger.balance(payer), { available: 100n, reserved: 0n, incoming: 0n });
    t.true(at < 1_000_000, 'no deadline had to pass');
  });
}

test('money for a result that never comes is back by itself after the deadline', async (t) => {
  const { w, result, boss: payer } = await hire([{ price: 70n, way: 'sleeps' }], 100n);
  t.is(result?.type, 'failed');
  t.deepEqual(w.ledger.balance(payer), { available: 100n, reserved: 0n, incoming: 0n });
  t.is(SETTLEMENT_MICROS, 10_000_000);
});

test('a bidder that gives up while its money is being locked leaves none of it locked', async (t) => {
  const { w, result, boss: payer, at } = await hire([{ price: 70n, way: 'leaves-early' }], 100n);
  t.is(result?.type, 'failed');
  t.deepEqual(w.ledger.balance(payer), { available: 100n, reserved: 0n, incoming: 0n });
  t.true(at < 1_000_000);
});

test('an award that cannot be paid is not given', async (t) => {
  const { result, seen } = await hire([{ price: 70n, way: 'delivers' }], 69n);
  t.is(result?.type, 'failed');
  if (result?.type === 'failed') t.like(result.awards[0], { type: 'unfulfilled', code: 'insufficient-funds' });
  t.deepEqual(seen, []);
});

test('whatever winners do, money is neither made nor lost, and exactly the delivered work is paid', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ price: fc.bigInt({ min: 1n, max: 60n }), way: fc.constantFrom(...WAYS) }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.bigInt({ min: 1n, max: 150n }),
      async (workers, funds) => {
        const { w, result, boss: payer, workers: dids } = await hire(workers, funds, workers.length);
        t.deepEqual(w.ledger.audit().faults, []);
        t.is(w.ledger.supply(), funds);
        const awards = result !== undefined && 'awards' in result ? result.awards : [];
        const paid = awards.reduce((sum, award) => sum + (award.type === 'fulfilled' ? award.bid.price : 0n), 0n);
        t.deepEqual(w.ledger.balance(payer), { available: funds - paid, reserved: 0n, incoming: 0n });
        t.is(
          dids.reduce((sum, did) => sum + w.ledger.balance(did).available, 0n),
          paid,
        );
      },
    ),
    { numRuns: 40 },
  );
});

/** Awards job after job with one and the same escrow, whose reference it chooses. */
const cheat = (to: Did, reference: (dialogue: string) => string) =>
  defineAgent({
    name: 'cheat',
    state: () => ({ results: 0, failures: [] as string[], held: '' }),
    setup: (agent) => {
      agent.play(
        Job,
        'initiator',
        {
          propose: async (ctx, m) => {
            if (ctx.state.held === '') {
              const hold = { to: m.from, amount: 70n, release: 'payer', within: '20 h' } as const;
              const held = await ctx.ledger.reserve({ ...hold, reference: reference(m.dialogue.id) });
              ctx.state.held = held.type === 'applied' ? held.id : '';
            }
            m.reply('accept-proposal', { escrow: { reservation: ctx.state.held, asset: 'token', amount: 70n } });
          },
          refuse: () => undefined,
          inform: (ctx) => void (ctx.state.results += 1),
        },
        { ended: (ctx, { outcome, code }) => void ctx.state.failures.push(`${outcome} ${code}`) },
      );
      agent.start(async (ctx) => {
        for (let k = 0; k < 3; k++) {
          ctx.open(Job, 'initiator', to, 'cfp', { task: { hours: 1 }, bidsBy: 1_000_000 }, { within: '2 h' });
          await ctx.sleep('1 s');
        }
      });
    },
  })();

const careful = defineAgent({
  name: 'careful',
  setup: (agent) =>
    Job.participant(agent, {
      bid: () => ({ price: 70n }),
      perform: () => ({ done: true }),
      secured: ({ price }) => price,
    }),
});

for (const [name, reference, results] of [
  ['is good for one award and no other', (dialogue: string) => dialogue, 1],
  ['that belongs to another dialogue secures nothing', () => 'another', 0],
] as const) {
  test(`an escrow ${name}`, async (t) => {
    const w = world({ seed: 1, latency: '1 ms', sign: 'off' });
    const winner = w.spawn(careful());
    const cheating = w.spawn(cheat(winner.did, reference), { funds: 100n });
    await w.run({ until: '1 h' });
    t.is(cheating.state.results, results);
    t.is(cheating.state.failures.filter((end) => end === 'failed failed').length, 3 - results);
  });
}
test('work that was delivered and is being paid is not taken back by a cancellation', async (t) => {
  const w = world({ seed: 1, latency: '1 ms', strict: true });
  const cancellation = createCancellation();
  const prompt = defineAgent({
    name: 'prompt',
    setup: (agent) =>
      agent.play(Job, 'participant', {
        cfp: (_, m) => m.reply('propose', { price: 70n }),
        'accept-proposal': async (ctx, m) => {
          m.reply('inform', { done: true });
          // The result has come, and the ledger has not answered yet.
          await ctx.sleep('2 ms');
          cancellation.cancel('too late');
        },
        'reject-proposal': () => undefined,
        cancel: () => undefined,
      }),
  });
  const { did } = w.spawn(prompt());
  const payer = defineAgent({
    name: 'payer',
    state: () => ({ results: [] as Result[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const result = await ctx.run(Job.initiator, {
          task: { hours: 1 },
          to: [did],
          bidsWithin: '1 s',
          resultWithin: '2 h',
          choose: ([first]) => first ?? null,
          escrow: ({ bid }) => ({ amount: bid.price }),
          cancellation,
        });
        ctx.state.results.push(result);
      }),
  });
  const { state } = w.spawn(payer(), { funds: 100n });
  await w.run();
  t.is(w.ledger.balance(did).available, 70n);
  t.like(state.results, [{ type: 'done', award: { result: { done: true }, paid: true } }]);
});

test('an award as long as a dialogue may live can be secured', async (t) => {
  const w = world({ seed: 1 });
  const { did } = w.spawn(worker({ price: 70n, way: 'delivers' }));
  const patient = defineAgent({
    name: 'patient',
    state: () => ({ results: [] as Result[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const result = await ctx.run(Job.initiator, {
          task: { hours: 1 },
          to: [did],
          bidsWithin: '1 s',
          resultWithin: LIMITS.dialogueLifeMicros,
          choose: ([first]) => first ?? null,
          escrow: ({ bid }) => ({ amount: bid.price }),
        });
        ctx.state.results.push(result);
      }),
  });
  const { state } = w.spawn(patient(), { funds: 100n });
  await w.run();
  t.like(state.results, [{ type: 'done', award: { paid: true } }]);
});
