import test from 'ava';
import { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Answer } from '../../../agent-core/agent/dialogue.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { bench } from '../../fixtures/harness.ts';
import { Haul, meter, Metering } from '../../fixtures/metering.ts';

const stranger = bench(meter({ meanKWh: 1 })).stranger.did;

/** The code of what `action` throws, or `none`. */
function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof HaggleError ? error.code : String(error);
  }
}

interface Codes {
  readonly codes: string[];
}

type CodesContext = Context<void, Codes>;

/** Plays both sides of hauls and starts with `run`. */
function starter(run: (ctx: CodesContext) => void | Promise<void>): Agent<void, Codes> {
  return defineAgent({
    name: 'starter',
    state: (): Codes => ({ codes: [] }),
    setup(agent) {
      agent.play(Haul, 'initiator', {
        propose: (ctx, m) => {
          ctx.state.codes.push(codeOf(() => m.reply('accept-proposal', {})));
        },
        refuse: (ctx, m) => {
          ctx.state.codes.push(codeOf(() => m.dialogue.send('accept-proposal', {})));
        },
        inform: () => undefined,
      });
      agent.play(Haul, 'participant', {
        cfp: () => undefined,
        'accept-proposal': () => undefined,
        'reject-proposal': () => undefined,
      });
      agent.start(run);
    },
  })();
}

const open = (ctx: CodesContext): void => {
  ctx.open(Haul, 'initiator', stranger, 'cfp', { tonnes: 1 }, { within: '1 min' });
};

test('an agent has so many open dialogues and no more, of its own or of others', async (t) => {
  const b = bench(
    starter((ctx) => {
      for (let k = 0; k < LIMITS.openDialogues; k++) open(ctx);
      ctx.state.codes.push(codeOf(() => open(ctx)));
    }),
    'off',
  );
  t.deepEqual(b.runtime.state.codes, ['too-many-dialogues']);
  t.is(b.heard().length, LIMITS.openDialogues);
  b.say({ type: 'cfp', protocol: Haul.id, body: { tonnes: 1 } });
  t.like(b.heard()[0], { type: 'not-understood', body: { code: 'too-many-dialogues' } });
  t.is(b.runtime.counters.misunderstood.get('too-many-dialogues'), 1);
  await b.pass(60_000_000);
  t.is(b.runtime.counters.dialoguesOpen, 0);
  b.say({ type: 'cfp', protocol: Haul.id, body: { tonnes: 1 } });
  t.is(b.runtime.counters.dialoguesOpen, 1);
});

test('an agent has so many timers set and no more, and room again when one has fired', async (t) => {
  const codes: string[] = [];
  const sleeper = defineAgent({
    name: 'sleeper',
    setup(agent) {
      const ring = agent.timer<number>('ring', (ctx, data) => {
        codes.push(codeOf(() => ctx.schedule(ring, '1 h', data)));
      });
      agent.start((ctx) => {
        ctx.schedule(ring, '1 s', 0);
        for (let k = 1; k < LIMITS.timers; k++) ctx.schedule(ring, '1 d', k);
        codes.push(codeOf(() => ctx.schedule(ring, '1 d', -1)));
        codes.push(codeOf(() => ctx.schedule({ tag: 'other' }, '1 d', -1)));
      });
    },
  });
  const b = bench(sleeper());
  t.is(b.runtime.counters.timersPending, LIMITS.timers);
  await b.pass(1_000_000);
  t.deepEqual(codes, ['too-many-timers', 'unknown-timer', 'none']);
});

test('refuses to say more bytes than a payload may have, counting bytes and not characters', (t) => {
  const codes: string[] = [];
  const talker = defineAgent({
    name: 'talker',
    setup: (agent) =>
      agent.play(Metering, 'meter', {
        ask: (_, m) => {
          for (const reason of ['x'.repeat(LIMITS.payloadBytes), '€'.repeat(LIMITS.payloadBytes / 3)]) {
            codes.push(codeOf(() => m.reply('decline', { reason })));
          }
          m.reply('decline', { reason: '€'.repeat(LIMITS.payloadBytes / 3 - 400) });
        },
      }),
  });
  const b = bench(talker());
  b.say({ type: 'ask', protocol: Metering.id, body: { slots: 1 } });
  t.deepEqual(codes, ['payload-too-large', 'payload-too-large']);
  const said = b.heard();
  t.is(said.length, 1);
  t.like(said[0], { type: 'decline', seq: 1 });
});

test('a role is taken once', (t) => {
  const twice = defineAgent({
    name: 'twice',
    setup(agent) {
      agent.play(Metering, 'reader', { report: () => undefined, decline: () => undefined });
      agent.play(Metering, 'reader', { report: () => undefined, decline: () => undefined });
    },
  });
  t.throws(() => bench(twice()), { code: 'role-taken', message: /metering as reader/ });
});

test('asking twice at once in one dialogue is refused as already-waiting', async (t) => {
  const codes: string[] = [];
  const eager = defineAgent({
    name: 'eager',
    params: z.object({ target: z.string() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const first = await ctx.ask(
          Haul,
          'initiator',
          ctx.params.target as Did,
          'cfp',
          { tonnes: 1 },
          { within: '1 min' },
        );
        if (first.type !== 'propose') return;
        const answer: Promise<Answer<typeof Haul, 'initiator', 'accept-proposal'>> = first.dialogue.ask(
          'accept-proposal',
          {},
        );
        codes.push(codeOf(() => void first.dialogue.ask('accept-proposal', {})));
        codes.push((await answer).type);
        codes.push(
          String(first.dialogue.open),
          codeOf(() => first.dialogue.send('reject-proposal', {})),
        );
      }),
  });
  const b = bench(eager({ target: stranger }));
  const words = { protocol: Haul.id, dialogue: b.heard()[0]?.dialogue ?? '' };
  b.say({ ...words, type: 'propose', id: 'p', body: { price: 1 } });
  await b.settle();
  t.like(b.heard()[0], { type: 'accept-proposal' });
  b.say({ ...words, type: 'inform', id: 'i', body: { deliveredAt: 1 } });
  await b.settle();
  t.deepEqual(codes, ['already-waiting', 'inform', 'false', 'dialogue-ended']);
  t.deepEqual(b.heard(), []);
});

test('nothing is said in a dialogue that has ended', (t) => {
  const b = bench(starter(open));
  const words = { protocol: Haul.id, dialogue: b.heard()[0]?.dialogue ?? '' };
  b.say({ ...words, type: 'refuse', id: 'r', body: { reason: 'full' } });
  // The handler ran while its message was the last word: the state allows nothing more.
  t.deepEqual(b.runtime.state.codes, ['illegal-message']);
  t.is(b.runtime.counters.dialoguesOpen, 0);
});

test('an agent that is stopped opens nothing more', async (t) => {
  const codes: string[] = [];
  const b = bench(
    starter(async (ctx) => {
      await ctx.sleep('1 s');
      codes.push(codeOf(() => open(ctx)));
    }),
  );
  b.runtime.stop();
  await b.pass(1_000_000);
  await b.settle();
  t.deepEqual(codes, ['agent-stopped']);
});
