import test from 'ava';
import {
  newOutlook,
  noteAccess,
  noteCall,
  noteLost,
  OUTLOOK_LIMITS,
  viewOf,
  type Outlook,
  type Standing,
} from '../../../agents/ride-sharing/outlook.ts';
import { REPOSITION_FEATURES } from '../../../agents/ride-sharing/policies/repositioning.ts';
import type { RoadMap, Trip } from '../../../agents/ride-sharing/trip.ts';

/** Places along a street, a minute apart; times are in seconds. */
const MAP: RoadMap = {
  places: 200,
  time: (from, to) => 60 * Math.abs(from - to),
  distance: (from, to) => Math.abs(from - to),
};

function trip(id: number, [from, to]: readonly [from: number, to: number], at = 0): Trip {
  const window = { service: 30, earliest: at, latest: at + 600 };
  return {
    id,
    load: 1,
    maxRide: 3_600,
    pickup: { ...window, place: from },
    dropoff: { place: to, service: 30, earliest: at + 30 + MAP.time(from, to), latest: at + 7_200 },
  };
}

function standing(place: number, now: number): Standing {
  return { map: MAP, place, now, idleSince: now - 120, secondsPerTime: 1 };
}

function hearing(...trips: readonly (readonly [from: number, to: number, at: number])[]): Outlook {
  const outlook = newOutlook();
  for (const [id, [from, to, at]] of trips.entries())
    noteCall(outlook, trip(id, [from, to], at), { map: MAP, now: at });
  return outlook;
}

function seen(outlook: Outlook, from: Standing, place: number): Readonly<Record<string, number>> {
  const prospect = viewOf(outlook, from)?.prospect(place) ?? [];
  return Object.fromEntries(REPOSITION_FEATURES.map(({ name }, k) => [name, prospect[k] ?? Number.NaN]));
}

test('sees nothing before it has heard anything, and no more than a call once', (t) => {
  const outlook = newOutlook();
  t.is(viewOf(outlook, standing(0, 0)), null);
  for (const now of [0, 5, 10]) noteCall(outlook, trip(1, [5, 9]), { map: MAP, now });
  t.deepEqual(outlook.calls, [{ trip: 1, place: 5, at: 0, ride: 240 }]);
});

test('says of every place what the policy asks for, in its order', (t) => {
  const outlook = hearing([10, 20, 0], [12, 22, 60]);
  const prospect = viewOf(outlook, standing(0, 600))?.prospect(10) ?? [];
  t.is(prospect.length, REPOSITION_FEATURES.length);
  t.true(prospect.every((value) => Number.isFinite(value)));
});

test('a place nearer to riders promises to be sooner with them; the one where it stands nothing', (t) => {
  const outlook = hearing([10, 20, 0], [12, 22, 60], [11, 21, 120]);
  const there = seen(outlook, standing(4, 600), 11);
  t.true((there['gainRecentRides'] ?? 0) > 0.5 && (there['gainLongRides'] ?? 0) > 0.5);
  t.true((there['savingRides'] ?? 0) > 0 && (there['shareNearer'] ?? 0) > 0);
  t.is(there['wayRides'], 0.7);
  const here = seen(outlook, standing(4, 600), 4);
  for (const name of ['gainRecentRides', 'gainLongRides', 'savingRides', 'shareNearer', 'wayRides'])
    t.is(here[name], 0);
});

test('where another is supposed to be nothing is to be gained', (t) => {
  const outlook = hearing([10, 20, 0], [10, 20, 60]);
  const free = seen(outlook, standing(0, 600), 10);
  noteLost(outlook, trip(9, [0, 10]), { map: MAP, now: 0, most: 3 });
  const taken = seen(outlook, standing(0, 1_200), 10);
  t.true((free['gainLongRides'] ?? 0) > 0.9);
  t.is(taken['gainLongRides'], 0);
  t.deepEqual([free['othersNearer'], taken['othersNearer'], taken['othersIdle']], [0, 1, 1]);
});

test('supposes whoever can be there first to serve what it lost, and one more where all are far, up to the fleet', (t) => {
  const outlook = newOutlook();
  const lose = (id: number, way: readonly [number, number], now: number): void =>
    noteLost(outlook, trip(id, way, now), { map: MAP, now, most: 2 });
  lose(1, [0, 10], 0);
  t.deepEqual(outlook.others, [{ place: 10, free: 630 }]);
  lose(2, [11, 21], 700);
  t.deepEqual(outlook.others, [{ place: 21, free: 1_360 }]);
  lose(3, [100, 110], 1_400);
  lose(4, [190, 180], 1_400);
  t.deepEqual(
    outlook.others.map(({ place }) => place),
    [21, 180],
    'a third would be more than there are',
  );
  const alone = newOutlook();
  noteLost(alone, trip(1, [0, 10]), { map: MAP, now: 0, most: 0 });
  t.deepEqual(alone.others, []);
});

test('demand that dies down has a trend below 1, one that is even about 1', (t) => {
  const calls = Array.from({ length: 60 }, (_, k) => [k, k + 10, 60 * k] as const);
  const even = seen(hearing(...calls), standing(0, 3_600), 10)['trend'] ?? 0;
  const later = seen(hearing(...calls), standing(0, 5_000), 10)['trend'] ?? 0;
  t.true(Math.abs(even - 1) < 0.1, `${even}`);
  t.true(later < 0.5);
});

test('offers few places, none near another nor near where it stands', (t) => {
  const calls = Array.from({ length: 100 }, (_, k) => [(k * 37) % 150, (k * 37) % 150 === 0 ? 20 : 0, k] as const);
  const view = viewOf(hearing(...calls), standing(75, 200));
  const places = view?.places ?? [];
  t.true(places.length > 1 && places.length <= 6);
  for (const [k, place] of places.entries()) {
    for (const other of [75, ...places.slice(0, k)]) t.true(Math.abs(place - other) >= 5, `${place} ${other}`);
  }
});

test('remembers no more calls and others than it may, and its ways to riders, the latest counting most', (t) => {
  const outlook = newOutlook();
  for (let id = 0; id < 300; id++) {
    noteCall(outlook, trip(id, [id % 200, 0], id), { map: MAP, now: id });
    noteLost(outlook, trip(id, [(id * 61) % 200, 0], id), { map: MAP, now: id, most: Infinity });
  }
  t.is(outlook.calls.length, OUTLOOK_LIMITS.calls);
  t.true(outlook.others.length <= OUTLOOK_LIMITS.others);
  noteAccess(outlook, 100);
  noteAccess(outlook, 200);
  t.is(outlook.access, 120);
});
