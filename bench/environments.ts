/**
 * What the environment interface costs: `node dist/bench/environments.js`.
 *
 * The task is as good as free: every agent sees four numbers that follow from its own last action, chooses one of two, and is paid
 * for one of them; an episode has 100 steps, in each of which everybody acts. Observations are made anew for each turn and every action is checked
 * against its space. Rates are per CPU-second of this process, except where another process or thread answers; the best of five runs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serveEnv } from '../agent-core/adapters/gym-bridge.ts';
import { assert } from '../agent-core/errors.ts';
import { aecEnv } from '../agent-core/learning/aec-env.ts';
import { bridge } from '../agent-core/learning/bridge.ts';
import { checkEnv } from '../agent-core/learning/check-env.ts';
import type { DecisionEnv } from '../agent-core/learning/decision-env.ts';
import { parallelEnv } from '../agent-core/learning/parallel-env.ts';
import { worldEnv } from '../scenarios/learning/world-env.ts';
import { EPISODE_STEPS, levers } from './environments-levers.ts';
import { PUMPS, runEpisode } from './environments-world.ts';

const RUNS = 5;
/** Agent-steps of one run. */
const AGENT_STEPS = 600_000;

/** Agent-steps of one episode, played once. */
type Episode = (seed: number) => number;

function rawEpisode(env: DecisionEnv): Episode {
  return (seed) => {
    let turns = env.reset(seed);
    let count = 0;
    for (;;) {
      const actions = new Map<string, readonly number[]>();
      for (const [agent, turn] of turns)
        if (!turn.terminated && !turn.truncated) actions.set(agent, choose(turn.observation));
      if (actions.size === 0) return count;
      turns = env.step(actions);
      count += actions.size;
    }
  };
}

function parallelEpisode(task: DecisionEnv): Episode {
  const env = parallelEnv(task);
  return (seed) => {
    let { observations } = env.reset(seed);
    let [count, paid] = [0, 0];
    while (env.agents.length > 0) {
      const actions = new Map<string, readonly number[]>();
      for (const agent of env.agents) actions.set(agent, choose(observations.get(agent) ?? []));
      const step = env.step(actions);
      ({ observations } = step);
      for (const reward of step.rewards.values()) paid += reward;
      count += actions.size;
    }
    assert(paid > 0, 'nobody was paid');
    return count;
  };
}

function aecEpisode(task: DecisionEnv): Episode {
  const env = aecEnv(task);
  return (seed) => {
    env.reset(seed);
    let count = 0;
    for (const _ of env.agentIter()) {
      const { observation, termination, truncation } = env.last();
      env.step(termination || truncation ? null : choose(observation ?? []));
      count++;
    }
    return count;
  };
}

function bridgeEpisode(task: DecisionEnv): Episode {
  const served = bridge(task);
  served.answer('{"op":"hello","version":1}');
  const actions = JSON.stringify(Object.fromEntries(task.possibleAgents.map((agent) => [agent, [1]])));
  const request = `{"op":"step","actions":${actions}}`;
  return (seed) => {
    served.answer(`{"op":"reset","seed":${seed}}`);
    for (let step = 0; step < EPISODE_STEPS; step++) served.answer(request);
    return EPISODE_STEPS * task.possibleAgents.length;
  };
}

const ACTIONS = [[0], [1]] as const;

/** A policy as good as free. */
function choose(observation: readonly number[]): readonly number[] {
  return ACTIONS[(observation[0] ?? 0) > 0.5 ? 0 : 1] ?? ACTIONS[0];
}

/** Counts a CPU-second of this process, best of some runs. */
function rateOf(episode: Episode, target: number): number {
  let best = 0;
  for (let run = 0; run <= RUNS; run++) {
    let count = 0;
    const start = process.cpuUsage();
    for (let seed = 0; count < target; seed++) count += episode(seed);
    const { user, system } = process.cpuUsage(start);
    // The first run warms up.
    if (run > 0) best = Math.max(best, count / ((user + system) / 1e6));
  }
  return best;
}

function shown(rate: number): string {
  return Number(rate.toPrecision(3)).toLocaleString('en');
}

function interfaces(): void {
  console.log('\n| agent-steps per CPU-second | 3 agents | 100 agents |\n|---|--:|--:|');
  const rows: readonly (readonly [string, (env: DecisionEnv) => Episode])[] = [
    ['`DecisionEnv`', rawEpisode],
    ['`ParallelEnv`', parallelEpisode],
    ['`AecEnv`', aecEpisode],
    ['bridge, without a process: text in, text out', bridgeEpisode],
  ];
  for (const [name, episodeOf] of rows) {
    const rates = [3, 100].map((agents) => shown(rateOf(episodeOf(levers(agents)), AGENT_STEPS)));
    console.log(`| ${[name, ...rates].join(' | ')} |`);
  }
}

/** Steps over the pipes of a process, a second of wall time. */
async function roundTrips(agents: number, steps: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve', String(agents)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: string): Promise<void> => {
    child.stdin.write(`${request}\n`);
    const answer: IteratorResult<string, unknown> = await lines.next();
    assert(answer.done !== true && answer.value.includes('"ok"'), `the bridge answered ${String(answer.value)}`);
  };
  await ask('{"op":"hello","version":1}');
  const actions = Object.fromEntries(Array.from({ length: agents }, (_, k) => [`lever-${k}`, [1]]));
  const request = JSON.stringify({ op: 'step', actions });
  let rate = 0;
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    for (let step = 0; step < steps; step++)
      await ask(step % EPISODE_STEPS === 0 ? '{"op":"reset","seed":1}' : request);
    if (run > 0) rate = Math.max(rate, steps / ((performance.now() - start) / 1e3));
  }
  await ask('{"op":"close"}');
  await once(child, 'close');
  return rate;
}

/** Decisions a second of wall time of the same world: answered in its own thread, and across threads. */
async function worlds(): Promise<void> {
  const options = { decisions: 2_000 };
  const decisions = options.decisions * PUMPS.size;
  const answered = [1];
  let [pushed, pulled, start] = [0, 0, 0];
  for (let run = 0; run <= RUNS; run++) {
    start = performance.now();
    await runEpisode(options, run, { decide: () => answered, end: () => undefined });
    if (run > 0) pushed = Math.max(pushed, decisions / ((performance.now() - start) / 1e3));
  }
  const env = worldEnv({
    name: 'pumps',
    agents: PUMPS,
    module: new URL('./environments-world.js', import.meta.url),
    options,
  });
  const episode = rawEpisode(env);
  for (let run = 0; run <= RUNS; run++) {
    start = performance.now();
    const count = episode(run);
    assert(count === decisions, `${count} decisions`);
    if (run > 0) pulled = Math.max(pulled, decisions / ((performance.now() - start) / 1e3));
  }
  let resets = 0;
  env.reset(1);
  start = performance.now();
  for (; performance.now() - start < 500; resets++) env.reset(resets);
  const abandoned = (performance.now() - start) / resets;
  env.close?.();
  console.log('\n| a world of two agents that decide by `ctx.decide` | decisions/s | µs a decision |\n|---|--:|--:|');
  console.log(`| in its own thread, answered by a \`decider\` | ${shown(pushed)} | ${(1e6 / pushed).toFixed(1)} |`);
  console.log(`| \`worldEnv\`, answered from another thread | ${shown(pulled)} | ${(1e6 / pulled).toFixed(1)} |`);
  console.log(`\nA reset that abandons an episode: ${abandoned.toFixed(2)} ms.`);
}

async function main(): Promise<void> {
  for (const agents of [3, 100]) {
    const { findings } = checkEnv(levers(agents), { seeds: [1], make: () => levers(agents) });
    assert(findings.length === 0, JSON.stringify(findings));
  }
  console.log(`Node ${process.version}`);
  interfaces();
  console.log('\n| bridge to a process, a second of wall time | round trips | agent-steps |\n|---|--:|--:|');
  for (const agents of [1, 3, 100]) {
    const rate = await roundTrips(agents, 5_000);
    console.log(`| ${agents === 1 ? '1 agent' : `${agents} agents`} | ${shown(rate)} | ${shown(rate * agents)} |`);
  }
  await worlds();
}

const [role, agents] = process.argv.slice(2);
if (role === 'serve') await serveEnv({ env: levers(Number(agents)), input: process.stdin, output: process.stdout });
else await main();
