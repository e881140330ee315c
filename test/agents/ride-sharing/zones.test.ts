import test from 'ava';
import * as fc from 'fast-check';
import { squareZones } from '../../../agents/ride-sharing/zones.ts';

const positions = fc.array(
  fc.record({ x: fc.double({ min: -50, max: 50, noNaN: true }), y: fc.double({ min: 0, max: 9, noNaN: true }) }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

test('gives every place a cell, and its rings hold each cell of the map exactly once', (t) => {
  fc.assert(
    fc.property(positions, fc.integer({ min: 1, max: 64 }), (places, wanted) => {
      const zones = squareZones(places, wanted);
      for (const place of places.keys()) {
        const cell = zones.cellOf(place);
        t.true(cell >= 0 && cell < zones.cells);
        t.true(zones.around(place, 0).includes(cell));
        const seen: number[] = [];
        for (let ring = 0; zones.around(place, ring).length > 0; ring++) seen.push(...zones.around(place, ring));
        t.deepEqual(
          seen.toSorted((a, b) => a - b),
          Array.from({ length: zones.cells }, (_, k) => k),
        );
      }
    }),
    { seed: 5, numRuns: 100 },
  );
});

test('makes about as many cells as were wanted', (t) => {
  const grid = Array.from({ length: 900 }, (_, k) => ({ x: k % 30, y: Math.floor(k / 30) }));
  for (const wanted of [1, 4, 25, 100]) t.is(squareZones(grid, wanted).cells, wanted);
});

test('refuses a map without places, and numbers of cells that are no count or too many', (t) => {
  const here = [{ x: 0, y: 0 }];
  t.throws(() => squareZones([], 4), { code: 'bad-zones' });
  for (const wanted of [0, 1.5, 4_097, Number.NaN]) t.throws(() => squareZones(here, wanted), { code: 'bad-zones' });
});
