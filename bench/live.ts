/**
 * Two live agents over a nats-server of their own, in one process: signed messages a second with a journal and without one, what a
 * sync costs, and how fast a life is executed again. `npm run bench:live`.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { LiveAgent, LiveOptions } from '../agent-core/adapters/live/live-agent.ts';
import type { Meter } from '../agent-core/adapters/live/meter.ts';
import { startLiveAgent } from '../agent-core/adapters/live/start-live-agent.ts';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { connectNats } from '../agent-core/adapters/nats.ts';
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { defineAgent } from '../agent-core/agent/agent.ts';
import type { Context } from '../agent-core/agent/context.ts';
import type { Bus } from '../agent-core/bus/bus.ts';
import type { LogEntry } from '../agent-core/log.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { did } from '../agent-core/protocol/did.ts';
import { defineProtocol } from '../agent-core/protocol/protocol.ts';

const SECONDS = Number(process.argv[2] ?? 4);
/** Questions that one agent has open at a time. */
const LANES = [1, 64] as const;

const Asking = defineProtocol({
  name: 'asking',
  version: '1.0.0',
  roles: ['asker', 'answerer'],
  messages: {
    'query-ref': { from: 'asker', as: 'query-ref', body: z.object({ n: z.int() }) },
    inform: { from: 'answerer', as: 'inform', body: z.object({ n: z.int() }) },
  },
  dialogue: {
    initial: 'asked',
    states: { asked: { on: { 'query-ref': 'heard' } }, heard: { on: { inform: 'done' } }, done: { type: 'final' } },
  },
});

const answerer = defineAgent({
  name: 'answerer',
  setup: (agent) =>
    agent.play(Asking, 'answerer', {
      'query-ref': (_, message) => message.reply('inform', { n: message.body.n + 1 }),
    }),
});

const asker = defineAgent({
  name: 'asker',
  params: z.object({ to: did(), lanes: z.int() }),
  state: () => ({ stopped: false }),
  setup: (agent) => {
    const lane = async (
      ctx: Context<{ to: z.output<ReturnType<typeof did>>; lanes: number }, { stopped: boolean }>,
    ) => {
      for (let n = 0; !ctx.state.stopped; n++) {
        const answer = await ctx.ask(Asking, 'asker', ctx.params.to, 'query-ref', { n }, { within: '30 s' });
        if (answer.type !== 'inform') return;
      }
    };
    agent.start(async (ctx) => {
      await Promise.all(Array.from({ length: ctx.params.lanes }, () => lane(ctx)));
    });
  },
});

interface Measured {
  readonly lanes: number;
  readonly sign: SigningMode;
  readonly journal: boolean;
  readonly messages: number;
  readonly cpuSeconds: number;
  readonly syncs: number;
  readonly syncMillis: number;
  readonly replay: string;
}

async function measure(
  url: string,
  [lanes, sign, journal]: readonly [number, SigningMode, boolean],
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'haggle-bench-'));
  let syncs = 0;
  let syncSeconds = 0;
  const meter: Meter = {
    add: () => undefined,
    observe: (name, seconds) => {
      if (name !== 'haggle_journal_sync_duration_seconds') return;
      syncs += 1;
      syncSeconds += seconds;
    },
  };
  const links = [await connectNats({ servers: url }), await connectNats({ servers: url })] as const;
  const options = (n: 0 | 1): LiveOptions => ({
    signer: nodeBackend.signer(new Uint8Array(32).fill(n + 1)),
    realm: 'bench',
    name: `agent-${n}`,
    link: links[n],
    dataDir: journal ? join(folder, String(n)) : null,
    sign,
    meter,
  });
  const a = await startLiveAgent(answerer(), options(0));
  const b = await startLiveAgent(asker({ to: a.did, lanes }), options(1));
  await pause(0.5);
  const before = [count(a) + count(b), process.cpuUsage()] as const;
  const from = performance.now();
  await pause(SECONDS);
  const messages = ((count(a) + count(b) - before[0]) * 1_000) / (performance.now() - from);
  const { user, system } = process.cpuUsage(before[1]);
  let replay = '';
  if (journal) {
    await cp(join(folder, '1'), join(folder, 'copy'), { recursive: true });
    await rm(join(folder, 'copy', 'lock'));
    replay = await replaySpeed({ ...options(1), dataDir: join(folder, 'copy'), realm: 'bench' }, a.did, lanes);
  }
  await Promise.all([a.drain('1 s'), b.drain('1 s')]);
  for (const { bus } of links) await bus.drain();
  await rm(folder, { recursive: true, force: true });
  return {
    lanes,
    sign,
    journal,
    messages,
    cpuSeconds: (user + system) / 1e6 / SECONDS,
    syncs,
    syncMillis: (syncSeconds * 1_000) / Math.max(1, syncs),
    replay,
  };
}

/** Executes a copied journal again, on a link that hears nobody. */
async function replaySpeed(options: LiveOptions, to: LiveAgent['did'], lanes: number): Promise<string> {
  const said: LogEntry[] = [];
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: (entry: LogEntry) => void said.push(entry), warn: ignore, error: ignore };
  const deaf = { status: 'reconnecting' as const, onStatus: () => () => undefined, bus: DEAF };
  const copy = await startLiveAgent(asker({ to, lanes }), { ...options, log, link: deaf });
  const [first] = said;
  const { inputs = 0, micros = 1 } = typeof first === 'object' ? first : {};
  void copy.drain(0);
  return `${Math.round((Number(inputs) * 1e6) / Number(micros))} inputs/s`;
}

const DEAF: Bus = {
  publish: () => undefined,
  subscribe: (subject) => ({ subject, unsubscribe: () => undefined }),
  flush: () => Promise.resolve(),
  drain: () => Promise.resolve(),
};

function count({ counters }: LiveAgent): number {
  return counters.accepted;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1_000);
  });
}

const server = await startNatsServer();
console.log(`nats-server ${server.version}, ${SECONDS} s each\n`);
console.log('| lanes | signed | journal | messages/s | CPU | syncs | ms a sync | executed again |');
console.log('|---|---|---|---|---|---|---|---|');
for (const lanes of LANES) {
  for (const sign of ['each', 'batch'] as const) {
    for (const journal of [false, true]) {
      const m = await measure(server.url, [lanes, sign, journal]);
      console.log(
        `| ${m.lanes} | ${m.sign} | ${m.journal ? 'yes' : 'no'} | ${Math.round(m.messages)} | ${m.cpuSeconds.toFixed(2)} | ${m.syncs} | ${m.syncMillis.toFixed(2)} | ${m.replay} |`,
      );
    }
  }
}
await server.stop();
process.exit(0);
