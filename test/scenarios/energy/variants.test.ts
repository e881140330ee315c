import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { AIMED, judge, negotiate, type NegotiationOptions } from '../../../bench/dispatch-agents.ts';
import * as change from '../../../bench/grid-variants.ts';
import { changesOf, infeasible, optimumOrNull, smallest } from '../../../bench/variant-list.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { optimalDispatch } from '../../../scenarios/energy/optimum.ts';
import { threeBuses } from './three-buses.ts';

const SEED = 11;

function chance(purpose: string): ReturnType<ReturnType<typeof createRandomRoot>['stream']> {
  return createRandomRoot(SEED).stream('variants', purpose);
}

function generated(buses: number): Grid {
  return generateGrid({ buses, random: chance(`grid of ${buses}`) });
}

/** What is wrong with what the agents of `grid` agree; nothing where no dispatch exists. */
async function faultsOf(grid: Grid, options: NegotiationOptions = { seed: SEED }): Promise<readonly string[]> {
  const optimum = await optimumOrNull(grid);
  if (optimum === null) return [];
  return judge(grid, { negotiation: await negotiate(grid, options), optimum }, AIMED).faults;
}

for (const grid of smallest()) {
  test(`agrees on ${grid.name}`, async (t) => t.deepEqual(await faultsOf(grid), []));
}

test('agrees on whatever is changed about a grid of 20 buses: loads, costs, limits, angles, outages, reactances', async (t) => {
  const grid = generated(20);
  const optimum = await optimalDispatch(grid);
  let run = 0;
  for (const variant of changesOf(grid, optimum, chance('changes'))) {
    if ((await optimumOrNull(variant)) === null) continue;
    run += 1;
    t.deepEqual(await faultsOf(variant), [], variant.name);
  }
  t.true(run >= 16, `only ${run} variants are feasible`);
});

test('agrees island by island, those of one bus without a message', async (t) => {
  const grid = change.glued([generated(10), change.singleBus(80, 100), threeBuses()], 0, chance('islands'));
  t.deepEqual(await faultsOf(grid), []);
  t.is((await negotiate(change.singleBus(80, 100), { seed: SEED })).messages, 0);
});

test('a border of 75 nodes goes up in parts, none of them above the size limit', async (t) => {
  const grid = change.doubleStar(75, chance('double star'));
  const optimum = await optimalDispatch(grid);
  const negotiation = await negotiate(grid, { seed: SEED });
  t.deepEqual(judge(grid, { negotiation, optimum }, AIMED).faults, []);
  t.true(negotiation.largestMessageBytes > LIMITS.payloadBytes / 2, 'a full part was sent');
  t.true(negotiation.largestMessageBytes <= LIMITS.payloadBytes, `${negotiation.largestMessageBytes} bytes`);
});

test('random latencies change nothing about the quality', async (t) => {
  t.deepEqual(await faultsOf(generated(25), { seed: SEED, latency: ['1 ms', '20 ms'] }), []);
});

test('the three signing modes have one fingerprint', async (t) => {
  const found = new Set<string>();
  for (const sign of ['off', 'batch', 'each'] as const) {
    found.add((await negotiate(threeBuses(), { seed: SEED, sign })).fingerprint);
  }
  t.is(found.size, 1);
});

for (const grid of infeasible(generated(12), chance('infeasible'))) {
  test(`ends without agreement, and says why, on ${grid.name}`, async (t) => {
    t.is(await optimumOrNull(grid), null);
    const negotiation = await negotiate(grid, { seed: SEED });
    t.is(negotiation.agreement, null);
    t.regex(
      negotiation.reason,
      /found no agreement: bus-\d+ says that after \d+ rounds some balance or limit was still broken by/,
    );
  });
}
