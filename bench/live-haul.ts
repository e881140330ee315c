import { z } from 'zod';
import { defineAgent } from '../agent-core/agent/agent.ts';
import { contractNet } from '../agent-core/protocol/contract-net.ts';
import { did } from '../agent-core/protocol/did.ts';

/** A contract net without money. */
export const Haul = contractNet({
  name: 'haul',
  version: '1.0.0',
  task: z.object({ tonnes: z.number().int().positive() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ hours: z.number() }),
});

/** How a round of the shipper ended, and how a carrier's dialogue did. */
export interface Ends {
  readonly ends: string[];
}

/** Holds as many contract nets as asked for, one after another, with a pause between them. */
export const shipper = defineAgent({
  name: 'shipper',
  params: z.object({
    carriers: z.array(did()),
    rounds: z.number(),
    pauseMicros: z.number().default(1_000_000),
    bidsMicros: z.number().default(10_000_000),
    resultMicros: z.number().default(60_000_000),
  }),
  state: (): Ends => ({ ends: [] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (let round = 0; round < ctx.params.rounds; round++) {
        const haul = await ctx.run(Haul.initiator, {
          task: { tonnes: ctx.random.integer(1, 20) },
          to: ctx.params.carriers,
          bidsWithin: ctx.params.bidsMicros,
          resultWithin: ctx.params.resultMicros,
          choose: (bids) => bids.toSorted((a, b) => a.bid.price - b.bid.price)[0] ?? null,
        });
        ctx.state.ends.push(haul.type === 'done' ? `done ${haul.award.bid.price}` : haul.type);
        await ctx.sleep(ctx.params.pauseMicros);
      }
    }),
});

/** Bids a random price and takes its time to perform. */
export const carrier = defineAgent({
  name: 'carrier',
  params: z.object({ perTonne: z.number(), workMicros: z.number().default(2_000_000) }),
  state: (): Ends => ({ ends: [] }),
  setup: (agent) =>
    Haul.participant(agent, {
      bid: ({ params, random }, { task }) => ({ price: params.perTonne * task.tonnes + random.integer(0, 9) }),
      perform: async (ctx) => {
        await ctx.sleep(ctx.params.workMicros);
        ctx.state.ends.push('performed');
        return { hours: 2 };
      },
    }),
});
