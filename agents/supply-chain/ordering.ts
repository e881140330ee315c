import { micros } from '../../agent-core/clock.ts';
import {
  addTo,
  book,
  lanesOf,
  microTokens,
  type FirmBuilder,
  type FirmContext,
  type ShippedOrder,
} from './firm-state.ts';
import { localOrders } from './local-rule.ts';
import { PurchaseOrder } from './purchase-order.ts';
import { ruleViewOf } from './reporting.ts';
import { TINY } from './stock-plan.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

/** An order is answered in the phase after it. */
const ANSWERED_WITHIN = micros('12 min');
/** What is set aside for an order outlives its dialogue. */
const RESERVED_WITHIN = micros('20 min');

/** Takes the buyer's role in {@link PurchaseOrder}. */
export function ordering(agent: FirmBuilder): void {
  agent.play(PurchaseOrder, 'buyer', {
    ship(ctx, m) {
      const lane = ctx.params.suppliers.findIndex(({ agent: one }) => one === m.from);
      if (lane >= 0) noteShipment(ctx, lane, m.body);
    },
    decline() {
      // What was set aside goes back by itself; why nothing came of it is looked into in the next period.
    },
  });
}

/** Takes what a supplier has shipped into the books; once, however often and late it is told. */
export function noteShipment({ params, state }: FirmContext, lane: number, shipment: ShippedOrder): void {
  const supplier = params.suppliers[lane];
  const { period, credit, penalty } = shipment;
  if (supplier === undefined || state.unanswered[lane] !== period) return;
  state.unanswered[lane] = null;
  const ordered = state.ordered[lane]?.[period] ?? 0;
  // Nobody takes in more than it has ordered, nor has paid more than it has set aside, whatever it is told.
  const quantity = Math.min(shipment.quantity, ordered);
  const alone = Math.min(shipment.alone, state.orderedAlone[lane] ?? 0);
  const secured = state.secured[lane] ?? 0n;
  const due = shipment.due < secured ? shipment.due : secured;
  const { agent, leadTime, price } = supplier;
  // What should have arrived before it was told of arrives now.
  const arrival = Math.max(period + leadTime, state.period);
  addTo(state.underWay[lane], arrival, quantity);
  state.received[lane] = quantity;
  book(state, { partner: agent, what: 'goods', amount: credit - due - penalty });
  if (penalty > 0n) book(state, { partner: agent, what: 'penalty', amount: penalty });
  if (Math.abs(shipment.quantity - ordered) > TINY || due !== shipment.due) state.doubts.add(lane);
  const { shadow } = state;
  if (shadow === null) return;
  addTo(shadow.underWay[lane], arrival, alone);
  shadow.received[lane] = alone;
  shadow.profit -= price * alone;
}

/** Orders of every supplier what was contracted for this period, or what the rule says. */
export async function placeOrders(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  const { period } = state;
  const byRule = ordersByRule(ctx);
  await Promise.all(
    params.suppliers.map(async ({ agent, price }, lane) => {
      const alone = byRule[lane] ?? 0;
      const quantity = params.trade === null ? alone : Math.max(0, state.planned[lane]?.[period] ?? 0);
      const due = microTokens(params.trade === null ? price * quantity : (state.dues[lane]?.[period] ?? 0));
      const escrow = due > 0n ? await setAside(ctx, { lane, to: agent, due }) : null;
      // What cannot be paid is not ordered.
      const isPaid = due <= 0n || escrow !== null;
      const body = { period, quantity: isPaid ? quantity : 0, alone, escrow };
      const ordered = state.ordered[lane];
      if (ordered !== undefined) ordered[period] = body.quantity;
      state.unanswered[lane] = period;
      state.orderedAlone[lane] = alone;
      state.secured[lane] = escrow === null ? 0n : due;
      ctx.open(PurchaseOrder, 'buyer', agent, 'order', body, { within: ANSWERED_WITHIN });
    }),
  );
}

async function setAside(
  ctx: FirmContext,
  { lane, to, due }: { readonly lane: number; readonly to: FirmContext['self']; readonly due: bigint },
): Promise<string | null> {
  const id = `order/${ctx.state.period}/${lane}`;
  const receipt = await ctx.ledger.reserve({ id, to, amount: due, release: 'payee', within: RESERVED_WITHIN });
  return receipt.type === 'applied' ? id : null;
}

/** What the rule orders, by supplier. */
function ordersByRule(ctx: FirmContext): readonly number[] {
  const { params } = ctx;
  const orders = params.suppliers.map(() => 0);
  const byItem = localOrders(params.rule, ruleViewOf(ctx), (rule, seen) => ctx.decide(rule, seen));
  for (const [item, units] of byItem.entries()) {
    for (const [k, lane] of lanesOf(params, item).entries()) {
      // A customer may have told what makes a rule order more than there is in the world.
      orders[lane] = Math.min(units[k] ?? 0, SUPPLY_LIMITS.units);
    }
  }
  return orders;
}
