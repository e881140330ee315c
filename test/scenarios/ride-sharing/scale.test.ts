import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { generateCity } from '../../../scenarios/ride-sharing/city.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { DEFAULT_OPTIONS } from '../../../scenarios/ride-sharing/options.ts';
import { populateRides } from '../../../scenarios/ride-sharing/population.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import type { RideSolution } from '../../../scenarios/ride-sharing/solution.ts';
import { world, type World } from '../../../simulator/world.ts';

interface Day {
  readonly instance: RideInstance;
  readonly place: World;
  readonly solution: RideSolution;
}

/** An online day in a city of four requests a vehicle. */
async function day(
  vehicles: number,
  { sign = 'off', trade = false }: { readonly sign?: 'off' | 'batch'; readonly trade?: boolean } = {},
): Promise<Day> {
  const parameters = new Map([
    ['vehicles', `${vehicles}`],
    ['requests', `${4 * vehicles}`],
  ]);
  const instance = generateCity(parameters, createRandomRoot(7).stream('city'));
  const place = world({ seed: 7, sign, strict: true });
  const population = populateRides(place, instance, { ...DEFAULT_OPTIONS, mode: 'online', renegotiate: trade });
  await place.run();
  return { instance, place, solution: population.agreement() };
}

const boardsOf = ({ place }: Day): number => place.agents.filter(({ name }) => name.startsWith('board-')).length;
const meanSeen = ({ solution: { seen } }: Day): number => seen.reduce((sum, { trips }) => sum + trips, 0) / seen.length;

test('a large fleet serves nearly everybody with few messages, however large it is', async (t) => {
  const small = await day(10);
  const large = await day(100);
  t.deepEqual([boardsOf(small), boardsOf(large) >= 25], [0, true]);
  const { feasible, kpis } = assessRides(large.instance, large.solution, null);
  t.true(feasible);
  t.true((kpis['served'] ?? 0) >= 0.97 * large.instance.requests.length);
  const perRequest = large.place.traffic.messages / large.instance.requests.length;
  t.true(perRequest < 80, `${perRequest} messages a request`);
  // Ten times the trips; what one vehicle hears of grows by far less.
  t.is(meanSeen(small), 40);
  t.true(meanSeen(large) < 2 * meanSeen(small), `a vehicle heard of ${meanSeen(large)} of 400 trips`);
});

test('boards change nothing of what a seed decides: signed or not, the fingerprint is the same', async (t) => {
  const unsigned = await day(40);
  const signed = await day(40, { sign: 'batch' });
  t.true(boardsOf(unsigned) > 0);
  t.is(unsigned.place.fingerprint(), signed.place.fingerprint());
  t.deepEqual(unsigned.solution, signed.solution);
});

test('vehicles that find each other by boards trade trips, and all drive what they may and whom they have', async (t) => {
  const { instance, place, solution } = await day(40, { trade: true });
  const { feasible, kpis, violations } = assessRides(instance, solution, null);
  t.true(feasible, JSON.stringify(violations));
  t.true((kpis['trades'] ?? 0) > 0);
  t.true((kpis['served'] ?? 0) >= 0.97 * instance.requests.length);
  t.is(place.ledger.audit().faults.length, 0);
});
