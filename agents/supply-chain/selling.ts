import { observeDemand } from './demand-forecast.ts';
import { book, microTokens, type FirmBuilder, type FirmContext } from './firm-state.ts';
import { MarketSale } from './purchase-order.ts';
import { takeIn } from './shadow.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

/** Takes the retailer's role in {@link MarketSale}. */
export function selling(agent: FirmBuilder): void {
  agent.play(MarketSale, 'retailer', {
    demand(ctx, m) {
      const { params, state } = ctx;
      const market = params.markets.findIndex(({ agent: one }) => one === m.from);
      const { period, quantity } = m.body;
      if (market < 0 || period !== state.period || state.demanded[market] !== null) return m.fail('not expected');
      state.demanded[market] = { peer: m.from, dialogue: m.dialogue.id, quantity };
      if (state.demanded.every((one) => one !== null)) serve(ctx);
    },
    paid(ctx, m) {
      const due = ctx.state.invoiced.get(m.dialogue.key) ?? 0n;
      ctx.state.invoiced.delete(m.dialogue.key);
      book(ctx.state, { partner: m.from, what: 'sales', amount: due });
    },
  });
}

/** What has arrived is there before the markets come. */
export function receive({ params, state }: FirmContext): void {
  takeIn(params, state, state.period);
  if (state.shadow !== null) takeIn(params, state.shadow, state.period);
}

/** Serves the markets in their order, as far as stock and capacity reach: all are heard first, for what is left goes to the next. */
function serve(ctx: FirmContext): void {
  const { params, state } = ctx;
  let asked = 0;
  const capacity = state.capacity[state.period] ?? Infinity;
  const room = { real: capacity, alone: capacity };
  for (const [market, { price }] of params.markets.entries()) {
    const demanded = state.demanded[market];
    if (demanded === null || demanded === undefined) continue;
    asked += demanded.quantity;
    const forecast = state.forecasts[market];
    if (forecast !== undefined) observeDemand(forecast, demanded.quantity);
    const { quantity } = demanded;
    const sold = sell(ctx, state, { market, quantity, room: room.real });
    room.real -= sold;
    if (state.shadow !== null) {
      const alone = sell(ctx, state.shadow, { market, quantity, room: room.alone });
      room.alone -= alone;
      state.shadow.profit += price * alone;
    }
    const due = microTokens(price * sold);
    const dialogue = ctx.dialogue(MarketSale, 'retailer', { peer: demanded.peer, id: demanded.dialogue });
    if (dialogue === undefined) continue;
    state.invoiced.set(dialogue.key, due);
    dialogue.send('sale', { sold, waiting: state.waiting[market] ?? 0, due });
  }
  state.asked.push(asked);
  state.shadow?.asked.push(asked);
}

function sell(
  { params }: FirmContext,
  from: { readonly stock: number[]; readonly waiting: number[] },
  { market, quantity, room }: { readonly market: number; readonly quantity: number; readonly room: number },
): number {
  const wanted = quantity + (params.backlog ? (from.waiting[market] ?? 0) : 0);
  const sold = Math.min(wanted, from.stock[0] ?? 0, room);
  from.stock[0] = (from.stock[0] ?? 0) - sold;
  from.waiting[market] = Math.min(SUPPLY_LIMITS.units, wanted - sold);
  return sold;
}
