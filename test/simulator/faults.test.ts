import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { PlannedFault } from '../../simulator/fault-plan.ts';
import type { Sending } from '../../simulator/network.ts';
import { world } from '../../simulator/world.ts';
import type { WorldOptions } from '../../simulator/world-options.ts';
import { meter, Metering, reader } from '../fixtures/metering.ts';
import { agentOf, answersOf, meteringWorld } from '../fixtures/metering-world.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('faults of probability 0 leave the fingerprint of a run as it is without them', async (t) => {
  const plain = meteringWorld();
  const zero = meteringWorld({ faults: { loss: 0, duplicate: 0 }, faultPlan: [] });
  const late = meteringWorld({ faultPlan: [{ type: 'partition', groups: [['meter-1'], ['reader-1']], from: '2 d' }] });
  for (const place of [plain, zero, late]) await place.run({ until: '1 d' });
  t.is(zero.fingerprint(), plain.fingerprint());
  t.is(late.fingerprint(), plain.fingerprint());
});

test('the same seed gives the same run with faults; other faults give another', async (t) => {
  const faults = { loss: 0.1, duplicate: 0.1, reorder: true };
  const faultPlan: PlannedFault[] = [
    { type: 'crash', agent: 'meter-2', at: '5 h' },
    { type: 'restart', agent: 'meter-2', at: '9 h' },
    { type: 'partition', groups: [['meter-1'], ['reader-1', 'reader-2']], from: '2 h', until: '4.5 h' },
  ];
  const runs = [{ faults, faultPlan }, { faults, faultPlan }, { faults }, { faultPlan }].map(meteringWorld);
  for (const place of runs) await place.run({ until: '1 d' });
  const [first, second, noPlan, noFaults] = runs.map((place) => place.fingerprint());
  t.is(first, second);
  t.is(new Set([first, noPlan, noFaults]).size, 3);
  t.deepEqual(runs[0]?.traffic, runs[1]?.traffic);
});

test('a copy is refused as a replay, once for each, and changes nothing else', async (t) => {
  const place = meteringWorld({ faults: { duplicate: 0.3 } });
  await place.run({ until: '2 d' });
  const refused = place.agents.map(({ counters }) => counters.refused);
  t.true(place.traffic.duplicated > 10);
  t.deepEqual([...new Set(refused.flatMap((codes) => [...codes.keys()]))], ['replayed']);
  t.is(sum(refused.map((codes) => codes.get('replayed') ?? 0)), place.traffic.duplicated);
  const calm = meteringWorld();
  await calm.run({ until: '2 d' });
  for (const name of ['reader-1', 'reader-2']) t.deepEqual(agentOf(place, name).state, agentOf(calm, name).state);
});

test('a lost message is seen to leave, and its dialogue ends at the deadline', async (t) => {
  const sent: Sending[] = [];
  const place = meteringWorld({
    faults: ({ from }) => (from === 'meter-1' ? { loss: 1 } : {}),
    onSent: (s) => sent.push(s),
  });
  await place.run({ until: '5.5 h' });
  t.deepEqual(new Set(answersOf(place, 'reader-1')), new Set(['timeout']));
  t.deepEqual(new Set(answersOf(place, 'reader-2')), new Set(['report']));
  t.is(agentOf(place, 'reader-1').counters.dialoguesEnded.get('expired'), 5);
  const lost = sent.filter(({ fates }) => fates.some(({ fate }) => fate === 'lost'));
  t.is(lost.length, place.traffic.lost);
  t.true(lost.every(({ from, message }) => from === 'meter-1' && 'Haggle-Signature' in message.headers));
  t.is(sent.length, place.traffic.messages + place.traffic.lost);
});

test('a partition in the plan costs the answers in its time and no other', async (t) => {
  const faultPlan: PlannedFault[] = [
    { type: 'partition', groups: [['meter-1'], ['reader-1']], from: '3.5 h', until: '5.5 h' },
  ];
  const place = meteringWorld({ faultPlan });
  await place.run({ until: '8.5 h' });
  const timeouts = answersOf(place, 'reader-1').map((type) => type === 'timeout');
  t.deepEqual(timeouts, [false, false, false, true, true, false, false, false]);
  t.false(answersOf(place, 'reader-2').includes('timeout'));
  t.is(place.traffic.blocked, 2);
});

/** Does all that an agent can leave pending. */
const busy = defineAgent({
  name: 'busy',
  params: z.object({ target: z.string() }),
  state: () => ({ log: [] as string[] }),
  setup(agent) {
    const ring = agent.timer<null>('ring', (ctx) => void ctx.state.log.push('ring'));
    agent.every('1 s', (ctx) => void ctx.state.log.push('tick'));
    agent.stop((ctx) => void ctx.state.log.push('stop'));
    agent.play(
      Metering,
      'reader',
      {
        report: (ctx) => void ctx.state.log.push('report'),
        decline: (ctx) => void ctx.state.log.push('decline'),
      },
      { ended: (ctx, end) => void ctx.state.log.push(end.outcome) },
    );
    agent.start(async (ctx) => {
      ctx.schedule(ring, '10 s', null);
      ctx.open(Metering, 'reader', ctx.params.target as Did, 'ask', { slots: 1 }, { within: '1 h' });
      await ctx.sleep('5 s');
      ctx.state.log.push('slept');
    });
    agent.start(async (ctx) => {
      const answer = await ctx.ask(
        Metering,
        'reader',
        ctx.params.target as Did,
        'ask',
        { slots: 1 },
        { within: '1 h' },
      );
      ctx.state.log.push(answer.type);
    });
  },
});

/** Takes questions and never answers. */
const mute = defineAgent({
  name: 'mute',
  state: () => ({ ends: [] as string[] }),
  setup: (agent) =>
    agent.play(
      Metering,
      'meter',
      { ask: () => undefined },
      { ended: (ctx, { outcome }) => void ctx.state.ends.push(`${outcome} ${ctx.now() / 1_000_000} s`) },
    ),
});

test('a crash leaves nothing running and tells nobody; its peers learn at the deadline', async (t) => {
  const place = world({ seed: 1, strict: true, faultPlan: [{ type: 'crash', agent: 'busy', at: '2.5 s' }] });
  const peer = place.spawn(mute(), { name: 'mute' });
  const placed = place.spawn(busy({ target: peer.did }), { name: 'busy' });
  t.is((await place.run({ until: '2.4 s' })).end, 'until');
  t.is(placed.counters.dialoguesOpen, 2);
  t.is(placed.counters.timersPending, 1);
  await place.run({ until: '2.6 s' });
  t.is(placed.lifecycle, 'crashed');
  t.is(placed.counters.dialoguesOpen, 0);
  t.is(placed.counters.timersPending, 0);
  const before = place.traffic.messages;
  // All that is left to happen are the two deadlines of the peer.
  t.deepEqual(await place.run(), { end: 'idle', now: 3_600_000_000, events: 2 });
  t.is(place.traffic.messages, before);
  t.deepEqual(placed.state.log, ['tick', 'tick']);
  t.deepEqual(peer.state.ends, ['expired 3600 s', 'expired 3600 s']);
});

test('what is under way to a crashed agent is dropped, what it had sent arrives', async (t) => {
  const place = world({ seed: 1, strict: true, latency: '100 ms' });
  const placed = place.spawn(busy({ target: place.didOf('m') }), { name: 'busy' });
  place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
  await place.run({ until: '50 ms' });
  placed.crash();
  await place.run({ until: '1 s' });
  t.is(agentOf(place, 'm').counters.accepted, 2);
  t.is(place.traffic.messages, 2);
  t.deepEqual(placed.state.log, []);
  t.is(placed.counters.accepted, 0);
});

test('a crash before its start, of an agent that has stopped, and a second one', async (t) => {
  const place = meteringWorld();
  const early = agentOf(place, 'meter-1');
  early.crash();
  t.is(early.lifecycle, 'crashed');
  await place.run({ until: '1.5 h' });
  early.crash();
  t.is(early.lifecycle, 'crashed');
  t.deepEqual(answersOf(place, 'reader-1'), ['failure']);
  const other = agentOf(place, 'meter-2');
  other.stop();
  other.crash();
  t.is(other.lifecycle, 'stopped');
  t.throws(() => other.restart(), { code: 'not-crashed', message: /"meter-2": it is stopped/ });
});

test('a restarted agent has its key and its initial state, and its peers understand it', async (t) => {
  const place = meteringWorld({
    faultPlan: [
      { type: 'crash', agent: 'meter-1', at: '3.5 h' },
      { type: 'restart', agent: 'meter-1', at: '5.6 h' },
    ],
  });
  const placed = agentOf(place, 'meter-1');
  const { did } = placed;
  await place.run({ until: '8.5 h' });
  t.is(placed.did, did);
  t.is(placed.lifecycle, 'running');
  t.is((placed.state as { kWh: number[] }).kWh.length, 11);
  // Two questions fell into the outage, the next came before four new readings.
  const [before, outage] = [
    ['report', 'report', 'report'],
    ['failure', 'failure'],
  ];
  t.deepEqual(answersOf(place, 'reader-1'), [...before, ...outage, 'decline', 'report', 'report']);
  for (const { counters } of place.agents) t.is(counters.refused.size, 0);
});

test('no number is used twice over a restart, and peers take the numbers that follow', async (t) => {
  const sent: string[] = [];
  let newest = 0;
  const place = meteringWorld({
    faultPlan: [2, 3, 4].flatMap((hour): PlannedFault[] => [
      { type: 'crash', agent: 'meter-1', at: micros(`${hour + 0.1} h`) },
      { type: 'restart', agent: 'meter-1', at: micros(`${hour + 0.1} h`) },
    ]),
    onSent: ({ from, message }) => {
      const { to, seq } = JSON.parse(message.payload) as { to: string; seq: number };
      sent.push(`${from} ${to} ${seq}`);
      if (from === 'meter-1') newest = seq;
    },
  });
  await place.run({ until: '6.5 h' });
  t.is(new Set(sent).size, sent.length);
  t.is(newest, 3 * 2 ** 32 + 2);
  t.deepEqual(answersOf(place, 'reader-1'), ['report', 'report', 'decline', 'decline', 'decline', 'report']);
  for (const { counters } of place.agents) t.is(counters.refused.size, 0);
});

test('an agent that others crash while the world runs is gone before the next event', async (t) => {
  const place = world({ seed: 1, strict: true });
  const seen: string[] = [];
  const assassin = defineAgent({
    name: 'assassin',
    setup: (agent) =>
      agent.every('1 s', () => {
        victim.crash();
        seen.push(victim.lifecycle);
      }),
  });
  place.spawn(assassin(), { name: 'a' });
  const victim = place.spawn(meter({ meanKWh: 1 }), { name: 'victim' });
  await place.run({ until: '1 s', maxEvents: 3 });
  t.deepEqual(seen, ['running']);
  await place.run({ maxEvents: 1 });
  t.is(victim.lifecycle, 'crashed');
});

const WRONG_PLANS: readonly (readonly [string, Partial<WorldOptions>, string, RegExp])[] = [
  [
    'two crashes in a row',
    {
      faultPlan: [
        { type: 'crash', agent: 'a', at: '2 s' },
        { type: 'crash', agent: 'a', at: '1 s' },
      ],
    },
    'bad-fault-plan',
    /crash of "a" at 2000000 us: it has crashed already/,
  ],
  [
    'a restart without a crash',
    { faultPlan: [{ type: 'restart', agent: 'a', at: '1 s' }] },
    'bad-fault-plan',
    /restart of "a" at 1000000 us: it has not crashed before/,
  ],
  [
    'a fault that does not exist',
    { faultPlan: [{ type: 'flood' } as unknown as PlannedFault] },
    'bad-fault-plan',
    /no fault "flood"/,
  ],
  [
    'a partition without groups',
    { faultPlan: [{ type: 'partition', groups: [], from: 0 }] },
    'bad-partition',
    /two groups/,
  ],
  [
    'a time that is none',
    { faultPlan: [{ type: 'crash', agent: 'a', at: '1 week' as '1 s' }] },
    'bad-duration',
    /1 week/,
  ],
  ['a loss above 1', { faults: { loss: 2 } }, 'bad-link-faults', /loss of all links must be from 0 to 1, got 2/],
  ['an end of faults that is no time', { faults: { until: -1 } }, 'bad-duration', /-1/],
];

for (const [what, options, code, message] of WRONG_PLANS) {
  test(`refuses ${what} before anything runs`, (t) => {
    t.throws(() => world({ seed: 1, ...options }), { code, message });
  });
}

test('a fault that is due for an agent which is not placed stops the run', async (t) => {
  const place = meteringWorld({ faultPlan: [{ type: 'crash', agent: 'meter-9', at: '1 s' }] });
  await t.throwsAsync(place.run(), { code: 'bad-fault-plan', message: /crash at 1000000 us names "meter-9"/ });
  const cut = meteringWorld({ faultPlan: [{ type: 'partition', groups: [['meter-1'], ['x']], from: '1 s' }] });
  await t.throwsAsync(cut.run(), { code: 'bad-fault-plan', message: /names "x"/ });
});

test('a plan restarts no agent that has stopped by itself', async (t) => {
  const quitter = defineAgent({ name: 'quitter', setup: (agent) => agent.start((ctx) => ctx.stop()) });
  const place = world({
    seed: 1,
    strict: true,
    faultPlan: [
      { type: 'crash', agent: 'q', at: '1 s' },
      { type: 'restart', agent: 'q', at: '2 s' },
    ],
  });
  const placed = place.spawn(quitter(), { name: 'q' });
  await place.run();
  t.is(placed.lifecycle, 'stopped');
});

test('a name is free after a setup that failed, and so is a number', async (t) => {
  const place = world({ seed: 1, strict: true });
  const broken = defineAgent({
    name: 'meter',
    setup: () => {
      throw new HaggleError('no-licence', 'setting up');
    },
  });
  for (let attempt = 0; attempt < 2; attempt++) {
    t.throws(() => place.spawn(broken(), { name: 'm' }), { code: 'no-licence' });
    t.throws(() => place.spawn(broken()), { code: 'no-licence' });
  }
  t.deepEqual(place.agents, []);
  place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
  t.is(place.spawn(meter({ meanKWh: 1 })).name, 'meter-1');
  place.spawn(reader({ target: place.didOf('m') }), { name: 'r' });
  await place.run({ until: '3 h' });
  const calm = world({ seed: 1, strict: true });
  calm.spawn(meter({ meanKWh: 1 }), { name: 'm' });
  calm.spawn(meter({ meanKWh: 1 }));
  calm.spawn(reader({ target: calm.didOf('m') }), { name: 'r' });
  await calm.run({ until: '3 h' });
  t.is(place.fingerprint(), calm.fingerprint());
});
