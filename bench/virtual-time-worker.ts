/**
 * A process of the bench that takes part in many runs: `node virtual-time-worker.js <url>`. It is told each run by its parent,
 * as `{ run, kind, token }`, and says when it is over.
 */
import { z } from 'zod';
import { systemTiming } from '../agent-core/adapters/live/timing.ts';
import { connectNats } from '../agent-core/adapters/nats.ts';
import { assert } from '../agent-core/errors.ts';
import { workOn } from '../scenarios/split-run.ts';
import { work } from '../simulator/shards/worker.ts';
import { pairWorld } from './virtual-time-pair.ts';

const jobSchema = z.object({ run: z.string(), token: z.string(), kind: z.enum(['pair', 'energy']) });

const wall = {
  after: (millis: number, call: () => void) => systemTiming.after(millis * 1_000, call),
};
const link = await connectNats({ servers: process.argv[2] ?? '', maxPayloadBytes: 1_000_000 });
const { bus, maxPayloadBytes } = link;

process.on('message', (message) => void take(jobSchema.parse(message)));
process.once('disconnect', () => process.exit(0));
process.send?.('here');

async function take({ run, token, kind }: z.output<typeof jobSchema>): Promise<void> {
  const before = process.cpuUsage();
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  const meeting = { bus, maxPayloadBytes, wall, run, token, cpuSeconds };
  if (kind === 'energy') await workOn(meeting);
  else {
    await work({
      ...meeting,
      populate: (about, shard) => {
        const { shard: part } = pairWorld(Number(about), shard);
        assert(part !== null, 'a worker makes a part of the world');
        return { shard: part };
      },
    });
  }
  process.send?.(run);
}
