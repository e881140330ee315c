import type { ExecutionContext } from 'ava';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { machineWall } from '../../cli/split.ts';
import { loadInstance, type InstanceSource } from '../../scenarios/instance-source.ts';
import { rideSharing } from '../../scenarios/ride-sharing/scenario.ts';
import { simulate } from '../../scenarios/simulate.ts';
import { workOn, type Meeting } from '../../scenarios/split-run.ts';
import { PATIENCE, broker, live } from './broker.ts';

async function connected(t: ExecutionContext, port: number): Promise<Omit<Meeting, 'run'>> {
  const servers = `nats://127.0.0.1:${port}`;
  const link = await connectNats({ servers, maxPayloadBytes: 1_000_000, connectWithin: PATIENCE });
  t.teardown(async () => await link.bus.drain());
  return { bus: link.bus, wall: machineWall, maxPayloadBytes: link.maxPayloadBytes };
}

live(
  'riders and vehicles agree on the same day over a broker as in one process: trades, times and fingerprint',
  async (t) => {
    const { port } = await broker(t);
    const own = await connected(t, port);
    for (const mode of ['static', 'online']) {
      const instance: InstanceSource = {
        type: 'generated',
        parameters: new Map([
          ['requests', '8'],
          ['vehicles', '3'],
          ['hours', '1'],
        ]),
        settings: new Map([
          ['mode', mode],
          ['rounds', '12'],
        ]),
      };
      const problem = loadInstance(rideSharing, instance, 3);
      const alone = await simulate(rideSharing, problem, { seed: 3, sign: 'batch' });
      t.true(alone.result.rounds > 0);
      const run = `rides-${mode}`;
      const works = await Promise.all(
        [0, 1].map(async (index) => {
          const meeting = await connected(t, port);
          return { done: workOn({ ...meeting, run, token: `w${index}` }) };
        }),
      );
      const split = { ...own, run, kind: 'nats', workers: 2, instance } as const;
      const spread = await simulate(rideSharing, problem, { seed: 3, sign: 'batch', split });
      await Promise.all(works.map(({ done }) => done));
      t.deepEqual(
        { ...spread.result, cpuSeconds: 0 },
        { ...alone.result, cpuSeconds: 0, mode: { ...alone.result.mode, bus: 'nats', workers: 2 } },
      );
      t.deepEqual(spread.agents.solution, alone.agents.solution);
    }
  },
);
