import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { DECISION_SUBJECT, type Decider } from '../../../agent-core/agent/decision.ts';
import { definePolicy, observationHash } from '../../../agent-core/policy/policy.ts';
import { discrete, type Mask } from '../../../agent-core/policy/space.ts';
import { transcript } from '../../../agent-core/testing/transcript.ts';
import { fingerprintOfTrace } from '../../../simulator/trace.ts';
import { world, type World } from '../../../simulator/world.ts';

const valve = definePolicy({
  name: 'valve-1',
  observes: [{ name: 'pressure', min: 0, max: 1 }],
  acts: discrete(['shut', 'half', 'open']),
  parameters: {},
  act: ([pressure = 0], mask) => [pressure > 0.5 && mask?.[2] !== false ? 2 : 1],
});

/** Asks its policy once a second for three seconds, the last time with one choice closed. */
const keeper = defineAgent({
  name: 'keeper',
  params: z.object({ pressures: z.array(z.number()) }),
  state: () => ({ actions: [] as (readonly number[])[], failure: null as string | null }),
  setup(agent) {
    agent.start(async (ctx) => {
      for (const [k, pressure] of ctx.params.pressures.entries()) {
        const mask: Mask | undefined = k === 2 ? [true, true, false] : undefined;
        ctx.state.actions.push(ctx.decide(valve, [pressure], mask));
        await ctx.sleep('1 s');
      }
    });
  },
});

async function run(decider?: Decider): Promise<{ place: World; actions: readonly (readonly number[])[] }> {
  const place = world({ seed: 1, strict: true, record: true, ...(decider === undefined ? {} : { decider }) });
  const placed = place.spawn(keeper({ pressures: [0.2, 7, 0.9] }), { name: 'keeper' });
  await place.run();
  return { place, actions: placed.state.actions };
}

test('an agent acts as its policy says, within bounds and among the choices that are open', async (t) => {
  const { actions } = await run();
  t.deepEqual(actions, [[1], [2], [1]]);
});

test('a trace keeps of every decision who asked which policy, what it saw and what it did', async (t) => {
  const { place } = await run();
  const [first, second] = place.trace;
  t.is(place.trace.length, 3);
  t.like(first, { from: 'keeper', to: 'keeper', subject: DECISION_SUBJECT, time: 0, headers: {} });
  t.deepEqual(JSON.parse(second?.payload ?? ''), {
    policy: valve.hash,
    observation: observationHash([1]),
    action: [2],
  });
  t.is(place.traffic.messages, 0, 'a decision is no message');
  t.deepEqual([...place.decisions], [[valve.hash, 3]], 'but it counts');
  t.is(transcript(place.trace), '', 'and nobody hears it');
});

test('decisions are part of the fingerprint: one that differs shows', async (t) => {
  const { place } = await run();
  t.is(fingerprintOfTrace(place.trace), place.fingerprint());
  t.is((await run()).place.fingerprint(), place.fingerprint());
  t.not((await run(() => [0])).place.fingerprint(), place.fingerprint());
});

test('a world may answer in the place of policies, and is held to their bounds', async (t) => {
  const asked: unknown[] = [];
  const { actions } = await run((asking) => {
    asked.push({ ...asking, policy: asking.policy.name });
    return [0];
  });
  t.deepEqual(actions, [[0], [0], [0]]);
  t.deepEqual(asked, [
    { agent: 'keeper', at: 0, policy: 'valve-1', observation: [0.2] },
    { agent: 'keeper', at: 1_000_000, policy: 'valve-1', observation: [1] },
    { agent: 'keeper', at: 2_000_000, policy: 'valve-1', observation: [0.9], mask: [true, true, false] },
  ]);
  await t.throwsAsync(() => run(() => [3]), { code: 'bad-action' });
  await t.throwsAsync(() => run(({ mask }) => [mask === undefined ? 1 : 2]), { code: 'bad-action', message: /masked/ });
});
