import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import {
  AVERAGE_ROUNDS_MAX,
  AverageConsensus,
  createAverage,
  hearEstimate,
  type AverageResult,
  type AverageState,
  type AverageStop,
} from '../../../agent-core/protocol/average-consensus.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world, type World } from '../../../simulator/world.ts';

interface Memory {
  readonly average: AverageState;
  /** Estimate at the start of each round heard of. */
  readonly course: number[];
  result: AverageResult | null;
}

const member = defineAgent({
  name: 'member',
  params: z.object({
    node: z.int(),
    value: z.number(),
    neighbours: z.custom<readonly { readonly node: number; readonly did: Did }[]>(),
    stop: z.custom<AverageStop>(),
  }),
  state: ({ value, neighbours, stop }): Memory => ({
    average: createAverage({ value, neighbours: neighbours.length, stop }),
    course: [],
    result: null,
  }),
  setup: (agent) =>
    AverageConsensus.member(agent, {
      place: ({ params: { node, neighbours } }) => ({ node, neighbours }),
      average: ({ state }) => state.average,
      within: () => '1 h',
      ended: ({ state }, result) => {
        state.result = result;
      },
    }),
});

interface Graph {
  readonly values: readonly number[];
  readonly links: readonly (readonly [number, number])[];
}

/** A random tree and some links more: connected. */
const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 9 }).chain((size) =>
  fc
    .record({
      values: fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: size, maxLength: size }),
      parents: fc.array(fc.nat(), { minLength: size, maxLength: size }),
      extra: fc.array(fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 })), { maxLength: 6 }),
    })
    .map(({ values, parents, extra }) => {
      const tree = values.slice(1).map((_, k): [number, number] => [(parents[k] ?? 0) % (k + 1), k + 1]);
      const links = new Map<string, readonly [number, number]>();
      for (const [a, b] of [...tree, ...extra]) if (a !== b) links.set([a, b].toSorted((x, y) => x - y).join(), [a, b]);
      return { values, links: [...links.values()] };
    }),
);

function populate(at: World, { values, links }: Graph, stop: AverageStop): PlacedAgent<Memory>[] {
  return values.map((value, node) => {
    const neighbours = links
      .filter((link) => link.includes(node))
      .map(([a, b]) => (a === node ? b : a))
      .map((other) => ({ node: other, did: at.didOf(`member-${other}`) }));
    return at.spawn(member({ node, value, neighbours, stop }), { name: `member-${node}` });
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function nothingIsOpen(t: ExecutionContext, at: World): void {
  for (const { name, counters } of at.agents) t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
}

test('members of any connected graph stop in one round, all within the tolerance of the mean', async (t) => {
  const tolerance = 1e-3;
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 0, max: 99 }), async (graph, seed) => {
      const at = world({ seed, sign: 'off', strict: true, latency: ['1 ms', '20 ms'] });
      const members = populate(at, graph, { type: 'spread', tolerance, diameter: 9 });
      await at.run();
      const results = members.map(({ state }) => state.result);
      for (const result of results) {
        const estimate = result?.type === 'agreed' ? result.estimate : Number.NaN;
        t.true(Math.abs(estimate - mean(graph.values)) <= tolerance * (1 + 1e-6));
      }
      t.is(new Set(results.map((result) => result?.rounds)).size, 1);
      nothingIsOpen(t, at);
    }),
    { seed: 8, numRuns: 25 },
  );
});

test('the sum of all estimates is the same after every round', async (t) => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 1, max: 12 }), async (graph, rounds) => {
      const at = world({ seed: 1, sign: 'off', strict: true });
      const members = populate(at, graph, { type: 'rounds', rounds });
      await at.run();
      const estimates = members.map(({ state }) => state.average.estimate);
      for (const { state } of members) t.is(state.result?.rounds, rounds);
      t.true(Math.abs(mean(estimates) - mean(graph.values)) <= 1e-8);
    }),
    { seed: 8, numRuns: 40 },
  );
});

/** 0 - 1 - 2 - 3 */
const CHAIN: Graph = {
  values: [0, 8, 4, 0],
  links: [
    [0, 1],
    [1, 2],
    [2, 3],
  ],
};
const FOREVER: AverageStop = { type: 'spread', tolerance: 1e-300, diameter: 3 };

test('a round of Metropolis weights on a chain, by hand', async (t) => {
  const at = world({ seed: 1, strict: true });
  const members = populate(at, CHAIN, { type: 'rounds', rounds: 1 });
  await at.run();
  // Every weight is 1/3: the larger number of neighbours is 2 on each link.
  t.deepEqual(
    members.map(({ state }) => Math.round(state.average.estimate * 3)),
    [8, 12, 12, 4],
  );
});

test('a neighbour that is not there ends it by name, for all', async (t) => {
  const at = world({ seed: 1, strict: true });
  const members = populate(at, { ...CHAIN, values: CHAIN.values.slice(0, 3) }, FOREVER);
  const { now } = await at.run();
  t.true(now < 1_000_000);
  t.deepEqual(
    members.map(({ state }) => state.result?.type === 'failed' && [state.result.code, state.result.neighbour]),
    [
      ['failed', 0],
      ['failed', 1],
      ['no-such-agent', 1],
    ],
  );
  nothingIsOpen(t, at);
});

/** Greets as it should and then says nothing. */
const mute = defineAgent({
  name: 'mute',
  setup: (agent) => {
    agent.play(AverageConsensus, 'initiator', { welcome: () => undefined, estimate: () => undefined });
    agent.play(AverageConsensus, 'participant', {
      hello: (_, m) => m.reply('welcome', { degree: 1 }),
      estimate: () => undefined,
      close: () => undefined,
    });
  },
});

test('a neighbour that falls silent ends it by name at the deadline, on all sides', async (t) => {
  const at = world({ seed: 1, strict: true });
  const members = populate(at, { ...CHAIN, values: CHAIN.values.slice(0, 3) }, FOREVER);
  at.spawn(mute(), { name: 'member-3' });
  const { now } = await at.run();
  t.is(now, 3_600_001_000, 'the last to hear of it hears 1 ms after the deadline');
  for (const { state } of members) {
    t.is(state.result?.type === 'failed' && state.result.code, 'deadline-passed');
    t.true((state.result?.rounds ?? 9) <= 2);
  }
  nothingIsOpen(t, at);
});

test('a neighbour that stops in the middle ends it for all at once', async (t) => {
  const at = world({ seed: 1, strict: true });
  const members = populate(at, CHAIN, FOREVER);
  await at.run({ until: '20 ms' });
  members[3]?.stop();
  const { now } = await at.run();
  t.true(now < 100_000);
  const codes = members.slice(0, 3).map(({ state }) => state.result?.type === 'failed' && state.result.code);
  t.deepEqual(codes, ['failed', 'failed', 'agent-stopped']);
  nothingIsOpen(t, at);
});

/** Greets, tells one estimate, and closes. */
const hasty = defineAgent({
  name: 'hasty',
  params: z.object({ peer: z.custom<Did>(), round: z.int() }),
  setup: (agent) => {
    agent.play(AverageConsensus, 'initiator', {
      welcome: (ctx, m) => {
        m.dialogue.send('estimate', { round: ctx.params.round, value: 1, high: 1, low: 1 });
        m.dialogue.send('close', {});
      },
      estimate: () => undefined,
    });
    agent.start((ctx) => {
      ctx.open(AverageConsensus, 'initiator', ctx.params.peer, 'hello', { degree: 1 }, { within: '1 h' });
    });
  },
});

const hastily: Readonly<Record<string, number>> = { 'neighbour-closed-early': 0, 'estimate-out-of-turn': 1 };

for (const [code, round] of Object.entries(hastily)) {
  test(`a neighbour that breaks the protocol ends it as ${code}`, async (t) => {
    const at = world({ seed: 1, strict: true });
    const neighbours = [{ node: 0, did: at.didOf('hasty') }];
    const { state } = at.spawn(member({ node: 1, value: 3, neighbours, stop: FOREVER }), { name: 'victim' });
    at.spawn(hasty({ peer: at.didOf('victim'), round }), { name: 'hasty' });
    await at.run();
    t.is(state.result?.type === 'failed' && state.result.code, code);
    nothingIsOpen(t, at);
  });
}

test('a stranger that greets is turned away, and the average is found', async (t) => {
  const at = world({ seed: 1, strict: true });
  const members = populate(at, CHAIN, { type: 'spread', tolerance: 1e-9, diameter: 3 });
  at.spawn(hasty({ peer: at.didOf('member-2'), round: 0 }), { name: 'hasty' });
  await at.run();
  for (const { state } of members) t.is(state.result?.type === 'agreed' && Math.round(state.result.estimate), 3);
});

test('a tolerance that rounding never meets ends at the bound of the rounds', (t) => {
  const state = createAverage({ value: 0, neighbours: 1, stop: { ...FOREVER, diameter: AVERAGE_ROUNDS_MAX } });
  state.round = AVERAGE_ROUNDS_MAX - 1;
  hearEstimate(state, { from: 0, type: 'welcome', body: { degree: 1 } });
  hearEstimate(state, { from: 0, type: 'estimate', body: { round: state.round, value: 1, high: 1, low: 1 } });
  t.is(state.result?.type === 'failed' && state.result.code, 'too-many-rounds');
});

const bad: readonly (readonly [string, { readonly value?: number; readonly stop?: AverageStop }, RegExp])[] = [
  ['a value out of range', { value: 1e151 }, /value must be at most 1e\+150 from 0, got 1e\+151/],
  ['a value that is no number', { value: Number.NaN }, /got NaN/],
  ['no rounds', { stop: { type: 'rounds', rounds: 0 } }, /rounds must be a whole number from 1 to 1000000, got 0/],
  ['half a hop', { stop: { type: 'spread', tolerance: 1, diameter: 0.5 } }, /diameter must be a whole number.*got 0.5/],
  ['no tolerance', { stop: { type: 'spread', tolerance: 0, diameter: 1 } }, /tolerance must be positive, got 0/],
];

for (const [what, change, message] of bad) {
  test(`refuses ${what}`, (t) => {
    const error = t.throws(() => createAverage({ value: 1, neighbours: 1, stop: FOREVER, ...change }), {
      instanceOf: HaggleError,
      message,
    });
    t.is(error.code, 'bad-parameter');
  });
}
