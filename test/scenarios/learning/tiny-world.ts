/** A world of two agents that decide at different times, as a module that `worldEnv` can run; and ways in which it can go wrong. */
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Micros } from '../../../agent-core/clock.ts';
import { definePolicy } from '../../../agent-core/policy/policy.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';
import type { Asker, RunEpisode } from '../../../scenarios/learning/episode.ts';
import { world } from '../../../simulator/world.ts';

const OBSERVES = box([
  { name: 'time s', min: 0, max: 1_000 },
  { name: 'wind', min: -5, max: 5 },
]);
const PUMPS = discrete(['off', 'low', 'high']);

/** What the agents learn in. */
export const SPACES = new Map([
  ['pump-1', { observes: OBSERVES, acts: PUMPS }],
  ['pump-2', { observes: OBSERVES, acts: PUMPS }],
]);

/** Fingerprints of the worlds that were run to their end in this thread. */
export const fingerprints: string[] = [];

const policy = definePolicy({
  name: 'never asked',
  observes: OBSERVES.features,
  acts: PUMPS,
  parameters: {},
  act: () => [0],
});

const pump = defineAgent({
  name: 'pump',
  params: z.object({ seconds: z.number(), decisions: z.number() }),
  state: () => ({ pumped: 0, paid: 0 }),
  setup(agent) {
    agent.start(async (ctx) => {
      for (let k = 0; k < ctx.params.decisions; k++) {
        const wind = ctx.random.normal(0, 2);
        const mask = wind > 1 ? [true, true, false] : undefined;
        const [level = 0] = ctx.decide(policy, [ctx.now() / 1e6, wind], mask);
        ctx.state.pumped += level;
        await ctx.sleep(Math.round(1e6 * ctx.params.seconds * ctx.random.between(0.5, 1.5)));
      }
    });
  },
});

/** How a world goes wrong, at its third decision where nothing else is said. */
export type Mishap =
  | 'throws'
  | 'exits'
  | 'fails elsewhere'
  | 'hangs'
  | 'asks a stranger'
  | 'asks after an end'
  | 'ends nobody'
  | 'catches everything'
  | 'swallows everything'
  | 'asks nobody'
  | 'cannot be cloned';

const mishaps: Readonly<Record<Mishap, (asker: Asker) => unknown>> = {
  throws: () => {
    throw new RangeError('the pump house is under water');
  },
  exits: () => process.exit(0),
  'fails elsewhere': () => {
    setTimeout(() => {
      throw new RangeError('elsewhere');
    }, 0);
    return new Promise(() => undefined);
  },
  hangs: () => {
    for (;;);
  },
  'asks a stranger': (asker) => asker.decide(turnOf('pump-3')),
  'asks after an end': (asker) => {
    asker.end({ ...turnOf('pump-1'), truncated: false });
    return asker.decide(turnOf('pump-1'));
  },
  'ends nobody': () => undefined,
  'catches everything': (asker) => {
    for (;;) {
      try {
        asker.decide(turnOf('pump-1'));
      } catch {
        continue;
      }
    }
  },
  'swallows everything': (asker) => {
    try {
      asker.decide(turnOf('pump-1'));
    } catch {
      return;
    }
  },
  'asks nobody': () => undefined,
  'cannot be cloned': (asker) => asker.decide({ ...turnOf('pump-1'), info: { x: (() => 0) as unknown as number } }),
};

const turnOf = (agent: string): { agent: string; at: Micros; observation: readonly number[]; reward: number } => ({
  agent,
  at: 0,
  observation: [0, 0],
  reward: 0,
});

interface Options {
  readonly decisions: number;
  readonly mishap?: Mishap;
}

/** Runs the two pumps, or what goes wrong with them. */
export const runEpisode: RunEpisode = async (options, seed, asker) => {
  const { decisions, mishap } = options as unknown as Options;
  if (mishap !== undefined) {
    if (mishap !== 'asks nobody') asker.decide(turnOf('pump-1'));
    await mishaps[mishap](asker);
    return;
  }
  const paid = new Map<string, number>();
  const last = new Map<string, readonly number[]>();
  const rewardOf = (agent: string): number => {
    const reward = placed.get(agent)?.state.pumped ?? 0;
    const before = paid.get(agent) ?? 0;
    paid.set(agent, reward);
    return reward - before;
  };
  const place = world({
    seed,
    strict: true,
    decider: ({ agent, at, observation, mask }) => {
      last.set(agent, observation);
      return asker.decide({ agent, at, observation, ...(mask === undefined ? {} : { mask }), reward: rewardOf(agent) });
    },
  });
  const placed = new Map(
    ['pump-1', 'pump-2'].map((name, k) => [name, place.spawn(pump({ seconds: 1 + k, decisions }), { name })]),
  );
  await place.run();
  for (const [agent, observation] of last) {
    asker.end({ agent, at: place.now(), observation, reward: rewardOf(agent), truncated: agent === 'pump-2' });
  }
  fingerprints.push(place.fingerprint());
};
