import test, { type ExecutionContext } from 'ava';
import type { DecisionEnv, Turn } from '../../../agent-core/learning/decision-env.ts';
import { checkEnv } from '../../../agent-core/learning/check-env.ts';
import { supplyChain } from '../../../scenarios/supply-chain/scenario.ts';
import { generateInstance, type InstanceSource } from '../../../scenarios/instance-source.ts';
import { scenarioEnv, type ScenarioEnvOptions } from '../../../scenarios/learning/scenario-env.ts';
import { runAgents } from '../../../scenarios/simulate.ts';

const parameters = new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: '5' }));
const source: InstanceSource = { type: 'generated', parameters, settings: new Map() };

function orders(t: ExecutionContext, change: Partial<ScenarioEnvOptions> = {}): DecisionEnv {
  const env = scenarioEnv({ scenario: 'supply-chain', role: 'order', source, ...change });
  t.teardown(() => env.close?.());
  return env;
}

/** Plays as a rule says; every turn, in order. */
function play(env: DecisionEnv, seed: number, act: (turn: Turn) => readonly number[]): readonly Turn[] {
  const told: Turn[] = [];
  for (let turns = env.reset(seed); ;) {
    told.push(...turns.values());
    const due = [...turns].filter(([, turn]) => !turn.terminated && !turn.truncated);
    if (due.length === 0) return told;
    turns = env.step(new Map(due.map(([agent, turn]) => [agent, act(turn)])));
  }
}

test('who decides as the scenario does gets what the scenario gets', async (t) => {
  const instance = generateInstance(supplyChain, parameters, 3);
  const { agents, place } = await runAgents(supplyChain, instance, { seed: 3, sign: 'off', reference: null });
  const env = orders(t);
  const decided: (readonly number[])[] = [];
  const watched = await runAgents(supplyChain, instance, {
    seed: 3,
    sign: 'off',
    reference: null,
    decider: ({ policy, observation, mask }) => {
      const action = policy.act(observation, mask);
      if (policy.observes.length === env.observationSpace(env.possibleAgents[0] ?? '').features.length)
        decided.push(action);
      return action;
    },
  });
  t.is(watched.place.fingerprint(), place.fingerprint());
  let at = 0;
  const told = play(env, 3, () => decided[at++] ?? []);
  t.true(decided.length > 0);
  t.is(at, decided.length);
  const last = told.at(-1);
  t.is(last?.reward, agents.kpis['profit']);
  t.deepEqual(last?.info, { profit: agents.kpis['profit'] });
  t.true(last?.terminated);
});

test('is sound in the eyes of checkEnv', (t) => {
  t.deepEqual(checkEnv(orders(t), { seeds: [1] }).findings, []);
});

test('an agent may be paid by its own balance instead', (t) => {
  const rides = new Map(Object.entries({ vehicles: '2', requests: '3' }));
  const env = orders(t, {
    scenario: 'ride-sharing',
    role: 'shading',
    source: { type: 'generated', parameters: rides, settings: new Map() },
    reward: 'balance',
    unitMicros: 60_000_000,
  });
  const told = play(env, 1, () => [0.1]);
  t.true(told.some(({ reward }) => reward > 0));
  t.true(told.every(({ reward }) => Number.isFinite(reward)));
});

test('a role that there is not is refused, with those that there are', (t) => {
  t.throws(() => orders(t, { role: 'weather' }), { code: 'no-such-role', message: /it has: order, quote, rule/ });
  t.throws(() => orders(t, { scenario: 'energy' }), { code: 'no-such-role', message: /energy has no role "order"/ });
});
