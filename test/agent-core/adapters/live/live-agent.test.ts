import test from 'ava';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import { AssertionError } from '../../../../agent-core/errors.ts';
import { carrier, Haul, shipper } from '../../../../bench/live-haul.ts';
import { faultFiles } from './fault-files.ts';
import { noNumberTwice, place } from './place.ts';

test('holds a contract net with another live agent', async (t) => {
  const { timing, start } = place();
  const a = await start(1, carrier({ perTonne: 3 }));
  const b = await start(2, shipper({ carriers: [a.live.did], rounds: 3 }));
  await timing.pass(30_000_000);
  t.deepEqual([...a.live.counters.dialoguesEnded], [['done', 3]]);
  t.deepEqual([...b.live.counters.dialoguesEnded], [['done', 3]]);
  t.deepEqual(b.live.notReady, []);
});

test('what is said while the link is down leaves when it is up again, and old words are given up', async (t) => {
  const { timing, start } = place();
  const a = await start(1, carrier({ perTonne: 3 }));
  const b = await start(2, shipper({ carriers: [a.live.did], rounds: 2 }));
  b.link.cut();
  t.deepEqual(b.live.notReady, ['broker']);
  await timing.pass(5_000_000);
  t.is(b.live.queues.outbox, 1);
  t.is(b.live.queues.outboxOldestSeconds, 5);
  b.link.mend();
  await timing.pass(60_000_000);
  t.is(a.live.counters.dialoguesEnded.get('done'), 2);
  t.is(b.live.queues.outbox, 0);
});

test('a drain ends open dialogues, refuses new ones by name and resolves', async (t) => {
  const { timing, start } = place();
  const a = await start(1, carrier({ perTonne: 3 }));
  const b = await start(2, shipper({ carriers: [a.live.did], rounds: 100 }));
  await timing.pass(1_500_000);
  t.is(a.live.counters.dialoguesOpen, 1);
  const drained = a.live.drain('20 s');
  await timing.pass(5_000_000);
  t.deepEqual(a.live.notReady, ['draining']);
  await drained;
  t.deepEqual(await a.live.ended, { type: 'stopped' });
  t.is(a.live.lifecycle, 'stopped');
  t.is(a.live.counters.dialoguesEnded.get('done'), 1);
  await b.live.drain(0);
  t.is(b.live.lifecycle, 'stopped');
});

test('an agent whose invariant breaks is started anew, and given up when it breaks too often', async (t) => {
  const { timing, start } = place();
  const broken = defineAgent({
    name: 'broken',
    setup: (agent) =>
      agent.every('1 s', () => {
        throw new AssertionError('two and two are five');
      }),
  });
  const { live } = await start(1, broken());
  await timing.pass(5_500_000);
  t.is(live.lifecycle, 'running');
  await timing.pass(1_000_000);
  const end = await live.ended;
  t.is(end.type, 'failed');
  t.true(end.type === 'failed' && end.error instanceof AssertionError);
});

test('a handler that awaits something else than ctx has failed; it can do nothing later', async (t) => {
  const { timing, start } = place();
  let release = (): void => undefined;
  const foreign = new Promise<void>((resolve) => (release = resolve));
  let caught = '';
  const waiting = defineAgent({
    name: 'waiting',
    setup: (agent) =>
      agent.start(async (ctx) => {
        await foreign;
        try {
          ctx.now();
        } catch (error) {
          caught = String(error);
        }
      }),
  });
  const { live, log } = await start(1, waiting());
  await timing.settle();
  t.is(live.counters.handlerErrors, 1);
  t.regex(JSON.stringify(log), /foreign-await|awaits something else/);
  release();
  await timing.settle();
  t.regex(caught, /awaits something else/);
  await live.drain(0);
});

test('a handler that reads the wall clock fails as in simulation', async (t) => {
  const { timing, start } = place();
  const reader = defineAgent({ name: 'reader', setup: (agent) => agent.start(() => void Date.now()) });
  const { live, log } = await start(1, reader());
  await timing.settle();
  t.is(live.counters.handlerErrors, 1);
  t.regex(JSON.stringify(log), /ctx.now/);
  await live.drain(0);
});

test('while it drains, whoever opens a dialogue hears `agent-draining`', async (t) => {
  const { timing, broker, start } = place();
  const a = await start(1, carrier({ perTonne: 3, workMicros: 8_000_000 }));
  await start(2, shipper({ carriers: [a.live.did], rounds: 1 }));
  await timing.pass(1_000_000);
  const drained = a.live.drain('20 s');
  await timing.settle();
  const late = await start(3, shipper({ carriers: [a.live.did], rounds: 1 }));
  await timing.pass(1_000_000);
  t.deepEqual([...late.live.counters.dialoguesEnded], [['not-understood', 1]]);
  t.true(broker.heard.some(({ payload }) => payload.includes('"code":"agent-draining"')));
  await timing.pass(10_000_000);
  await drained;
  t.is(a.live.counters.dialoguesEnded.get('done'), 1);
});

test('a drain that takes too long ends what is open, and the peer is told', async (t) => {
  const { timing, start } = place();
  const a = await start(1, carrier({ perTonne: 3, workMicros: 50_000_000 }));
  const b = await start(2, shipper({ carriers: [a.live.did], rounds: 1 }));
  await timing.pass(1_000_000);
  const drained = a.live.drain('3 s');
  await timing.pass(4_000_000);
  await drained;
  t.deepEqual([...a.live.counters.dialoguesEnded], [['stopped', 1]]);
  t.deepEqual([...b.live.counters.dialoguesEnded], [['failed', 1]]);
});

test('a life that went on by itself between two inputs is over; the next tells the peers of its dialogues', async (t) => {
  for (const journal of [false, true]) {
    const where = place();
    let release = (): void => undefined;
    const foreign = new Promise<void>((resolve) => (release = resolve));
    let first = true;
    const stray = defineAgent({
      name: 'stray',
      setup: (agent) => {
        agent.start(async (ctx) => {
          if (!first) return;
          first = false;
          // Another handler waits on ctx, so nobody can tell that this one never will.
          await Promise.all([foreign, ctx.sleep('1 s')]);
        });
        agent.start((ctx) => ctx.sleep('1 h'));
        Haul.participant(agent, {
          bid: () => ({ price: 1 }),
          perform: async (ctx) => {
            await ctx.sleep('50 s');
            return { hours: 1 };
          },
        });
      },
    });
    const files = journal ? { files: faultFiles(), dataDir: 'memory' } : {};
    const a = await where.start(1, stray(), files);
    const b = await where.start(2, shipper({ carriers: [a.live.did], rounds: 1 }));
    await where.timing.pass(2_000_000);
    t.is(a.live.counters.dialoguesOpen, 1);
    release();
    await where.timing.settle();
    t.deepEqual([...b.live.counters.dialoguesEnded], [['failed', 1]]);
    t.true(where.broker.heard.some(({ payload }) => payload.includes('"code":"agent-restarted"')));
    t.regex(JSON.stringify(a.log), /life-broken/);
    t.is(a.live.lifecycle, 'running');
    noNumberTwice(t, where.broker);
    a.link.drop();
    b.link.drop();
  }
});
