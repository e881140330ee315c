/** A world of two agents that do nothing but decide, as a module that `worldEnv` can run. */
import { z } from 'zod';
import { defineAgent } from '../agent-core/agent/agent.ts';
import { definePolicy } from '../agent-core/policy/policy.ts';
import { box, discrete } from '../agent-core/policy/space.ts';
import type { RunEpisode } from '../scenarios/learning/episode.ts';
import { world } from '../simulator/world.ts';

const OBSERVES = box([
  { name: 'time', min: 0, max: 1e9 },
  { name: 'wind', min: -5, max: 5 },
]);
const ACTS = discrete(['off', 'low', 'high']);

/** The agents that learn, and their spaces. */
export const PUMPS = new Map(['pump-1', 'pump-2'].map((name) => [name, { observes: OBSERVES, acts: ACTS }]));

const policy = definePolicy({ name: 'off', observes: OBSERVES.features, acts: ACTS, parameters: {}, act: () => [0] });

const pump = defineAgent({
  name: 'pump',
  params: z.object({ decisions: z.number() }),
  state: () => ({ left: 0, level: 0 }),
  setup(agent) {
    agent.start((ctx) => {
      ctx.state.left = ctx.params.decisions;
    });
    agent.every('1 s', (ctx) => {
      if (ctx.state.left === 0) return ctx.stop();
      ctx.state.left--;
      [ctx.state.level = 0] = ctx.decide(policy, [ctx.now() / 1e6, ctx.random.between(-5, 5)]);
    });
  },
});

/** Two pumps decide once a second. */
export const runEpisode: RunEpisode = async (options, seed, asker) => {
  const params = z.object({ decisions: z.number() }).parse(options);
  const place = world({
    seed,
    strict: true,
    decider: ({ agent, at, observation }) => asker.decide({ agent, at, observation, reward: 0 }),
  });
  for (const name of PUMPS.keys()) place.spawn(pump(params), { name });
  await place.run();
  for (const agent of PUMPS.keys()) {
    asker.end({ agent, at: place.now(), observation: [0, 0], reward: 0, truncated: false });
  }
};
