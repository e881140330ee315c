import test from 'ava';
import { initialState, remember, vehicleParams } from '../../../agents/ride-sharing/vehicle-state.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { planeMap } from '../../../scenarios/ride-sharing/plane.ts';
import { generateCity } from '../../../scenarios/ride-sharing/city.ts';
import { world } from '../../../simulator/world.ts';

test('a vehicle remembers a bounded number of trips, never forgets its own, and counts what it forgot', (t) => {
  const params = vehicleParams.parse({
    start: 0,
    home: null,
    earliest: 0,
    latest: Infinity,
    capacity: 4,
    maxDuration: Infinity,
    perDistance: 1,
    perRiderTime: 0,
    perUse: 0,
    unservedCost: 1,
    lateness: 0,
    map: planeMap([{ x: 0, y: 0 }]),
    clock: { dayStart: 0, microsPerTime: 1 },
    colleagues: [],
    trade: null,
  });
  const state = initialState(params);
  const rider = world({ seed: 1 }).didOf('rider');
  const [trip] = generateCity(new Map([['requests', '1']]), createRandomRoot(1).stream('city')).requests;
  if (trip === undefined) throw new Error('the city has a request');
  state.contracts.set(0, { rider, dialogue: 'd', fare: 1n, pickedUpAt: null });
  state.expected.set(1, 1n);
  for (let id = 0; id < 5_000; id++) remember(state, { trip: { ...trip, id }, rider, fare: 1n });
  t.is(state.known.size, 4_096);
  t.is(state.forgotten, 5_000 - 4_096);
  t.deepEqual(
    [state.known.has(0), state.known.has(1), state.known.has(2), state.known.has(4_999)],
    [true, true, false, true],
  );
});
