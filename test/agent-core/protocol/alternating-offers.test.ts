import * as fc from 'fast-check';
import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { negotiate } from '../../../agent-core/negotiation/alternating-offers.ts';
import type { Negotiator } from '../../../agent-core/negotiation/negotiator.ts';
import type { BargainingResult } from '../../../agent-core/protocol/alternating-offers.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { world } from '../../../simulator/world.ts';
import { joiner, opener, Sale, saleSide, saleSpace, seated, STRATEGIES } from '../../fixtures/bargaining.ts';

const strategy = fc.constantFrom(...STRATEGIES);
const hurry = fc.double({ min: 0, max: 1, noNaN: true });
const reservation = fc.double({ min: 0, max: 0.8, noNaN: true });

interface Table {
  readonly first: Negotiator;
  readonly second: Negotiator | null;
  readonly rounds: number;
}

/** One bargaining over messages. */
async function bargain({ first, second, rounds }: Table): Promise<readonly (BargainingResult | undefined)[]> {
  const w = world({ seed: 1, strict: true, sign: 'off' });
  const seller = w.spawn(joiner(() => second));
  const buyer = w.spawn(opener({ to: seller.did, rounds, negotiator: () => first }));
  await w.run();
  const open = buyer.counters.dialoguesOpen + seller.counters.dialoguesOpen;
  if (open > 0) throw new Error(`${open} dialogues are open`);
  return [buyer.state.results[0], seller.state.results[0]];
}

test('bargaining by messages comes to what the two strategies come to face to face', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(strategy, strategy),
      fc.tuple(hurry, hurry, reservation, reservation),
      fc.integer({ min: 1, max: 30 }),
      async ([one, two], [h1, h2, r1, r2], rounds) => {
        const buyer = saleSide('buyer', h1, r1);
        const seller = saleSide('seller', h2, r2);
        const expected = negotiate({
          space: saleSpace,
          parties: [
            { preferences: buyer, strategy: one },
            { preferences: seller, strategy: two },
          ],
          rounds,
          random: createRandomRoot('bargaining'),
        });
        const [mine, yours] = await bargain({
          first: seated(one, buyer, '0'),
          second: seated(two, seller, '1'),
          rounds,
        });
        if (expected.end === 'agreed') {
          t.like(mine, { type: 'agreed', outcome: expected.agreement, round: expected.round });
          t.like(yours, { type: 'agreed', outcome: expected.agreement });
        } else {
          t.is(mine?.type, 'left');
          t.is(yours?.type, 'left');
        }
      },
    ),
    { numRuns: 60 },
  );
});

const offers = (outcome: { price: number; delivery: string }): Negotiator => ({
  hear: () => undefined,
  respond: () => 'reject',
  propose: () => outcome,
  state: () => null,
});
const stubborn = offers({ price: 20, delivery: 'today' });

test('a participant that refuses, or leaves, is named', async (t) => {
  const refused = await bargain({ first: stubborn, second: null, rounds: 3 });
  t.deepEqual(refused, [{ type: 'refused', reason: 'not now' }, undefined]);
  const leaver: Negotiator = { ...stubborn, respond: () => 'end' };
  const left = await bargain({ first: stubborn, second: leaver, rounds: 3 });
  t.deepEqual(left, [
    { type: 'left', by: 'them', round: 0 },
    { type: 'left', by: 'us', round: 0 },
  ]);
  const walks = await bargain({ first: { ...stubborn, propose: () => null }, second: stubborn, rounds: 3 });
  t.deepEqual(walks, [
    { type: 'left', by: 'us', round: 0 },
    { type: 'left', by: 'them', round: 0 },
  ]);
});

test('two that never agree end when the rounds are used up, and both know', async (t) => {
  t.deepEqual(await bargain({ first: stubborn, second: stubborn, rounds: 5 }), [
    { type: 'left', by: 'us', round: 4 },
    { type: 'left', by: 'them', round: 5 },
  ]);
});

test('an offer outside the outcome space ends the bargaining by name on both sides', async (t) => {
  const w = world({ seed: 1 });
  const seller = w.spawn(joiner(() => stubborn));
  const cheat = opener({
    to: seller.did,
    rounds: 3,
    negotiator: () => offers({ price: 21, delivery: 'never' }),
  });
  const buyer = w.spawn(cheat);
  await w.run();
  t.is(buyer.counters.handlerErrors, 1);
  t.deepEqual(seller.state.results, [{ type: 'failed', code: 'run-over' }]);
  t.is(buyer.counters.dialoguesOpen + seller.counters.dialoguesOpen, 0);
});

test('who goes on after the last round is failed by its peer', async (t) => {
  const w = world({ seed: 1 });
  const seller = w.spawn(joiner(() => stubborn));
  const greedy = w.spawn(
    defineAgent({
      name: 'greedy',
      state: () => ({ heard: [] as string[] }),
      setup: (agent) =>
        agent.start(async (ctx) => {
          const joined = await ctx.ask(Sale, 'initiator', seller.did, 'invite', { rounds: 1 }, { within: '1 h' });
          if (joined.type !== 'join') return;
          for (let n = 0; n < 2; n++) {
            const answer = await joined.dialogue.ask('offer', { outcome: { price: n, delivery: 'today' } });
            ctx.state.heard.push(answer.type);
          }
        }),
    })(),
  );
  await w.run();
  t.deepEqual(greedy.state.heard, ['counter', 'failure']);
  t.deepEqual(seller.state.results, [{ type: 'failed', code: 'failed' }]);
});

test('nobody can accept its own offer', async (t) => {
  const w = world({ seed: 1 });
  const seller = w.spawn(joiner(() => stubborn));
  const forger = w.spawn(
    defineAgent({
      name: 'forger',
      state: () => ({ thrown: [] as string[] }),
      setup: (agent) =>
        agent.start(async (ctx) => {
          const joined = await ctx.ask(Sale, 'initiator', seller.did, 'invite', { rounds: 9 }, { within: '1 h' });
          if (joined.type !== 'join') return;
          const answer = await joined.dialogue.ask('offer', { outcome: { price: 0, delivery: 'today' } });
          t.is(answer.type, 'counter');
          joined.dialogue.send('offer', { outcome: { price: 1, delivery: 'today' } });
          try {
            joined.dialogue.send('accept-counter', {});
          } catch (error) {
            ctx.state.thrown.push(error instanceof Error ? error.message : '');
          }
        }),
    })(),
  );
  await w.run();
  t.regex(forger.state.thrown[0] ?? '', /does not allow it in state "offered"/);
  t.deepEqual(seller.state.results, [{ type: 'failed', code: 'not-expected' }]);
});

test('a peer that vanishes ends the bargaining at its deadline on both sides', async (t) => {
  const w = world({ seed: 1 });
  const mute = w.spawn(
    defineAgent({
      name: 'mute',
      setup: (agent) =>
        agent.play(Sale, 'participant', {
          invite: (_, m) => m.reply('join', {}),
          offer: () => undefined,
          'accept-counter': () => undefined,
          withdraw: () => undefined,
        }),
    })(),
  );
  const buyer = w.spawn(opener({ to: mute.did, rounds: 3, negotiator: () => stubborn }));
  await w.run();
  t.deepEqual(buyer.state.results, [{ type: 'failed', code: 'deadline-passed' }]);
  t.is(w.now(), 3_600_000_000);
  t.is(buyer.counters.dialoguesOpen + mute.counters.dialoguesOpen, 0);
});

test('each side of an agreement holds what the other signed', async (t) => {
  const yes: Negotiator = { ...stubborn, respond: () => 'accept' };
  for (const [first, second, mine, yours] of [
    [stubborn, yes, 'accept-offer', 'offer'],
    [yes, stubborn, 'counter', 'accept-counter'],
  ] as const) {
    const results = await bargain({ first, second, rounds: 3 });
    const held = results.map((result) => {
      if (result?.type !== 'agreed') return result?.type;
      return (JSON.parse(result.recorded.payload) as { readonly type: string }).type;
    });
    t.deepEqual(held, [mine, yours]);
  }
});
