import type { ExecutionContext } from 'ava';
import { exchange } from '../../../agents/market/exchange.ts';
import type { ExchangeState } from '../../../agents/market/exchange-state.ts';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import {
  ContinuousDoubleAuction,
  type OrderResult,
  type OrderWish,
} from '../../../agent-core/protocol/continuous-double-auction.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';

export type Script = (ctx: Context<void, undefined>) => Promise<void> | void;

/** An agent that does what a test says, once, when it starts. */
export function scripted(script: Script): Agent<void, undefined> {
  return defineAgent({ name: 'trader', setup: (agent) => agent.start(script) })();
}

/** An order, as far as it matters; for wheat and for a minute, if it does not say. */
export type Wish = Partial<OrderWish> & Pick<OrderWish, 'side' | 'price' | 'quantity'>;

/** A world with an exchange for wheat, and money in it. */
export interface Floor {
  readonly place: World;
  readonly hub: PlacedAgent<ExchangeState>;
  readonly results: Map<string, OrderResult>;
  /** Places a trader with 1,000 tokens and 100 wheat. */
  trader(name: string, script: Script): PlacedAgent<undefined>;
  /** A trader that gives each order at its time, in milliseconds. Results go to `results`, as `name`, `name 2` … */
  orders(name: string, ...orders: readonly (readonly [number, Wish])[]): Did;
  /** What the exchange settled, as the ledger's journal has it. */
  readonly settled: () => readonly Settled[];
}

export interface Settled {
  readonly trade: string;
  readonly buyer: Did;
  readonly seller: Did;
  readonly price: bigint;
  readonly quantity: number;
}

export const MONEY = 1_000n;
export const WHEAT = 100n;

export function floor(
  options: Partial<WorldOptions> = {},
  market: Partial<Parameters<typeof exchange>[0]> = {},
): Floor {
  const place = world({ seed: 1, strict: true, ...options, money: { record: true } });
  const hub = place.spawn(exchange({ assets: ['wheat'], ...market }), { name: 'exchange' });
  const results = new Map<string, OrderResult>();
  const trader: Floor['trader'] = (name, script) =>
    place.spawn(scripted(script), { name, funds: { token: MONEY, wheat: WHEAT } });
  return {
    place,
    hub,
    results,
    trader,
    orders: (name, ...orders) =>
      trader(name, async (ctx) => {
        await Promise.all(
          orders.map(async ([at, wish], index) => {
            await ctx.sleep(`${at} ms`);
            const order = { exchange: hub.did, asset: 'wheat', within: '1 min' as const, ...wish };
            const result = await ctx.run(ContinuousDoubleAuction.trader, order);
            results.set(index === 0 ? name : `${name} ${index + 1}`, result);
          }),
        );
      }).did,
    settled: () =>
      place.ledger.journal.flatMap((entry): Settled[] => {
        if (entry.type !== 'chain' || entry.from !== hub.did || entry.outcome.type !== 'applied') return [];
        const [taken, goods, payment] = entry.operations;
        if (taken?.type !== 'post' || goods?.type !== 'post') return [];
        const [buyer, seller] = [taken.payer ?? hub.did, goods.payer ?? hub.did];
        const price = payment?.type === 'transfer' && payment.to === seller ? payment.amount / goods.amount : 0n;
        return [{ trade: taken.id.slice(0, -'/money'.length), buyer, seller, price, quantity: Number(goods.amount) }];
      }),
  };
}

/** Everything that must hold once nothing is pending any more, whatever went wrong before. */
export function checkBooks(t: ExecutionContext, { place, hub, settled }: Floor): void {
  const traders = place.agents.filter(({ did }) => did !== hub.did);
  t.deepEqual(place.ledger.audit().faults, []);
  t.is(place.ledger.audit().openReservations, 0, 'no reservation is left');
  t.is(place.ledger.supply(), MONEY * BigInt(traders.length), 'no money was made or lost');
  t.is(place.ledger.supply('wheat'), WHEAT * BigInt(traders.length), 'no goods were made or lost');
  for (const asset of ['token', 'wheat']) t.is(place.ledger.balance(hub.did, asset).available, 0n, 'it keeps nothing');
  for (const { did, name } of traders) {
    let [money, wheat] = [MONEY, WHEAT];
    for (const { buyer, seller, price, quantity } of settled()) {
      const units = BigInt(quantity);
      if (buyer === did) [money, wheat] = [money - price * units, wheat + units];
      if (seller === did) [money, wheat] = [money + price * units, wheat - units];
    }
    t.is(place.ledger.balance(did).available, money, `${name} has the money of its trades`);
    t.is(place.ledger.balance(did, 'wheat').available, wheat, `${name} has the goods of its trades`);
  }
  for (const { counters, name, lifecycle } of place.agents) {
    if (lifecycle === 'crashed') continue;
    t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
    t.is(counters.timersPending, 0, `${name} has no pending timer`);
  }
  t.deepEqual([hub.state.orders.size, hub.state.ids.size, hub.state.books.get('wheat')?.size], [0, 0, 0]);
}
