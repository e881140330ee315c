import test from 'ava';
import { TripExchange } from '../../../agents/ride-sharing/exchange-protocol.ts';
import { impostor, rudeScripts, type Line, type Script } from '../../fixtures/under-fire.ts';
import { claimServed, claimSound, fleet, FUNDS, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

const TRIPS = (
  [
    [11, 88],
    [18, 81],
    [12, 78],
    [28, 71],
    [21, 87],
  ] as const
).map((ends, id) => tripOf(id, ends, [(id * 37) % 90, ((id * 37) % 90) + 60]));

const PLAN: FleetPlan = {
  trips: TRIPS,
  depots: [0, 9, 55],
  capacity: 2,
  trade: { rounds: 1, within: '20 s', patience: 3, sessions: 3 },
};

const say = (type: string, body: unknown): readonly Line[] => [{ say: type, body }];

const TOPIC = { pickup: { place: 11, earliest: 0 }, dropoff: { place: 88, earliest: 0 } };
const FAR = { pickup: { place: 1e9, earliest: 0 }, dropoff: { place: 1e9, earliest: 0 } };

const SAMPLES: Readonly<Record<string, unknown>> = {
  convene: { rounds: 3, waiting: [] },
  join: { serves: [], idea: TOPIC },
  decline: { reason: 'no' },
  topic: { verdict: 'none', topic: TOPIC, nearness: 'time' },
  offer: { lots: [], news: [], distance: null, idea: TOPIC },
  auction: { lots: [], news: [] },
  bid: { saved: 0, costs: [] },
  award: { lot: 0, open: [] },
  rebid: { costs: [] },
  close: { verdict: 'none' },
  stake: { gain: '0' },
  deal: { name: 'rude', pays: [], receives: [], gives: [], takes: [] },
  agree: {},
  commit: {},
  abort: {},
  leave: { reason: 'no' },
};

const POLITE: Script = Object.fromEntries(
  (
    [
      ['convene', 'join'],
      ['topic', 'offer'],
      ['auction', 'bid'],
      ['award', 'rebid'],
      ['close', 'stake'],
      ['deal', 'agree'],
    ] as const
  ).map(([heard, said]) => [heard, say(said, SAMPLES[said])]),
);

function meet(script: Script): Fleet {
  return fleet({
    ...PLAN,
    impostors: { 'vehicle-2': () => impostor({ protocol: TripExchange, role: 'member', script }) },
  });
}

const profit = ({ place, vehicles, wayOfOne }: Fleet, k: number): bigint =>
  place.ledger.balance(vehicles[k]?.did ?? place.didOf('nobody')).available - FUNDS - wayOfOne(k);

/** What two honest vehicles earn where nobody trades. */
async function books(): Promise<readonly bigint[]> {
  const alone = fleet({
    ...PLAN,
    trade: null,
    impostors: { 'vehicle-2': () => impostor({ protocol: TripExchange, role: 'member', script: {} }) },
  });
  await alone.place.run();
  return [profit(alone, 0), profit(alone, 1)];
}

test('whatever one act a member does, at any step, sessions end, riders are served and nobody loses', async (t) => {
  const before = await books();
  for (const [act, script] of rudeScripts({
    protocol: TripExchange,
    role: 'member',
    polite: POLITE,
    samples: SAMPLES,
    late: '40 s',
  })) {
    // Garbage and what only a chair may say are refused before anybody looks at what they are: one of each will do.
    if (
      /says \w+ twice|says (?!offer)\w+ with garbage|says (?:convene|topic|close|commit|abort|award|auction)$/.test(act)
    )
      continue;
    const all = meet(script);
    await t.notThrowsAsync(all.place.run(), act);
    claimServed(t, all);
    claimSound(t, all);
    for (const [k, least] of before.entries()) t.true(profit(all, k) >= least - 20n, `${act}: vehicle ${k}`);
  }
});

/** Lines by which a member lies, and whether the others can end below their books by it. */
const LIES: Readonly<Record<string, Script>> = {
  'bids less than nothing': { auction: say('bid', { saved: 0, costs: Array.from({ length: 64 }, () => -1e308) }) },
  'bids next to nothing and says it can take all': {
    auction: say('bid', { saved: 0, costs: Array.from({ length: 64 }, () => 1e-9) }),
    award: say('rebid', { costs: Array.from({ length: 64 }, () => 1e-9) }),
  },
  'bids more than numbers hold': {
    auction: say('bid', { saved: -1e308, costs: Array.from({ length: 64 }, () => 1e308) }),
  },
  'has saved more than numbers hold': { auction: say('bid', { saved: 1e308, costs: [] }) },
  'bids no number': { auction: say('bid', { saved: 'NaN', costs: [null, 'Infinity'] }) },
  'bids too few': { auction: say('bid', { saved: 0, costs: [5] }) },
  'bids too many': { auction: say('bid', { saved: 0, costs: Array.from({ length: 65 }, () => 1) }) },
  'has topics off the map': {
    convene: say('join', { serves: [], idea: FAR }),
    topic: say('offer', { lots: [], news: [], distance: null, idea: FAR }),
  },
  'serves everybody': { convene: say('join', { serves: Array.from({ length: 64 }, (_, id) => id), idea: TOPIC }) },
  'offers what is with others': {
    topic: say('offer', { lots: [0, 1, 2, 3, 4], news: [], distance: 0, idea: TOPIC }),
  },
  'offers a trip twice': { topic: say('offer', { lots: [0, 0, 0], news: [], distance: 0, idea: TOPIC }) },
  'offers what nobody knows': { topic: say('offer', { lots: [77, 78], news: [], distance: 0, idea: TOPIC }) },
  'gains more than money can say': { close: say('stake', { gain: '9'.repeat(29) }) },
  'loses more than money can say': { close: say('stake', { gain: `-${'9'.repeat(29)}` }) },
  'loses a lot': { close: say('stake', { gain: `-${'9'.repeat(28)}` }) },
};

for (const [lie, lines] of Object.entries(LIES)) {
  test(`nobody loses and nobody is left behind where a member ${lie}`, async (t) => {
    const before = await books();
    const all = meet({ ...POLITE, ...lines });
    await all.place.run();
    claimServed(t, all);
    claimSound(t, all);
    for (const [k, least] of before.entries()) {
      t.true(profit(all, k) >= least - 20n, `vehicle ${k}: ${profit(all, k)} >= ${least}`);
    }
  });
}

test('news about what cannot be driven or paid is not believed', async (t) => {
  const stop = { place: 1e9, service: 0, earliest: 0, latest: 50 };
  const far = { trip: { id: 50, load: 1, pickup: stop, dropoff: stop, maxRide: null }, fare: '1' };
  const near = { ...stop, place: 5 };
  const dear = { trip: { id: 51, load: 1, pickup: near, dropoff: near, maxRide: null }, fare: '9'.repeat(29) };
  const all = fleet({
    ...PLAN,
    impostors: {
      'vehicle-2': (place) => {
        const news = [far, dear].map((lot) => ({ ...lot, rider: place.didOf('rider-0') }));
        const topic = say('offer', { lots: [50, 51], news, distance: 0, idea: TOPIC });
        return impostor({ protocol: TripExchange, role: 'member', script: { ...POLITE, topic } });
      },
    },
  });
  await all.place.run();
  claimServed(t, all);
  claimSound(t, all);
  for (const { state } of all.vehicles) t.false(state.known.has(50) || state.known.has(51));
});
