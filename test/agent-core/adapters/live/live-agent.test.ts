import test from 'ava';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import { AssertionError } from '../../../../agent-core/errors.ts';
import { carrier, shipper } from '../../../../bench/live-haul.ts';
import { place } from './place.ts';

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
