import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { AssignmentAuction } from '../../../agent-core/protocol/assignment-auction.ts';
import { assignmentTerms, type AssignmentMode } from '../../../agent-core/protocol/assignment-terms.ts';
import { auctionClerk } from '../../../agents/assignment/auction-clerk.ts';
import { objectSeller } from '../../../agents/assignment/object-seller.ts';
import { assignmentPerson } from '../../../agents/assignment/person.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { world, type World } from '../../../simulator/world.ts';

const COSTS = [
  [4, 1, 3],
  [2, 0, 5],
  [3, 2, 2],
] as const;
const MODES: readonly AssignmentMode[] = ['synchronous', 'asynchronous'];

/** What a seller that does not play by the rules says to a bid. */
const LIES = {
  'rejects what would raise its price': { type: 'reject', body: { price: 0, round: 0 } },
  'awards, and is outbid by too little': { type: 'outbid', body: { price: 0, round: 0 } },
  'awards, and jumps a phase': { type: 'release', body: { phase: 7, round: 0 } },
  'awards, and settles before the last phase': { type: 'settle', body: {} },
} as const;
type Lie = keyof typeof LIES;

const liar = defineAgent({
  name: 'liar',
  params: z.object({ lie: z.custom<Lie>() }),
  setup: (agent) => {
    agent.play(AssignmentAuction, 'seller', {
      bid: (ctx, m) => {
        const { type, body } = LIES[ctx.params.lie];
        if (type !== 'reject') m.dialogue.send('award', {});
        m.dialogue.send(type, body);
      },
    });
    agent.play(AssignmentAuction.phases, 'seller', {
      phase: () => undefined,
      close: () => undefined,
      settle: () => undefined,
    });
  },
});

interface Cast {
  /** Persons and sellers that are not there, by name. */
  readonly absent?: readonly string[];
  readonly lie?: Lie;
}

function place(mode: AssignmentMode, { absent = [], lie }: Cast = {}) {
  const at = world({ seed: 3, strict: true });
  const terms = assignmentTerms({ mode, size: 3, costSpread: 500 });
  const sellers = COSTS.map((_, k) => at.didOf(`object-${k}`));
  const bidders = new Set(COSTS.map((_, k) => at.didOf(`person-${k}`)));
  const within = '1 h';
  const clerk = at.didOf('clerk');
  const objects = COSTS.map((_, k) => {
    const name = `object-${k}`;
    if (absent.includes(name)) return null;
    if (k === 1 && lie !== undefined) {
      at.spawn(liar({ lie }), { name });
      return null;
    }
    return at.spawn(objectSeller({ terms, clerk, bidders }), { name });
  });
  const keeper = at.spawn(auctionClerk({ terms, sellers, within }), { name: 'clerk' });
  const persons = COSTS.map((costs, k) =>
    absent.includes(`person-${k}`)
      ? null
      : at.spawn(assignmentPerson({ terms, sellers, costs: [...costs], within }), { name: `person-${k}` }),
  );
  return { at, objects, keeper, persons };
}

type Placed = ReturnType<typeof place>;

function nothingIsOpen(t: ExecutionContext, at: World): void {
  for (const { name, counters } of at.agents) {
    t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
    t.is(counters.timersPending, 0, `${name} has no pending timer`);
  }
}

function codes({ persons, objects, keeper }: Placed): (string | undefined)[] {
  const ends = [
    ...persons.map((person) => person?.state.result),
    ...objects.map((object) => object?.state.sale.result),
    keeper.state.result,
  ];
  return ends.filter((end) => end !== undefined).map((end) => (end?.type === 'failed' ? end.code : end?.type));
}

for (const mode of MODES) {
  test(`${mode}: everybody knows who holds what, and nothing stays open`, async (t) => {
    const placed = place(mode);
    await placed.at.run();
    const objects = placed.persons.map((person) => {
      const result = person?.state.result;
      return result?.type === 'assigned' ? result.object : -1;
    });
    t.is(
      objects.reduce((sum, object, person) => sum + (COSTS[person]?.[object] ?? Number.NaN), 0),
      5,
    );
    for (const [person, object] of objects.entries()) {
      const sale = placed.objects[object]?.state.sale.result;
      t.is(sale?.type === 'sold' && sale.to, placed.at.didOf(`person-${person}`));
    }
    t.is(placed.keeper.state.result?.type, 'assigned');
    nothingIsOpen(t, placed.at);
  });

  test(`${mode}: without one of the persons it ends for all at the deadline, by name`, async (t) => {
    const placed = place(mode, { absent: ['person-1'] });
    const { now } = await placed.at.run();
    t.is(now, 3_600_001_000, 'the last to hear of it hears 1 ms after the deadline');
    for (const code of codes(placed))
      t.true(code === 'deadline-passed' || code === 'run-over' || code === 'failed', code);
    nothingIsOpen(t, placed.at);
  });

  test(`${mode}: without one of the sellers it ends for all at once, by name`, async (t) => {
    const placed = place(mode, { absent: ['object-0'] });
    const { now } = await placed.at.run();
    t.true(now < 1_000_000);
    const heard = codes(placed);
    t.true(heard.includes('no-such-agent'));
    t.false(heard.includes('assigned') || heard.includes('sold'), heard.join());
    nothingIsOpen(t, placed.at);
  });
}

test('a person that stops while it holds an object ends the auction for all', async (t) => {
  const placed = place('asynchronous');
  await placed.at.run({ until: '2500 us' });
  placed.persons[1]?.stop();
  const { now } = await placed.at.run();
  t.true(now < 1_000_000);
  const heard = codes(placed);
  t.true(heard.includes('agent-stopped'));
  t.false(heard.includes('assigned') || heard.includes('sold'), heard.join());
  nothingIsOpen(t, placed.at);
});

for (const lie of Object.keys(LIES) as Lie[]) {
  test(`a person leaves a seller that ${lie}`, async (t) => {
    const placed = place('asynchronous', { lie });
    await placed.at.run();
    t.true(codes(placed).slice(0, 3).includes('dishonest-seller'));
    nothingIsOpen(t, placed.at);
  });
}

/** What a seller that does not play by the rules says to the clerk, what code that ends with, and in which mode. */
const FALSE_REPORTS = {
  'sells twice in a phase': { mode: 'asynchronous', code: 'sold-out-of-turn', type: 'sold', body: { phase: 0 } },
  'sells in a phase to come': { mode: 'asynchronous', code: 'sold-out-of-turn', type: 'sold', body: { phase: 1 } },
  'sells where there are rounds': { mode: 'synchronous', code: 'sold-out-of-turn', type: 'sold', body: { phase: 0 } },
  'notes a bid where there are no rounds': {
    mode: 'asynchronous',
    code: 'noted-out-of-turn',
    type: 'noted',
    body: { round: 0, acceptable: true },
  },
  'notes a bid of another round': {
    mode: 'synchronous',
    code: 'noted-out-of-turn',
    type: 'noted',
    body: { round: 1, acceptable: true },
  },
} as const;

for (const [what, { mode, code, type, body }] of Object.entries(FALSE_REPORTS)) {
  test(`a clerk ends the auction of a seller that ${what}`, async (t) => {
    const at = world({ seed: 3, strict: true });
    const terms = assignmentTerms({ mode, size: 2, costSpread: 500 });
    const gossip = defineAgent({
      name: 'gossip',
      setup: (agent) =>
        agent.play(AssignmentAuction.phases, 'seller', {
          phase: (_, m) => {
            m.dialogue.send(type, body);
            m.dialogue.send(type, body);
          },
          close: () => undefined,
          settle: () => undefined,
        }),
    });
    const honest = objectSeller({ terms, clerk: at.didOf('clerk'), bidders: new Set() });
    const other = at.spawn(honest, { name: 'object-0' });
    at.spawn(gossip(), { name: 'object-1' });
    const sellers = [at.didOf('object-0'), at.didOf('object-1')];
    const { state } = at.spawn(auctionClerk({ terms, sellers, within: '1 h' }), { name: 'clerk' });
    await at.run();
    t.like(state.result, { type: 'failed', code, seller: sellers[1] ?? null });
    t.is(other.state.sale.result?.type, 'failed');
    nothingIsOpen(t, at);
  });
}

test('a person gives up where prices leave the whole numbers', async (t) => {
  const at = world({ seed: 3, strict: true });
  const greedy = defineAgent({
    name: 'greedy',
    setup: (agent) =>
      agent.play(AssignmentAuction, 'seller', {
        bid: (_, m) => m.reply('reject', { price: Number.MAX_SAFE_INTEGER, round: 0 }),
      }),
  });
  const { did } = at.spawn(greedy());
  const terms = assignmentTerms({ mode: 'asynchronous', size: 1, costSpread: 0 });
  const { state } = at.spawn(assignmentPerson({ terms, sellers: [did], costs: [5], within: '1 h' }));
  await at.run();
  t.like(state.result, { type: 'failed', code: 'prices-out-of-range' });
});

test('strangers can neither bid nor keep the clock, and the auction goes on', async (t) => {
  const placed = place('asynchronous');
  const stranger = defineAgent({
    name: 'stranger',
    params: z.object({ seller: z.custom<Did>() }),
    state: () => ({ answers: [] as string[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const { seller } = ctx.params;
        const bid = { price: 1e9, phase: 0, round: 0 };
        const within = '1 min';
        const asBidder = await ctx.ask(AssignmentAuction, 'bidder', seller, 'bid', bid, { within });
        const words = { phase: 0, round: 0 };
        const asClerk = await ctx.ask(AssignmentAuction.phases, 'clerk', seller, 'phase', words, { within });
        ctx.state.answers.push(asBidder.type, asClerk.type);
      }),
  });
  const { state } = placed.at.spawn(stranger({ seller: placed.at.didOf('object-1') }));
  await placed.at.run();
  t.deepEqual(state.answers, ['failure', 'failure']);
  t.is(placed.keeper.state.result?.type, 'assigned');
});

test('who bids or opens after the end is told that it is over', async (t) => {
  const placed = place('asynchronous');
  await placed.at.run();
  const late = defineAgent({
    name: 'late',
    params: z.object({ seller: z.custom<Did>() }),
    state: () => ({ answers: [] as string[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const words = { phase: 0, round: 0 };
        const answer = await ctx.ask(AssignmentAuction.phases, 'clerk', ctx.params.seller, 'phase', words, {
          within: '1 min',
        });
        ctx.state.answers.push(answer.type);
      }),
  });
  const { state } = placed.at.spawn(late({ seller: placed.at.didOf('object-1') }));
  await placed.at.run();
  t.deepEqual(state.answers, ['failure']);
});

const badTerms: readonly (readonly [Partial<Parameters<typeof assignmentTerms>[0]>, RegExp])[] = [
  [{ size: 0 }, /size must be a whole number from 1, got 0/],
  [{ size: 1.5 }, /size must be a whole number from 1, got 1.5/],
  [{ costSpread: -1 }, /costSpread must not be negative, got -1/],
  [{ costSpread: Number.NaN }, /costSpread must not be negative, got NaN/],
  [{ startDivisor: 0.5 }, /startDivisor must be at least 1, got 0.5/],
  [{ factor: 1 }, /factor must be more than 1, got 1/],
  [{ size: 1_000, costSpread: 1e12 }, /leave no whole numbers for prices/],
];

for (const [change, message] of badTerms) {
  test(`refuses terms with ${JSON.stringify(change)}`, (t) => {
    const error = t.throws(() => assignmentTerms({ mode: 'synchronous', size: 3, costSpread: 10, ...change }), {
      instanceOf: HaggleError,
      message,
    });
    t.is(error.code, 'bad-parameter');
  });
}

test('epsilon falls to 1, phase by phase', (t) => {
  const { epsilons, scale } = assignmentTerms({ mode: 'synchronous', size: 99, costSpread: 1_000 });
  t.is(scale, 100);
  t.deepEqual(epsilons, [1_000, 100, 10, 1]);
  t.deepEqual(assignmentTerms({ mode: 'synchronous', size: 1, costSpread: 0 }).epsilons, [1]);
});

const badInputs: readonly (readonly [string, readonly number[], number, RegExp])[] = [
  ['a cost that is no whole number', [1, 2.5, 3], 3, /cost 1 must be a whole number.*got 2.5/],
  ['a cost that is out of range', [1, 2, 2 ** 53], 3, /cost 2 must be a whole number/],
  ['too few costs', [1, 2], 3, /2 costs for 3 sellers/],
  ['other sellers than the terms say', [1, 2], 2, /2 sellers, the terms are for 3/],
];

for (const [what, costs, count, message] of badInputs) {
  test(`a person refuses to bid with ${what}`, async (t) => {
    const at = world({ seed: 1, strict: true });
    const terms = assignmentTerms({ mode: 'asynchronous', size: 3, costSpread: 10 });
    const sellers = Array.from({ length: count }, (_, k) => at.didOf(`object-${k}`));
    at.spawn(assignmentPerson({ terms, sellers, costs: [...costs], within: '1 h' }));
    await t.throwsAsync(at.run(), { instanceOf: HaggleError, message });
  });
}

test('a clerk refuses sellers that are named twice or are not as many as the terms say', async (t) => {
  const at = world({ seed: 1, strict: true });
  const terms = assignmentTerms({ mode: 'asynchronous', size: 2, costSpread: 10 });
  const seller = at.didOf('object-0');
  at.spawn(auctionClerk({ terms, sellers: [seller, seller], within: '1 h' }));
  await t.throwsAsync(at.run(), { instanceOf: HaggleError, message: /2 sellers, one or more twice/ });
});

for (const named of ['the bid that holds the object', 'the talk with the clerk'] as const) {
  test(`a stranger that names its dialogue as ${named} ends nothing but its own`, (t) => {
    const terms = assignmentTerms({ mode: 'asynchronous', size: 1, costSpread: 1 });
    const b = testAgent(({ didOf }) =>
      objectSeller({ terms, clerk: didOf('clerk'), bidders: new Set([didOf('person')]) }),
    );
    const { phases } = AssignmentAuction;
    b.peer('clerk').say({ type: 'phase', protocol: phases.id, id: 'talk-1', body: { phase: 0, round: 0 } });
    const bid = { type: 'bid', protocol: AssignmentAuction.id, body: { price: 1, phase: 0, round: 0 } } as const;
    b.peer('person').say({ ...bid, id: 'bid-1' });
    b.peer('stranger').say({ ...bid, id: named === 'the talk with the clerk' ? 'talk-1' : 'bid-1' });
    t.is(b.peer('stranger').heard().at(-1)?.type, 'failure');
    t.is(b.state.sale.result, null);
    b.peer('clerk').say({ type: 'settle', protocol: phases.id, id: 'end', dialogue: 'talk-1', body: {} });
    t.deepEqual(b.state.sale.result, { type: 'sold', to: b.didOf('person'), price: 1 });
  });
}
