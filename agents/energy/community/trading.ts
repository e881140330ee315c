import { CallMarket, type SealedResult } from '../../../agent-core/protocol/call-market.ts';
import { decide, type Asker } from '../../../agent-core/policy/policy.ts';
import { flowBetween, mostGiven, mostTaken, storedAfter } from './battery.ts';
import { bid, drawnAlone, followTrades, type HourWish } from './bidding.ts';
import { remember } from './home-memory.ts';
import { ENERGY_ASSET, type HomeContext } from './home-state.ts';
import { highestTariff, observeHome, valueBy, wishByValue, type HomeView } from './value-policy.ts';

/** An order ends so long after it was sent: some time after its call. */
const ORDER_LIFE = '2 min';

/** Trades what an hour takes, has the battery follow, and pays by meter for what no trade covered. */
export async function tradeHour(ctx: HomeContext, hour: number): Promise<void> {
  const { params, state } = ctx;
  const view = viewOf(ctx, hour, state.storedWh);
  const wish = wishOf(ctx, view);
  const orders: Promise<{ readonly sign: number; readonly result: SealedResult }>[] = [];
  bid(wish, (side, price, quantity) => {
    const { exchange } = params;
    const order = { exchange, asset: ENERGY_ASSET, side, price: BigInt(price), quantity, within: ORDER_LIFE } as const;
    orders.push(ctx.run(CallMarket.trader, order).then((result) => ({ sign: side === 'buy' ? 1 : -1, result })));
  });
  let [traded, price]: [number, number | null] = [0, null];
  for (const { sign, result } of await Promise.all(orders)) {
    if (result.type !== 'cleared') continue;
    traded += sign * result.quantity;
    state.paid += BigInt(sign) * result.money;
    price = result.price === null ? price : Number(result.price);
  }
  await follow(ctx, view, { traded, price });
  keepShadow(ctx, hour);
  remember(state.memory, params.hourOfDay[hour] ?? 0, { ...view, price: price ?? params.tariff[hour] ?? 0 });
}

async function follow(
  ctx: HomeContext,
  { battery, hour, loadWh, sunWh }: HomeView,
  { traded, price }: { readonly traded: number; readonly price: number | null },
): Promise<void> {
  const { params, state } = ctx;
  const reach = { givesWh: mostGiven(battery, state.storedWh), takesWh: mostTaken(battery, state.storedWh) };
  const { flowWh, restWh } = followTrades({ netWh: loadWh - sunWh, ...reach }, traded);
  state.storedWh = storedAfter(battery, state.storedWh, flowWh);
  state.hour = hour;
  state.flowWh[hour] = flowWh;
  state.tradedWh[hour] = traded + restWh;
  state.prices[hour] = price;
  if (restWh <= 0) return;
  state.meteredWh += restWh;
  const owed = BigInt(restWh) * BigInt(params.tariff[hour] ?? 0);
  if (owed === 0n) return;
  const reference = `meter-${hour}`;
  const receipt = await ctx.ledger.transfer({ to: params.utility, amount: owed, reference });
  if (receipt.type === 'applied') state.paid += owed;
  else ctx.log.warn({ event: 'meter-not-paid', hour, code: receipt.code });
}

function viewOf({ params, state }: HomeContext, hour: number, storedWh: number): HomeView {
  const { battery, hourOfDay, dayType, month, tariff } = params;
  const [loadWh, sunWh] = [params.loadWh[hour] ?? 0, params.sunWh[hour] ?? 0];
  return { battery, storedWh, hour, hourOfDay, dayType, month, tariff, loadWh, sunWh, memory: state.memory };
}

function wishOf(ctx: HomeContext, view: HomeView): HourWish {
  const { decides } = ctx.params;
  if (decides.by === 'foresight') return wishByPlan(ctx, view);
  return wishAsked(view, decides.policy, (policy, seen) => ctx.decide(policy, seen));
}

type Rule = Parameters<Asker>[0];

/** What a policy makes of what a home sees. A home without a battery has nothing to decide. */
export function wishAsked(view: HomeView, policy: Rule, ask: Asker): HourWish {
  if (view.battery.powerW <= 0 || view.battery.capacityWh <= 0) return wishByValue(view, 0);
  const seen = observeHome(view);
  const [correction = 0] = ask(policy, seen);
  return wishByValue(view, valueBy(seen, correction) * highestTariff(view.tariff, view.hour));
}

/** Follows the plan, at the prices that all reckon with: nobody sells below them what others would pay them for. */
function wishByPlan(
  { state: { plan } }: HomeContext,
  { battery, storedWh, hour, loadWh, sunWh, tariff }: HomeView,
): HourWish {
  const now = tariff[hour] ?? 0;
  const worth = plan?.prices[hour] ?? 0;
  const wanted = Math.round(flowBetween(battery, storedWh, plan?.storedWh[hour] ?? storedWh));
  return {
    netWh: loadWh - sunWh,
    givesWh: Math.min(mostGiven(battery, storedWh), Math.max(0, -wanted)),
    // The utility sells at the tariff: below it a neighbour is served first.
    givesAt: Math.max(1, Math.min(worth, now - 1)),
    takesWh: Math.min(mostTaken(battery, storedWh), Math.max(0, wanted)),
    takesAt: wanted > 0 ? Math.max(1, worth) : 0,
    tariff: now,
    surplusAt: Math.max(0, Math.min(worth, now - 1)),
  };
}

/** What a home that decides by policy would have paid in this hour without a market. */
function keepShadow(ctx: HomeContext, hour: number): void {
  const { params, state } = ctx;
  const { decides, battery, tariff } = params;
  if (decides.by !== 'policy') return;
  const { shadow } = state;
  const view = viewOf(ctx, hour, shadow.storedWh);
  const wish = wishAsked(view, decides.policy, (policy, seen) => decide(policy, seen).action);
  const drawn = drawnAlone(wish);
  const { flowWh, restWh } = followTrades(wish, drawn);
  shadow.storedWh = storedAfter(battery, shadow.storedWh, flowWh);
  shadow.paid += (tariff[hour] ?? 0) * Math.max(0, drawn + restWh);
}
