/** A task that costs as good as nothing, to measure what is around it. */
import { HaggleError } from '../agent-core/errors.ts';
import { checkActions } from '../agent-core/learning/actions.ts';
import type { Actions, DecisionEnv, Turn, Turns } from '../agent-core/learning/decision-env.ts';
import { box, discrete, type Box, type Discrete } from '../agent-core/policy/space.ts';

/** Steps of an episode; everybody acts in each. */
export const EPISODE_STEPS = 100;

const OBSERVES = box([
  { name: 'last', min: 0, max: 1 },
  { name: 'time', min: 0, max: 1 },
  { name: 'place', min: 0, max: 1 },
  { name: 'seed', min: 0, max: 1 },
]);
const ACTS = discrete(['left', 'right']);
const INFO = {};

/** Levers: choosing right is paid. */
export function levers(agents: number): DecisionEnv {
  return new Levers(Array.from({ length: agents }, (_, k) => `lever-${k}`));
}

class Levers implements DecisionEnv {
  readonly name = 'levers';
  readonly possibleAgents: readonly string[];
  readonly #known: ReadonlySet<string>;
  #due: Turns = new Map();
  #step = 0;
  #seed = 0;

  constructor(names: readonly string[]) {
    this.possibleAgents = names;
    this.#known = new Set(names);
  }

  observationSpace(agent: string): Box {
    this.#check(agent);
    return OBSERVES;
  }

  actionSpace(agent: string): Discrete {
    this.#check(agent);
    return ACTS;
  }

  reset(seed: number): Turns {
    this.#step = 0;
    this.#seed = (seed % 100) / 100;
    return this.#turns(null);
  }

  step(actions: Actions): Turns {
    checkActions(this, this.#due, actions);
    if (actions.size === 0) return new Map();
    this.#step++;
    return this.#turns(actions);
  }

  #turns(actions: Actions | null): Turns {
    const time = this.#step / EPISODE_STEPS;
    const turns = new Map<string, Turn>();
    let place = 0;
    for (const agent of this.possibleAgents) {
      const last = actions?.get(agent)?.[0] ?? 0;
      turns.set(agent, {
        observation: [last, time, place, this.#seed],
        reward: last,
        elapsed: actions === null ? 0 : 1,
        terminated: false,
        truncated: this.#step === EPISODE_STEPS,
        info: INFO,
      });
      place += 1 / this.possibleAgents.length;
    }
    this.#due = turns;
    return turns;
  }

  #check(agent: string): void {
    if (!this.#known.has(agent)) throw new HaggleError('no-such-agent', `there is no lever ${agent}`);
  }
}
