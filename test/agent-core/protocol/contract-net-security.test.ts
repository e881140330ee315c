import test from 'ava';
import { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Duration } from '../../../agent-core/clock.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { createCancellation, type Cancellation } from '../../../agent-core/protocol/cancellation.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { escrowId, type EscrowNotice } from '../../../agent-core/protocol/escrow.ts';
import { iteratedContractNet } from '../../../agent-core/protocol/iterated-contract-net.ts';
import { world, type World } from '../../../simulator/world.ts';

const schemas = {
  version: '1.0.0',
  task: z.object({ hours: z.number() }),
  bid: z.object({ price: amount() }),
  result: z.object({ done: z.boolean() }),
};

const Job = contractNet({ name: 'job', ...schemas });
const Haggled = iteratedContractNet({ name: 'haggled', ...schemas });
const NETS = { 'a contract net': Job, 'an iterated contract net': Haggled } as const;

const PRICE = 70n;
const FUNDS = 100n;

interface Notes {
  readonly seen: string[];
}

/** A ready participant of both nets, which asks for its price to be locked. */
function worker(): Agent<void, Notes> {
  const contractor = {
    bid: (
      ctx: Context<void, Notes>,
      call: { readonly round: number; readonly previous: { readonly price: bigint } | null },
    ) => {
      ctx.state.seen.push(`round ${call.round} after ${call.previous?.price ?? 'nothing'}`);
      return { price: call.previous === null ? PRICE : call.previous.price - 10n };
    },
    secured: ({ price }: { readonly price: bigint }) => price,
    perform: async (ctx: Context<void, Notes>) => {
      ctx.state.seen.push('works');
      await ctx.sleep('1 h');
      return { done: true };
    },
    lost: (ctx: Context<void, Notes>) => void ctx.state.seen.push('lost'),
  };
  return defineAgent({
    name: 'worker',
    state: (): Notes => ({ seen: [] }),
    setup: (agent) => {
      Job.participant(agent, contractor);
      Haggled.participant(agent, contractor);
    },
  })();
}

type Terms = { readonly asset?: string; readonly amount: bigint };

interface Hiring {
  readonly net: keyof typeof NETS;
  readonly escrow?: Terms;
  readonly rounds?: number;
  readonly cancel?: { readonly cancellation: Cancellation; readonly after: Duration };
}

/** Calls one worker and takes its last bid. */
function boss(to: Did, { net, escrow, rounds = 1, cancel }: Hiring) {
  const shared = {
    task: { hours: 1 },
    to: [to],
    bidsWithin: '1 s',
    resultWithin: '2 h',
    escrow: ({ bid }: { readonly bid: { readonly price: bigint } }) => escrow ?? { amount: bid.price },
    ...(cancel === undefined ? {} : { cancellation: cancel.cancellation }),
  } as const;
  return defineAgent({
    name: 'boss',
    state: () => ({ results: [] as unknown[], at: 0 }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const running =
          net === 'a contract net'
            ? ctx.run(Job.initiator, { ...shared, choose: (proposals) => proposals })
            : ctx.run(Haggled.initiator, {
                ...shared,
                roundsMax: rounds,
                decide: ({ proposals, last, task }) =>
                  last ? { type: 'award', to: proposals } : { type: 'iterate', task, to: proposals },
              });
        if (cancel !== undefined) {
          await ctx.sleep(cancel.after);
          cancel.cancellation.cancel('the work is not needed');
        }
        ctx.state.results.push(await running);
        ctx.state.at = ctx.now();
      }),
  })();
}

async function hire(hiring: Hiring) {
  const place: World = world({ seed: 1, latency: '1 ms' });
  const placed = place.spawn(worker());
  const hirer = place.spawn(boss(placed.did, hiring), { funds: { token: FUNDS, steel: FUNDS } });
  await place.run();
  const { counters } = hirer;
  if (counters.dialoguesOpen + placed.counters.dialoguesOpen > 0) throw new Error('a dialogue is open');
  return { place, boss: hirer.did, worker: placed.did, seen: placed.state.seen, ...hirer.state };
}

for (const net of Object.keys(NETS) as (keyof typeof NETS)[]) {
  test(`${net} locks the price of the award, and pays it for the result`, async (t) => {
    const { place, results, seen, boss: payer, worker: payee } = await hire({ net });
    t.like(results[0], { type: 'done', award: { paid: true, result: { done: true } } });
    t.deepEqual(seen, ['round 1 after nothing', 'works']);
    t.is(place.ledger.balance(payer).available, FUNDS - PRICE);
    t.is(place.ledger.balance(payee).available, PRICE);
  });

  test(`a participant of ${net} gives an award back for which less is locked than it asks`, async (t) => {
    const { place, results, seen, boss: payer, at } = await hire({ net, escrow: { amount: PRICE - 1n } });
    t.like(results[0], { type: 'failed', awards: [{ type: 'unfulfilled', code: 'failed' }] });
    t.deepEqual(seen, ['round 1 after nothing']);
    t.deepEqual(place.ledger.balance(payer), { available: FUNDS, reserved: 0n, incoming: 0n });
    t.true(at < 1_000_000, 'at once, by its signed failure');
  });

  test(`a participant of ${net} gives an award back for which another asset is locked`, async (t) => {
    const { place, results, boss: payer } = await hire({ net, escrow: { amount: PRICE, asset: 'steel' } });
    t.like(results[0], { type: 'failed', awards: [{ type: 'unfulfilled', code: 'failed' }] });
    t.deepEqual(place.ledger.balance(payer, 'steel'), { available: FUNDS, reserved: 0n, incoming: 0n });
  });

  // Latency is 1 ms each way: called at 1, bid heard at 2, and the ledger answers at 4.
  for (const [when, after, seen] of [
    ['before a bid has come', '1 ms', ['round 1 after nothing', 'lost']],
    ['while the money is being locked', '3 ms', ['round 1 after nothing', 'lost']],
    ['after the award', '10 min', ['round 1 after nothing', 'works', 'lost']],
  ] as const) {
    test(`${net} that is cancelled ${when} leaves no money locked`, async (t) => {
      const cancellation = createCancellation();
      const done = await hire({ net, cancel: { cancellation, after } });
      const cancelled = [{ type: 'unfulfilled', code: 'cancelled' }];
      t.like(
        done.results[0],
        after === '1 ms' ? { type: 'not-awarded', reason: 'cancelled' } : { type: 'failed', awards: cancelled },
      );
      t.deepEqual(done.seen, [...seen]);
      t.deepEqual(done.place.ledger.balance(done.boss), { available: FUNDS, reserved: 0n, incoming: 0n });
      t.true(done.at < 700_000_000, 'long before the reservation would have ended');
      t.deepEqual(done.place.ledger.audit().faults, []);
    });
  }
}

test('a participant of an iterated contract net is told the round and its last bid', async (t) => {
  const { place, results, seen, boss: payer } = await hire({ net: 'an iterated contract net', rounds: 3 });
  t.like(results[0], { type: 'done', rounds: 3, award: { bid: { price: 50n }, paid: true } });
  t.deepEqual(seen, ['round 1 after nothing', 'round 2 after 70', 'round 3 after 60', 'works']);
  t.is(place.ledger.balance(payer).available, FUNDS - 50n);
});

/** What an initiator by hand locks, or does not, before it awards. */
const LOCKS = {
  'nothing is locked': () => Promise.resolve(null),
  'what is locked does not exist': (_, { id }) => Promise.resolve(notice(escrowId(id))),
  'what is locked is for somebody else': (ctx, { id, stranger }) =>
    lock(ctx, { to: stranger, reference: id, within: '3 h' }),
  'what is locked ends before the result is due': (ctx, { id, peer }) =>
    lock(ctx, { to: peer, reference: id, within: '1 h' }),
  'what is locked is for another dialogue': (ctx, { peer }) =>
    lock(ctx, { to: peer, reference: 'another', within: '3 h' }),
  'what was locked is posted': async (ctx, { id, peer }) => {
    const locked = await lock(ctx, { to: peer, reference: id, within: '3 h' });
    await ctx.ledger.post({ reservation: locked.reservation, amount: 1n });
    return locked;
  },
} as const satisfies Readonly<Record<string, Lock>>;

interface Victim {
  readonly id: string;
  readonly peer: Did;
  readonly stranger: Did;
}

type Lock = (ctx: Context<void, Ends>, victim: Victim) => Promise<EscrowNotice>;

interface Ends {
  readonly ends: string[];
}

const notice = (reservation: string): NonNullable<EscrowNotice> => ({ reservation, asset: 'token', amount: PRICE });

async function lock(
  ctx: Context<void, Ends>,
  hold: { readonly to: Did; readonly reference: string; readonly within: Duration },
): Promise<NonNullable<EscrowNotice>> {
  const held = await ctx.ledger.reserve({ ...hold, amount: PRICE, release: 'payer' });
  if (held.type !== 'applied') throw new Error(held.code);
  return notice(held.id);
}

for (const [what, locks] of Object.entries(LOCKS)) {
  test(`an award is given back where ${what}`, async (t) => {
    const place = world({ seed: 1 });
    const { did: to, state } = place.spawn(worker());
    const stranger = place.didOf('stranger');
    const cheat = defineAgent({
      name: 'cheat',
      state: (): Ends => ({ ends: [] }),
      setup: (agent) => {
        agent.play(
          Job,
          'initiator',
          {
            propose: async (ctx, m) => {
              const { id, peer } = m.dialogue;
              m.reply('accept-proposal', { escrow: await locks(ctx, { id, peer, stranger }) });
            },
            refuse: () => undefined,
            inform: () => undefined,
          },
          { ended: (ctx, end) => void ctx.state.ends.push(`${end.outcome} ${end.state}`) },
        );
        agent.start((ctx) => {
          const body = { task: { hours: 1 }, bidsBy: 1_000_000 };
          ctx.open(Job, 'initiator', to, 'cfp', body, { within: '2 h' });
        });
      },
    });
    const { state: cheated } = place.spawn(cheat(), { funds: FUNDS });
    await place.run();
    t.deepEqual(cheated.ends, ['failed awarded']);
    t.deepEqual(state.seen, ['round 1 after nothing'], 'no work was done');
  });
}
