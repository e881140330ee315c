import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { Haul, Metering } from '../../fixtures/metering.ts';

/*
 * Programs that must not compile. Each `@ts-expect-error` is an error of its own once the compiler stops objecting, so the
 * build proves these claims; at run time there is nothing left to show but that the agents are values.
 */
const to = 'did:key:z' as Did;

const illegalReply = defineAgent({
  name: 'illegal-reply',
  setup(agent) {
    agent.play(Haul, 'participant', {
      // @ts-expect-error `inform` straight after `cfp`: the protocol allows propose or refuse
      cfp: (_, m) => m.reply('inform', { deliveredAt: 1 }),
      'accept-proposal': (_, m) => m.reply('inform', { deliveredAt: 1 }),
      'reject-proposal': () => undefined,
    });
  },
});

const wrongBody = defineAgent({
  name: 'wrong-body',
  setup(agent) {
    agent.play(Haul, 'participant', {
      // @ts-expect-error a price is a number
      cfp: (_, m) => m.reply('propose', { price: 'twelve' }),
      'accept-proposal': (_, m) => m.reply('inform', { deliveredAt: 1 }),
      'reject-proposal': () => undefined,
    });
  },
});

const missingHandler = defineAgent({
  name: 'missing-handler',
  setup(agent) {
    // @ts-expect-error a participant hears reject-proposal too
    agent.play(Haul, 'participant', {
      cfp: (_, m) => m.reply('refuse', { reason: 'full' }),
      'accept-proposal': (_, m) => m.reply('inform', { deliveredAt: 1 }),
    });
  },
});

const othersWords = defineAgent({
  name: 'others-words',
  setup(agent) {
    agent.play(Metering, 'meter', {
      // @ts-expect-error a meter does not ask
      ask: (_, m) => m.reply('ask', { slots: 1 }),
    });
  },
});

const wrongRole = defineAgent({
  name: 'wrong-role',
  setup(agent) {
    // @ts-expect-error there is no such role
    agent.play(Metering, 'plumber', { ask: () => undefined });
  },
});

const wrongOpening = defineAgent({
  name: 'wrong-opening',
  setup(agent) {
    agent.start((ctx) => {
      // @ts-expect-error a reader opens with ask, and `slots` is a number
      void ctx.ask(Metering, 'reader', to, 'ask', { slots: '4' }, { within: '5 s' });
      // @ts-expect-error a dialogue does not open with its last message
      ctx.open(Haul, 'initiator', to, 'accept-proposal', {}, { within: '5 s' });
      // @ts-expect-error every dialogue has a deadline
      ctx.open(Haul, 'initiator', to, 'cfp', { tonnes: 1 });
    });
  },
});

const forgottenAnswer = defineAgent({
  name: 'forgotten-answer',
  setup(agent) {
    agent.start(async (ctx) => {
      const answer = await ctx.ask(Metering, 'reader', to, 'ask', { slots: 4 }, { within: '5 s' });
      // @ts-expect-error it may be a decline, or no answer at all: only a report has readings
      ctx.log.info({ first: answer.body.kWh[0] }); // oxlint-disable-line typescript/no-unsafe-member-access -- what does not compile has no type
      switch (answer.type) {
        case 'report':
          return ctx.log.info({ first: answer.body.kWh[0] });
        case 'decline':
          return ctx.log.info(answer.body.reason);
        case 'timeout':
        case 'failure':
        case 'not-understood':
        case 'stopped':
          return ctx.log.info(answer.code);
      }
    });
  },
});

const wrongTimer = defineAgent({
  name: 'wrong-timer',
  setup(agent) {
    const retry = agent.timer<{ attempt: number }>('retry', () => undefined);
    agent.start((ctx) => {
      // @ts-expect-error this timer carries an attempt
      ctx.schedule(retry, '1 s', null);
      // @ts-expect-error a duration has a unit that we know
      ctx.schedule(retry, '1 fortnight', { attempt: 1 });
    });
    // @ts-expect-error what runs while an agent stops cannot wait
    agent.stop(async () => {
      await Promise.resolve();
    });
  },
});

const strayState = (): unknown =>
  defineProtocol({
    name: 'stray-state',
    version: '1.0.0',
    roles: ['a', 'b'],
    messages: { hello: { from: 'a', as: 'inform', body: z.object({}) } },
    dialogue: {
      initial: 'idle',
      // @ts-expect-error `nowhere` is no state of this dialogue
      states: { idle: { on: { hello: 'nowhere' } }, done: { type: 'final' } },
    },
  });

const Job = contractNet({
  name: 'job',
  version: '1.0.0',
  task: z.object({ tonnes: z.number() }),
  bid: z.object({ price: amount() }),
  result: z.object({ hours: z.number() }),
});

const strayContractor = defineAgent({
  name: 'stray-contractor',
  setup(agent) {
    Job.participant(agent, {
      // @ts-expect-error a price is a bigint of micro-tokens
      bid: () => ({ price: 12 }),
      // @ts-expect-error a result has hours
      perform: () => ({ days: 1 }),
    });
  },
});

const strayHandlers = defineAgent({
  name: 'stray-handlers',
  setup(agent) {
    // @ts-expect-error a participant of a contract net hears cancel too
    agent.play(Job, 'participant', {
      // @ts-expect-error `inform` straight after `cfp`
      cfp: (_, m) => m.reply('inform', { hours: 1 }),
      'accept-proposal': (_, m) => m.reply('inform', { hours: 1 }),
      'reject-proposal': () => undefined,
    });
  },
});

const strayCaller = defineAgent({
  name: 'stray-caller',
  setup(agent) {
    agent.start(async (ctx) => {
      const call = { to: [to], bidsWithin: '1 s', resultWithin: '1 h' } as const;
      // @ts-expect-error a task has tonnes
      await ctx.run(Job.initiator, { ...call, task: { kilos: 1 }, choose: () => null });
      // @ts-expect-error what is chosen is a proposal
      await ctx.run(Job.initiator, { ...call, task: { tonnes: 1 }, choose: (bids) => bids[0]?.bid ?? null });
      const done = await ctx.run(Job.initiator, { ...call, task: { tonnes: 1 }, choose: () => null });
      // @ts-expect-error it may have failed, or nothing was awarded: only what is done has an award
      ctx.log.info({ hours: done.award.result.hours }); // oxlint-disable-line typescript/no-unsafe-member-access -- what does not compile has no type
    });
  },
});

test('programs that break a protocol do not compile', (t) => {
  const programs = [
    illegalReply,
    wrongBody,
    missingHandler,
    othersWords,
    wrongRole,
    wrongOpening,
    strayContractor,
    strayHandlers,
    strayCaller,
    forgottenAnswer,
    wrongTimer,
  ];
  for (const program of programs) t.is(typeof program, 'function');
});

test('a dialogue that leads to an unknown state is refused at run time as well', (t) => {
  t.throws(strayState, { message: /unknown state "nowhere"/ });
});
