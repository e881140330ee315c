import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { AgentCard } from '../../agent-core/directory/card.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { world } from '../../simulator/world.ts';

const Ping = defineProtocol({
  name: 'ping',
  version: '1.0.0',
  roles: ['caller', 'callee'],
  messages: { ping: { from: 'caller', as: 'request', body: z.object({}) } },
  dialogue: { initial: 'idle', states: { idle: { on: { ping: 'over' } }, over: { type: 'final' } } },
});

const callee = defineAgent({
  name: 'callee',
  params: z.object({ tags: z.array(z.string()).default([]) }),
  tags: ({ tags }) => tags,
  setup: (agent) => agent.play(Ping, 'callee', { ping: () => undefined }),
});

/** Looks at the given times, in microseconds, and keeps what it found. */
const seeker = defineAgent({
  name: 'seeker',
  params: z.object({ at: z.array(z.number()) }),
  state: () => ({ seen: [] as { readonly now: number; readonly names: readonly string[] }[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (const at of ctx.params.at) {
        await ctx.sleep(at - ctx.now());
        const found = await ctx.directory.find({ protocol: Ping, role: 'callee' });
        ctx.state.seen.push({ now: ctx.now(), names: found.map(({ name = '?' }) => name).toSorted() });
      }
    }),
});

test('an agent is found one latency after it has started, and the answer takes one each way', async (t) => {
  const w = world({ seed: 1, strict: true, latency: '5 ms' });
  w.spawn(callee({}));
  const who = w.spawn(seeker({ at: [0] }));
  await w.run();
  t.deepEqual(who.state.seen, [{ now: 10_000, names: ['callee-1'] }]);
});

test('who stops is found no more one latency later', async (t) => {
  const w = world({ seed: 1, strict: true });
  const gone = w.spawn(callee({}));
  const who = w.spawn(seeker({ at: [10_000, 20_000] }));
  await w.run({ until: '15 ms' });
  t.deepEqual(
    w.directory.map(({ name }) => name),
    ['callee-1', 'seeker-1'].toSorted((a, b) => (w.didOf(a) < w.didOf(b) ? -1 : 1)),
  );
  gone.stop();
  await w.run();
  t.deepEqual(
    who.state.seen.map(({ names }) => names),
    [['callee-1'], []],
  );
});

test('who crashes is found until its last record expires, and again after a restart', async (t) => {
  const minute = 60_000_000;
  const w = world({
    seed: 1,
    strict: true,
    faultPlan: [
      { type: 'crash', agent: 'callee-1', at: '12 min' },
      { type: 'restart', agent: 'callee-1', at: '40 min' },
    ],
  });
  w.spawn(callee({}));
  // Renewed at 10 minutes for the last time, for 15 minutes.
  const who = w.spawn(seeker({ at: [13 * minute, 25 * minute - 3_000, 25 * minute, 41 * minute] }));
  await w.run();
  t.deepEqual(
    who.state.seen.map(({ names }) => names.length),
    [1, 1, 0, 1],
  );
});

test('a living agent renews its record three times within its validity', async (t) => {
  const w = world({ seed: 1 });
  w.spawn(callee({ tags: ['b', 'a'] }));
  await w.run({ until: '12 min' });
  const [card] = w.directory;
  t.like(card, {
    agent: w.didOf('callee-1'),
    name: 'callee-1',
    tags: ['a', 'b'],
    protocols: [{ id: Ping.id, roles: ['callee'] }],
    issued: 600_000_000,
    expires: 1_500_000_000,
  } satisfies Partial<AgentCard>);
});

test('announcing schedules nothing: a world in which nobody looks has the events it had', async (t) => {
  const w = world({ seed: 1 });
  w.spawn(callee({}));
  t.is((await w.run()).events, 1);
});

test('the same seed finds the same in the same order, whatever the signing mode', async (t) => {
  const run = async (sign: 'each' | 'off') => {
    const w = world({ seed: 3, sign });
    for (let i = 0; i < 20; i++) w.spawn(callee({}));
    const orders: string[][] = [];
    const looker = defineAgent({
      name: 'looker',
      setup: (agent) =>
        agent.start(async (ctx) => {
          const found = await ctx.directory.find({ protocol: 'ping', limit: 5 });
          orders.push(found.map(({ name = '' }) => name));
        }),
    });
    for (let i = 0; i < 3; i++) w.spawn(looker());
    await w.run();
    return orders;
  };
  const orders = await run('each');
  t.deepEqual(await run('off'), orders);
  t.is(new Set(orders.map(String)).size, 3);
  t.true(orders.every(({ length }) => length === 5));
});
