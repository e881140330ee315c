import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { TripExchange } from '../../../agents/ride-sharing/exchange-protocol.ts';
import { impostor, type ImpostorState, type Line, type Script } from '../../fixtures/under-fire.ts';
import { claimServed, claimSound, fleet, FUNDS, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

/** One honest vehicle with two trips, and a colleague that chairs. */
const TRIPS = [tripOf(0, [11, 88], [30, 90]), tripOf(1, [18, 81], [60, 120])];
const PLAN: FleetPlan = { trips: TRIPS, depots: [0], guests: ['chair'], trade: { startAt: null, within: '20 s' } };

const say = (type: string, body: unknown): Line => ({ say: type, body });
const TOPIC = { pickup: { place: 11, earliest: 30 }, dropoff: { place: 88, earliest: 30 } };
const ask = say('topic', { verdict: 'none', topic: TOPIC, nearness: 'time' });
const up = (lots: readonly number[], news: readonly unknown[] = []): Line => say('auction', { lots, news });
const award = (lot: number): Line => say('award', { lot, open: [] });
const close = (verdict: string): Line => say('close', { verdict });
const NOTHING = { name: 'rude', pays: [], receives: [], gives: [], takes: [] };
const deal = (terms: object): Line => say('deal', { ...NOTHING, ...terms });

/** A script of a session: what is said after each answer. */
const session = (
  parts: Partial<Record<'join' | 'offer' | 'bid' | 'rebid' | 'stake' | 'agree', readonly Line[]>>,
): Script => ({
  join: [ask],
  offer: [up([0])],
  bid: [close('best')],
  rebid: [close('best')],
  stake: [deal({})],
  ...parts,
});

interface Attack {
  readonly script: Script;
  readonly within?: '20 s' | '30 s' | '30 d';
  readonly name?: string;
  readonly at?: `${number} s`;
}

interface Attacked {
  readonly all: Fleet;
  readonly chair: ImpostorState;
}

/** Chairs a session with an honest vehicle that has two contracts, and lets the day pass. */
async function attack({ script, within = '20 s', name = 'chair', at = '2 s' }: Attack): Promise<Attacked> {
  const all = fleet({ ...PLAN, world: { strict: false } });
  const to = all.place.didOf('vehicle-0');
  await all.place.run({ until: at });
  const opening = { to, type: 'convene', body: { rounds: 1, waiting: [] }, within };
  const chair = all.place.spawn(impostor({ protocol: TripExchange, role: 'chair', script, opening }), {
    name,
    funds: FUNDS,
  });
  await all.place.run();
  return { all, chair: chair.state };
}

const profit = ({ place, vehicles, way }: Fleet): bigint =>
  place.ledger.balance(vehicles[0]?.did ?? place.didOf('nobody')).available - FUNDS - way();

const chairDid = (): Did => fleet(PLAN).place.didOf('chair');
const CHAIR = chairDid();
const RIDER: Did = fleet(PLAN).place.didOf('rider-0');
const place5 = { place: 5, service: 0, earliest: 100, latest: 140 };
const lot = (id: number, parts: object = {}): unknown => ({
  trip: { id, load: 1, pickup: { ...place5 }, dropoff: { ...place5, place: 6 }, maxRide: null, ...parts },
  rider: RIDER,
  fare: '1000000',
});
const toChair = (trip: number) => ({ trip, party: CHAIR, fare: null });

const ATTACKS: Readonly<Record<string, Attack & { readonly last: string }>> = {
  'convenes for a month': { script: {}, within: '30 d', last: 'decline' },
  'is a stranger': { script: {}, name: 'stranger', last: 'decline' },
  'convenes and says nothing': { script: {}, last: 'join' },
  'asks about a place off the map': {
    script: session({
      join: [
        say('topic', { verdict: 'none', topic: { ...TOPIC, pickup: { place: 1e9, earliest: 0 } }, nearness: 'time' }),
      ],
    }),
    last: 'leave',
  },
  'puts up what nobody knows': { script: session({ offer: [up([77])] }), last: 'leave' },
  'puts up a trip off the map': {
    script: session({ offer: [up([50], [lot(50, { pickup: { ...place5, place: 1e9 } })])] }),
    last: 'leave',
  },
  'awards the same lot twice': {
    script: session({ offer: [up([50], [lot(50)])], bid: [award(0)], rebid: [award(0)] }),
    last: 'leave',
  },
  'puts a trip up twice and awards both': {
    script: session({ offer: [up([50, 50], [lot(50)])], bid: [award(1)], rebid: [award(0)] }),
    last: 'leave',
  },
  'awards what is not up': { script: session({ bid: [award(5)] }), last: 'leave' },
  'closes a round in which a trip was lost': { script: session({}), last: 'leave' },
  'gives a trip to nobody': {
    script: session({ stake: [deal({ gives: [{ trip: 0, party: null, fare: null }] })] }),
    last: 'leave',
  },
  'gives away a trip for less than nothing': {
    script: session({ stake: [deal({ gives: [toChair(0)], pays: [{ party: CHAIR, amount: '900000000' }] })] }),
    last: 'leave',
  },
  'takes money for nothing': {
    script: session({ join: [close('none')], stake: [deal({ pays: [{ party: CHAIR, amount: '1' }] })] }),
    last: 'leave',
  },
  'moves trips that were not negotiated': {
    script: session({ join: [close('none')], stake: [deal({ takes: [toChair(50)], gives: [toChair(1)] })] }),
    last: 'leave',
  },
  'moves one trip twice and forgets another': {
    script: session({ offer: [up([0, 1])], stake: [deal({ gives: [toChair(0), toChair(0)] })] }),
    last: 'leave',
  },
  'counts a fare twice': {
    script: session({
      offer: [up([50], [lot(50)])],
      bid: [award(0)],
      stake: [deal({ takes: [{ trip: 50, party: CHAIR, fare: '900000000' }] })],
    }),
    last: 'leave',
  },
  'never commits': { script: session({ join: [close('none')] }), last: 'agree' },
  'never commits, when the vehicle is about to leave': {
    script: session({ join: [close('none')] }),
    within: '30 s',
    at: '8912 s',
    last: 'agree',
  },
  'commits twice': {
    script: session({ join: [close('none')], agree: [say('commit', {}), say('commit', {})] }),
    last: 'agree',
  },
  'calls off what was agreed': { script: session({ join: [close('none')], agree: [say('abort', {})] }), last: 'agree' },
  'takes a rider by a promise to pay that it does not keep': {
    script: session({
      stake: [deal({ gives: [toChair(0)], receives: [{ party: CHAIR, amount: '900000000' }] })],
      agree: [say('commit', {})],
    }),
    last: 'agree',
  },
  'gives a trip that no rider asked for': {
    script: session({
      offer: [up([50], [lot(50)])],
      bid: [award(0)],
      stake: [deal({ takes: [toChair(50)], receives: [{ party: CHAIR, amount: '90000000' }] })],
      agree: [say('commit', {})],
    }),
    last: 'agree',
  },
  'makes up a rider whom nobody serves': {
    script: session({
      offer: [up([50], [lot(50)])],
      bid: [award(0)],
      stake: [deal({ takes: [{ trip: 50, party: null, fare: '90000000' }] })],
      agree: [say('commit', {})],
    }),
    last: 'agree',
  },
  'puts up a passenger on board': { script: session({}), at: '9130 s', last: 'agree' },
  'awards a passenger on board': { script: session({ bid: [award(0)] }), at: '9130 s', last: 'leave' },
};

for (const [what, { last, ...how }] of Object.entries(ATTACKS)) {
  test(`a vehicle drives on, with its riders and its money, where a chair ${what}`, async (t) => {
    const alone = fleet(PLAN);
    await alone.place.run();
    const { all, chair } = await attack(how);
    t.log(chair.heard.join(' '), chair.ends.join(','));
    claimServed(t, all);
    claimSound(t, all);
    t.true(profit(all) >= profit(alone) - 20n, `${profit(all)} >= ${profit(alone)}`);
    t.is(chair.heard.at(-1), last);
  });
}

test('a chair that asks on and on is answered until the session is over, and no longer', async (t) => {
  const pest = defineAgent({
    name: 'pest',
    state: () => ({ offers: 0, end: '' }),
    setup(agent) {
      const round = { verdict: 'undone', topic: TOPIC, nearness: 'time' } as const;
      const nothing = (): void => undefined;
      agent.play(
        TripExchange,
        'chair',
        {
          join: (_, m) => m.reply('topic', round),
          offer(ctx, m) {
            ctx.state.offers++;
            m.reply('topic', round);
          },
          decline: nothing,
          bid: nothing,
          rebid: nothing,
          stake: nothing,
          agree: nothing,
          leave: nothing,
        },
        { ended: (ctx, { outcome }) => void (ctx.state.end = outcome) },
      );
      agent.start(async (ctx) => {
        await ctx.sleep('2 s');
        const body = { rounds: 100_000, waiting: [] };
        ctx.open(TripExchange, 'chair', vehicle0, 'convene', body, { within: '4 s' });
      });
    },
  });
  const all = fleet(PLAN);
  const vehicle0 = all.place.didOf('vehicle-0');
  const chair = all.place.spawn(pest(), { name: 'chair', funds: FUNDS });
  await all.place.run();
  t.true(chair.state.offers >= 1_000);
  t.is(chair.state.end, 'expired');
  claimServed(t, all);
  claimSound(t, all);
});
