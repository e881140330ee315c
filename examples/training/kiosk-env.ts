// A kiosk buys papers at 4 before it knows how many it will sell, at 10 each. Training loads this file in each of its threads.
import { box, checkActions, createRandomRoot, HaggleError, type DecisionEnv, type Turns } from 'haggle';

const observes = box([{ name: 'usual demand', min: 20, max: 80 }]);
const acts = box([{ name: 'order', min: 0, max: 150 }]);
const DAYS = 16;

/** What training asks a module for; `options` are those of its `module`. */
export function createEnv(): DecisionEnv {
  let chance = createRandomRoot(0).stream('kiosk');
  let [day, usual] = [0, 0];
  let due: Turns = new Map();
  const turn = (reward: number): Turns => {
    usual = chance.between(20, 80);
    const [elapsed, terminated] = [day === 0 ? 0 : 1, day === DAYS];
    return (due = new Map([
      ['seller', { observation: [usual], reward, elapsed, terminated, truncated: false, info: {} }],
    ]));
  };
  const env: DecisionEnv = {
    name: 'kiosk',
    possibleAgents: ['seller'],
    observationSpace: (agent) => known(agent, observes),
    actionSpace: (agent) => known(agent, acts),
    reset: (seed) => {
      [chance, day] = [createRandomRoot(seed).stream('kiosk'), 0];
      return turn(0);
    },
    step: (actions) => {
      checkActions(env, due, actions);
      if (actions.size === 0) return new Map();
      const [order = 0] = actions.get('seller') ?? [];
      day++;
      return turn(profit(order, usual * chance.between(0.4, 1.6)));
    },
  };
  return env;
}

/** What a day brings: papers that nobody buys go back for 1. */
export function profit(order: number, demand: number): number {
  const sold = Math.min(order, demand);
  return 10 * sold + (order - sold) - 4 * order;
}

function known<Space>(agent: string, space: Space): Space {
  if (agent === 'seller') return space;
  throw new HaggleError('no-such-agent', `the kiosk has a seller, and no ${agent}`);
}
