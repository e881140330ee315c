import test from 'ava';
import * as fc from 'fast-check';
import { busPlaces } from '../../../cli/report/layout.ts';
import { crosses, placeBusLabel, placeLineLabel } from '../../../cli/report/map-labels.ts';
import { fitMap } from '../../../cli/report/map-places.ts';
import { bareGrid } from './simulated.ts';

const ring = (count: number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, k) => [k, (k + 1) % count] as const);

test('the same grid has the same drawing', (t) => {
  const grid = bareGrid(40, ring(40));
  t.deepEqual(busPlaces(grid), busPlaces(grid));
});

test('a drawn path keeps buses in order and about a line apart', (t) => {
  const places = busPlaces(bareGrid(6, ring(6).slice(0, 5)));
  for (const [k, { x, y }] of places.slice(1).entries()) {
    const before = places[k] ?? { x: 0, y: 0 };
    const length = Math.hypot(x - before.x, y - before.y);
    t.true(length > 0.8 && length < 1.2, `${length}`);
  }
});

test('positions of the instance are kept where every bus has one, with y upwards', (t) => {
  const grid = bareGrid(2, [[0, 1]]);
  const buses = grid.buses.map((bus) => ({ ...bus, position: { x: bus.row, y: 2 + bus.row } }));
  t.deepEqual(busPlaces({ ...grid, buses }), [
    { x: 0, y: -2 },
    { x: 1, y: -3 },
  ]);
});

test('islands do not overlap', (t) => {
  const second = ring(12).map(([a, b]) => [a + 12, b + 12] as const);
  const places = busPlaces(bareGrid(24, [...ring(12), ...second]));
  for (const a of places.slice(0, 12)) {
    for (const b of places.slice(12)) t.true(Math.hypot(a.x - b.x, a.y - b.y) > 0.3);
  }
});

test('large grids are drawn from pivots, every bus at a finite place', (t) => {
  const places = busPlaces(bareGrid(900, ring(900)));
  t.true(places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
});

test('on the map every bus is inside the drawing and touches no other', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 60 }),
      (count, pairs) => {
        const lines = pairs.map(([a, b]) => [a % count, b % count] as const);
        const powers = Array.from({ length: count }, (_, k) => (k * 37) % 101);
        const { spots, width, height } = fitMap(busPlaces(bareGrid(count, lines)), powers);
        for (const { x, y, radius } of spots) {
          t.true(x - radius >= 0 && x + radius <= width && y - radius >= 0 && y + radius <= height);
        }
        for (const [k, a] of spots.entries()) {
          for (const b of spots.slice(k + 1)) t.true(Math.hypot(a.x - b.x, a.y - b.y) > a.radius + b.radius);
        }
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

test('buses in one place part', (t) => {
  const [a, b] = fitMap(
    [
      { x: 0, y: 0 },
      { x: 0, y: 0 },
    ],
    [1, 1],
  ).spots;
  t.true(Math.hypot((a?.x ?? 0) - (b?.x ?? 0), (a?.y ?? 0) - (b?.y ?? 0)) > 10);
});

test('labels stand inside large buses, beside small ones, and never on each other', (t) => {
  const spots = [
    { x: 100, y: 100, radius: 20 },
    { x: 200, y: 100, radius: 4 },
    { x: 214, y: 100, radius: 4 },
  ];
  const occupied = { boxes: [], spots, segments: [], width: 400, height: 200 };
  const labels = spots.map((spot) => placeBusLabel('12', spot, occupied));
  t.deepEqual(
    labels.map((label) => label?.inside),
    [true, false, false],
  );
  t.is(occupied.boxes.length, 2);
});

test('a bus without room has no label', (t) => {
  const spot = { x: 10, y: 10, radius: 4 };
  t.is(placeBusLabel('1234', spot, { boxes: [], spots: [spot], segments: [], width: 20, height: 20 }), null);
});

test('the label of a line may cover lines, but no bus', (t) => {
  const line = { x1: 0, y1: 100, x2: 400, y2: 100 };
  const others = Array.from({ length: 40 }, (_, k) => ({ x1: 10 * k, y1: 0, x2: 10 * k, y2: 200 }));
  const free = { boxes: [], spots: [], segments: [line], width: 400, height: 200 };
  t.not(placeLineLabel('1–2', line, free), null);
  t.is(placeLineLabel('1–2', line, { ...free, boxes: [], segments: others }) === null, false);
  const everywhere = [{ x: 200, y: 100, radius: 300 }];
  t.is(placeLineLabel('1–2', line, { ...free, boxes: [], spots: everywhere }), null);
});

test('a segment meets a box where it passes through, touches or lies in it', (t) => {
  const box = { left: 0, right: 10, top: 0, bottom: 10 };
  t.true(crosses(box, { x1: -5, y1: 5, x2: 15, y2: 5 }));
  t.true(crosses(box, { x1: 4, y1: 4, x2: 6, y2: 6 }));
  t.true(crosses(box, { x1: 5, y1: -5, x2: 5, y2: 15 }));
  t.false(crosses(box, { x1: -5, y1: 11, x2: 15, y2: 11 }));
  t.false(crosses(box, { x1: -5, y1: 8, x2: 4, y2: 20 }));
});
