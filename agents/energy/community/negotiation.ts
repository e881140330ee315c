import { micros } from '../../../agent-core/clock.ts';
import type { BodyOf } from '../../../agent-core/protocol/conversation-types.ts';
import { netOf, planOf, type HomeBuilder, type HomeContext, type HomeParams, type PlanState } from './home-state.ts';
import { PlanRing } from './plan-ring.ts';
import { costOfNet, netCost, priceOfNet } from './pooled-cost.ts';
import { seriesOf, seriesText } from './series-text.ts';
import { planStorage } from './storage-plan.ts';

/** The first sum is taken modulo this: with a uniform mask, what the second home hears says nothing of the first. */
const MODULUS = 2 ** 28;

const MESSAGE_LIFE = '1 min';
/** All homes have started by then. */
const STARTS_AFTER = micros('1 s');

type Pass = BodyOf<typeof PlanRing, 'plan'>;
type Foresight = Extract<HomeParams['decides'], { readonly by: 'foresight' }>;
type Ring = NonNullable<Foresight['ring']>;

/** What a home needs to take part. */
interface Seat {
  readonly plan: PlanState;
  readonly ring: Ring;
  readonly terms: Foresight;
}

function seatOf({ params: { decides }, state: { plan } }: HomeContext): Seat | null {
  if (decides.by !== 'foresight' || decides.ring === null || plan === null) return null;
  return { plan, ring: decides.ring, terms: decides };
}

/** Takes part in {@link PlanRing}. Gives what who leads the ring does at its start. */
export function planning(agent: HomeBuilder): { readonly begin: (ctx: HomeContext) => void } {
  const start = agent.timer<null>('start-plans', (ctx) => {
    const seat = seatOf(ctx);
    if (seat === null) return;
    const chance = ctx.stream('plan-mask');
    seat.plan.mask = seat.plan.netWh.map(() => chance.integer(0, MODULUS - 1));
    tell(ctx, 'sum', { total: seriesText(masked(seat.plan.mask, seat.plan.netWh)) });
  });
  // Who plans alone, and what comes late or from somebody else, says nothing.
  const seated = (ctx: HomeContext, from: HomeContext['self']): Seat | null => {
    const seat = seatOf(ctx);
    const isLate = ctx.now() >= micros(ctx.params.opensAt);
    return seat === null || isLate || seat.plan.isSettled || from !== seat.ring.before ? null : seat;
  };
  agent.play(PlanRing, 'before', {});
  agent.play(PlanRing, 'after', {
    sum(ctx, { from, body }) {
      const seat = seated(ctx, from);
      if (seat === null) return;
      const sum = totalOf(ctx, body.total);
      if (!seat.ring.leads) return tell(ctx, 'sum', { total: seriesText(masked(sum, seat.plan.netWh)) });
      nextRound(ctx, seat, centred(sum, seat.plan.mask));
    },
    plan(ctx, { from, body }) {
      const seat = seated(ctx, from);
      if (seat === null) return;
      const total = totalOf(ctx, body.total);
      if (seat.ring.leads) return nextRound(ctx, seat, total);
      seat.plan.rounds = body.round + 1;
      tell(ctx, 'plan', { ...body, total: seriesText(replan(ctx, seat, { total, smoothingWh: body.smoothingWh })) });
    },
    settled(ctx, { from, body }) {
      const seat = seated(ctx, from);
      if (seat === null || seat.ring.leads) return;
      settle(ctx, seat, body);
    },
  });
  return {
    begin(ctx) {
      if (seatOf(ctx)?.ring.leads === true) ctx.schedule(start, STARTS_AFTER, null);
    },
  };
}

function tell<T extends 'sum' | 'plan' | 'settled'>(ctx: HomeContext, type: T, body: BodyOf<typeof PlanRing, T>): void {
  const seat = seatOf(ctx);
  if (seat !== null) ctx.open(PlanRing, 'before', seat.ring.after, type, body, { within: MESSAGE_LIFE });
}

function totalOf({ params }: HomeContext, text: string): number[] {
  return seriesOf(text, params.loadWh.length);
}

function masked(sum: readonly number[], own: readonly number[]): number[] {
  return sum.map((value, hour) => modulo(value + (own[hour] ?? 0)));
}

/** The sum without its mask: between minus and plus half of the modulus. */
function centred(sum: readonly number[], mask: readonly number[]): number[] {
  return sum.map((value, hour) => {
    const rest = modulo(value - (mask[hour] ?? 0));
    return rest >= MODULUS / 2 ? rest - MODULUS : rest;
  });
}

function modulo(value: number): number {
  return ((value % MODULUS) + MODULUS) % MODULUS;
}

/** The plan that costs all least, given what the others plan. */
function replan(
  { params }: HomeContext,
  { plan }: Seat,
  { total, smoothingWh }: { readonly total: readonly number[]; readonly smoothingWh: number },
): number[] {
  const { battery, tariff } = params;
  const rest = total.map((sum, hour) => sum - (plan.netWh[hour] ?? 0));
  const own = netOf(params);
  const net = rest.map((others, hour) => others + (own[hour] ?? 0));
  const cost = netCost({ net, tariff, smoothingWh }, battery.powerW);
  Object.assign(plan, planOf(params, planStorage({ battery, hours: net.length, cost })));
  return rest.map((others, hour) => others + (plan.netWh[hour] ?? 0));
}

/** Who leads looks at what the last round has saved: another one follows, with a sharper kink once it was little, or the end. */
function nextRound(ctx: HomeContext, seat: Seat, total: number[]): void {
  const { plan, terms } = seat;
  const { tariff } = ctx.params;
  const smoothingWh = terms.smoothingsWh[plan.smoothing] ?? 0;
  const cost = costOfNet({ net: total, tariff, smoothingWh });
  const isEnough = plan.lastCost - cost < terms.worthwhile * plan.lastCost || plan.stageRounds >= terms.rounds;
  if (!isEnough) {
    plan.lastCost = cost;
    plan.stageRounds++;
    plan.rounds++;
    const text = seriesText(replan(ctx, seat, { total, smoothingWh }));
    tell(ctx, 'plan', { smoothingWh, round: plan.rounds - 1, total: text });
    return;
  }
  // Prices are read off the sharpest rounding that still has a slope where all is in balance.
  if (smoothingWh > 0 || plan.priced === null) plan.priced = { smoothingWh, total };
  plan.smoothing++;
  plan.lastCost = Infinity;
  plan.stageRounds = 0;
  if (plan.smoothing < terms.smoothingsWh.length) return nextRound(ctx, seat, total);
  settle(ctx, seat, { smoothingWh: plan.priced.smoothingWh, round: plan.rounds, total: seriesText(plan.priced.total) });
}

function settle(ctx: HomeContext, { plan }: Seat, { smoothingWh, round, total }: Pass): void {
  const { tariff } = ctx.params;
  plan.isSettled = true;
  plan.prices = totalOf(ctx, total).map((net, hour) => Math.round(priceOfNet(net, tariff[hour] ?? 0, smoothingWh)));
  tell(ctx, 'settled', { smoothingWh, round, total });
}
