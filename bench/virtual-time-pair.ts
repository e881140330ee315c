/** A shipper and a carrier that haul for money: the smallest world with everything in it. */
import { z } from 'zod';
import { defineAgent } from '../agent-core/agent/agent.ts';
import { amount } from '../agent-core/protocol/amount.ts';
import { contractNet } from '../agent-core/protocol/contract-net.ts';
import { did } from '../agent-core/protocol/did.ts';
import type { ShardOptions } from '../simulator/shards/shard-options.ts';
import { world, type World } from '../simulator/world.ts';

const Haul = contractNet({
  name: 'haul',
  version: '1.0.0',
  task: z.object({ tonnes: z.number().int().positive() }),
  bid: z.object({ price: amount() }),
  result: z.object({ hours: z.number() }),
});

const shipper = defineAgent({
  name: 'shipper',
  params: z.object({ carrier: did() }),
  state: () => ({ ends: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (let haul = 0; haul < 5; haul++) {
        const result = await ctx.run(Haul.initiator, {
          task: { tonnes: ctx.random.integer(1, 20) },
          to: [ctx.params.carrier],
          bidsWithin: '1 s',
          resultWithin: '10 s',
          choose: ([bid]) => bid ?? null,
          escrow: ({ bid }) => ({ amount: bid.price }),
        });
        ctx.state.ends.push(`${result.type} ${ctx.now()}`);
      }
    }),
});

const carrier = defineAgent({
  name: 'carrier',
  setup: (agent) =>
    Haul.participant(agent, {
      bid: (ctx, { task }) => ({ price: BigInt(task.tonnes * ctx.random.integer(1, 9)) }),
      secured: (bid) => bid.price,
      perform: async (ctx) => {
        await ctx.sleep(ctx.random.integer(1_000, 900_000));
        return { hours: 1 };
      },
    }),
});

/** The pair's world, whole or a part of it. */
export function pairWorld(seed: number, shard?: ShardOptions): World {
  const place = world({
    seed,
    strict: true,
    latency: ['2 ms', '40 ms'],
    faults: { loss: 0.02, duplicate: 0.1 },
    shard,
  });
  place.spawn(carrier(), { name: 'carrier', funds: 10n });
  place.spawn(shipper({ carrier: place.didOf('carrier') }), { name: 'shipper', funds: 1_000n });
  return place;
}
