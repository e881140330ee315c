import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Duration } from '../../../agent-core/clock.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { CarrierOffer, Ride } from '../../../agents/ride-sharing/ride.ts';
import type { Trip } from '../../../agents/ride-sharing/trip.ts';
import { impostor, type Line, type Script } from '../../fixtures/under-fire.ts';
import { claimServed, claimSound, fleet, FUNDS, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

/** One vehicle and an honest rider; the other rider is rude. */
const PLAN: FleetPlan = { trips: [tripOf(0, [11, 88], [30, 90])], depots: [0], guests: ['colleague'], trade: null };
const say = (type: string, body: unknown): Line => ({ say: type, body });
const wire = ({ maxRide, ...trip }: Trip, parts: object = {}): unknown => ({ ...trip, maxRide, ...parts });
const OWN = tripOf(7, [18, 81], [60, 120]);

interface Call {
  readonly trip: unknown;
  readonly script?: Script;
  readonly calls?: number;
}

/** Calls the vehicle as its script says, after the honest rider did, and lets the day pass. */
async function callRudely({ trip, script = {}, calls = 0 }: Call) {
  const all = fleet({ ...PLAN, world: { strict: false } });
  const to = all.place.didOf('vehicle-0');
  await all.place.run({ until: '3 s' });
  const body = { task: { trip, calls }, bidsBy: 60_000_000 };
  const opening = { to, type: 'cfp', body, within: '10 h' as const };
  const rude = all.place.spawn(impostor({ protocol: Ride, role: 'initiator', script, opening }), {
    name: 'rude',
    funds: FUNDS,
  });
  await all.place.run();
  return { all, heard: rude.state.heard, ends: rude.state.ends };
}

const stop = OWN.pickup;
const TRIPS: Readonly<Record<string, readonly [object, string]>> = {
  'with a negative service': [{ pickup: { ...stop, service: -1 } }, 'not-understood'],
  'whose latest time is before its earliest': [{ pickup: { ...stop, latest: 0 } }, 'refuse'],
  'without a load': [{ load: 0 }, 'not-understood'],
  'of half a load': [{ load: 0.5 }, 'not-understood'],
  'of more than fits': [{ load: 5 }, 'refuse'],
  'of more than there is': [{ load: 1e9 }, 'not-understood'],
  'to where it begins': [{ dropoff: { ...OWN.dropoff, place: stop.place } }, 'propose'],
  'without latest times': [
    { pickup: { ...stop, latest: null }, dropoff: { ...OWN.dropoff, latest: null }, maxRide: null },
    'propose',
  ],
  'that takes no time at all': [{ maxRide: 0 }, 'refuse'],
  'that takes less than no time': [{ maxRide: -1 }, 'refuse'],
  'at times beyond all bounds': [{ pickup: { ...stop, earliest: -1e300 } }, 'not-understood'],
  'at a time that is no number': [{ pickup: { ...stop, earliest: 'NaN' } }, 'not-understood'],
  'long after everybody is home': [{ pickup: { ...stop, earliest: 1e11, latest: 1e12 } }, 'refuse'],
  'with a service that takes for ever': [{ pickup: { ...stop, service: 1e12 } }, 'refuse'],
  'from a place off the map': [{ pickup: { ...stop, place: 100 } }, 'refuse'],
  'to a place off the map': [{ dropoff: { ...stop, place: 2 ** 40 } }, 'refuse'],
  'from a place that is no number': [{ pickup: { ...stop, place: -1 } }, 'not-understood'],
  'that has the number of another': [{ id: 0 }, 'refuse'],
};

for (const [what, [parts, answer]] of Object.entries(TRIPS)) {
  test(`a vehicle answers a call for a trip ${what} by ${answer}, and drives on`, async (t) => {
    for (const calls of [0, 3]) {
      const { all, heard, ends } = await callRudely({ trip: wire(OWN, parts), calls });
      t.is(heard[0] ?? ends[0]?.split(' ')[0], answer);
      claimServed(t, all);
      claimSound(t, all);
    }
  });
}

const AWARDS: Readonly<Record<string, readonly Line[]>> = {
  'without escrow': [say('accept-proposal', { escrow: null })],
  'with an escrow that is not there': [
    say('accept-proposal', {
      escrow: { reservation: 'nothing', asset: 'token', amount: '900000000', expires: 900_000_000_000 },
    }),
  ],
  'twice, without escrow': [say('accept-proposal', { escrow: null }), say('accept-proposal', { escrow: null })],
  'and cancels at once': [say('accept-proposal', { escrow: null }), say('cancel', { reason: 'no' })],
};

for (const [how, propose] of Object.entries(AWARDS)) {
  test(`a vehicle does not drive a rider who awards ${how}`, async (t) => {
    const { all } = await callRudely({ trip: wire(OWN), script: { propose } });
    claimServed(t, all);
    claimSound(t, all);
  });
}

/** A rider that sets aside what it wants, and cancels when it wants. */
function moody(all: Fleet, { share = 100n, after }: { readonly share?: bigint; readonly after?: Duration }) {
  const to = [all.place.didOf('vehicle-0')];
  return defineAgent({
    name: 'moody',
    state: () => ({ result: '' }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const cancellation = createCancellation();
        const running = ctx.run(Ride.initiator, {
          task: { trip: OWN, calls: 0 },
          to,
          bidsWithin: '1 s',
          resultWithin: '10 h',
          cancellation,
          choose: (proposals) => proposals,
          escrow: ({ bid }) => ({ amount: (bid.fare * share) / 100n }),
        });
        if (after !== undefined) {
          await ctx.sleep(after);
          cancellation.cancel('no');
        }
        const { type } = await running;
        ctx.state.result = type;
      }),
  })();
}

test('a vehicle does not drive a rider who sets less aside than was bid', async (t) => {
  const all = fleet(PLAN);
  const rude = all.place.spawn(moody(all, { share: 99n }), { name: 'moody', funds: FUNDS });
  await all.place.run();
  claimServed(t, all);
  claimSound(t, all);
  t.is(rude.state.result, 'failed');
});

test('a rider who cancels before it is picked up is not driven, and has its money back at once', async (t) => {
  // 1 ms each way: bid, lock, award and answer take the first milliseconds; it is picked up in the third hour.
  for (const after of ['1 ms', '2 ms', '3 ms', '4 ms', '5 ms', '6 ms', '10 ms', '1 h', '10000 s'] as const) {
    const all = fleet(PLAN);
    const rude = all.place.spawn(moody(all, { after }), { name: 'moody', funds: FUNDS });
    await all.place.run({ until: '10001 s' });
    t.is(all.place.ledger.balance(rude.did).available, FUNDS, after);
    await all.place.run();
    claimServed(t, all);
    claimSound(t, all);
  }
});

test('a rider who cancels on board is brought to its end, and has no money back before the dialogue is over', async (t) => {
  const all = fleet(PLAN);
  const rude = all.place.spawn(moody(all, { after: '11100 s' }), { name: 'moody', funds: FUNDS });
  await all.place.run({ until: '11101 s' });
  t.deepEqual(all.vehicles[0]?.state.driven.at(-1)?.trip, OWN.id, 'it is on board');
  await all.place.run({ until: '9 h' });
  const stops = all.vehicles[0]?.state.driven.filter(({ trip }) => trip === OWN.id).map(({ kind }) => kind);
  t.deepEqual(stops, ['pickup', 'dropoff']);
  t.true(all.place.ledger.balance(rude.did).reserved > 0n);
  t.deepEqual(all.place.ledger.audit().faults, []);
});

/** Offers a carrier to the honest rider, at a time. */
async function offer(from: string, carrier: string, at: Duration & string) {
  const all = fleet({ ...PLAN, callAt: () => 1_000_000, world: { strict: false } });
  const { place } = all;
  await place.run({ until: at });
  const opening = {
    to: place.didOf('rider-0'),
    type: 'propose',
    body: { carrier: place.didOf(carrier) },
    within: '10 s' as const,
  };
  const rude = place.spawn(impostor({ protocol: CarrierOffer, role: 'vehicle', script: {}, opening }), { name: from });
  await place.run();
  return { all, heard: rude.state.heard };
}

test('a rider that has a carrier hears offers of nobody else, be it before or after it was driven', async (t) => {
  for (const [from, carrier, at] of [
    ['stranger', 'stranger', '2 s'],
    ['stranger', 'vehicle-0', '2 s'],
    ['colleague', 'colleague', '2 s'],
    ['colleague', 'vehicle-0', '2 s'],
    ['stranger', 'rider-0', '2 s'],
    ['colleague', 'colleague', '9 h'],
  ] as const) {
    const { all, heard } = await offer(from, carrier, at);
    t.deepEqual(heard, ['reject'], `${from} offers ${carrier}`);
    t.is(all.riders[0]?.state.handovers, 0);
    claimServed(t, all);
    claimSound(t, all);
  }
});

test('a rider without a carrier hears no stranger; what a vehicle offers that it would call, and does not keep, costs it time only', async (t) => {
  const { all, heard } = await offer('stranger', 'stranger', '1 ms');
  t.deepEqual(heard, ['reject']);
  claimServed(t, all);
  const kept = await offer('colleague', 'colleague', '1 ms');
  t.deepEqual(kept.heard, ['accept']);
  claimServed(t, kept.all);
  claimSound(t, kept.all);
  t.is(kept.all.riders[0]?.state.handovers, 1);
});

/** Bids next to nothing, and hands whoever awards to a carrier of its choice. */
const faithless = (carrier: Did) =>
  defineAgent({
    name: 'faithless',
    state: () => ({ answer: '' }),
    setup(agent) {
      agent.play(Ride, 'participant', {
        cfp: (_, m) => m.reply('propose', { fare: 1n, pickupAt: 0, dropoffAt: 0 }),
        'accept-proposal': (ctx, m) =>
          void ctx.open(CarrierOffer, 'vehicle', m.from, 'propose', { carrier }, { within: '10 s' }),
        'reject-proposal': () => undefined,
        cancel: () => undefined,
      });
      agent.play(CarrierOffer, 'vehicle', {
        accept: (ctx) => void (ctx.state.answer = 'accept'),
        reject: (ctx) => void (ctx.state.answer = 'reject'),
      });
    },
  })();

test('a rider that is handed to somebody who is not there calls again', async (t) => {
  const all = fleet(PLAN);
  const { state } = all.place.spawn(faithless(all.place.didOf('nobody')), { name: 'colleague' });
  await all.place.run({ until: '3 s' });
  t.is(state.answer, 'accept');
  t.is(all.riders[0]?.state.handovers, 1);
  t.is(all.riders[0]?.state.carrier, null);
  t.is(all.riders[0]?.state.served, null);
});

test('a rider is handed neither to itself nor to who has it', async (t) => {
  for (const carrier of ['rider-0', 'colleague']) {
    const all = fleet(PLAN);
    const { state } = all.place.spawn(faithless(all.place.didOf(carrier)), { name: 'colleague' });
    await all.place.run({ until: '10 min' });
    t.is(state.answer, 'reject', carrier);
    t.is(all.riders[0]?.state.carrier, all.place.didOf('colleague'));
  }
});

test('a rider that is handed over pays no more than it had agreed', async (t) => {
  const all = fleet(PLAN);
  all.place.spawn(faithless(all.place.didOf('vehicle-0')), { name: 'colleague' });
  await all.place.run({ until: '10 s' });
  t.true((all.riders[0]?.state.handovers ?? 0) > 0);
  t.is(all.vehicles[0]?.state.contracts.size, 0, 'vehicle-0 asks for more than 1');
});
