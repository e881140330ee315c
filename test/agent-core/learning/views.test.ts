import test from 'ava';
import { assert, integer, property } from 'fast-check';
import { aecEnv, type AecEnv } from '../../../agent-core/learning/aec-env.ts';
import { sampleAction } from '../../../agent-core/learning/actions.ts';
import type { DecisionEnv, Turn, Turns } from '../../../agent-core/learning/decision-env.ts';
import { parallelEnv, type ParallelEnv } from '../../../agent-core/learning/parallel-env.ts';
import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';
import { errands } from './errands.ts';

/** An action that depends on nothing but who acts and what it sees. */
function act(
  env: DecisionEnv | ParallelEnv | AecEnv,
  agent: string,
  { observation, mask }: Pick<Turn, 'observation' | 'mask'>,
): readonly number[] {
  const random: RandomStream = createRandomRoot(`${agent} ${observation.join(' ')}`).stream('action');
  return sampleAction(env.actionSpace(agent), random, mask);
}

interface Story {
  readonly agent: string;
  readonly observation: readonly number[];
  readonly reward: number;
  readonly elapsed: number;
  readonly ended: boolean;
}

function raw(env: DecisionEnv, seed: number): readonly Story[] {
  const told: Story[] = [];
  for (let turns: Turns = env.reset(seed); ;) {
    for (const [agent, { observation, reward, elapsed, terminated, truncated }] of turns) {
      told.push({ agent, observation, reward, elapsed, ended: terminated || truncated });
    }
    const due = [...turns].filter(([, turn]) => !turn.terminated && !turn.truncated);
    if (due.length === 0) return told;
    turns = env.step(new Map(due.map(([agent, turn]) => [agent, act(env, agent, turn)])));
  }
}

function byParallel(env: ParallelEnv, seed: number): readonly Story[] {
  const told: Story[] = [];
  let { observations, infos } = env.reset(seed);
  for (const [agent, observation] of observations) {
    told.push({ agent, observation, reward: 0, elapsed: infos.get(agent)?.elapsed ?? NaN, ended: false });
  }
  while (env.agents.length > 0) {
    const step = env.step(
      new Map(
        env.agents.map((agent) => {
          const mask = infos.get(agent)?.action_mask;
          const seen = { observation: observations.get(agent) ?? [], ...(mask === undefined ? {} : { mask }) };
          return [agent, act(env, agent, seen)];
        }),
      ),
    );
    ({ observations, infos } = step);
    for (const [agent, observation] of observations) {
      const ended = step.terminations.get(agent) === true || step.truncations.get(agent) === true;
      const reward = step.rewards.get(agent) ?? NaN;
      told.push({ agent, observation, reward, elapsed: infos.get(agent)?.elapsed ?? NaN, ended });
    }
  }
  return told;
}

function byAec(env: AecEnv, seed: number): readonly Story[] {
  const told: Story[] = [];
  env.reset(seed);
  for (const agent of env.agentIter()) {
    const { observation, reward, termination, truncation, info } = env.last();
    const ended = termination || truncation;
    const seen = observation ?? [];
    told.push({ agent, observation: seen, reward, elapsed: info.elapsed, ended });
    const mask = info.action_mask;
    env.step(ended ? null : act(env, agent, { observation: seen, ...(mask === undefined ? {} : { mask }) }));
  }
  return told;
}

const sorted = (story: readonly Story[]): readonly string[] => story.map((turn) => JSON.stringify(turn)).toSorted();

test('the three ways of driving an environment tell one story', (t) => {
  assert(
    property(integer({ min: 0, max: 1e6 }), integer({ min: 1, max: 6 }), (seed, runners) => {
      const told = sorted(raw(errands({ runners }), seed));
      t.deepEqual(sorted(byParallel(parallelEnv(errands({ runners })), seed)), told);
      t.deepEqual(sorted(byAec(aecEnv(errands({ runners })), seed)), told);
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('the parallel view asks only those that must act, and tells the others nothing', (t) => {
  const env = parallelEnv(errands());
  t.deepEqual([env.agents, env.numAgents, env.maxNumAgents], [[], 0, 3]);
  const { observations } = env.reset(3);
  t.deepEqual(env.agents, env.possibleAgents);
  t.deepEqual([...observations.keys()], env.possibleAgents);
  const step = env.step(new Map(env.agents.map((agent) => [agent, [0]])));
  t.true(env.numAgents < env.maxNumAgents);
  for (const map of [step.observations, step.rewards, step.terminations, step.truncations, step.infos]) {
    t.deepEqual([...map.keys()], env.agents);
  }
});

test('masks and elapsed time are among the infos', (t) => {
  const env = parallelEnv(errands());
  const { infos } = env.reset(3);
  t.deepEqual(infos.get('runner-0'), {
    load: infos.get('runner-0')?.['load'],
    elapsed: 0,
    action_mask: [true, true, true],
  });
  t.false('action_mask' in (infos.get('runner-2') ?? {}));
});

test('an action too few, too many or beyond its space is refused, and can be made good', (t) => {
  const env = parallelEnv(errands());
  env.reset(3);
  const rest = new Map(env.agents.map((agent) => [agent, [0]]));
  t.throws(() => env.step(new Map([...rest].slice(1))), { code: 'bad-action', message: /runner-0 must decide/ });
  t.throws(() => env.step(new Map([...rest, ['runner-9', [0]]])), { code: 'bad-action', message: /not its turn/ });
  t.throws(() => env.step(new Map([...rest, ['runner-0', [3]]])), {
    code: 'bad-action',
    message: /from 0 to 2, got 3/,
  });
  t.throws(() => env.step(new Map([...rest, ['runner-2', [1.5]]])), {
    code: 'bad-action',
    message: /effort from -1 to 1/,
  });
  t.throws(() => env.step(new Map([...rest, ['runner-2', []]])), { code: 'bad-action', message: /1 numbers, got 0/ });
  t.notThrows(() => env.step(rest));
});

test('without a seed each reset takes the next number', (t) => {
  const seeds: number[] = [];
  const env = errands();
  const watched: DecisionEnv = {
    ...env,
    reset: (seed) => {
      seeds.push(seed);
      return env.reset(seed);
    },
  };
  const [parallel, aec] = [parallelEnv(watched), aecEnv(watched)];
  for (const view of [parallel, aec]) {
    view.reset();
    view.reset();
    view.reset(10);
    view.reset();
  }
  t.deepEqual(seeds, [0, 1, 10, 11, 0, 1, 10, 11]);
});

test('the state is what all agents saw last', (t) => {
  const env = parallelEnv(errands({ runners: 2 }));
  t.deepEqual(env.state(), [0, 0, 0, 0]);
  const { observations } = env.reset(3);
  t.deepEqual(env.state(), [...observations.values()].flat());
  const aec = aecEnv(errands({ runners: 2 }));
  aec.reset(3);
  t.deepEqual(aec.state(), env.state());
});

test('a view that was never reset refuses to go on', (t) => {
  t.throws(() => parallelEnv(errands()).step(new Map()), { code: 'not-reset' });
  t.throws(() => aecEnv(errands()).step([0]), { code: 'not-reset' });
  t.throws(() => aecEnv(errands()).last(), { code: 'not-reset' });
  t.throws(() => aecEnv(errands()).agentSelection, { code: 'not-reset' });
  t.throws(() => aecEnv(errands()).observe('runner-0'), { code: 'no-such-agent' });
});

test('in the AEC view nobody sees what others chose at the same time, and rewards come once all have acted', (t) => {
  const env = aecEnv(errands());
  env.reset(3);
  const before = env.observe('runner-1');
  t.is(env.agentSelection, 'runner-0');
  env.step([1]);
  t.is(env.agentSelection, 'runner-1');
  t.is(env.observe('runner-1'), before);
  t.deepEqual([...env.rewards.values()], [0, 0, 0]);
  env.step([1]);
  env.step([1]);
  const paid = [...env.rewards].filter(([, reward]) => reward !== 0).map(([agent]) => agent);
  t.true(paid.length > 0 && paid.includes(env.agentSelection));
  t.deepEqual(env.rewards, env.cumulativeRewards);
  const [selected, due] = [env.agentSelection, env.last().reward];
  t.is(env.rewards.get(selected), due);
  t.is(env.last(false).observation, null);
});

test('an agent that ended is stepped once with null, before others act, and is gone', (t) => {
  const env = aecEnv(errands({ runners: 3, horizon: 3 }));
  env.reset(3);
  while (!env.terminations.get(env.agentSelection) && !env.truncations.get(env.agentSelection)) {
    t.throws(() => env.step(null), { code: 'bad-action' });
    env.step([0]);
  }
  const ended = env.agentSelection;
  t.throws(() => env.step([0]), { code: 'bad-action', message: /stepped with null/ });
  t.true(env.agents.includes(ended));
  env.step(null);
  t.false(env.agents.includes(ended));
  t.false(env.infos.has(ended));
  for (const _ of env.agentIter()) env.step(null);
  t.deepEqual([env.agents, env.numAgents], [[], 0]);
  t.throws(() => env.step(null), { code: 'episode-over' });
  t.throws(() => env.last(), { code: 'episode-over' });
});

test('agentIter stops after as many turns as it is told', (t) => {
  const env = aecEnv(errands());
  env.reset(1);
  const seen: string[] = [];
  for (const agent of env.agentIter(2)) {
    seen.push(agent);
    env.step([0]);
  }
  t.deepEqual(seen, ['runner-0', 'runner-1']);
});

test('where the environment fails, the last agent of the AEC view may act again', (t) => {
  const env = errands();
  let fails = true;
  const aec = aecEnv({
    ...env,
    step: (actions) => {
      if (fails) throw new RangeError('not now');
      return env.step(actions);
    },
  });
  aec.reset(3);
  aec.step([0]);
  aec.step([0]);
  t.throws(() => aec.step([0.5]), { message: 'not now' });
  t.is(aec.agentSelection, 'runner-2');
  fails = false;
  t.notThrows(() => aec.step([0.5]));
});

test('an action outside its space is refused in the AEC view at once', (t) => {
  const env = aecEnv(errands());
  env.reset(3);
  t.throws(() => env.step([7]), { code: 'bad-action' });
  t.is(env.agentSelection, 'runner-0');
});

test('closing a view closes its environment', (t) => {
  let closed = 0;
  const env = { ...errands(), close: () => void closed++ };
  parallelEnv(env).close();
  aecEnv(env).close();
  aecEnv(errands()).close();
  t.is(closed, 2);
});
