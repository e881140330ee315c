import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { generateCity } from '../../../scenarios/ride-sharing/city.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';

function city(parameters: Readonly<Record<string, number>>, seed = 1): RideInstance {
  const entries = Object.entries(parameters).map(([key, value]): [string, string] => [key, `${value}`]);
  return generateCity(new Map(entries), createRandomRoot(seed).stream('city'));
}

test('is of the usual size where nothing is said, and nearly everybody can be served by the trivial contract net', (t) => {
  let served = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const instance = city({}, seed);
    t.deepEqual([instance.requests.length, instance.vehicles.length, instance.variant], [60, 8, 'city']);
    const { feasible, kpis, violations } = assessRides(instance, trivialContractNet(instance), null);
    t.true(feasible, `seed ${seed}: ${JSON.stringify(violations)}`);
    served += kpis['served'] ?? 0;
  }
  t.true(served >= 0.97 * 20 * 60, `${served} of 1200 are served`);
});

test('is decided by the draws and the parameters alone', (t) => {
  const plain = (instance: RideInstance): string => JSON.stringify(instance);
  t.is(plain(city({}, 3)), plain(city({}, 3)));
  t.not(plain(city({}, 3)), plain(city({}, 4)));
});

test('makes requests that one free vehicle on the spot could serve, in the order in which they become known', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        requests: fc.integer({ min: 1, max: 40 }),
        vehicles: fc.integer({ min: 2, max: 9 }),
        hours: fc.integer({ min: 1, max: 24 }),
        operators: fc.integer({ min: 1, max: 2 }),
        size: fc.integer({ min: 2, max: 12 }),
        seats: fc.integer({ min: 3, max: 8 }),
        wait: fc.integer({ min: 1, max: 60 }),
        detour: fc.nat(200),
        turns: fc.nat(1),
      }),
      fc.nat(1_000),
      (wanted, seed) => {
        const { map, requests, vehicles } = city(wanted, seed);
        t.deepEqual([requests.length, vehicles.length], [wanted.requests, wanted.vehicles]);
        t.is(new Set(vehicles.map(({ operator }) => operator)).size, wanted.operators);
        t.true(vehicles.every(({ start, home }) => start === home && start < map.places));
        const ids = requests.map(({ id }) => id);
        t.deepEqual(
          ids,
          Array.from(ids, (_, index) => index + 1),
        );
        t.is(new Set(requests.flatMap(({ nodes }) => nodes)).size, 2 * requests.length);
        for (const [index, { pickup, dropoff, load, maxRide, requestTime }] of requests.entries()) {
          const direct = map.time(pickup.place, dropoff.place);
          t.true(direct > 0 && direct <= maxRide);
          t.true(load >= 1 && load <= wanted.seats);
          t.is(pickup.latest - pickup.earliest <= wanted.wait + 1e-9, true);
          t.true(pickup.earliest + pickup.service + direct <= dropoff.latest);
          t.true(requestTime >= (requests[index - 1]?.requestTime ?? 0) && requestTime <= pickup.earliest);
        }
      },
    ),
    { seed: 21, numRuns: 60 },
  );
});

test('has a map on which no detour is faster or shorter than the way itself', (t) => {
  const { map } = city({ size: 5 }, 2);
  const place = fc.nat(map.places - 1);
  fc.assert(
    fc.property(place, place, place, (a, b, c) => {
      t.true(map.time(a, c) <= map.time(a, b) + map.time(b, c) + 1e-9);
      t.true(map.distance(a, c) <= map.distance(a, b) + map.distance(b, c) + 1e-9);
      t.is(map.time(a, a), 0);
      t.is(map.time(a, b), map.time(b, a));
    }),
    { seed: 22, numRuns: 300 },
  );
  t.is(map.positions.length, map.places);
  t.true(map.streets.length < map.places);
});

test('lets vehicles turn off at the crossings of a way, in order, where that is wanted', (t) => {
  t.false('turn' in city({ size: 5 }, 2).map);
  const { map } = city({ size: 5, turns: 1 }, 2);
  const place = fc.nat(map.places - 1);
  fc.assert(
    fc.property(place, place, fc.double({ min: -1, max: 30, noNaN: true }), (from, to, elapsed) => {
      const whole = map.time(from, to);
      const turn = map.turn?.(from, to, elapsed);
      t.truthy(turn);
      if (turn === undefined) return;
      t.is(turn.time, map.time(from, turn.place));
      t.true(turn.time >= Math.min(elapsed, whole));
      t.true(Math.abs(turn.time + map.time(turn.place, to) - whole) < 1e-9, 'it is on a fastest way');
      t.is(elapsed <= 0, turn.place === from || (from === to && elapsed <= 0));
      if (elapsed > whole) t.is(turn.place, to);
    }),
    { seed: 23, numRuns: 300 },
  );
});

test('has riders who call as late as is wanted, and changes nothing else by that', (t) => {
  const usual = city({ requests: 200 }, 4).requests;
  const late = city({ requests: 200, notice: 5 }, 4).requests;
  const key = ({ pickup, dropoff }: (typeof usual)[number]): string => JSON.stringify([pickup, dropoff]);
  t.deepEqual(late.map(key).toSorted(), usual.map(key).toSorted());
  t.true(usual.some(({ requestTime, pickup }) => pickup.earliest - requestTime > 30));
  for (const { requestTime, pickup } of late) t.true(Math.abs(pickup.earliest - requestTime - 5) < 1e-9);
  for (const { requestTime, pickup } of city({ notice: 0 }).requests) t.is(requestTime, pickup.earliest);
});

test('has two peaks, the first into hot spots', (t) => {
  const { requests } = city({ requests: 2_000, hours: 10 });
  const within = (from: number, to: number): number =>
    requests.filter(({ pickup }) => pickup.earliest >= from && pickup.earliest < to).length;
  t.true(within(120, 180) > 2 * within(0, 60));
  t.true(within(420, 480) > 2 * within(540, 600));
  const most = (kind: 'pickup' | 'dropoff'): number => {
    const counts = new Map<number, number>();
    for (const request of requests) {
      const { place } = request[kind];
      if (request.pickup.earliest < 200) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    return Math.max(...counts.values());
  };
  t.true(most('dropoff') > most('pickup'));
});

test('is made for ten thousand requests and a thousand vehicles without a table of pairs', (t) => {
  const { requests, vehicles, map } = city({ requests: 10_000, vehicles: 1_000 });
  t.deepEqual([requests.length, vehicles.length], [10_000, 1_000]);
  t.true(map.places > 10_000);
});

for (const [key, value, message] of [
  ['requests', '0', /requests must be a whole number from 1 to 20000, got "0"/],
  ['requests', '20001', /from 1 to 20000, got "20001"/],
  ['vehicles', '2001', /vehicles must be a whole number from 1 to 2000, got "2001"/],
  ['hours', '25', /hours must be a whole number from 1 to 24, got "25"/],
  ['operators', '11', /operators must be a whole number from 1 to 10, got "11"/],
  ['operators', '9', /operators must be at most the 8 vehicles, got 9/],
  ['size', '1', /size must be a whole number from 2 to 50, got "1"/],
  ['seats', '2', /seats must be a whole number from 3 to 50, got "2"/],
  ['wait', '1.5', /wait must be a whole number from 1 to 120, got "1.5"/],
  ['detour', '-1', /detour must be a whole number from 0 to 500, got "-1"/],
  ['notice', '121', /notice must be a whole number from 0 to 120, got "121"/],
  ['turns', '2', /turns must be a whole number from 0 to 1, got "2"/],
  ['buses', '3', /takes the parameters requests, vehicles, .*, got "buses"/],
  ['requests', '9'.repeat(100), /got "9{40}\.\.\."$/],
] as const) {
  test(`refuses ${key}=${value.slice(0, 10)}`, (t) => {
    t.throws(() => generateCity(new Map([[key, value]]), createRandomRoot(1).stream('city')), {
      code: 'bad-parameter',
      message,
    });
  });
}
