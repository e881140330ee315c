import type { ExecutionContext } from 'ava';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import type { LiveAgent, LiveOptions } from '../../../../agent-core/adapters/live/live-agent.ts';
import { startLiveAgent } from '../../../../agent-core/adapters/live/start-live-agent.ts';
import type { Agent } from '../../../../agent-core/agent/agent.ts';
import type { Envelope } from '../../../../agent-core/message/envelope.ts';
import { faultFiles, type FaultFiles } from './fault-files.ts';
import { stillBroker, stillTiming, type StillBroker, type StillLink, type StillTiming } from './still-world.ts';

/** The key of the agent with this number. */
export const signerOf = (n: number): LiveOptions['signer'] => nodeBackend.signer(new Uint8Array(32).fill(n));

/** An agent that runs in a {@link Place}. */
export interface Placed {
  readonly live: LiveAgent;
  readonly link: StillLink;
  readonly log: unknown[];
}

/** Live agents around one broker under one clock that stands still. */
export interface Place {
  readonly timing: StillTiming;
  readonly broker: StillBroker;
  readonly start: (n: number, agent: Agent, options?: Partial<LiveOptions>) => Promise<Placed>;
}

export function place(): Place {
  const timing = stillTiming();
  const broker = stillBroker();
  return {
    timing,
    broker,
    async start(n, agent, options = {}) {
      const link = broker.link();
      const log: unknown[] = [];
      const note = (entry: unknown): void => void log.push(entry);
      const live = await startLiveAgent(agent, {
        signer: signerOf(n),
        realm: 'test',
        name: `agent-${n}`,
        link,
        dataDir: null,
        timing,
        log: { debug: note, info: note, warn: note, error: note },
        ...options,
      });
      return { live, link, log };
    },
  };
}

/** An agent whose process is killed and started again. */
export interface Mortal {
  readonly live: LiveAgent;
  readonly link: StillLink;
  readonly files: FaultFiles;
  readonly log: unknown[];
  /** Kills it, with so many bytes of unsynced writes on the disk, and starts it again. */
  readonly rise: (kept?: number) => Promise<void>;
  readonly kill: (kept?: number) => void;
}

export async function mortal(
  where: Place,
  { n, agent, cutAt = 0, ...options }: { n: number; agent: Agent; cutAt?: number } & Partial<LiveOptions>,
): Promise<Mortal> {
  let files = faultFiles();
  files.cutAt = cutAt;
  const begin = (): Promise<Placed> => where.start(n, agent, { ...options, dataDir: 'memory', files });
  let now: Placed | null = null;
  const started = begin();
  // A cut in the first writes keeps even the start from ending.
  void started.then((placed) => (now ??= placed));
  await where.timing.settle();
  const need = (): Placed => {
    if (now === null) throw new RangeError('it was cut off before it had started');
    return now;
  };
  const kill = (kept?: number): void => {
    now?.link.drop();
    files = files.crash(kept);
  };
  return {
    get live() {
      return need().live;
    },
    get link() {
      return need().link;
    },
    get files() {
      return files;
    },
    get log() {
      return need().log;
    },
    kill,
    async rise(kept) {
      kill(kept);
      now = await begin();
    },
  };
}

/** No number of a sender was used for two messages to one receiver. */
export function noNumberTwice(t: ExecutionContext, broker: StillBroker): void {
  const said = new Map<string, string>();
  for (const { payload } of broker.heard) {
    const { from, to, seq } = JSON.parse(payload) as Envelope;
    const key = `${from} ${to} ${seq}`;
    t.is(said.get(key) ?? payload, payload, `the number ${seq} stands for two messages`);
    said.set(key, payload);
  }
}
