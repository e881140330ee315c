import test from 'ava';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import type { Context } from '../../../../agent-core/agent/context.ts';
import { carrier, shipper } from '../../../../bench/live-haul.ts';
import { mortal, noNumberTwice, place } from './place.ts';

/** Counts seconds, and says each in its log. */
const counter = defineAgent({
  name: 'counter',
  state: () => ({ seconds: 0n, starts: 0, late: 0 }),
  setup: (agent) => {
    const late = agent.timer<string>('late', (ctx, data) => {
      ctx.state.late += 1;
      ctx.log.info({ event: 'late', data, late: ctx.state.late });
    });
    agent.start((ctx) => {
      ctx.state.starts += 1;
      ctx.schedule(late, '90 s', 'from the start');
    });
    agent.every('1 s', (ctx) => {
      ctx.state.seconds += 1n;
      ctx.log.info({ event: 'tick', seconds: ctx.state.seconds, starts: ctx.state.starts });
    });
  },
});

const lastTick = (log: readonly unknown[]): unknown =>
  log.findLast((entry) => typeof entry === 'object' && entry !== null && 'event' in entry && entry.event === 'tick');

test('a long journal of a quiet agent gives way to a short one; state, intervals and timers go on', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: counter(), compactBytes: 3_000 });
  await where.timing.pass(70_500_000);
  t.deepEqual(lastTick(a.log), { event: 'tick', seconds: 70n, starts: 1 });
  const files = await a.files.list();
  t.true(
    files.every((name) => a.files.content(name).length < 6_000),
    files.join(' '),
  );
  t.true(files.length <= 2 && !files.includes('journal-00000001.log'), files.join(' '));
  await a.rise();
  await where.timing.pass(30_000_000);
  t.deepEqual(lastTick(a.log), { event: 'tick', seconds: 100n, starts: 1 });
  t.true(
    a.log.some(
      (entry) =>
        JSON.stringify(entry, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)) ===
        '{"event":"late","data":"from the start","late":1}',
    ),
  );
  a.kill();
});

test('cut off at any write while it gives way, the agent goes on with the one or the other', async (t) => {
  for (let cutAt = 1; cutAt < 80; cutAt += 1) {
    const where = place();
    const a = await mortal(where, { n: 1, agent: counter(), compactBytes: 1_200, cutAt });
    await where.timing.pass(62_500_000);
    await a.rise();
    await where.timing.pass(2_000_000);
    const tick = lastTick(a.log);
    t.regex(
      JSON.stringify(tick, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)),
      /"starts":1/,
      `cut at ${cutAt}`,
    );
    a.kill();
  }
});

test('what goes on keeps a journal from giving way; afterwards numbers go on above the old ones', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }), compactBytes: 500 });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 3 }), compactBytes: 500 });
  await where.timing.pass(200_000_000);
  t.is(
    [...b.live.counters.dialoguesEnded.values()].length,
    1,
    'the shipper waits in its start handler and is never quiet',
  );
  t.is(b.live.counters.dialoguesEnded.get('done'), 3);
  noNumberTwice(t, where.broker);
  a.kill();
  b.kill();
});

test('two intervals of one handler go on each at its own time', async (t) => {
  const where = place();
  const count = ({ state }: Context<void, { ticks: number }>): void => void (state.ticks += 1);
  const twice = defineAgent({
    name: 'twice',
    state: () => ({ ticks: 0 }),
    setup: (agent) => {
      agent.every('1 s', count);
      agent.every('1 h', count);
      agent.every('20500 ms', ({ state, log }) => log.info({ event: 'ticks', ticks: state.ticks }));
    },
  });
  const a = await mortal(where, { n: 1, agent: twice(), compactBytes: 500 });
  await where.timing.pass(20_500_000);
  t.true(a.log.some((entry) => /journal-compacted/.test(JSON.stringify(entry))));
  t.deepEqual(a.log.at(-1), { event: 'ticks', ticks: 20 });
  a.kill();
});

test('a state that is no plain data keeps its long journal, and the log says so', async (t) => {
  const where = place();
  const odd = defineAgent({
    name: 'odd',
    state: () => ({ call: () => 1 }),
    setup: (agent) => agent.every('1 s', () => undefined),
  });
  const a = await mortal(where, { n: 1, agent: odd(), compactBytes: 500 });
  await where.timing.pass(30_000_000);
  t.is(a.live.lifecycle, 'running');
  t.is(a.log.filter((entry) => /journal-not-compacted/.test(JSON.stringify(entry))).length, 1);
  a.kill();
});
