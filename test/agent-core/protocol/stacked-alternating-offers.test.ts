import * as fc from 'fast-check';
import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { createAuditor } from '../../../agent-core/message/open.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import { negotiate } from '../../../agent-core/negotiation/alternating-offers.ts';
import type { Negotiator } from '../../../agent-core/negotiation/negotiator.ts';
import {
  stackedAlternatingOffers,
  type PartyResult,
  type Sitting,
  type SittingResult,
} from '../../../agent-core/protocol/stacked-alternating-offers.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { world, type World } from '../../../simulator/world.ts';
import { saleSide, saleSpace, STRATEGIES } from '../../fixtures/bargaining.ts';

const Table = stackedAlternatingOffers({ name: 'table', version: '1.0.0', space: saleSpace });

function party(negotiator: () => Negotiator | null) {
  return defineAgent({
    name: 'party',
    state: () => ({ results: [] as PartyResult[] }),
    setup: (agent) => Table.party(agent, { negotiator, ended: (ctx, result) => void ctx.state.results.push(result) }),
  })();
}

function chair(sitting: Sitting) {
  return defineAgent({
    name: 'chair',
    state: () => ({ results: [] as SittingResult[] }),
    setup: (agent) => agent.start(async (ctx) => void ctx.state.results.push(await ctx.run(Table.chair, sitting))),
  })();
}

interface Sat {
  readonly w: World;
  readonly result: SittingResult | undefined;
  readonly parties: readonly (PartyResult | undefined)[];
  readonly dids: readonly Did[];
}

async function sit(
  negotiators: readonly (Negotiator | null)[],
  rounds: number,
  sign: 'off' | 'batch' = 'off',
): Promise<Sat> {
  const w = world({ seed: 1, sign });
  const placed = negotiators.map((negotiator) => w.spawn(party(() => negotiator)));
  const dids = placed.map(({ did }) => did);
  const head = w.spawn(chair({ parties: dids, rounds, within: '1 h', turnWithin: '10 s' }));
  await w.run();
  for (const { counters, name } of w.agents) {
    if (counters.dialoguesOpen > 0) throw new Error(`${name} has an open dialogue`);
  }
  return { w, dids, result: head.state.results[0], parties: placed.map(({ state }) => state.results[0]) };
}

const strategy = fc.constantFrom(...STRATEGIES);
const hurry = fc.double({ min: 0, max: 1, noNaN: true });

test('a sitting by messages comes to what the strategies come to face to face', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(strategy, hurry, fc.constantFrom('buyer' as const, 'seller' as const)), {
        minLength: 2,
        maxLength: 5,
      }),
      fc.integer({ min: 1, max: 15 }),
      async (seats, rounds) => {
        const parties = seats.map(([each, hurried, side]) => ({
          strategy: each,
          preferences: saleSide(side, hurried),
        }));
        const random = createRandomRoot('table');
        const expected = negotiate({ space: saleSpace, parties, rounds, random });
        const negotiators = parties.map(({ strategy: each, preferences }, place) =>
          each.negotiator({
            space: saleSpace,
            preferences,
            random: createRandomRoot('table').stream('party', `${place}`),
            parties: parties.length,
          }),
        );
        const { result, parties: ends } = await sit(negotiators, rounds);
        if (expected.end === 'agreed') {
          t.like(result, { type: 'agreed', outcome: expected.agreement, round: expected.round });
          for (const end of ends) t.like(end, { type: 'agreed', outcome: expected.agreement });
        } else t.is(result?.type, expected.end);
      },
    ),
    { numRuns: 50 },
  );
});

const stubborn: Negotiator = {
  hear: () => undefined,
  respond: () => 'reject',
  propose: () => ({ price: 20, delivery: 'today' }),
  state: () => null,
};
const easy: Negotiator = { ...stubborn, respond: () => 'accept' };

test('the chair can prove an agreement by the signed words of all parties', async (t) => {
  const { result, dids } = await sit([stubborn, easy, easy], 3, 'batch');
  t.is(result?.type, 'agreed');
  if (result?.type !== 'agreed') return;
  const auditor = createAuditor({
    backend: nodeBackend,
    requireSignature: true,
    verifiedRoots: createVerifiedRoots(),
  });
  const said = result.evidence.map((message) => {
    const audited = auditor.audit(message);
    return 'refused' in audited ? audited.refused : [audited.envelope.from, audited.envelope.type];
  });
  t.deepEqual(said, [
    [dids[0], 'offer'],
    [dids[1], 'accept'],
    [dids[2], 'accept'],
  ]);
});

test('who refuses, leaves or is too slow ends the sitting for all, by name', async (t) => {
  const refused = await sit([easy, null, easy], 3);
  t.deepEqual(refused.result, { type: 'refused', by: refused.dids[1] ?? '', reason: 'not now' } as SittingResult);
  t.deepEqual(refused.parties, [{ type: 'over', reason: 'refused' }, undefined, { type: 'over', reason: 'refused' }]);

  const left = await sit([stubborn, { ...stubborn, respond: () => 'end' }, easy], 3);
  t.like(left.result, { type: 'left', by: left.dids[1], round: 0 });
  t.deepEqual(left.parties, [{ type: 'over', reason: 'left' }, { type: 'left' }, { type: 'over', reason: 'left' }]);

  const never = await sit([stubborn, stubborn], 4);
  t.deepEqual(never.result, { type: 'deadline', round: 3 });
  t.deepEqual(never.parties, [
    { type: 'over', reason: 'deadline' },
    { type: 'over', reason: 'deadline' },
  ]);
});

test('a party that does not answer at its turn fails the sitting after its time', async (t) => {
  const w = world({ seed: 1 });
  const mute = w.spawn(
    defineAgent({
      name: 'mute',
      setup: (agent) =>
        agent.play(Table, 'party', {
          invite: (_, m) => m.reply('join', {}),
          turn: () => undefined,
          agreed: () => undefined,
          over: () => undefined,
        }),
    })(),
  );
  const other = w.spawn(party(() => stubborn));
  const head = w.spawn(chair({ parties: [other.did, mute.did], rounds: 3, within: '1 h', turnWithin: '10 s' }));
  await w.run();
  t.deepEqual(head.state.results, [{ type: 'failed', by: mute.did, code: 'too-slow' }]);
  t.deepEqual(other.state.results, [{ type: 'over', reason: 'failed' }]);
  t.true(w.now() < 11_000_000);
});

test('accepting where nothing was offered breaks the rules', async (t) => {
  const w = world({ seed: 1 });
  const eager = w.spawn(
    defineAgent({
      name: 'eager',
      setup: (agent) =>
        agent.play(Table, 'party', {
          invite: (_, m) => m.reply('join', {}),
          turn: (_, m) => m.reply('accept', {}),
          agreed: () => undefined,
          over: () => undefined,
        }),
    })(),
  );
  const other = w.spawn(party(() => stubborn));
  const head = w.spawn(chair({ parties: [eager.did, other.did], rounds: 3, within: '1 h', turnWithin: '10 s' }));
  await w.run();
  t.deepEqual(head.state.results, [{ type: 'failed', by: eager.did, code: 'nothing-to-accept' }]);
});

test('a sitting needs two parties, each once, and a bound on its rounds', async (t) => {
  const w = world({ seed: 1 });
  const one = w.didOf('one');
  for (const [parties, rounds] of [
    [[one], 3],
    [[one, one], 3],
    [[one, w.didOf('two')], 0],
  ] as const) {
    const strict = world({ seed: 1, strict: true });
    strict.spawn(chair({ parties, rounds, within: '1 h', turnWithin: '10 s' }));
    await t.throwsAsync(strict.run(), { code: 'bad-negotiation' });
  }
});

for (const [name, claimed, type] of [
  ['what it offered', { price: 4, delivery: 'today' }, 'agreed'],
  ['what it never offered or accepted', { price: 5, delivery: 'today' }, 'failed'],
] as const) {
  test(`a party that hears of an agreement on ${name} says: ${type}`, (t) => {
    const offering: Negotiator = {
      hear: () => undefined,
      respond: () => 'reject',
      propose: () => ({ price: 4, delivery: 'today' }),
      state: () => null,
    };
    const bench = testAgent(party(() => offering));
    const sitting = bench
      .peer('chair')
      .open(Table, 'chair', 'invite', { rounds: 3, parties: 2, place: 0 }, { within: '1 min' });
    sitting.send('turn', { round: 0, said: [] });
    sitting.send('agreed', { outcome: claimed, round: 0 });
    t.deepEqual(
      bench.state.results,
      type === 'agreed' ? [{ type, outcome: claimed, round: 0 }] : [{ type, code: 'agreed-otherwise' }],
    );
  });
}
