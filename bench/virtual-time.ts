/**
 * One run, in one process and spread over workers on a real broker: `npm run bench:virtual-time`, or
 * `node dist/bench/virtual-time.js [seeds]`.
 *
 * 1. The campaign: for each seed a pair of agents with money and a small grid, in this process and over 1, 2 and 3 worker
 *    processes, each process behind a TCP proxy that holds every chunk back for up to 8 ms at random. All fingerprints,
 *    traffic and final states must be equal; the first difference ends the bench.
 * 2. The price: events a second of a grid, in this process and over 1, 2 and 3 workers without proxies.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { systemTiming } from '../agent-core/adapters/live/timing.ts';
import { connectNats } from '../agent-core/adapters/nats.ts';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { encodeState } from '../agent-core/agent/state-codec.ts';
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { gridDispatch } from '../scenarios/energy/grid-scenario.ts';
import { generateInstance, type InstanceSource } from '../scenarios/instance-source.ts';
import { settle } from '../scenarios/settle.ts';
import { runOnWorkers, type Meeting, type SplitRun } from '../scenarios/split-run.ts';
import { coordinate } from '../simulator/shards/coordinator.ts';
import type { World } from '../simulator/world.ts';
import { slowProxy } from './slow-proxy.ts';
import { pairWorld } from './virtual-time-pair.ts';

const SEEDS = Number(process.argv[2] ?? '50');
const WORKERS = [1, 2, 3] as const;
const MAX_DELAY_MILLIS = 8;
/** Runs of the campaign at a time: it waits for delays, not for the processor. */
const AT_ONCE = 5;
const SMALL_BUSES = 4;
const LARGE_BUSES = 100;
const UNTIL = '2 min';

const machineWall: Meeting['wall'] = { after: (millis, call) => systemTiming.after(millis * 1_000, call) };

type Kind = 'pair' | 'energy';

/** What two runs must have alike, as one text. */
function essence(place: World): string {
  return JSON.stringify([
    place.fingerprint(),
    place.now(),
    place.traffic,
    place.agents.map(({ state, lifecycle, counters }) => [encodeState(state), lifecycle, encodeState({ ...counters })]),
    place.agents.map(({ did }) => encodeState({ ...place.ledger.balance(did) })),
  ]);
}

function gridOf(buses: number): { instance: InstanceSource; parameters: ReadonlyMap<string, string> } {
  const parameters = new Map([['buses', String(buses)]]);
  return { parameters, instance: { type: 'generated', parameters, settings: new Map() } };
}

function placeOf(kind: Kind, seed: number, workers?: number): World {
  const shard = workers === undefined ? undefined : { worker: null, workers };
  if (kind === 'pair') return pairWorld(seed, shard);
  const grid = generateInstance(gridDispatch, gridOf(SMALL_BUSES).parameters, seed);
  return settle(gridDispatch, grid, { seed, sign: 'batch', shard }).place;
}

async function startWorker(url: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('virtual-time-worker.js', import.meta.url)), [url]);
  await once(child, 'message');
  return child;
}

interface Crew {
  readonly own: Omit<Meeting, 'run'>;
  readonly workers: readonly ChildProcess[];
}

/** One seed, one kind, one number of workers: equal to the run in this process, or the bench ends. */
async function compare({ own, workers }: Crew, kind: Kind, seed: number): Promise<number> {
  const alone = placeOf(kind, seed);
  await alone.run(kind === 'pair' ? { until: UNTIL } : {});
  for (const count of WORKERS) {
    const run = `${kind}-${seed}-${count}`;
    for (const [index, worker] of workers.slice(0, count).entries()) worker.send({ run, kind, token: `w${index}` });
    const place = placeOf(kind, seed, count);
    if (kind === 'pair') {
      assert(place.shard !== null, 'the pair is split');
      await coordinate({ ...own, run, shard: place.shard, about: seed, until: UNTIL }).done;
    } else {
      const split: SplitRun = { ...own, run, kind: 'nats', workers: count, instance: gridOf(SMALL_BUSES).instance };
      await runOnWorkers(place, split, {
        description: { scenario: 'energy', seed, sign: 'batch' },
        trace: false,
        note: () => undefined,
      });
    }
    assert(
      essence(place) === essence(alone),
      `${kind}, seed ${seed}: ${count} workers ran another run than one process`,
    );
  }
  return alone.traffic.messages;
}

/** A coordinator's connection and three worker processes, each by an address of its own. */
async function withCrew<T>(urls: readonly string[], use: (crew: Crew) => Promise<T>): Promise<T> {
  const [first = '', ...others] = urls;
  const link = await connectNats({ servers: first, maxPayloadBytes: 1_000_000 });
  const workers = await Promise.all(others.map(startWorker));
  try {
    return await use({ own: { bus: link.bus, maxPayloadBytes: link.maxPayloadBytes, wall: machineWall }, workers });
  } finally {
    for (const worker of workers) worker.disconnect();
    await link.bus.drain();
  }
}

const CREW = ['c', 'w0', 'w1', 'w2'];

async function campaign(): Promise<readonly string[]> {
  const server = await startNatsServer();
  const random = createRandomRoot('virtual-time');
  const proxies = await Promise.all(
    CREW.map((name) =>
      slowProxy({ target: server.port, random: random.stream(name), maxDelayMillis: MAX_DELAY_MILLIS }),
    ),
  );
  const messages = { pair: 0, energy: 0 };
  await withCrew(
    proxies.map(({ port }) => `nats://127.0.0.1:${port}`),
    async (crew) => {
      for (let seed = 1; seed <= SEEDS; seed += AT_ONCE) {
        const seeds = Array.from({ length: Math.min(AT_ONCE, SEEDS - seed + 1) }, (_, index) => seed + index);
        await Promise.all(
          seeds.flatMap((one) =>
            (['pair', 'energy'] as const).map(async (kind) => {
              const count = await compare(crew, kind, one);
              messages[kind] += count;
            }),
          ),
        );
      }
    },
  );
  for (const proxy of proxies) await proxy.close();
  await server.stop();
  const row = (what: string, count: number): string =>
    `| ${what} | ${SEEDS} | ${SEEDS * WORKERS.length} | ${count} | all equal |`;
  return [
    `nats-server ${server.version}. Seeds 1 to ${SEEDS}, each over ${WORKERS.join(', ')} worker processes, every connection behind a proxy that holds`,
    `each chunk back for up to ${MAX_DELAY_MILLIS} ms. Compared: fingerprint, final time, traffic, every agent's state, counters, lifecycle and balance.`,
    '',
    '| world | seeds | split runs | messages in one process, all seeds | result |',
    '| --- | --: | --: | --: | --- |',
    row('a pair: contract nets with escrow, losses and copies', messages.pair),
    row(`energy, ${SMALL_BUSES} buses`, messages.energy),
  ];
}

interface Measured {
  readonly events: number;
  readonly windows: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly fingerprint: string;
}

async function measureAlone(): Promise<Measured> {
  const grid = generateInstance(gridDispatch, gridOf(LARGE_BUSES).parameters, 1);
  const { place } = settle(gridDispatch, grid, { seed: 1, sign: 'batch' });
  const cpu = process.cpuUsage();
  const before = performance.now();
  const { events } = await place.run();
  const wallSeconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { events, windows: 0, wallSeconds, cpuSeconds: (user + system) / 1e6, fingerprint: place.fingerprint() };
}

async function measureSplit({ own, workers }: Crew, count: number): Promise<Measured> {
  const { parameters, instance } = gridOf(LARGE_BUSES);
  const grid = generateInstance(gridDispatch, parameters, 1);
  const { place } = settle(gridDispatch, grid, { seed: 1, sign: 'batch', shard: { worker: null, workers: count } });
  const run = `rate-${count}`;
  let began = 0;
  const split: SplitRun = {
    ...own,
    run,
    kind: 'nats',
    workers: count,
    instance,
    onJoin: () => {
      began = performance.now();
    },
  };
  for (const [index, worker] of workers.slice(0, count).entries()) {
    worker.send({ run, kind: 'energy', token: `w${index}` });
  }
  const { events, windows, workerCpuSeconds } = await runOnWorkers(place, split, {
    description: { scenario: 'energy', seed: 1, sign: 'batch' },
    trace: false,
    note: () => undefined,
  });
  const wallSeconds = (performance.now() - began) / 1_000;
  return { events, windows, wallSeconds, cpuSeconds: workerCpuSeconds, fingerprint: place.fingerprint() };
}

async function rates(): Promise<readonly string[]> {
  const rows = [
    `| what | events | grants | wall s | CPU s of the workers | events/s | ms a grant |`,
    '| --- | --: | --: | --: | --: | --: | --: |',
  ];
  const row = (what: string, { events, windows, wallSeconds, cpuSeconds }: Measured): void => {
    const perGrant = windows === 0 ? '' : ((wallSeconds * 1_000) / windows).toFixed(2);
    rows.push(
      `| ${what} | ${events} | ${windows} | ${wallSeconds.toFixed(2)} | ${cpuSeconds.toFixed(2)} | ${Math.round(events / wallSeconds)} | ${perGrant} |`,
    );
  };
  const alone = await measureAlone();
  row('in one process', alone);
  const server = await startNatsServer();
  await withCrew(
    CREW.map(() => server.url),
    async (crew) => {
      for (const workers of WORKERS) {
        const split = await measureSplit(crew, workers);
        assert(split.fingerprint === alone.fingerprint, `${workers} workers ran another run`);
        row(`over NATS, ${workers} ${workers === 1 ? 'worker' : 'workers'}`, split);
      }
    },
  );
  await server.stop();
  return rows;
}

const report = [
  '# One run in one process and over a broker',
  '',
  '`npm run bench:virtual-time`. What is compared and how is in [docs/virtual-time.md](../../docs/virtual-time.md).',
  '',
  '## The same run',
  '',
  ...(await campaign()),
  '',
  '## What it costs',
  '',
  `energy, ${LARGE_BUSES} buses, signed in batches, on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}. The wall time of a split run counts from`,
  'the last worker that joined, so it includes making the world there.',
  '',
  ...(await rates()),
  '',
].join('\n');
const folder = fileURLToPath(new URL('../../bench/results/', import.meta.url));
mkdirSync(folder, { recursive: true });
if (SEEDS >= 50) writeFileSync(`${folder}virtual-time.md`, report);
process.stdout.write(report);
