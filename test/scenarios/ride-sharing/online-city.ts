import * as fc from 'fast-check';
import type { RideInstance, RideRequest } from '../../../scenarios/ride-sharing/instance.ts';
import { streetWays, type Street } from '../../../scenarios/ride-sharing/street-ways.ts';

const SIDE = 5;
const STOPS = 8;

/** A request as it is drawn. */
const call = fc.record({
  at: fc.nat(900),
  from: fc.nat(STOPS - 1),
  hop: fc.integer({ min: 1, max: STOPS - 1 }),
  load: fc.integer({ min: 1, max: 2 }),
  service: fc.constantFrom(0, 30),
});

/** Small cities of streets with stops beside the crossings; with `turns`, vehicles can turn off at every crossing. */
export const anyCity: fc.Arbitrary<RideInstance> = fc
  .record({
    seconds: fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 20, maxLength: 20 }),
    corners: fc.uniqueArray(fc.nat(SIDE * SIDE - 1), { minLength: STOPS, maxLength: STOPS }),
    calls: fc.array(call, { minLength: 1, maxLength: 14 }),
    starts: fc.array(fc.nat(STOPS - 1), { minLength: 1, maxLength: 4 }),
    perRiderTime: fc.constantFrom(0, 0.02),
    turns: fc.boolean(),
    operators: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ seconds, corners, calls, starts, perRiderTime, turns, operators }) => {
    const { time, distance, turn } = streetWays(grid(seconds, corners), corners.map(stopNode));
    const map = { places: STOPS, positions: [], streets: [], time, distance };
    return {
      name: 'small city',
      variant: 'ride-pooling',
      map: turns ? { ...map, turn } : map,
      vehicles: starts.map((start, k) => ({
        start,
        home: null,
        earliest: 0,
        latest: Infinity,
        capacity: 3,
        maxDuration: Infinity,
        operator: k % operators,
      })),
      requests: calls.map(({ at, from, hop, load, service }, k): RideRequest => {
        const to = (from + hop) % STOPS;
        const maxRide = 1.5 * time(from, to);
        return {
          id: k + 1,
          load,
          maxRide,
          requestTime: at,
          nodes: [k + 1, calls.length + k + 1],
          pickup: { place: from, service, earliest: at, latest: at + 400 },
          dropoff: { place: to, service, earliest: at, latest: at + 400 + service + maxRide },
        };
      }),
      costs: { perDistance: 1, perRiderTime, perVehicle: 0 },
      secondsPerTime: 1,
      units: { time: 's', distance: 'm' },
      published: null,
    };
  });

function stopNode(corner: number): number {
  return 100 + corner;
}

function grid(seconds: readonly number[], corners: readonly number[]): readonly Street[] {
  const streets: Street[] = [];
  const both = (from: number, to: number, time: number): void => {
    streets.push({ from, to, time, distance: 10 * time }, { from: to, to: from, time: time + 1, distance: 10 * time });
  };
  for (let k = 0; k < SIDE * SIDE; k++) {
    if (k % SIDE < SIDE - 1) both(k, k + 1, seconds[k % 20] ?? 1);
    if (k + SIDE < SIDE * SIDE) both(k, k + SIDE, seconds[(k + 7) % 20] ?? 1);
  }
  for (const corner of corners) both(corner, stopNode(corner), 5);
  return streets;
}
