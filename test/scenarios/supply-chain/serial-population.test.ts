import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { world } from '../../../simulator/world.ts';
import { beerGame } from '../../../scenarios/supply-chain/beer-settings.ts';
import { populateSerial } from '../../../scenarios/supply-chain/serial-population.ts';
import { runSplit } from '../../fixtures/split-run.ts';
import { playAgents, problemOf } from './serial-runs.ts';

function game(periods: number) {
  return beerGame('uniform', { periods, random: createRandomRoot(4).stream('game') });
}

test('a game that is split over workers comes to the same end, message by message', async (t) => {
  const problem = problemOf(game(12));
  const alone = world({ seed: 2, sign: 'off', strict: true });
  const population = populateSerial(alone, problem);
  await alone.run();
  for (const workers of [2, 3]) {
    const parts: ReturnType<typeof populateSerial>[] = [];
    const run = await runSplit({
      workers,
      seed: workers,
      make: (shard) => {
        const place = world({ seed: 2, sign: 'off', strict: true, shard });
        const part = populateSerial(place, problem);
        if (shard.worker === null) parts.push(part);
        else t.true(part.progress().round >= 0);
        return place;
      },
    });
    t.is(run.place.fingerprint(), alone.fingerprint());
    t.deepEqual(parts[0]?.agreement(), population.agreement());
  }
});

test('slow and uneven links change nothing: what counts is the period, not the moment', async (t) => {
  const problem = problemOf(game(30));
  const quick = await playAgents(problem);
  const slow = await playAgents(problem, { latency: ['1 ms', '3 s'], seed: 7 });
  t.deepEqual(slow.solution, quick.solution);
});

test('money is neither made nor lost, and everybody is through', async (t) => {
  const place = world({ seed: 1, strict: true });
  const population = populateSerial(place, problemOf(game(20)));
  t.false(population.finished());
  t.throws(() => population.agreement(), { code: 'no-agreement', message: /did not agree on its level/ });
  t.is((await place.run()).end, 'idle');
  t.true(population.finished());
  t.deepEqual(population.progress(), { round: 20, disagreement: 1 });
  const { payments } = population.agreement();
  const funds = 10n ** 21n;
  for (const { name, did } of place.agents) {
    const paid = payments.reduce(
      (sum, { from, to, amount }) => sum + (to === name ? BigInt(amount) : 0n) - (from === name ? BigInt(amount) : 0n),
      0n,
    );
    t.is(place.ledger.balance(did).available, funds + paid, name);
  }
  t.is(place.ledger.supply(), funds * BigInt(place.agents.length));
  for (const { counters } of place.agents) {
    t.is(counters.refused.size, 0);
    t.is(counters.misunderstood.size, 0);
    t.is(counters.dialoguesOpen, 0);
  }
});
