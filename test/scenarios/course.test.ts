import test from 'ava';
import { createRandomRoot } from '../../agent-core/random.ts';
import { disagreementOf } from '../../agents/energy/stopping-rule.ts';
import { generateGrid } from '../../scenarios/energy/generator.ts';
import { gridDispatch } from '../../scenarios/energy/grid-scenario.ts';
import type { RoundProgress } from '../../scenarios/scenario.ts';
import { simulate } from '../../scenarios/simulate.ts';

test('the course of a run names every round once, and ends within the tolerance', async (t) => {
  for (const buses of [2, 5, 30]) {
    const grid = generateGrid({ buses, random: createRandomRoot(buses).stream('test') });
    const heard: RoundProgress[] = [];
    const { course, result } = await simulate(gridDispatch, grid, {
      seed: 1,
      sign: 'off',
      onProgress: (progress) => void heard.push(progress),
    });
    t.deepEqual(
      course.map(({ round }) => round),
      Array.from({ length: result.rounds + 1 }, (_, round) => round),
    );
    t.true((course[0]?.disagreement ?? 0) > 1);
    t.true(course.slice(0, -1).every(({ disagreement }) => disagreement > 1));
    t.true((course.at(-1)?.disagreement ?? Infinity) <= 1);
    t.deepEqual(heard.at(-1), course.at(-1));
  }
});

test('disagreement is the worst measure over its tolerance', (t) => {
  const settled = { primal: 0, dual: 0, gap: 0, turnover: 0 };
  t.is(disagreementOf(settled, 5), 0);
  t.is(disagreementOf({ ...settled, primal: 2e-7 }, 5), 2);
  t.is(disagreementOf({ ...settled, dual: 3e-6 }, 5), 3);
  t.is(Math.round(disagreementOf({ ...settled, gap: 4e-6 }, 5)), 4);
  t.is(disagreementOf({ ...settled, primal: Infinity }, 5), Infinity);
});

test('where nothing is for sale, no gap agrees and any gap does not', (t) => {
  const settled = { primal: 0, dual: 0, gap: 0, turnover: 0 };
  t.is(disagreementOf(settled, Number.MIN_VALUE), 0);
  t.is(disagreementOf({ ...settled, gap: 1e-12 }, Number.MIN_VALUE), Infinity);
});
