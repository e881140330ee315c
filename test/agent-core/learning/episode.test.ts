import test from 'ava';
import type { Actor } from '../../../agent-core/learning/actor.ts';
import type { DecisionEnv } from '../../../agent-core/learning/decision-env.ts';
import { playEpisode, type EpisodePlan } from '../../../agent-core/learning/episode.ts';
import { experienceOf, joinExperience, transitionsOf } from '../../../agent-core/learning/path.ts';
import { relay } from '../../fixtures/training/relay.ts';

const SHAPE = { features: 1, actions: 1, choices: 2 };

/** Judges a state to be worth 100 and its time. */
const actor: Actor = {
  choose: () => ({ action: [1], drawn: [1], logChance: -0.5 }),
  worth: (observation) => 100 + (observation[0] ?? 0),
};

const plan: EpisodePlan = { seed: 1, decisionsMax: 100, playerOf: () => ({ actor, learns: true, shape: SHAPE }) };

test('each learner gets a path of its own, with its own times and rewards', (t) => {
  const { paths, rewards, decisions } = playEpisode(relay(), plan);
  t.is(decisions, 8);
  t.deepEqual(
    [...rewards],
    [
      ['slow', 70],
      ['fast', 6],
    ],
  );
  const [slow, fast] = paths;
  t.deepEqual(slow?.rewards, Float64Array.of(30, 40));
  t.deepEqual(slow?.elapsed, Float64Array.of(3, 1));
  t.deepEqual(slow?.observations, Float32Array.of(0, 3, 4));
  t.deepEqual(fast?.rewards, new Float64Array(6).fill(1));
});

test('what terminates is worth nothing more, what is cut off is worth what it was judged', (t) => {
  const [slow, fast] = playEpisode(relay(), plan).paths;
  t.deepEqual([slow?.terminated, fast?.terminated], [true, false]);
  t.deepEqual(slow?.values, Float64Array.of(100, 103, 0));
  t.is(fast?.values.at(-1), 106);
});

test('a cut goes back to the last decision whose outcome is known', (t) => {
  const { paths, decisions } = playEpisode(relay(), { ...plan, decisionsMax: 3 });
  const [fast] = paths;
  t.is(decisions, 3, 'slow has decided once and heard nothing: it has no path');
  t.is(paths.length, 1);
  t.deepEqual(fast?.rewards, Float64Array.of(1, 1));
  t.deepEqual(fast?.actions, Float32Array.of(1, 1));
  t.deepEqual(fast?.values, Float64Array.of(100, 101, 102));
  const [slow] = playEpisode(relay(), { ...plan, decisionsMax: 6 }).paths;
  t.deepEqual(slow?.rewards, Float64Array.of(30, 40));
});

test('who does not learn leaves no path, and its reward is known', (t) => {
  const playerOf: EpisodePlan['playerOf'] = (agent) => ({ actor, learns: agent === 'fast', shape: SHAPE });
  const { paths, rewards, decisions } = playEpisode(relay(), { ...plan, playerOf });
  t.deepEqual([paths.length, rewards.get('slow'), decisions], [1, 70, 6]);
});

test('experience has one row a decision, for all paths in their order', (t) => {
  const { paths } = playEpisode(relay(), plan);
  const joined = joinExperience(paths.map((path) => experienceOf(path, { gamma: 0.5, lambda: 0 }, SHAPE)));
  t.is(joined.advantages.length, 8);
  t.deepEqual(joined.advantages.slice(0, 2), Float32Array.of(30 + 103 / 8 - 100, 40 - 103));
  t.deepEqual(joined.masks, new Float32Array(16).fill(1));
});

test('transitions look ahead by decisions, discount by time, and stop at the end', (t) => {
  const [slow, fast] = playEpisode(relay(), plan).paths;
  t.truthy(slow && fast);
  if (slow === undefined || fast === undefined) return;
  const one = transitionsOf(slow, { steps: 1, gamma: 0.5 }, SHAPE);
  t.deepEqual(one.discounts, Float32Array.of(0.125, 0));
  t.deepEqual(one.nextObservations, Float32Array.of(3, 4));
  const two = transitionsOf(slow, { steps: 2, gamma: 0.5 }, SHAPE);
  t.deepEqual(two.rewards, Float32Array.of(30 + 40 / 8, 40));
  t.deepEqual(two.discounts, Float32Array.of(0, 0));
  t.is(
    transitionsOf(fast, { steps: 1, gamma: 0.5 }, SHAPE).discounts.at(-1),
    0.5,
    'cut off, it is still worth something',
  );
});

const faults: readonly (readonly [string, DecisionEnv])[] = [
  ['a reward that is not finite', relay((_, turn) => ({ ...turn, reward: Number.NaN }))],
  ['a time below 0', relay((_, turn) => ({ ...turn, elapsed: -1 }))],
  ['an observation of another width', relay((_, turn) => ({ ...turn, observation: [1, 2] }))],
  ['a turn after the end', relay((agent, turn) => ({ ...turn, truncated: agent === 'fast' && turn.elapsed > 0 }))],
  ['nobody having a turn', { ...relay(), step: () => new Map() }],
];
for (const [fault, env] of faults) {
  test(`refuses ${fault}`, (t) => {
    t.throws(() => playEpisode(env, plan), { code: 'bad-turn', message: /relay/ });
  });
}

test('an observation counts as within its bounds', (t) => {
  const seen: number[] = [];
  const watching: Actor = {
    ...actor,
    choose: (observation, mask) => (seen.push(observation[0] ?? 0), actor.choose(observation, mask)),
  };
  const env = relay((_, turn) => ({ ...turn, observation: [-5] }));
  playEpisode(env, { ...plan, playerOf: () => ({ actor: watching, learns: true, shape: SHAPE }) });
  t.true(seen.every((value) => value === 0));
});
