import test from 'ava';
import * as fc from 'fast-check';
import { clockAxis } from '../../../../cli/report/rides/clock-axis.ts';
import { pathText, straightened } from '../../../../cli/report/rides/ground.ts';
import { waysOf } from '../../../../cli/report/rides/ways.ts';
import { unitsOf } from '../../../../cli/report/rides/words.ts';
import type { PlacePosition, RideMap } from '../../../../scenarios/ride-sharing/instance.ts';
import { madeDay } from '../ride-days.ts';

function lengthOf(points: readonly PlacePosition[]): number {
  return points.reduce((sum, { x, y }, k) => {
    const before = points[k - 1];
    return before === undefined ? 0 : sum + Math.hypot(x - before.x, y - before.y);
  }, 0);
}

function mapOf(positions: readonly PlacePosition[], streets: RideMap['streets']): RideMap {
  return { places: positions.length, positions, streets, time: () => 0, distance: () => 0 };
}

test('on a grid every way is as long as the streets make it, with one turn', (t) => {
  const { instance } = madeDay({ vehicles: 1, requests: 60, streets: 12 });
  const ways = waysOf(instance.map);
  const place = fc.integer({ min: 0, max: instance.map.places - 1 });
  fc.assert(
    fc.property(place, place, (from, to) => {
      const way = ways.between(from, to);
      t.deepEqual([way[0], way.at(-1)], [instance.map.positions[from], instance.map.positions[to]]);
      t.true(Math.abs(lengthOf(way) - instance.map.distance(from, to)) < 1e-9);
      t.true(from === to || straightened(way).length <= 4);
    }),
    { seed: 8, numRuns: 60 },
  );
});

test('without streets, and where none leads there, the way is a straight line', (t) => {
  const [a, b, c, d] = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 5, y: 0 },
    { x: 6, y: 0 },
  ];
  t.deepEqual(waysOf(mapOf([a, d], [])).between(0, 1), [a, d]);
  t.deepEqual(
    waysOf(
      mapOf(
        [a, d],
        [
          [a, b],
          [c, d],
        ],
      ),
    ).between(0, 1),
    [a, d],
  );
});

test('a place off the streets joins them at the nearest corner', (t) => {
  const [a, b] = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ];
  const ways = waysOf(mapOf([{ x: 1, y: 2 }, b], [[a, b]]));
  t.deepEqual(ways.between(0, 1), [{ x: 1, y: 2 }, a, b]);
});

test('streets drawn as one long line are left at every place on them', (t) => {
  const places = [0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => ({ x, y })));
  const lines = [0, 1, 2].flatMap((k): RideMap['streets'] => [
    [
      { x: 0, y: k },
      { x: 2, y: k },
    ],
    [
      { x: k, y: 2 },
      { x: k, y: 0 },
    ],
  ]);
  const ways = waysOf(mapOf([...places, ...places], lines));
  for (const [from, a] of places.entries()) {
    for (const [to, b] of places.entries()) {
      t.is(lengthOf(ways.between(from, to)), Math.abs(a.x - b.x) + Math.abs(a.y - b.y));
    }
  }
});

test('a detour over short streets beats one long street', (t) => {
  const [a, b, far] = [
    { x: 0, y: 0 },
    { x: 2, y: 0 },
    { x: 1, y: 9 },
  ];
  const middle = { x: 1, y: 0.5 };
  const ways = waysOf(
    mapOf(
      [a, b],
      [
        [a, far],
        [far, b],
        [a, middle],
        [middle, b],
      ],
    ),
  );
  t.deepEqual(ways.between(0, 1), [a, middle, b]);
});

test('points straight on are left out of a path, points straight back are not', (t) => {
  const line = [0, 1, 2, 1].map((x) => ({ x, y: 0 }));
  t.is(pathText(line), 'M0 0L2 0L1 0');
  t.is(pathText([{ x: 0.04, y: Number.NaN }]), 'M0 0');
});

test('times of day are hours and minutes where the instance has real time, else numbers', (t) => {
  const { instance } = madeDay({ vehicles: 1, requests: 1 });
  const clock = (time: string, secondsPerTime: number, at: number): string =>
    unitsOf({ ...instance, units: { time, distance: '' }, secondsPerTime }).clock(at);
  t.is(clock('min', 60, 187), '3:07');
  t.is(clock('s', 1, 59.9), '0:01');
  t.is(clock('min', 60, -5), '−0:05');
  t.is(clock('units', 60, 1234.56), '1,234.6');
  t.is(unitsOf({ ...instance, units: { time: 'units', distance: '' } }).way(3), '3.00');
});

test('an axis of time has ticks at full hours or parts of them, all within the day', (t) => {
  const { instance } = madeDay({ vehicles: 1, requests: 1 });
  const axis = clockAxis({ from: 7, to: 367, range: [0, 100] }, unitsOf(instance));
  t.deepEqual(axis.ticks, [60, 120, 180, 240, 300, 360]);
  t.deepEqual([axis.at(7), axis.at(367)], [0, 100]);
  t.is(axis.label(60), '1:00');
  const point = clockAxis({ from: 5, to: 5, range: [0, 100] }, unitsOf(instance));
  t.true(Number.isFinite(point.at(5)));
});
