import type { ExecutionContext } from 'ava';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { machineWall } from '../../cli/split.ts';
import { loadInstance, type InstanceSource } from '../../scenarios/instance-source.ts';
import { supplyChain } from '../../scenarios/supply-chain/scenario.ts';
import { simulate } from '../../scenarios/simulate.ts';
import { workOn, type Meeting } from '../../scenarios/split-run.ts';
import { drawnPolicyText } from '../fixtures/drawn-policies.ts';
import { PATIENCE, broker, live } from './broker.ts';

async function connected(t: ExecutionContext, port: number): Promise<Omit<Meeting, 'run'>> {
  const servers = `nats://127.0.0.1:${port}`;
  const link = await connectNats({ servers, maxPayloadBytes: 1_000_000, connectWithin: PATIENCE });
  t.teardown(async () => await link.bus.drain());
  return { bus: link.bus, wall: machineWall, maxPayloadBytes: link.maxPayloadBytes };
}

live(
  'firms contract, ship and pay over a broker as in one process by policies of a file: orders, books, decisions and fingerprint',
  async (t) => {
    const { port } = await broker(t);
    const own = await connected(t, port);
    const instance: InstanceSource = {
      type: 'generated',
      parameters: new Map([
        ['firms', '5'],
        ['tiers', '2'],
        ['products', '1'],
        ['periods', '5'],
      ]),
      settings: new Map(),
      policies: [{ file: 'order.json', text: drawnPolicyText('supply-chain/order', 7) }],
    };
    const problem = loadInstance(supplyChain, instance, 3);
    const alone = await simulate(supplyChain, problem, { seed: 3, sign: 'batch' });
    t.true(alone.result.rounds > 0);
    const run = 'supply';
    const works = await Promise.all(
      [0, 1].map(async (index) => {
        const meeting = await connected(t, port);
        return { done: workOn({ ...meeting, run, token: `w${index}` }) };
      }),
    );
    const split = { ...own, run, kind: 'nats', workers: 2, instance } as const;
    const spread = await simulate(supplyChain, problem, { seed: 3, sign: 'batch', split });
    await Promise.all(works.map(({ done }) => done));
    t.deepEqual(
      { ...spread.result, cpuSeconds: 0 },
      { ...alone.result, cpuSeconds: 0, mode: { ...alone.result.mode, bus: 'nats', workers: 2 } },
    );
    t.deepEqual(spread.agents.solution, alone.agents.solution);
  },
);
