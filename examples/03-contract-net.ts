// A contract net with escrow: a shipper calls carriers for bids, locks the price of the cheapest, and pays on delivery.
import { z } from 'zod';
import { amount, contractNet, defineAgent, did } from 'haggle';
import { world } from 'haggle/simulator';

const Haul = contractNet({
  name: 'haul',
  version: '1.0.0',
  task: z.object({ tonnes: z.number().int().positive() }),
  bid: z.object({ price: amount() }),
  result: z.object({ hours: z.number() }),
});

const shipper = defineAgent({
  name: 'shipper',
  params: z.object({ carriers: z.array(did()) }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const haul = await ctx.run(Haul.initiator, {
        task: { tonnes: 20 },
        to: ctx.params.carriers,
        bidsWithin: '10 s',
        resultWithin: '12 h',
        choose: (bids) => bids.toSorted((a, b) => Number(a.bid.price - b.bid.price))[0] ?? null,
        escrow: ({ bid }) => ({ amount: bid.price }),
      });
      console.log(haul.type, haul.type === 'done' ? haul.award.bid : haul.answers);
    }),
});

const carrier = defineAgent({
  name: 'carrier',
  params: z.object({ perTonne: z.bigint(), capacity: z.number() }),
  setup: (agent) =>
    Haul.participant(agent, {
      bid: ({ params }, { task, refuse }) =>
        task.tonnes > params.capacity ? refuse('full') : { price: params.perTonne * BigInt(task.tonnes) },
      secured: (bid) => bid.price,
      perform: async (ctx) => {
        await ctx.sleep('6 h');
        return { hours: 6 };
      },
    }),
});

const w = world({ seed: 7, strict: true });
const fleet = [
  { perTonne: 12n, capacity: 40 },
  { perTonne: 9n, capacity: 40 },
  { perTonne: 4n, capacity: 10 },
].map((params) => w.spawn(carrier(params)));
const customer = w.spawn(shipper({ carriers: fleet.map((member) => member.did) }), { funds: 1_000n });
await w.run();
for (const agent of [customer, ...fleet]) console.log(`${agent.name}: ${w.ledger.balance(agent.did).available}`);
