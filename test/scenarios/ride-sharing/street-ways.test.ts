import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import { streetWays, type Street } from '../../../scenarios/ride-sharing/street-ways.ts';

/** A ring of ten crossings, one way round, with stops beside three of them. */
const STOPS = [100, 101, 102];
const RING: readonly Street[] = [
  ...Array.from({ length: 10 }, (_, k) => ({ from: k, to: (k + 1) % 10, time: k + 1, distance: 10 })),
  ...STOPS.flatMap((stop, k) => [
    { from: stop, to: 3 * k, time: 1, distance: 1 },
    { from: 3 * k, to: stop, time: 1, distance: 1 },
  ]),
];

test('finds the fastest way and its length, past stops but not through them', (t) => {
  const { time, distance } = streetWays(RING, STOPS);
  t.is(time(0, 1), 1 + (1 + 2 + 3) + 1);
  t.is(distance(0, 1), 32);
  t.is(time(1, 0), 1 + (4 + 5 + 6 + 7 + 8 + 9 + 10) + 1);
  t.is(time(2, 2), 0);
  const shortcut = [
    ...RING,
    { from: 100, to: 101, time: 0.5, distance: 1 },
    { from: 101, to: 102, time: 0.5, distance: 1 },
  ];
  t.is(streetWays(shortcut, STOPS).time(0, 1), 0.5);
  t.is(streetWays(shortcut, STOPS).time(0, 2), 1 + (1 + 2 + 3 + 4 + 5 + 6) + 1, 'a way does not lead through stop 101');
});

test('turns off on the way, not before the time that has gone, and is no later at its end for that', (t) => {
  const { time, distance, turn } = streetWays(RING, STOPS);
  fc.assert(
    fc.property(fc.nat(2), fc.nat(2), fc.double({ min: 0, max: 80, noNaN: true }), (from, to, elapsed) => {
      const at = turn(from, to, elapsed);
      t.true(at.time >= Math.min(elapsed, time(from, to)));
      t.true(Math.abs(at.time + time(at.place, to) - time(from, to)) < 1e-9);
      t.true(Math.abs(distance(from, at.place) + distance(at.place, to) - distance(from, to)) < 1e-9);
      if (elapsed >= time(from, to)) t.is(at.place, to);
    }),
  );
});

test('has no way to where no street leads', (t) => {
  const { time, distance } = streetWays([{ from: 100, to: 101, time: 1, distance: 1 }], [100, 101]);
  t.is(time(0, 1), 1);
  t.is(time(1, 0), Infinity);
  t.is(distance(1, 0), Infinity);
});

test('refuses more pairs of a place and a stop than it could keep', (t) => {
  const stops = Array.from({ length: 3_200 }, (_, k) => k);
  t.throws(() => streetWays([], stops), { code: 'too-many-places', message: /got 3200 x 3200/ });
});

const FLEETPY = join(process.env['HAGGLE_DATA'] ?? 'data', 'fleetpy-example');

test('has exactly the ways of the matrix of FleetPy example', (t) => {
  const file = join(FLEETPY, 'network', 'edges.csv');
  if (!existsSync(file)) {
    t.log('skipped: fleetpy-example is not there');
    t.pass();
    return;
  }
  const rows = (name: string): readonly (readonly number[])[] =>
    readFileSync(join(FLEETPY, name), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
  const matrix = rows('matrix.csv');
  const stops = [...new Set(matrix.map(([from = -1]) => from))];
  const streets = rows('network/edges.csv').map(([from = 0, to = 0, distance = 0, time = 0]) => ({
    from,
    to,
    time,
    distance,
  }));
  const ways = streetWays(streets, stops);
  for (const [from = 0, to = 0, seconds = 0, metres = 0] of matrix) {
    const [a, b] = [stops.indexOf(from), stops.indexOf(to)];
    t.true(Math.abs(ways.time(a, b) - seconds) < 1e-3 && Math.abs(ways.distance(a, b) - metres) < 1e-2);
  }
});
