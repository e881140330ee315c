import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { z } from 'zod';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Bus } from '../../agent-core/bus/bus.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { slowProxy } from '../../bench/slow-proxy.ts';
import { machineWall } from '../../cli/split.ts';
import { gridDispatch } from '../../scenarios/energy/grid-scenario.ts';
import { generateInstance } from '../../scenarios/instance-source.ts';
import { simulate } from '../../scenarios/simulate.ts';
import { workOn, type Meeting } from '../../scenarios/split-run.ts';
import { coordinate } from '../../simulator/shards/coordinator.ts';
import type { ShardOptions } from '../../simulator/shards/shard-options.ts';
import { work } from '../../simulator/shards/worker.ts';
import { world, type World } from '../../simulator/world.ts';
import { Metering, meter } from '../fixtures/metering.ts';
import { shardOf } from '../fixtures/split-run.ts';
import { PATIENCE, broker, live } from './broker.ts';
import { boundBus } from '../fixtures/bound-bus.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const MAX_DELAY_MILLIS = 8;

/** A connection of its own to the broker, through a proxy that holds every chunk back at random. */
async function delayed(t: ExecutionContext, port: number, seed: string): Promise<Omit<Meeting, 'run'>> {
  const proxy = await slowProxy({
    target: port,
    random: createRandomRoot(seed).stream('delay'),
    maxDelayMillis: MAX_DELAY_MILLIS,
  });
  t.teardown(async () => await proxy.close());
  const servers = `nats://127.0.0.1:${proxy.port}`;
  const link = await connectNats({ servers, maxPayloadBytes: 200_000, connectWithin: PATIENCE });
  // Teardowns run last first: the proxy is there as long as the link.
  t.teardown(async () => await link.bus.drain());
  return { bus: link.bus, wall: machineWall, maxPayloadBytes: link.maxPayloadBytes };
}

const asker = defineAgent({
  name: 'asker',
  params: z.object({ target: did() }),
  state: () => ({ answers: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (let round = 0; round < 8; round++) {
        const { type } = await ctx.ask(Metering, 'reader', ctx.params.target, 'ask', { slots: 1 }, { within: '5 s' });
        ctx.state.answers.push(`${type} ${ctx.now()}`);
        await ctx.sleep('10 min');
      }
    }),
});

/** Two agents that talk, stop and leave nothing behind. */
function pair(seed: number, shard?: ShardOptions): World {
  const place = world({ seed, strict: true, latency: ['5 ms', '80 ms'], faults: { duplicate: 0.2 }, shard });
  place.spawn(meter({ meanKWh: 2 }), { name: 'meter' });
  place.spawn(asker({ target: place.didOf('meter') }), { name: 'asker' });
  return place;
}

live('a pair of agents in 1, 2 or 3 workers on a real broker, delayed at random, runs as in one process', async (t) => {
  const { port } = await broker(t);
  const connections = await Promise.all(['c', 'w0', 'w1', 'w2'].map((name) => delayed(t, port, name)));
  const [own, ...others] = connections;
  if (own === undefined) throw new TypeError('the coordinator has a connection');
  for (const seed of [1, 2, 3]) {
    const alone = pair(seed);
    await alone.run({ until: '90 min' });
    for (const workers of [1, 2, 3]) {
      const run = `pair-${seed}-${workers}`;
      const works = others.slice(0, workers).map((meeting, index) =>
        work({
          ...meeting,
          run,
          token: `w${index}`,
          populate: (_, shard) => ({ shard: shardOf(pair(seed, shard)) }),
        }),
      );
      const place = pair(seed, { worker: null, workers });
      await coordinate({ ...own, run, about: null, shard: shardOf(place), until: '90 min' }).done;
      await Promise.all(works);
      t.is(place.fingerprint(), alone.fingerprint());
      t.deepEqual(place.traffic, alone.traffic);
      t.deepEqual(
        place.agents.map(({ state, counters, lifecycle }) => ({ state, counters, lifecycle })),
        alone.agents.map(({ state, counters, lifecycle }) => ({ state, counters, lifecycle })),
      );
    }
  }
});

live('a grid negotiates the same dispatch over a delayed broker as in one process, round by round', async (t) => {
  const { port } = await broker(t);
  const connections = await Promise.all(['c', 'w0', 'w1', 'w2'].map((name) => delayed(t, port, name)));
  const [own, ...others] = connections;
  if (own === undefined) throw new TypeError('the coordinator has a connection');
  const parameters = new Map([['buses', '5']]);
  const grid = generateInstance(gridDispatch, parameters, 1);
  const alone = await simulate(gridDispatch, grid, { seed: 1, sign: 'batch' });
  for (const workers of [1, 2, 3]) {
    const run = `grid-${workers}`;
    const works = others.slice(0, workers).map((meeting, index) => workOn({ ...meeting, run, token: `w${index}` }));
    const split = await simulate(gridDispatch, grid, {
      seed: 1,
      sign: 'batch',
      split: { ...own, run, kind: 'nats', workers, instance: { type: 'generated', parameters, settings: new Map() } },
    });
    await Promise.all(works);
    t.deepEqual(
      { ...split.result, cpuSeconds: 0 },
      { ...alone.result, cpuSeconds: 0, mode: { ...alone.result.mode, bus: 'nats', workers } },
    );
    t.deepEqual(split.agents.solution, alone.agents.solution);
    t.deepEqual(split.course, alone.course);
  }
});

live('a packet that is dropped on its way fails the run and is named exactly', async (t) => {
  const { port } = await broker(t);
  const own = await delayed(t, port, 'c');
  const [first, second] = await Promise.all(['w0', 'w1'].map((name) => delayed(t, port, name)));
  if (first === undefined || second === undefined) throw new TypeError('two workers have connections');
  const parameters = new Map([['buses', '5']]);
  const worker = { run: 'gap', millis: { missing: 200 } };
  let packets = 0;
  const lossy: Bus = {
    ...boundBus(second.bus),
    publish: (subject, payload, options) => {
      if (!subject.includes('.packets.') || ++packets !== 3) second.bus.publish(subject, payload, options);
    },
  };
  const works = Promise.allSettled([
    workOn({ ...first, ...worker, token: 'w0' }),
    workOn({ ...second, ...worker, bus: lossy, token: 'w1' }),
  ]);
  const failed = await t.throwsAsync(
    simulate(gridDispatch, generateInstance(gridDispatch, parameters, 1), {
      seed: 1,
      sign: 'off',
      split: {
        ...own,
        run: 'gap',
        kind: 'nats',
        workers: 2,
        instance: { type: 'generated', parameters, settings: new Map() },
      },
    }),
    { instanceOf: HaggleError, code: 'missing-messages' },
  );
  t.regex(
    failed?.message ?? '',
    /^worker \d cannot begin epoch \d+: it misses messages from worker \d numbers? \d+( to \d+)? \(epoch \d+\)$/,
  );
  for (const end of await works) t.is(end.status, 'rejected');
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function haggle(...args: readonly string[]): { readonly pid: number | undefined; readonly ended: Promise<Ended> } {
  let pid: number | undefined;
  const ended = new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    pid = child.pid;
  });
  return { pid, ended };
}

live('the command gives one result in one process and in three over a broker of its own', async (t) => {
  const args = ['simulate', 'energy', '--generate', 'buses=5', '--json', '--seed', '4'];
  const [alone, split] = await Promise.all([
    haggle(...args).ended,
    haggle(...args, '--bus', 'nats', '--workers', '3').ended,
  ]);
  const fields = [alone, split].map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
  t.deepEqual(fields[1]?.['mode'], { bus: 'nats', workers: 3, sign: 'batch', policy: 'scripted' });
  for (const one of fields) for (const name of ['mode', 'cpuSeconds']) Reflect.deleteProperty(one, name);
  t.deepEqual(fields[0], fields[1]);
});

live('workers started by hand join a run that waits for them; one that is killed ends it, by name', async (t) => {
  const { url } = await broker(t);
  const run = ['--nats', url, '--run', 'by-hand'];
  const simulation = haggle(
    'simulate',
    'energy',
    '--generate',
    'buses=300',
    '--bus',
    'nats',
    '--workers',
    '2',
    '--await-workers',
    ...run,
  );
  const workers = [haggle('worker', ...run, '--token', 'ann'), haggle('worker', ...run, '--token', 'bob')];
  const link = await connectNats({ servers: url, connectWithin: PATIENCE });
  t.teardown(() => link.bus.drain());
  let reports = 0;
  await new Promise<void>((resolve) => {
    link.bus.subscribe('haggle-sim.by-hand.coordinator', ({ payload }) => {
      if (payload.includes('"report"') && ++reports === 40) resolve();
    });
  });
  process.kill(workers[0]?.pid ?? 0, 'SIGKILL');
  const { code, stderr } = await simulation.ended;
  t.not(code, 0);
  t.regex(stderr, /worker \d \("ann"\) is lost in epoch \d+: it left the bus/);
  const [, survivor] = await Promise.all(workers.map(({ ended }) => ended));
  t.not(survivor?.code, 0);
  t.regex(survivor?.stderr ?? '', /"ann"/);
});
