import test from 'ava';
import { z } from 'zod';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import { openingId } from '../../../agent-core/agent/message-id.ts';
import type { Host } from '../../../agent-core/agent/host.ts';
import { AgentRuntime } from '../../../agent-core/agent/runtime.ts';
import { createTracing } from '../../../agent-core/agent/tracing.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { LogEntry } from '../../../agent-core/log.ts';
import type { Envelope } from '../../../agent-core/message/envelope.ts';
import { TRACE_HEADER, traceIdOf } from '../../../agent-core/message/trace-context.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { Haul } from '../../fixtures/metering.ts';

/** One agent with everything that it says and logs; its world moves when the test says so. */
interface Placed {
  readonly did: Did;
  readonly said: { readonly envelope: Envelope; readonly header: string | undefined }[];
  readonly log: LogEntry[];
  /** Wakes everything that was asked for, in order. */
  wake(): void;
  hear(envelope: Partial<Envelope>): Envelope;
}

function place<P, S>(seed: number, agentOf: () => Agent<P, S>, traced = true): Placed {
  const signer = nodeBackend.signer(new Uint8Array(32).fill(seed));
  const stranger = nodeBackend.signer(new Uint8Array(32).fill(99));
  const random = createRandomRoot(seed);
  const said: Placed['said'] = [];
  const log: LogEntry[] = [];
  const wakes: (() => void)[] = [];
  const write = (entry: LogEntry): void => void log.push(entry);
  let deliver: (payload: string) => void = () => undefined;
  let seq = 0;
  const host: Host = {
    realm: 'test',
    self: signer.did,
    nkey: signer.nkey,
    name: 'placed',
    clock: { now: () => 1_000_000 },
    bus: {
      publish: (_, payload, options) =>
        void said.push({ envelope: JSON.parse(payload), header: options?.headers?.[TRACE_HEADER] }),
      subscribe: (subject, listener) => {
        deliver = (payload) => listener({ subject, payload, headers: {}, reply: undefined, noResponders: false });
        return { subject, unsubscribe: () => undefined };
      },
      flush: () => Promise.resolve(),
      drain: () => Promise.resolve(),
    },
    log: { debug: write, info: write, warn: write, error: write },
    ...(traced ? { tracing: createTracing(random.stream('trace')) } : {}),
    stream: (...purpose) => random.stream(...purpose),
    seal: (payloads) => payloads.map((payload) => ({ payload, headers: {} })),
    receive: (message) => ({ envelope: JSON.parse(message.payload), evidence: 'none', message }),
    wakeAt: (_, wake) => wakes.push(wake),
    cancelWake: () => undefined,
    endOfInstant: (call) => call(),
    guarded: (call) => call(),
    asyncStarted: () => undefined,
    handlerFailed: (error) => {
      throw error;
    },
  };
  const runtime = new AgentRuntime(agentOf(), host);
  runtime.start();
  return {
    did: signer.did,
    said,
    log,
    wake: () => {
      for (const wake of wakes.splice(0)) wake();
    },
    hear(words) {
      seq += 1;
      const id = openingId('m'.repeat(22), seq);
      const times = { sent: 1_000_000, exp: 9_000_000, by: 9_000_000 };
      const names = {
        v: 1,
        id,
        realm: 'test',
        from: stranger.did,
        to: signer.did,
        dialogue: id,
        seq,
        re: null,
      } as const;
      const envelope: Envelope = { ...names, ...times, protocol: Haul.id, type: 'cfp', body: { tonnes: 1 }, ...words };
      deliver(JSON.stringify(envelope));
      return envelope;
    },
  };
}

const OTHER = nodeBackend.signer(new Uint8Array(32).fill(98)).did;
const TRACE = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

/** Bids for a haul, and calls for a haul itself: at once where the load is 2, at every tick, and before it bids. */
const carrier = defineAgent({
  name: 'carrier',
  params: z.object({ other: did() }),
  setup(agent) {
    agent.every('1 s', (ctx) => {
      ctx.open(Haul, 'initiator', ctx.params.other, 'cfp', { tonnes: 9 }, { within: '5 s' });
      ctx.log.info('ticked');
    });
    agent.play(Haul, 'participant', {
      cfp: (ctx, m) => {
        ctx.log.info({ event: 'called' });
        ctx.log.info('as text');
        if (m.body.tonnes === 2) ctx.open(Haul, 'initiator', ctx.params.other, 'cfp', { tonnes: 1 }, { within: '5 s' });
        return m.reply('propose', { price: 1 });
      },
      'accept-proposal': (_, m) => m.reply('inform', { deliveredAt: 1 }),
      'reject-proposal': () => undefined,
    });
    agent.play(Haul, 'initiator', { propose: () => undefined, refuse: () => undefined, inform: () => undefined });
  },
});

test('an answer and an opening that a message causes carry its trace, each with a span of its own', (t) => {
  const agent = place(1, () => carrier({ other: OTHER }));
  agent.hear({ trace: TRACE, body: { tonnes: 2 } });
  t.is(agent.said.length, 2);
  const traces = agent.said.map(({ envelope }) => envelope.trace);
  for (const trace of traces) t.is(traceIdOf(trace), 'ab'.repeat(16));
  t.is(new Set([TRACE, ...traces]).size, 3);
  t.deepEqual(
    agent.said.map(({ header }) => header),
    traces,
  );
});

test('log lines written meanwhile carry the dialogue and the trace id, text or fields', (t) => {
  const agent = place(1, () => carrier({ other: OTHER }));
  const { dialogue } = agent.hear({ trace: TRACE });
  const other = agent.hear({});
  t.deepEqual(agent.log, [
    { event: 'called', dialogue, trace_id: 'ab'.repeat(16) },
    { msg: 'as text', dialogue, trace_id: 'ab'.repeat(16) },
    { event: 'called', dialogue: other.dialogue },
    { msg: 'as text', dialogue: other.dialogue },
  ]);
});

test('what a timer says starts a trace of its own, which its dialogue keeps whatever is heard in between', (t) => {
  const agent = place(2, () => carrier({ other: OTHER }));
  agent.hear({ trace: TRACE });
  agent.wake();
  const opening = agent.said.at(-1)?.envelope;
  t.false('dialogue' in Object(agent.log.at(-1)));
  const own = traceIdOf(opening?.trace);
  t.truthy(own);
  t.not(own, 'ab'.repeat(16));
  const call = agent.hear({ trace: TRACE });
  agent.hear({ type: 'accept-proposal', dialogue: call.dialogue, re: call.id, body: {} });
  t.is(agent.said.at(-1)?.envelope.type, 'inform');
  t.not(traceIdOf(agent.said.at(-1)?.envelope.trace), own);
});

test('a trace that is no traceparent is no trace: what follows starts one', (t) => {
  const agent = place(3, () => carrier({ other: OTHER }));
  agent.hear({ trace: 'order-17' });
  const trace = agent.said.at(-1)?.envelope.trace;
  t.regex(trace ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('without tracing nothing carries a trace, even where the message that caused it does', (t) => {
  const agent = place(4, () => carrier({ other: OTHER }), false);
  agent.hear({ trace: TRACE });
  t.is(agent.said.length, 1);
  t.false('trace' in (agent.said[0]?.envelope ?? {}));
  t.is(agent.said[0]?.header, undefined);
});

test('the same stream gives the same ids, so that a life that is executed again says the same', (t) => {
  const traces = (): unknown[] => {
    const agent = place(5, () => carrier({ other: OTHER }));
    agent.wake();
    agent.hear({});
    return agent.said.map(({ envelope }) => envelope.trace);
  };
  t.deepEqual(traces(), traces());
});

const notATrace: readonly (readonly [string, string | undefined])[] = [
  ['nothing', undefined],
  ['an empty text', ''],
  ['another version', TRACE.replace('00-', '01-')],
  ['capitals', TRACE.toUpperCase()],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`],
  ['a span id of zeros', `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`],
  ['a longer text', `${TRACE}-x`],
  ['another separator', TRACE.replaceAll('-', '_')],
];
for (const [what, text] of notATrace) test(`reads ${what} as no trace`, (t) => t.is(traceIdOf(text), null));
