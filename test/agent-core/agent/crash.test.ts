import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { createLifecycle } from '../../../agent-core/agent/lifecycle.ts';
import { bench } from '../../fixtures/harness.ts';
import { Haul } from '../../fixtures/metering.ts';

/** Proposes, or waits where the load is 2, or does `mischief` between what it says where it is 3. */
function carrier(mischief: () => void) {
  return defineAgent({
    name: 'carrier',
    state: () => ({ log: [] as string[] }),
    setup(agent) {
      const ring = agent.timer<null>('ring', (ctx) => void ctx.state.log.push('ring'));
      agent.every('1 s', (ctx) => void ctx.state.log.push('tick'));
      agent.stop((ctx) => void ctx.state.log.push('stop'));
      agent.start((ctx) => void ctx.schedule(ring, '3 s', null));
      agent.play(
        Haul,
        'participant',
        {
          cfp: async (ctx, m) => {
            if (m.body.tonnes === 2) await ctx.sleep('2 s');
            m.reply('propose', { price: 1 });
            if (m.body.tonnes === 3) mischief();
          },
          'accept-proposal': () => undefined,
          'reject-proposal': () => undefined,
        },
        { ended: (ctx, { outcome }) => void ctx.state.log.push(outcome) },
      );
    },
  })();
}

const cfp = (tonnes: number) => ({ type: 'cfp', protocol: Haul.id, body: { tonnes } });

test('a crash ends sleeps, timers, intervals and dialogues at once, and neither handlers nor peers learn of it', async (t) => {
  const b = bench(carrier(() => undefined));
  b.say(cfp(1));
  b.say(cfp(2));
  await b.settle();
  t.is(b.heard().length, 1);
  t.is(b.runtime.counters.dialoguesOpen, 2);
  b.runtime.crash();
  t.is(b.runtime.lifecycle, 'crashed');
  t.like(b.runtime.counters, { dialoguesOpen: 0, timersPending: 0, accepted: 2 });
  await b.pass(60_000_000);
  await b.settle();
  b.say(cfp(1));
  b.runtime.stop();
  t.deepEqual(b.heard(), []);
  t.deepEqual(b.runtime.state.log, []);
  t.is(b.runtime.counters.accepted, 2);
  t.is(b.runtime.lifecycle, 'crashed');
  t.deepEqual(b.errors, []);
});

test('what a handler said in the turn that crashes does not leave', async (t) => {
  const b = bench(carrier(() => b.runtime.crash()));
  b.say(cfp(3));
  await b.settle();
  t.deepEqual(b.heard(), []);
  t.is(b.runtime.lifecycle, 'crashed');
});

test('an agent can crash until it is over, and a crashed one does nothing more', (t) => {
  for (const way of [[], ['start'], ['start', 'stop']] as const) {
    const life = createLifecycle('a');
    for (const event of way) life.send(event);
    t.true(life.send('crash'));
    for (const event of ['start', 'stop', 'drained', 'fail', 'crash'] as const) t.false(life.send(event));
    t.is(life.state, 'crashed');
  }
  for (const way of [['stop'], ['fail']] as const) {
    const life = createLifecycle('a');
    for (const event of way) life.send(event);
    t.false(life.send('crash'));
  }
});
