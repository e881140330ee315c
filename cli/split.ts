import { randomBytes } from 'node:crypto';
import { systemTiming } from '../agent-core/adapters/live/timing.ts';
import { connectNats, type NatsLink } from '../agent-core/adapters/nats.ts';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { InstanceSource } from '../scenarios/instance-source.ts';
import type { Meeting, SplitRun } from '../scenarios/split-run.ts';
import type { Wall } from '../simulator/shards/wall.ts';
import { startHaggle, type HaggleProcess } from './children.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** How a simulation is to be spread over processes. */
export interface SplitFlags {
  readonly workers: number;
  /** A broker that runs already; null starts one. */
  readonly nats: string | null;
  readonly run: string;
  /** True where somebody else starts the workers. */
  readonly awaitWorkers: boolean;
}

/** The wall clock of this machine, for split runs. */
export const machineWall: Wall = { after: (millis, call) => systemTiming.after(millis * 1_000, call) };

/** A broker takes 1 MB unless it is told otherwise, and workers send a window in one piece where they can. */
const PAYLOAD_BYTES = 1_000_000;
/** A window with all that was said in it must fit before the broker has it. */
const BACKLOG_BYTES = 1_000_000_000;
const MAX_WORKERS = 256;
/** Time in which workers that we started join. */
const JOIN_MILLIS = 60_000;
/** Who starts workers by hand takes the time it takes, and a coordinator may first look for the optimum. */
export const PATIENT_JOIN_MILLIS = 24 * 3_600_000;

/** Reads `--bus`, `--workers`, `--nats`, `--run` and `--await-workers`; null for a run in this process. @throws HaggleError `bad-flag` */
export function splitFlags(flags: Flags): SplitFlags | null {
  const { bus = 'memory', workers, nats, run } = flags;
  if (bus === 'memory') {
    const flag = ['workers', 'nats', 'run', 'awaitWorkers'].find((name) => flags[name] !== undefined);
    if (flag === undefined) return null;
    throw new HaggleError('bad-flag', `--${flag === 'awaitWorkers' ? 'await-workers' : flag} needs --bus nats`);
  }
  const count = Number(workers ?? '1');
  if (!Number.isInteger(count) || count < 1 || count > MAX_WORKERS) {
    throw new HaggleError(
      'bad-flag',
      `--workers must be a whole number from 1 to ${MAX_WORKERS}, got "${String(workers)}"`,
    );
  }
  const awaitWorkers = flags['awaitWorkers'] === true;
  if (awaitWorkers && typeof nats !== 'string') {
    throw new HaggleError('bad-flag', '--await-workers needs --nats: the workers must find the broker');
  }
  return {
    workers: count,
    nats: typeof nats === 'string' ? nats : null,
    run: runName(typeof run === 'string' ? run : randomBytes(6).toString('hex')),
    awaitWorkers,
  };
}

/** Checks the name of a run. @throws HaggleError `bad-flag` */
export function runName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name;
  throw new HaggleError('bad-flag', `--run must have 1 to 64 letters, digits, "-" or "_", got "${name}"`);
}

/** The way to the other processes of a run over a broker, and what leaves it. */
export async function meetAt(url: string, run: string): Promise<{ meeting: Meeting; link: NatsLink }> {
  const link = await connectNats({
    servers: url,
    name: `haggle-sim ${run}`,
    maxPayloadBytes: PAYLOAD_BYTES,
    backlogBytes: BACKLOG_BYTES,
    // Many processes start at once on a machine that may have few cores.
    connectWithin: '30 s',
  });
  const { bus, maxPayloadBytes } = link;
  return { link, meeting: { bus, run, maxPayloadBytes, wall: machineWall } };
}

/** Starts what a split run needs (a broker where none is named, the workers), and ends it again, whatever `use` does. */
export async function withWorkers<T>(
  flags: SplitFlags,
  instance: InstanceSource,
  use: (split: SplitRun) => Promise<T>,
): Promise<T> {
  const ends: (() => Promise<void>)[] = [];
  try {
    const server = flags.nats === null ? await startNatsServer() : null;
    if (server !== null) ends.push(() => server.stop());
    const url = flags.nats ?? server?.url ?? '';
    const { meeting, link } = await meetAt(url, flags.run);
    ends.push(() => link.bus.drain());
    const processes = flags.awaitWorkers ? [] : startWorkers(flags, url);
    ends.push(async () => void (await Promise.all(processes.map((worker) => worker.process.end()))));
    return await use({
      ...meeting,
      kind: 'nats',
      workers: flags.workers,
      instance,
      millis: { join: flags.awaitWorkers ? PATIENT_JOIN_MILLIS : JOIN_MILLIS },
      onStart: (coordination) => {
        for (const { token, process } of processes) void process.ended.then((how) => coordination.lost(token, how));
      },
      onJoin: (joined) => {
        if (flags.awaitWorkers) process.stderr.write(`haggle: ${joined} of ${flags.workers} workers have joined\n`);
      },
    });
  } finally {
    for (const end of ends.toReversed()) {
      // One that fails must not leave the others running.
      await end().catch((error: unknown) => void process.stderr.write(`haggle: ${String(error)}\n`));
    }
  }
}

function startWorkers({ workers, run }: SplitFlags, url: string): readonly { token: string; process: HaggleProcess }[] {
  return Array.from({ length: workers }, (_, index) => {
    const token = `own-${index}`;
    return { token, process: startHaggle(['worker', '--nats', url, '--run', run, '--token', token]) };
  });
}
