// A market for steel: traders that quote at random, and one that places an order of its own. Every trade is paid and delivered.
import { z } from 'zod';
import { ContinuousDoubleAuction, defineAgent, did } from 'haggle';
import { exchange, zeroIntelligenceTrader } from 'haggle/agents';
import { world } from 'haggle/simulator';

const tokens = (count: number): bigint => BigInt(count) * 1_000_000n;
const text = (money: bigint): string => (Number(money) / 1e6).toFixed(2);

const builder = defineAgent({
  name: 'builder',
  params: z.object({ exchange: did() }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      await ctx.sleep('5 s');
      const order = await ctx.run(ContinuousDoubleAuction.trader, {
        exchange: ctx.params.exchange,
        asset: 'steel',
        side: 'buy',
        price: tokens(90),
        quantity: 3,
        within: '20 s',
        filled: ({ price, quantity }) => console.log(`builder: bought ${quantity} at ${text(price)}`),
      });
      if (order.type === 'done') console.log(`builder: ${order.reason}, ${order.quantity} for ${text(order.money)}`);
      else console.log(`builder: ${order.type} (${order.code})`);
    }),
});

const w = world({ seed: 4, strict: true });
const market = w.spawn(exchange({ assets: ['steel'] }));
w.spawn(builder({ exchange: market.did }), { funds: tokens(300) });

const range = { min: tokens(1), max: tokens(200) };
for (const value of [120, 100, 80]) {
  const limits = [tokens(value), tokens(value - 30)];
  const buyer = zeroIntelligenceTrader({ exchange: market.did, asset: 'steel', side: 'buy', limits, ...range });
  w.spawn(buyer, { name: `buyer-${value}`, funds: tokens(300) });
}
for (const cost of [30, 50, 70]) {
  const limits = [tokens(cost), tokens(cost + 30)];
  const seller = zeroIntelligenceTrader({ exchange: market.did, asset: 'steel', side: 'sell', limits, ...range });
  w.spawn(seller, { name: `seller-${cost}`, funds: { steel: 2n } });
}
await w.run();

console.log('prices:', market.state.trades.map(({ price }) => text(price)).join(', '));
for (const agent of w.agents) {
  const has = (asset: string): bigint => w.ledger.balance(agent.did, asset).available;
  console.log(`${agent.name}: ${text(has('token'))}, ${has('steel')} steel`);
}
console.log(`in circulation: ${text(w.ledger.supply())} and ${w.ledger.supply('steel')} steel`);
console.log('faults in the books:', w.ledger.audit().faults.length);
