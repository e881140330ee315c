import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { AgentCard } from '../../../agent-core/directory/card.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';

const protocolNamed = (name: string) =>
  defineProtocol({
    name,
    version: '1.0.0',
    roles: ['asker', 'giver'],
    messages: { ask: { from: 'asker', as: 'query-ref', body: z.object({}) } },
    dialogue: { initial: 'idle', states: { idle: { on: { ask: 'over' } }, over: { type: 'final' } } },
  });
const Ask = protocolNamed('ask');

const seeker = (find: (ctx: Context<void, { found: readonly AgentCard[] }>) => Promise<readonly AgentCard[]>) =>
  defineAgent({
    name: 'seeker',
    tags: ['b', 'a'],
    state: () => ({ found: [] as readonly AgentCard[] }),
    setup(agent) {
      agent.play(Ask, 'giver', { ask: () => undefined });
      agent.start(async (ctx) => {
        ctx.state.found = await find(ctx);
      });
    },
  })();

test('its card says what it plays and its tags', (t) => {
  const bench = testAgent(seeker((ctx) => ctx.directory.find()));
  t.deepEqual(bench.card, {
    agent: bench.did,
    name: 'seeker',
    protocols: [{ id: Ask.id, roles: ['giver'] }],
    tags: ['a', 'b'],
    issued: 0,
    expires: 900_000_000,
  });
  bench.stop();
  t.is(bench.card, null);
});

test('finds the peers whose cards say so, and not itself', async (t) => {
  const bench = testAgent(seeker((ctx) => ctx.directory.find({ protocol: Ask, role: 'giver', tags: ['near'] })));
  bench.introduce('near', { plays: [{ protocol: Ask, role: 'giver' }], tags: ['near'] });
  bench.introduce('far', { plays: [{ protocol: Ask, role: 'giver' }], tags: ['far'] });
  bench.introduce('asker', { plays: [{ protocol: Ask, role: 'asker' }], tags: ['near'] });
  await bench.settle();
  t.deepEqual(
    bench.state.found.map(({ agent }) => agent),
    [bench.didOf('near')],
  );
});

test('a role that the protocol lacks does not compile', async (t) => {
  const bench = testAgent(
    seeker((ctx) => {
      // @ts-expect-error Ask has no role of this name
      return ctx.directory.find({ protocol: Ask, role: 'participant' });
    }),
  );
  await bench.settle();
  t.deepEqual(bench.state.found, []);
});

test('a bad query is thrown where it is written', async (t) => {
  const bench = testAgent(
    seeker((ctx) => ctx.directory.find({ limit: 0 })),
    { strict: false },
  );
  await bench.settle();
  t.like(bench.errors[0], { code: 'bad-query' });
});

test('a crash leaves the card to expire, and no answer comes', async (t) => {
  const bench = testAgent(seeker((ctx) => ctx.directory.find()));
  bench.introduce('peer', {});
  bench.crash();
  await bench.settle();
  t.not(bench.card, null);
  t.deepEqual(bench.state.found, []);
});

test('tags are checked as the agent is made', (t) => {
  const tagged = defineAgent({ name: 'tagged', tags: ['No'], setup: () => undefined });
  t.throws(() => tagged(), { code: 'bad-tags', message: /agent "tagged"/ });
});

test('an agent plays at most 64 protocols', (t) => {
  const busy = (count: number) =>
    defineAgent({
      name: 'busy',
      setup(agent) {
        for (let i = 0; i < count; i++) agent.play(protocolNamed(`p${i}`), 'giver', { ask: () => undefined });
      },
    })();
  t.notThrows(() => testAgent(busy(64)));
  t.throws(() => testAgent(busy(65)), { code: 'bad-agent', message: /more than 64 protocols/ });
});
