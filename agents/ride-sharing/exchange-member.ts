import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Received } from '../../agent-core/agent/dialogue.ts';
import type { Driving } from './driving.ts';
import { netOf, type Terms } from './deal.ts';
import type { Bind } from './deal-binding.ts';
import { endRound, ideaOf, offerOf, openLots, takeLot, type Desk } from './desk.ts';
import { TripExchange } from './exchange-protocol.ts';
import { isInvited } from './inviting.ts';
import { tripsOf } from './route.ts';
import { isBusy, isOver, isServed, learn, lotOf, sitDown, stakeOf } from './seat.ts';
import { payouts, reservations, SECURED_MICROS } from './securing.ts';
import type { Trip } from './trip.ts';
import type { VehicleContext, VehicleParams, VehicleState } from './vehicle-state.ts';

/** The member's side: it answers when it is asked, and leaves where it cannot. */
export function member(agent: AgentBuilder<VehicleParams, VehicleState>, bind: Bind, driving: Driving): void {
  const deals = new Map<string, Terms>();
  agent.play(
    TripExchange,
    'member',
    {
      convene(ctx, m) {
        if (!isInvited(ctx, m.from) || ctx.params.trade === null) return m.reply('decline', { reason: 'no colleague' });
        if (isBusy(ctx)) return m.reply('decline', { reason: 'busy' });
        const { desk } = sitDown(ctx);
        const trips = tripsOf(desk.committed);
        const serves = m.body.waiting.filter((id) => isServed(ctx, id));
        m.reply('join', { serves, idea: ideaOf(trips, ctx.stream('release')) });
      },
      topic: release,
      auction: bidFor,
      award(ctx, m) {
        const { session } = ctx.state;
        const costs = session === null || session.stale ? null : takeLot(session.desk, m.body.lot, m.body.open);
        if (costs === null) return m.reply('leave', { reason: 'cannot serve it' });
        m.reply('rebid', { costs: [...costs] });
      },
      close(ctx, m) {
        const { session } = ctx.state;
        if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
        endRound(session.desk, m.body.verdict);
        m.reply('stake', { gain: stakeOf(ctx, session.desk).toString() });
      },
      deal: async (ctx, m) => await agreeTo(ctx, m, deals),
      async commit(ctx, m) {
        const { session } = ctx.state;
        const deal = deals.get(m.dialogue.key);
        if (session === null || deal === undefined) return;
        ctx.state.sessionsInVain = 0;
        ctx.state.sessionsAttended++;
        bind(ctx, session, deal);
        if (deal.pays.length > 0) await ctx.ledger.submit(payouts(m.dialogue.id, deal.pays));
      },
      abort(ctx) {
        // One that was called off before its first round counts for nothing.
        if (ctx.state.session?.started !== true) return;
        ctx.state.sessionsInVain++;
        ctx.state.sessionsAttended++;
      },
    },
    {
      ended(ctx, end) {
        deals.delete(end.key);
        if (end.state === 'convened' || end.code === 'declined') return;
        const { session } = ctx.state;
        ctx.state.session = null;
        if (session?.bound === true) driving.plan(ctx);
      },
    },
  );
}

/** A message that a member hears. */
type Heard<T extends 'topic' | 'auction' | 'deal'> = Received<typeof TripExchange, 'member', T>;

/** Offers what this vehicle would release near a topic. */
function release(ctx: VehicleContext, m: Heard<'topic'>): void {
  const { session } = ctx.state;
  if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
  const { map } = ctx.params;
  const { verdict, topic, nearness } = m.body;
  if (Math.max(topic.pickup.place, topic.dropoff.place) >= map.places)
    return m.reply('leave', { reason: 'not on the map' });
  session.started = true;
  endRound(session.desk, verdict);
  const { trips, distance, idea } = offerOf(session.desk, { topic, nearness }, ctx.stream('release'));
  const lots = trips.map(({ id }) => id);
  const news = lots.flatMap((id) => (session.told.has(id) ? [] : (lotOf(ctx, id) ?? [])));
  for (const { trip } of news) session.told.add(trip.id);
  m.reply('offer', { lots, news, distance, idea });
}

/** Bids for the lots of a round. */
function bidFor(ctx: VehicleContext, m: Heard<'auction'>): void {
  const { session } = ctx.state;
  if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
  for (const lot of m.body.news) {
    if (!isKnownPlace(ctx, lot.trip)) return m.reply('leave', { reason: 'not on the map' });
    session.told.add(lot.trip.id);
    learn(ctx, lot);
  }
  const lots = m.body.lots.flatMap((id) => lotOf(ctx, id)?.trip ?? []);
  if (lots.length < m.body.lots.length) return m.reply('leave', { reason: 'unknown trip' });
  const { saved, costs } = openLots(session.desk, lots);
  m.reply('bid', { saved, costs: [...costs] });
}

/** Sets aside what a fair deal asks for, and is bound by it until it knows whether the deal holds. */
async function agreeTo(ctx: VehicleContext, m: Heard<'deal'>, deals: Map<string, Terms>): Promise<void> {
  const { session } = ctx.state;
  if (session === null || session.stale || isOver(ctx, session.desk)) return m.reply('leave', { reason: 'changed' });
  if (!isFair(ctx, session.desk, m.body)) return m.reply('leave', { reason: 'not the deal' });
  session.bound = true;
  const { pays } = m.body;
  if (pays.length > 0) {
    const held = await ctx.ledger.submit(reservations(m.dialogue.id, pays, ctx.now() + SECURED_MICROS));
    if (!m.dialogue.open) return;
    if (held.type === 'refused' || ctx.state.session !== session) return m.reply('leave', { reason: 'not secured' });
  }
  deals.set(m.dialogue.key, m.body);
  m.reply('agree', {});
}

function isKnownPlace({ params }: VehicleContext, { pickup, dropoff }: Trip): boolean {
  return pickup.place < params.map.places && dropoff.place < params.map.places;
}

/** Whether the deal is what was negotiated: it moves the trips of the best draft, and this vehicle does not lose by it. */
function isFair(ctx: VehicleContext, desk: Desk, terms: Terms): boolean {
  const before = new Set(tripsOf(desk.committed).map(({ id }) => id));
  const after = new Set(tripsOf(desk.best).map(({ id }) => id));
  const gone = [...before].filter((id) => !after.has(id));
  const come = [...after].filter((id) => !before.has(id));
  const isSame = (moves: Terms['gives'], trips: readonly number[]): boolean =>
    moves.length === trips.length && moves.every(({ trip }) => trips.includes(trip));
  return isSame(terms.gives, gone) && isSame(terms.takes, come) && stakeOf(ctx, desk) + netOf(terms) >= 0n;
}
