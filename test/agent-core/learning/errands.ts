import { HaggleError } from '../../../agent-core/errors.ts';
import { checkActions } from '../../../agent-core/learning/actions.ts';
import type { DecisionEnv, Turn, Turns } from '../../../agent-core/learning/decision-env.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';
import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';

/** Runners with errands of different lengths, so that they decide at different times: two choose, the last sets a number. */
export interface ErrandsOptions {
  readonly runners?: number;
  readonly horizon?: number;
  /** Some choices are closed at times; true if left out. */
  readonly masks?: boolean;
}

interface Runner {
  readonly name: string;
  readonly chance: RandomStream;
  load: number;
  last: number;
  next: number;
  paid: number;
  state: 'new' | 'runs' | 'ended';
}

const OBSERVES = box([
  { name: 'time', min: 0, max: 1_000 },
  { name: 'load', min: 0, max: 10 },
]);
const CHOICES = discrete(['rest', 'carry', 'hurry']);
const EFFORT = box([{ name: 'effort', min: -1, max: 1 }]);

/** A small environment with all that a `DecisionEnv` may do: irregular turns, masks, both kinds of ends, both kinds of actions. */
export function errands({ runners = 3, horizon = 30, masks = true }: ErrandsOptions = {}): DecisionEnv {
  const names = Array.from({ length: runners }, (_, k) => `runner-${k}`);
  const kindOf = (agent: string): typeof CHOICES | typeof EFFORT => {
    if (!names.includes(agent)) throw new HaggleError('no-such-agent', `${agent} runs no errands`);
    return agent === names.at(-1) ? EFFORT : CHOICES;
  };
  let crew: readonly Runner[] = [];
  let due: Turns = new Map();
  let now = 0;
  const turnOf = (runner: Runner): Turn => {
    const first = runner.state === 'new';
    const terminated = runner.load >= 10;
    const truncated = !terminated && now >= horizon;
    const turn: Turn = {
      observation: [now, Math.min(10, runner.load)],
      ...(masks && kindOf(runner.name).kind === 'discrete' ? { mask: [true, true, runner.load < 5] } : {}),
      reward: first ? 0 : runner.paid,
      elapsed: first ? 0 : now - runner.last,
      terminated,
      truncated,
      info: { load: runner.load },
    };
    runner.paid = 0;
    runner.last = now;
    runner.state = terminated || truncated ? 'ended' : 'runs';
    return turn;
  };
  const goOn = (): Turns => {
    const turns = new Map<string, Turn>();
    const living = (): readonly Runner[] => crew.filter(({ state }) => state !== 'ended');
    let asked = false;
    for (let running = living(); running.length > 0 && !asked; running = living()) {
      now = Math.min(horizon, ...running.map(({ next }) => next));
      for (const runner of running.filter(({ next }) => next <= now || now >= horizon)) {
        turns.set(runner.name, turnOf(runner));
        if (runner.state === 'runs') asked = true;
      }
    }
    due = turns;
    return due;
  };
  return {
    name: 'errands',
    possibleAgents: names,
    observationSpace: (agent) => {
      kindOf(agent);
      return OBSERVES;
    },
    actionSpace: kindOf,
    reset: (seed) => {
      const root = createRandomRoot(seed);
      now = 0;
      crew = names.map((name) => {
        const chance = root.stream(name);
        return { name, chance, load: chance.integer(0, 2), last: 0, next: 0, paid: 0, state: 'new' };
      });
      return goOn();
    },
    step: (actions) => {
      checkActions({ actionSpace: kindOf }, due, actions);
      for (const runner of crew) {
        const [effort] = actions.get(runner.name) ?? [];
        if (effort === undefined) continue;
        runner.load += Math.abs(effort);
        runner.paid += effort + runner.chance.uniform();
        runner.next = now + runner.chance.integer(1, 3);
      }
      return goOn();
    },
  };
}
