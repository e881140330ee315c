import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Received } from '../../agent-core/agent/dialogue.ts';
import { micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Driving } from './driving.ts';
import { isPaid, type Bind, type Deal } from './deal-binding.ts';
import { endRound, ideaOf, offerOf, openLots, takeLot } from './desk.ts';
import { TripExchange } from './exchange-protocol.ts';
import { isInvited } from './inviting.ts';
import { tripsOf } from './route.ts';
import { isBusy, isFair, isOver, isServed, isTradable, learn, lotOf, seatAt, sitDown, stakeOf } from './seat.ts';
import { reservations, SECURED_MICROS } from './securing.ts';
import type { VehicleContext, VehicleParams, VehicleState } from './vehicle-state.ts';

/** A session may take so many times what this vehicle's own would. */
const LONGEST = 2;

/** The member's side: it answers when it is asked, and leaves where it cannot. */
export function member(agent: AgentBuilder<VehicleParams, VehicleState>, bind: Bind, driving: Driving): void {
  const deals = new Map<string, Deal>();
  // Dialogues whose deal holds if what this vehicle gets was set aside.
  const confirmed = new Set<string>();
  // What was set aside is back by now: a deal that nobody has confirmed is none.
  const letGo = agent.timer<{ peer: Did; id: string }>('let-go', (ctx, name) => {
    ctx.dialogue(TripExchange, 'member', name)?.fail('late');
  });
  agent.play(
    TripExchange,
    'member',
    {
      convene: join,
      topic: release,
      auction: bidFor,
      award(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        const costs = session === null || session.stale ? null : takeLot(session.desk, m.body.lot, m.body.open);
        if (costs === null) return m.reply('leave', { reason: 'cannot serve it' });
        m.reply('rebid', { costs: [...costs] });
      },
      close(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
        endRound(session.desk, m.body.verdict);
        m.reply('stake', { gain: stakeOf(ctx, session.desk).toString() });
      },
      async deal(ctx, m) {
        if (!(await agreeTo(ctx, m))) return;
        deals.set(m.dialogue.key, { terms: m.body, name: m.body.name });
        m.reply('agree', {});
        ctx.schedule(letGo, SECURED_MICROS, { peer: m.from, id: m.dialogue.id });
      },
      async commit(ctx, m) {
        const { key } = m.dialogue;
        const session = seatAt(ctx, m.dialogue);
        const deal = deals.get(key);
        if (session === null || deal === undefined) return;
        confirmed.add(key);
        const holds = deal.terms.receives.length === 0 || (await isPaid(ctx, deal));
        confirmed.delete(key);
        ctx.state.sessionsInVain = holds ? 0 : ctx.state.sessionsInVain + 1;
        ctx.state.sessionsAttended++;
        if (holds) return bind(ctx, session, deal);
        ctx.state.session = null;
        driving.plan(ctx);
      },
      abort(ctx, m) {
        // One that was called off before its first round counts for nothing.
        if (seatAt(ctx, m.dialogue)?.started !== true) return;
        ctx.state.sessionsInVain++;
        ctx.state.sessionsAttended++;
      },
    },
    {
      ended(ctx, end) {
        deals.delete(end.key);
        const session = seatAt(ctx, end);
        if (session === null || confirmed.has(end.key)) return;
        ctx.state.session = null;
        if (session.bound) driving.plan(ctx);
      },
    },
  );
}

/** A message that a member hears. */
type Heard<T extends 'convene' | 'topic' | 'auction' | 'deal'> = Received<typeof TripExchange, 'member', T>;

/** Sits down with a colleague, unless it would be for too long. */
function join(ctx: VehicleContext, m: Heard<'convene'>): void {
  if (!isInvited(ctx, m.from) || ctx.params.trade === null) return m.reply('decline', { reason: 'no colleague' });
  if (isBusy(ctx)) return m.reply('decline', { reason: 'busy' });
  const { within } = ctx.params.trade;
  // Its clock may differ from this one's, but nobody holds this vehicle for as long as it likes.
  if (m.dialogue.deadline > ctx.now() + LONGEST * micros(within)) return m.reply('decline', { reason: 'too long' });
  const { desk } = sitDown(ctx, m.dialogue.key);
  const trips = tripsOf(desk.committed);
  const serves = m.body.waiting.filter((id) => isServed(ctx, id));
  m.reply('join', { serves, idea: ideaOf(trips, ctx.stream('release')) });
}

/** Offers what this vehicle would release near a topic. */
function release(ctx: VehicleContext, m: Heard<'topic'>): void {
  const session = seatAt(ctx, m.dialogue);
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
  const session = seatAt(ctx, m.dialogue);
  if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
  for (const lot of m.body.news) {
    if (!isTradable(ctx, lot)) return m.reply('leave', { reason: 'not on the map' });
    session.told.add(lot.trip.id);
    learn(ctx, lot);
  }
  const lots = m.body.lots.flatMap((id) => lotOf(ctx, id)?.trip ?? []);
  if (lots.length < m.body.lots.length) return m.reply('leave', { reason: 'unknown trip' });
  const { saved, costs } = openLots(session.desk, lots);
  m.reply('bid', { saved, costs: [...costs] });
}

/** Sets aside what a fair deal asks for, and is bound by it until it knows whether the deal holds. False where it is not to be. */
async function agreeTo(ctx: VehicleContext, m: Heard<'deal'>): Promise<boolean> {
  const leave = (reason: string): false => {
    m.reply('leave', { reason });
    return false;
  };
  const session = seatAt(ctx, m.dialogue);
  if (session === null || session.stale || isOver(ctx, session.desk)) return leave('changed');
  if (!isFair(ctx, session.desk, m.body)) return leave('not the deal');
  session.bound = true;
  const { pays } = m.body;
  if (pays.length === 0) return true;
  const held = await ctx.ledger.submit(reservations(m.body.name, pays, ctx.now() + SECURED_MICROS));
  if (!m.dialogue.open) return false;
  return held.type === 'refused' || ctx.state.session !== session ? leave('not secured') : true;
}
