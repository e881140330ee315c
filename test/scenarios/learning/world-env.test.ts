import test, { type ExecutionContext } from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import { sampleAction } from '../../../agent-core/learning/actions.ts';
import { checkEnv } from '../../../agent-core/learning/check-env.ts';
import type { DecisionEnv, Turns } from '../../../agent-core/learning/decision-env.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import type { AskedTurn, EndedTurn } from '../../../scenarios/learning/episode.ts';
import { worldEnv, type WorldEnvOptions } from '../../../scenarios/learning/world-env.ts';
import { runEpisode, SPACES, type Mishap } from './tiny-world.ts';

const MODULE = new URL('./tiny-world.js', import.meta.url);

function pumps(t: ExecutionContext, change: Partial<WorldEnvOptions> = {}): DecisionEnv {
  const env = worldEnv({ name: 'pumps', agents: SPACES, module: MODULE, options: { decisions: 5 }, ...change });
  t.teardown(() => env.close?.());
  return env;
}

function broken(t: ExecutionContext, mishap: Mishap, silenceMillis = 60_000): DecisionEnv {
  return pumps(t, { options: { decisions: 5, mishap }, silenceMillis });
}

const OFF = new Map([['pump-1', [0]]]);

/** Every turn of an episode of random actions, as text. */
function told(env: DecisionEnv, seed: number): readonly string[] {
  const random = createRandomRoot('actions').stream(`${seed}`);
  const lines: string[] = [];
  for (let turns: Turns = env.reset(seed); ;) {
    const due: string[] = [];
    for (const [agent, { observation, mask, reward, elapsed, terminated, truncated }] of turns) {
      lines.push(JSON.stringify({ agent, observation, mask, reward, elapsed, terminated, truncated }));
      if (!terminated && !truncated) due.push(agent);
    }
    if (due.length === 0) return lines;
    turns = env.step(
      new Map(due.map((agent) => [agent, sampleAction(env.actionSpace(agent), random, turns.get(agent)?.mask)])),
    );
  }
}

/** The same, in one thread. */
async function pushed(seed: number): Promise<readonly string[]> {
  const random = createRandomRoot('actions').stream(`${seed}`);
  const lines: string[] = [];
  const lastAt = new Map<string, number>();
  const tell = ({ agent, at, observation, mask, reward }: AskedTurn, ended: EndedTurn | null): void => {
    const before = lastAt.get(agent);
    lastAt.set(agent, at);
    const elapsed = before === undefined ? 0 : (at - before) / 1e6;
    const first = before === undefined ? 0 : reward;
    const end = { terminated: ended?.truncated === false, truncated: ended?.truncated === true };
    lines.push(JSON.stringify({ agent, observation, mask, reward: first, elapsed, ...end }));
  };
  await runEpisode({ decisions: 5 }, seed, {
    decide: (asked) => {
      tell(asked, null);
      const acts = SPACES.get(asked.agent)?.acts;
      return acts === undefined ? [] : sampleAction(acts, random, asked.mask);
    },
    end: (ended) => tell(ended, ended),
  });
  return lines;
}

test('a world in a thread of its own takes the decisions that it takes in this one', async (t) => {
  const env = pumps(t);
  for (const seed of [1, 2, 3]) {
    const lines = told(env, seed);
    t.is(lines.length, 12);
    t.deepEqual(lines, await pushed(seed));
  }
  t.notDeepEqual(told(env, 1), told(env, 2));
});

test('is sound in the eyes of checkEnv', (t) => {
  const report = checkEnv(pumps(t), { make: () => pumps(t) });
  t.deepEqual(report.findings, []);
  t.like(report, { finished: 2, seedless: false });
});

test('time is counted in the unit that was asked for', (t) => {
  const elapsedOf = (env: DecisionEnv): number => {
    let turns = env.reset(1);
    for (;;) {
      for (const { elapsed } of turns.values()) if (elapsed > 0) return elapsed;
      turns = env.step(new Map([...turns.keys()].map((agent) => [agent, [0]])));
    }
  };
  const [inSeconds, inMillis] = [elapsedOf(pumps(t)), elapsedOf(pumps(t, { unitMicros: 1_000 }))];
  t.true(Math.abs(inMillis - 1_000 * inSeconds) < 1e-6);
});

test('an episode that was abandoned leaves nothing behind', (t) => {
  const env = pumps(t);
  const expected = told(env, 7);
  for (let steps = 0; steps < 4; steps++) {
    let turns = env.reset(8);
    for (let step = 0; step < steps; step++) turns = env.step(new Map([...turns.keys()].map((agent) => [agent, [0]])));
    t.deepEqual(told(env, 7), expected);
  }
});

test('refuses actions of others and beyond their space, and goes on as if nothing had been', (t) => {
  const env = pumps(t);
  const expected = told(env, 7);
  const random = createRandomRoot('actions').stream('7');
  let turns = env.reset(7);
  const lines: string[] = [];
  for (;;) {
    for (const [agent, { terminated, truncated }] of turns) if (!terminated && !truncated) lines.push(agent);
    const [agent] = [...turns].find(([, turn]) => !turn.terminated && !turn.truncated) ?? [];
    if (agent === undefined) break;
    const other = agent === 'pump-1' ? 'pump-2' : 'pump-1';
    t.throws(() => env.step(new Map([[other, [0]]])), { code: 'bad-action' });
    t.throws(() => env.step(new Map([[agent, [3]]])), { code: 'bad-action' });
    t.throws(() => env.step(new Map()), { code: 'bad-action' });
    turns = env.step(new Map([[agent, sampleAction(env.actionSpace(agent), random, turns.get(agent)?.mask)]]));
  }
  t.is(lines.length, expected.length - 2);
  t.deepEqual([...env.step(new Map())], []);
  t.throws(() => env.step(OFF), { code: 'bad-action' });
});

test('a world that throws is an error with a cause, after which another episode begins', (t) => {
  const env = broken(t, 'throws');
  for (const seed of [1, 2]) {
    env.reset(seed);
    const error = t.throws(() => env.step(OFF), { instanceOf: HaggleError, code: 'world-failed' });
    t.is(error.message, 'the world of pumps failed: the pump house is under water');
    t.true(error.cause instanceof HaggleError && /tiny-world/.test(error.cause.stack ?? ''));
    t.throws(() => env.step(OFF), { code: 'not-reset' });
  }
});

test('a thread that ends, or fails outside the world, ends the wait', (t) => {
  const gone = broken(t, 'exits');
  gone.reset(1);
  t.throws(() => gone.step(OFF), { code: 'world-gone' });
  t.notThrows(() => gone.reset(1));
  const elsewhere = broken(t, 'fails elsewhere');
  elsewhere.reset(1);
  t.throws(() => elsewhere.step(OFF), { code: 'world-failed', message: /elsewhere/ });
});

test('a world that hangs ends the wait, and loses its thread', (t) => {
  const env = broken(t, 'hangs', 1_000);
  env.reset(1);
  t.throws(() => env.step(OFF), { code: 'world-silent', message: /nothing for 1000 ms/ });
  t.notThrows(() => env.reset(2));
});

test('a world that asks a stranger or after an end, or ends nobody, is refused', (t) => {
  for (const [mishap, message] of [
    ['asks a stranger', /asked pump-3, which is none of its agents/],
    ['asks after an end', /asked pump-1 after its end/],
    ['ends nobody', /never ended pump-1/],
  ] as const) {
    const env = broken(t, mishap);
    env.reset(1);
    t.throws(() => env.step(OFF), { code: 'world-out-of-line', message });
    t.notThrows(() => env.reset(1));
  }
});

test('what a world says must be plain data', (t) => {
  const env = broken(t, 'cannot be cloned');
  env.reset(1);
  t.throws(() => env.step(OFF), { code: 'world-failed', message: /could not be cloned/ });
});

test('an episode in which nobody is asked is over at once', (t) => {
  const env = broken(t, 'asks nobody');
  t.deepEqual([...env.reset(1)], []);
  t.deepEqual([...env.reset(2)], []);
});

test('a world that does not let go of an abandoned episode loses its thread; one that swallows the news keeps it', (t) => {
  for (const mishap of ['catches everything', 'swallows everything'] as const) {
    const env = broken(t, mishap);
    for (const seed of [1, 2]) {
      t.deepEqual([...env.reset(seed).keys()], ['pump-1']);
      t.deepEqual([...env.step(OFF).keys()], ['pump-1']);
    }
  }
});

test('a module without an episode, or that there is not, is an error of reset', (t) => {
  const wrong = pumps(t, { module: new URL('./no-episode.js', import.meta.url) });
  t.throws(() => wrong.reset(1), { code: 'world-failed', message: /must export a function runEpisode/ });
  const missing = pumps(t, { module: new URL('nowhere.js', MODULE) });
  t.throws(() => missing.reset(1), { code: 'world-failed', message: /Cannot find module/ });
});

test('once closed, at any moment, it refuses to go on', (t) => {
  const env = pumps(t);
  env.reset(1);
  env.close?.();
  env.close?.();
  t.throws(() => env.step(OFF), { code: 'env-closed' });
  t.throws(() => env.reset(1), { code: 'env-closed' });
});

test('needs an episode to step, agents, and positive bounds', (t) => {
  t.throws(() => pumps(t).step(OFF), { code: 'not-reset' });
  t.throws(() => pumps(t).actionSpace('pump-3'), { code: 'no-such-agent' });
  t.throws(() => pumps(t, { agents: new Map() }), { code: 'bad-world-env' });
  for (const bad of [0, -1, NaN, Infinity]) {
    t.throws(() => pumps(t, { silenceMillis: bad }), { code: 'bad-world-env' });
    t.throws(() => pumps(t, { unitMicros: bad }), { code: 'bad-world-env' });
  }
});
