import test from 'ava';
import { checkEnv } from '../../../../agent-core/learning/check-env.ts';
import type { Turns } from '../../../../agent-core/learning/decision-env.ts';
import { createRandomRoot } from '../../../../agent-core/random.ts';
import { valueBy } from '../../../../agents/energy/community/value-policy.ts';
import { FastCommunity } from '../../../../scenarios/energy/community/fast-model.ts';
import { createEnv } from '../../../../scenarios/energy/community/home-env.ts';
import { energy } from '../../../../scenarios/energy/scenario.ts';
import { loadInstance } from '../../../../scenarios/instance-source.ts';

const small = { homes: 3, days: 2 };
const generated = (parameters: Readonly<Record<string, string>>): unknown => ({
  type: 'generated',
  parameters: Object.entries(parameters),
  settings: [],
  policies: [],
});

function actAlike(turns: Turns, value: number): ReadonlyMap<string, readonly number[]> {
  const due = [...turns].filter(([, { terminated, truncated }]) => !terminated && !truncated);
  return new Map(due.map(([agent]) => [agent, [value]]));
}

/** Rewards of all homes, added up over an episode in which each holds a stored Wh to be worth so much more than planned. */
function saved(options: unknown, seed: number, value: number): number {
  const env = createEnv(options);
  let turns = env.reset(seed);
  let sum = 0;
  for (let acts = actAlike(turns, value); acts.size > 0; acts = actAlike(turns, value)) {
    turns = env.step(acts);
    for (const { reward } of turns.values()) sum += reward;
  }
  return sum;
}

test('is an environment by the rules: spaces, turns, and the same episode from the same seed', (t) => {
  const { findings } = checkEnv(createEnv(small), { seeds: [1, 2] });
  t.deepEqual(findings, []);
});

test('every home decides in every hour, and is cut off after the last', (t) => {
  const env = createEnv(small);
  let turns = env.reset(4);
  for (let hour = 0; hour < 48; hour++) {
    t.is(turns.size, 3);
    t.true([...turns.values()].every(({ truncated }) => !truncated));
    turns = env.step(actAlike(turns, 0.3));
  }
  t.true([...turns.values()].every(({ truncated, terminated, elapsed }) => truncated && !terminated && elapsed === 1));
  t.throws(() => env.step(new Map()), { code: 'bad-action', message: /the episode is over/ });
});

test('who holds stored energy to be worth nothing, or more than any price, saves less than who plans', (t) => {
  const week = { ...small, days: 7 };
  const sumOver = (correction: number): number =>
    [1, 2, 3, 4].reduce((sum, seed) => sum + saved(week, seed, correction), 0);
  const planned = sumOver(0);
  t.true(planned > sumOver(-1));
  t.true(planned > sumOver(1));
});

test('rewards are what the tariff for load beyond sun comes to, less what was paid, in full batteries at the highest tariff', (t) => {
  const asked = {
    parameters: new Map(Object.entries({ homes: '2', days: '2', batteries: '100' })),
    settings: new Map(),
  };
  const together = saved({ days: 2, source: generated(Object.fromEntries(asked.parameters)) }, 5, 0);

  const drawn = createRandomRoot(5)
    .stream('community')
    .integer(0, 2 ** 32 - 1);
  const found = loadInstance(energy, { type: 'generated', ...asked, policies: [] }, drawn);
  if (found.kind !== 'community') throw new TypeError('homes were asked for');
  const { homes, tariff, hours } = found.problem.instance;
  const model = new FastCommunity(found.problem.instance);
  for (let hour = 0; hour < hours; hour++) model.step(homes.map((_, home) => valueBy(model.observe(home), 0)));
  const bare = homes.reduce(
    (sum, { loadWh, sunWh }) =>
      tariff.reduce((all, price, hour) => all + price * Math.max(0, (loadWh[hour] ?? 0) - (sunWh[hour] ?? 0)), sum),
    0,
  );
  const paid = model.paid.reduce((sum, one) => sum + one, 0);
  const meanWh = homes.reduce((sum, { battery }) => sum + battery.capacityWh, 0) / homes.length;
  t.true(together > 0);
  t.true(Math.abs(together - (bare - paid) / (meanWh * Math.max(...tariff))) < 1e-9 * together);
});

test('learns in a part of a given community as well', (t) => {
  const source = generated({ homes: '4', days: '6', batteries: '100' });
  const env = createEnv({ days: 2, source });
  t.is(env.possibleAgents.length, 4);
  const starts = [1, 2, 3].map((seed) => env.reset(seed).get('home-1')?.observation.join());
  t.true(new Set(starts).size > 1, 'another time each episode');
});

test('what is generated is another community in each episode, the same for the same seed', (t) => {
  const env = createEnv({ days: 2, source: generated({ homes: '2', days: '2', batteries: '100' }) });
  const sight = (seed: number): string | undefined => env.reset(seed).get('home-1')?.observation.join();
  t.is(new Set([1, 2, 3, 4].map(sight)).size, 4);
  t.is(sight(1), sight(1));
});

for (const [what, options, message] of [
  ['no homes', { homes: 0 }, /homes|>=1|Too small/i],
  ['a setting that it does not know', { ...small, colour: 'red' }, /colour/],
  ['a source that is a grid', { source: generated({ buses: '5' }) }, /a grid, not a community/],
  [
    'a source shorter than an episode',
    { days: 9, source: generated({ homes: '2', days: '3' }) },
    /has 72 hours, an episode 216/,
  ],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => createEnv(options), { code: 'bad-env', message });
  });
}

test('knows no other agents, and steps only after a reset', (t) => {
  const env = createEnv(small);
  t.throws(() => env.observationSpace('home-9'), { code: 'no-such-agent' });
  t.throws(() => env.actionSpace('home-9'), { code: 'no-such-agent' });
  t.throws(() => env.step(new Map()), { code: 'bad-env', message: /after a reset/ });
});
