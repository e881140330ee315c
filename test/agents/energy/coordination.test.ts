import test from 'ava';
import * as fc from 'fast-check';
import { powerOfTen } from '../../../agents/energy/magnitude.ts';
import { createCoordination, hear } from '../../../agents/energy/coordination.ts';
import type { Coordination, Heard } from '../../../agents/energy/coordination-state.ts';
import type { BodyOf } from '../../../agent-core/protocol/conversation-types.ts';
import { NUMBERS_PER_MESSAGE, type PriceCoordination } from '../../../agent-core/protocol/price-coordination.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { parseMatpower } from '../../../scenarios/energy/matpower.ts';
import { optimalDispatch } from '../../../scenarios/energy/optimum.ts';
import { draws } from '../../scenarios/energy/draws.ts';
import { changed, threeBuses } from '../../scenarios/energy/three-buses.ts';
import { knowledgeOf, negotiate, variableCost, type UnderWay } from './negotiation.ts';

type Respond = BodyOf<typeof PriceCoordination, 'respond'>;

const phases = (buses: ReadonlyMap<number, Coordination>): readonly string[] => [
  ...new Set([...buses.values()].map(({ phase }) => phase)),
];

function fixedCost(grid: Grid): number {
  return grid.generators.reduce((sum, { active, c0 }) => sum + (active ? c0 : 0), 0);
}

test('agrees on the optimum in whatever order messages of different links arrive', async (t) => {
  for (const seed of [1, 2, 3]) {
    const grid = generateGrid({ buses: 9, random: draws(seed) });
    const { costPerHour } = await optimalDispatch(grid);
    const knowledge = knowledgeOf(grid);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1 << 20)), (picks) => {
        const { buses } = negotiate(knowledge, { picks });
        t.deepEqual(phases(buses), ['agreed']);
        t.true(Math.abs(variableCost(buses.values()) + fixedCost(grid) - costPerHour) <= 1e-4 * costPerHour);
      }),
      { seed: 23, numRuns: 15 },
    );
  }
});

test('a message that comes before its turn waits for it', (t) => {
  const knowledge = knowledgeOf(generateGrid({ buses: 12, random: draws(4) }));
  let early = 0;
  const { buses } = negotiate(knowledge, {
    picks: fc.sample(fc.nat(1 << 20), { seed: 24, numRuns: 20_000 })[Symbol.iterator](),
    before: (_, receiver) => {
      early += receiver.queues.reduce((sum, queue) => sum + queue.length, 0);
    },
  });
  t.true(early > 100);
  t.deepEqual(phases(buses), ['agreed']);
  for (const { queues } of buses.values()) t.true(queues.every((queue) => queue.length === 0));
});

test('a bus without lines serves its load alone, where it can', (t) => {
  const offer = { row: 0, minPu: 0, maxPu: 2, c1: 500, c2: 10 };
  const alone = { node: 0, offers: [offer], lines: [], neighbours: [] };
  const [served] = [...negotiate([{ ...alone, loadPu: 1.5 }]).buses.values()];
  t.is(served?.phase, 'agreed');
  t.true(Math.abs((served?.problem.generators[0]?.outputPu ?? 0) - 1.5) < 1e-6);
  const [dark] = [...negotiate([{ ...alone, loadPu: 2.5 }]).buses.values()];
  t.is(dark?.phase, 'failed');
});

test('a grid that cannot serve its load ends in failure at every bus', (t) => {
  t.deepEqual(phases(negotiate(knowledgeOf(changed(threeBuses(), { demandMw: 2_000 }))).buses), ['failed']);
});

for (const type of ['respond', 'settle', 'exchange', 'tally', 'verdict'] as const) {
  test(`${type} of another round ends the negotiation of who hears it`, (t) => {
    let hit: UnderWay | null = null;
    const { buses } = negotiate(knowledgeOf(threeBuses()), {
      tamper: (message) => {
        const { round } = message.body as { readonly round: number };
        if (hit !== null || message.type !== type || round !== 2) return message;
        hit = { ...message, body: { ...(message.body as object), round: 3 } };
        return hit;
      },
    });
    const { to } = hit ?? t.fail() ?? { to: -1 };
    t.is(buses.get(to)?.phase, 'failed');
    t.false([...buses.values()].some(({ phase }) => phase === 'agreed'));
  });
}

test('a message out of turn ends the negotiation of who hears it', (t) => {
  let hit: UnderWay | null = null;
  const { buses } = negotiate(knowledgeOf(threeBuses()), {
    tamper: (message) => {
      if (hit !== null || message.type !== 'exchange') return message;
      hit = message;
      return { ...message, type: 'wave', body: { root: 0 } };
    },
  });
  const { to } = hit ?? t.fail() ?? { to: -1 };
  t.is(buses.get(to)?.phase, 'failed');
});

test('a second greeting ends the negotiation', (t) => {
  const [known] = knowledgeOf(threeBuses());
  t.not(known, undefined);
  if (known === undefined) return;
  const bus = createCoordination(known);
  hear(bus, null);
  const body = { node: 1, links: 2 };
  hear(bus, { from: 0, type: 'welcome', body });
  t.is(bus.phase, 'greeting');
  hear(bus, { from: 1, type: 'welcome', body: { node: 2, links: 2 } });
  t.is(bus.phase, 'electing');
  hear(bus, { from: 0, type: 'welcome', body });
  t.is(bus.phase, 'failed');
  t.deepEqual(hear(bus, { from: 0, type: 'wave', body: { root: 1 } }), []);
});

/** `count` buses, each joined with every other: borders are as wide as they get. */
function mesh(count: number): Grid {
  const all = Array.from({ length: count }, (_, k) => k + 1);
  const rows = (lines: readonly string[]): string => `[${lines.join('; ')}]`;
  return parseMatpower(
    `function mpc = mesh
    mpc.baseMVA = 100;
    mpc.bus = ${rows(all.map((id) => `${id} ${id === 1 ? 3 : 1} ${id * 3} 0 0 0 1 1 0 1 1 1 1`))};
    mpc.gen = [1 0 0 0 0 1 1 1 9000 0; 2 0 0 0 0 1 1 1 900 0];
    mpc.gencost = [2 0 0 2 10 0; 2 0 0 2 8 0];
    mpc.branch = ${rows(all.flatMap((a) => all.filter((b) => b > a).map((b) => `${a} ${b} 0 ${0.1 + 0.01 * a} 0 300 0 0 0 0 1 -30 30`)))};`,
  );
}

test('a response that does not fit one message comes in parts', async (t) => {
  const grid = mesh(36);
  let parts = 1;
  const { buses } = negotiate(knowledgeOf(grid), {
    before: (message) => {
      if (message.type !== 'respond') return;
      const body = message.body as Respond;
      parts = Math.max(parts, body.parts);
      t.true(body.numbers.length <= NUMBERS_PER_MESSAGE);
      t.is(body.border.length > 0 && body.part > 0, false);
    },
  });
  t.is(parts, 2);
  t.deepEqual(phases(buses), ['agreed']);
  const { costPerHour } = await optimalDispatch(grid);
  t.true(Math.abs(variableCost(buses.values()) - costPerHour) <= 1e-4 * costPerHour);
});

test('parts out of order, numbers missing or a refinement unasked for end the negotiation of who hears them', (t) => {
  const faults: readonly ((body: Respond) => Respond)[] = [
    (body) => ({ ...body, part: body.part + 1 }),
    (body) => ({ ...body, numbers: body.numbers.slice(1) }),
    (body) => ({ ...body, refines: !body.refines }),
    (body) => ({ ...body, border: [] }),
  ];
  for (const fault of faults) {
    let hit: UnderWay | null = null;
    const { buses } = negotiate(knowledgeOf(threeBuses()), {
      tamper: (message) => {
        if (hit !== null || message.type !== 'respond') return message;
        hit = message;
        return { ...message, body: fault(message.body as Respond) };
      },
    });
    const { to } = hit ?? t.fail() ?? { to: -1 };
    t.is(buses.get(to)?.phase, 'failed');
  }
});

test('numbers out of range anywhere make the root end the negotiation for all, in readable messages', (t) => {
  const knowledge = knowledgeOf(generateGrid({ buses: 12, random: draws(5) }));
  for (const victim of [0, 5, 11]) {
    const { buses } = negotiate(
      knowledge.map((known) => (known.node === victim ? { ...known, loadPu: Infinity } : known)),
    );
    t.deepEqual(phases(buses), ['failed']);
    t.is(Math.max(...[...buses.values()].map(({ round }) => round.rounds)), 0);
  }
});

test('a bus in the middle of a negotiation goes on from JSON as if nothing had been', (t) => {
  const knowledge = knowledgeOf(generateGrid({ buses: 8, random: draws(6) }));
  const whole = negotiate(knowledge);
  let heard = 0;
  const thawed = negotiate(knowledge, {
    before: (_, receiver) => {
      heard += 1;
      if (heard % 7 === 0) Object.assign(receiver, JSON.parse(JSON.stringify(receiver)));
    },
  });
  t.is(thawed.messages, whole.messages);
  for (const [node, { problem }] of whole.buses) t.deepEqual(thawed.buses.get(node)?.problem, problem);
});

/** Bus 5 of a chain 0 - 5 - 9, greeted from both sides; 0 has sent its wave, so it is the parent. */
function midway(): Coordination {
  const bus = createCoordination({ node: 5, loadPu: 1, offers: [], lines: [], neighbours: [0, 9] });
  hear(bus, null);
  hear(bus, { from: 0, type: 'hello', body: { node: 0, links: 1 } });
  hear(bus, { from: 1, type: 'welcome', body: { node: 9, links: 1 } });
  hear(bus, { from: 0, type: 'wave', body: { root: 0 } });
  return bus;
}

const summary = { height: 0, magnitude: 1, constraints: 2, quadratic: false, turnover: 1 };
const start = { magnitude: 1, quadratic: false, barrier: 0.5 };
const lies: readonly (readonly [string, readonly Heard[]])[] = [
  ['starts the rounds without being the parent', [{ from: 1, type: 'begin', body: start }]],
  ['hands over a lead that it does not have', [{ from: 1, type: 'lead', body: summary }]],
  ['echoes although it is the parent', [{ from: 0, type: 'echo', body: { root: 0, ...summary } }]],
  [
    'echoes twice',
    [
      { from: 1, type: 'echo', body: { root: 0, ...summary } },
      { from: 1, type: 'echo', body: { root: 0, ...summary } },
    ],
  ],
  [
    'sends one wave again and again',
    Array.from({ length: 3 }, () => ({ from: 1, type: 'wave', body: { root: 0 } }) as const),
  ],
  [
    'claims more limits than can be added up',
    [{ from: 1, type: 'echo', body: { root: 0, ...summary, constraints: Number.MAX_SAFE_INTEGER } }],
  ],
  [
    'claims a turnover that can be added up no more',
    [{ from: 1, type: 'echo', body: { root: 0, ...summary, turnover: 1.7e308 } }],
  ],
];

for (const [lie, messages] of lies) {
  test(`a bus fails by name where a neighbour ${lie}`, (t) => {
    const bus = midway();
    for (const message of messages) hear(bus, message);
    t.is(bus.phase, 'failed');
  });
}

test('a neighbour that talks on while others are awaited fills no more than a bounded queue', (t) => {
  const bus = createCoordination({ node: 5, loadPu: 1, offers: [], lines: [], neighbours: [0, 9] });
  for (let i = 0; i < 5_000; i++) hear(bus, { from: 0, type: 'wave', body: { root: 0 } });
  t.is(bus.phase, 'failed');
  t.true((bus.queues[0]?.length ?? 0) < 1_000);
});

test('no exponent that a neighbour names takes long to raise 10 to', (t) => {
  const bus = midway();
  hear(bus, { from: 0, type: 'begin', body: { ...start, magnitude: Number.MAX_SAFE_INTEGER } });
  t.is(bus.phase, 'rounds');
  t.is(powerOfTen(Number.MAX_SAFE_INTEGER), Infinity);
  t.is(powerOfTen(-Number.MAX_SAFE_INTEGER), 0);
});

test('nobody agrees because a parent says so, as long as its own balance does not hold', (t) => {
  const { buses } = negotiate(knowledgeOf(generateGrid({ buses: 9, random: draws(1) })), {
    tamper: (message) =>
      message.type === 'settle' ? { ...message, body: { round: 0, decision: 'agreed', changes: [] } } : message,
  });
  t.true(phases(buses).includes('failed'));
  for (const { phase, problem } of buses.values()) t.true(phase !== 'agreed' || Math.abs(problem.balance) <= 1e-7);
});
