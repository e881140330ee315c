// Who can haul this? A shipper knows no carrier by name: it asks the directory who plays the role and covers the north.
import { z } from 'zod';
import { amount, contractNet, defineAgent } from 'haggle';
import { world } from 'haggle/simulator';

const Haul = contractNet({
  name: 'haul',
  version: '1.0.0',
  task: z.object({ tonnes: z.number().int().positive() }),
  bid: z.object({ price: amount() }),
  result: z.object({ hours: z.number() }),
});

const carrier = defineAgent({
  name: 'carrier',
  params: z.object({ perTonne: z.bigint(), region: z.enum(['north', 'south']) }),
  tags: ({ region }) => [`region:${region}`],
  setup: (agent) =>
    Haul.participant(agent, {
      bid: ({ params }, { task }) => ({ price: params.perTonne * BigInt(task.tonnes) }),
      perform: async (ctx) => {
        await ctx.sleep('6 h');
        return { hours: 6 };
      },
    }),
});

const shipper = defineAgent({
  name: 'shipper',
  setup: (agent) =>
    agent.start(async (ctx) => {
      await ctx.sleep('1 min');
      const found = await ctx.directory.find({ protocol: Haul, role: 'participant', tags: ['region:north'] });
      console.log('found', found.map(({ name = '?' }) => name).toSorted());
      const haul = await ctx.run(Haul.initiator, {
        task: { tonnes: 20 },
        to: found.map((card) => card.agent),
        bidsWithin: '10 s',
        resultWithin: '12 h',
        choose: (bids) => bids.toSorted((a, b) => Number(a.bid.price - b.bid.price))[0] ?? null,
      });
      console.log(haul.type, haul.type === 'done' ? haul.award.bid : haul.answers);
    }),
});

const w = world({ seed: 7, strict: true });
w.spawn(shipper());
w.spawn(carrier({ perTonne: 12n, region: 'north' }));
w.spawn(carrier({ perTonne: 4n, region: 'south' }));
w.spawn(carrier({ perTonne: 9n, region: 'north' }));
w.spawn(carrier({ perTonne: 6n, region: 'north' })).stop(); // gone before anybody looks
await w.run();
