import test from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import { checkEnv } from '../../../agent-core/learning/check-env.ts';
import type { Actions, DecisionEnv, Turn, Turns } from '../../../agent-core/learning/decision-env.ts';
import type { EnvFault } from '../../../agent-core/learning/env-findings.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';
import { errands } from './errands.ts';

const sound = errands();

/** An environment like `errands` whose turns are changed on the way out. */
function turned(change: (turn: Turn, at: { readonly agent: string; readonly step: number }) => Turn): DecisionEnv {
  const env = errands();
  let step = 0;
  const changed = (turns: Turns): Turns =>
    new Map([...turns].map(([agent, turn]) => [agent, change(turn, { agent, step })]));
  return {
    ...env,
    reset: (seed) => {
      step = 0;
      return changed(env.reset(seed));
    },
    step: (actions) => {
      const turns = env.step(actions);
      step++;
      return changed(turns);
    },
  };
}

/** An environment like `errands` that drops or adds turns. */
function retold(change: (turns: Turns) => Turns): DecisionEnv {
  const env = errands();
  return { ...env, reset: (seed) => change(env.reset(seed)), step: (actions) => change(env.step(actions)) };
}

/** An environment that mends actions before it checks them. */
function lenient(mend: (actions: Actions, due: Turns) => Actions): DecisionEnv {
  const env = errands();
  let due: Turns = new Map();
  return {
    ...env,
    reset: (seed) => (due = env.reset(seed)),
    step: (actions) => (due = env.step(mend(actions, due))),
  };
}

const living = (due: Turns): readonly string[] =>
  [...due].filter(([, turn]) => !turn.terminated && !turn.truncated).map(([agent]) => agent);

/** What it takes to be found guilty of each fault. */
const BROKEN: Readonly<Record<Exclude<EnvFault, 'bad-make'>, () => DecisionEnv>> = {
  'bad-name': () => ({ ...errands(), name: '' }),
  'bad-agents': () => ({ ...errands(), possibleAgents: [...sound.possibleAgents, 'runner-0'] }),
  'bad-space': () => ({
    ...errands(),
    observationSpace: () => ({ kind: 'box', features: [{ name: 'x', min: 1, max: 0 }] }),
  }),
  'changing-space': () => {
    let calls = 0;
    return { ...errands(), observationSpace: () => box([{ name: `call ${calls++}`, min: 0, max: 1_000 }]) };
  },
  'space-of-nobody': () => ({ ...errands(), actionSpace: () => discrete(['rest', 'carry', 'hurry']) }),
  'reset-throws': () => ({
    ...errands(),
    reset: () => {
      throw new HaggleError('out-of-paper', 'no errands today');
    },
  }),
  'step-throws': () => ({
    ...errands(),
    step: () => {
      throw new HaggleError('out-of-paper', 'no errands today');
    },
  }),
  'bad-turn': () => turned((turn) => Object.assign({ ...turn }, { observation: undefined })),
  'observation-length': () => turned((turn) => ({ ...turn, observation: turn.observation.slice(1) })),
  'observation-not-finite': () => turned((turn) => ({ ...turn, observation: [NaN, 0] })),
  'observation-out-of-bounds': () => turned((turn) => ({ ...turn, observation: [0, 10.5] })),
  'bad-mask': () => turned((turn) => (turn.mask === undefined ? turn : { ...turn, mask: turn.mask.map(() => false) })),
  'bad-reward': () => turned((turn, { step }) => (step === 0 ? turn : { ...turn, reward: Infinity })),
  'bad-elapsed': () => turned((turn, { step }) => (step === 0 ? turn : { ...turn, elapsed: -1 })),
  'first-turn-not-zero': () => turned((turn, { step }) => (step > 0 ? turn : { ...turn, reward: 1 })),
  'bad-info': () => turned((turn) => ({ ...turn, info: { ...turn.info, elapsed: 3 } })),
  'unknown-agent': () => retold((turns) => new Map([...turns].map(([agent, turn]) => [`${agent}'s twin`, turn]))),
  'ended-agent-came-back': () => {
    const ended = new Map<string, Turn>();
    const env = retold((turns) => {
      const all = new Map([...ended, ...turns]);
      for (const [agent, turn] of turns) if (turn.terminated || turn.truncated) ended.set(agent, turn);
      return all;
    });
    return {
      ...env,
      reset: (seed) => {
        ended.clear();
        return env.reset(seed);
      },
    };
  },
  'nobody-to-act': () => ({ ...errands(), step: () => new Map() }),
  'accepts-bad-action': () =>
    lenient(
      (actions) => new Map([...actions].map(([agent, [x = 0]]) => [agent, [x >= 0 && x < 3 ? Math.trunc(x) : 0]])),
    ),
  'accepts-missing-action': () =>
    lenient((actions, due) => new Map(living(due).map((agent) => [agent, actions.get(agent) ?? [0]]))),
  'accepts-extra-action': () =>
    lenient((actions, due) => new Map([...actions].filter(([agent]) => living(due).includes(agent)))),
  'accepts-action-after-end': () =>
    lenient((actions, due) => (living(due).length === 0 ? new Map<string, readonly number[]>() : actions)),
  'refusal-changes-episode': () => {
    const env = errands();
    let refused = 0;
    return {
      ...env,
      reset: (seed) => {
        refused = 0;
        return env.reset(seed);
      },
      step: (actions) => {
        try {
          const turns = env.step(actions);
          return new Map([...turns].map(([agent, turn]) => [agent, { ...turn, reward: turn.reward + refused }]));
        } catch (error) {
          refused++;
          throw error;
        }
      },
    };
  },
  'turn-changed-later': () => {
    const buffer = [0, 0];
    return turned((turn) => {
      buffer.splice(0, 2, ...turn.observation);
      return { ...turn, observation: buffer };
    });
  },
  'not-deterministic': () => {
    let calls = 0;
    return turned((turn) => ({ ...turn, info: { calls: calls++ } }));
  },
  'reset-leaks': () => {
    // What a whole episode leaves is always the same; what an abandoned one leaves is not.
    const env = errands();
    let tired = 0;
    return {
      ...env,
      reset: (seed) => new Map([...env.reset(seed)].map(([agent, turn]) => [agent, { ...turn, info: { tired } }])),
      step: (actions) => {
        const turns = env.step(actions);
        tired = living(turns).length === 0 ? 0 : 1;
        return turns;
      },
    };
  },
};

test('finds nothing in a sound environment, and counts what it saw', (t) => {
  const report = checkEnv(errands(), { seeds: [1, 2, 3], episodes: 2, make: () => errands() });
  t.deepEqual(report.findings, []);
  t.like(report, { env: 'errands', episodes: 6, finished: 6, seedless: false });
  t.true(report.turns > report.steps && report.steps > 6);
});

for (const [code, make] of Object.entries(BROKEN)) {
  test(`finds ${code}`, (t) => {
    const { findings } = checkEnv(make());
    t.true(
      findings.some((finding) => finding.code === code),
      JSON.stringify(findings, null, 1),
    );
  });
}

const fail = (): never => {
  throw new HaggleError('out-of-paper', 'no errands today');
};

/** Environments that no compiler has seen: nothing of them may be there, or all of it may throw. */
const UNCHECKED: readonly (readonly [what: string, code: EnvFault, wrong: Readonly<PropertyDescriptorMap>])[] = [
  ['has no name', 'bad-name', { name: { value: undefined } }],
  ['cannot be asked for its name', 'bad-name', { name: { get: fail } }],
  ['has no possibleAgents', 'bad-agents', { possibleAgents: { value: undefined } }],
  ['names its agents by a set', 'bad-agents', { possibleAgents: { value: new Set(['runner-0']) } }],
  ['names its agents by numbers', 'bad-agents', { possibleAgents: { value: [0, 1] } }],
  ['has no agents', 'bad-agents', { possibleAgents: { value: [] } }],
  ['cannot be asked for its agents', 'bad-agents', { possibleAgents: { get: fail } }],
  ['throws where it is asked what agents do', 'bad-space', { actionSpace: { value: fail } }],
  ['throws where it is asked what agents see', 'bad-space', { observationSpace: { value: fail } }],
  ['has no actionSpace', 'bad-space', { actionSpace: { value: undefined } }],
  ['has no space for anybody', 'bad-space', { actionSpace: { value: () => undefined } }],
  ['has a space of another kind', 'bad-space', { actionSpace: { value: () => ({ kind: 'text', choices: ['a'] }) } }],
  ['has no reset', 'reset-throws', { reset: { value: undefined } }],
  ['has no step', 'step-throws', { step: { value: undefined } }],
  ['returns no turns', 'bad-turn', { reset: { value: () => [] } }],
];
for (const [what, code, wrong] of UNCHECKED) {
  test(`an environment that ${what} is a finding and no error`, (t) => {
    const env = Object.defineProperties({ ...errands() }, wrong);
    const { findings } = checkEnv(env, { make: () => env });
    t.true(
      findings.some((finding) => finding.code === code),
      JSON.stringify(findings, null, 1),
    );
  });
}

test('an actionSpace that throws after the first episode has begun is asked no more', (t) => {
  let calls = 0;
  const env = errands();
  const report = checkEnv({ ...env, actionSpace: (agent) => (calls++ < 20 ? env.actionSpace(agent) : fail()) });
  t.deepEqual(report.findings, []);
});

test('numbers of a turn that are none are a finding, whatever JSON makes of them', (t) => {
  for (const observation of [
    [1n, 2n],
    ['1', '2'],
    [null, 0],
  ]) {
    const { findings } = checkEnv(turned((turn) => Object.assign({ ...turn }, { observation })));
    t.is(findings[0]?.code, 'bad-turn');
  }
  const loop: Record<string, unknown> = {};
  loop['loop'] = loop;
  t.deepEqual(checkEnv(turned((turn) => Object.assign({ ...turn }, { loop }))).findings, []);
});

test('a make that throws, makes nothing, or makes what cannot be closed is a finding', (t) => {
  let calls = 0;
  const chance = (): DecisionEnv => turned((turn) => ({ ...turn, info: { calls: calls++ } }));
  for (const make of [fail, (): never => undefined as never, () => ({ ...chance(), close: fail })]) {
    const codes = checkEnv(chance(), { make, seeds: [1] }).findings.map(({ code }) => code);
    t.deepEqual(codes, ['bad-make', 'not-deterministic']);
  }
});

test('says where a fault was first seen and how often', (t) => {
  const [finding] = checkEnv(
    turned((turn, { step }) => (step < 2 ? turn : { ...turn, reward: NaN })),
    { seeds: [5] },
  ).findings;
  t.like(finding, { code: 'bad-reward', at: { seed: 5, step: 2 } });
  t.true((finding?.times ?? 0) > 1);
});

test('tells chance that no seed rules from what an episode leaves behind, where it can make another environment', (t) => {
  let calls = 0;
  const chance = (): DecisionEnv => turned((turn) => ({ ...turn, info: { calls: calls++ } }));
  t.deepEqual(
    checkEnv(chance(), { make: chance }).findings.map(({ code }) => code),
    ['not-deterministic'],
  );
  const leaky = (): DecisionEnv => {
    let resets = 0;
    const env = errands();
    return {
      ...env,
      reset: (seed) => env.reset(seed + resets++),
    };
  };
  t.deepEqual(
    checkEnv(leaky(), { make: leaky, seeds: [1] }).findings.map(({ code }) => code),
    ['reset-leaks'],
  );
});

test('says that an environment has no use for seeds, which is no fault', (t) => {
  const env = errands();
  const report = checkEnv({ ...env, reset: () => env.reset(1) });
  t.true(report.seedless);
  t.deepEqual(report.findings, []);
  t.is(checkEnv(env, { seeds: [1] }).seedless, null);
});

test('leaves an endless episode unfinished', (t) => {
  const report = checkEnv(errands({ horizon: 1_000 }), { stepsMax: 4, seeds: [1] });
  t.like(report, { finished: 0, steps: 4, findings: [] });
});

test('refuses to check nothing', (t) => {
  for (const options of [{ seeds: [] }, { episodes: 0 }, { stepsMax: 0.5 }]) {
    t.throws(() => checkEnv(errands(), options), { code: 'bad-check' });
  }
});

test('what is no turns at all is a finding, whatever it is', (t) => {
  for (const [reset, words] of [
    [() => Promise.resolve(new Map()), /reset must return a Map of turns by agent, got \[object Promise\]/],
    [() => undefined, /got \[object Undefined\]/],
    [() => new Map([['runner-0', null]]), /got for runner-0 a turn: .*null/],
    [(seed: number) => retoldTurn(errands().reset(seed), { info: null }), /got for runner-0 info: /],
    [(seed: number) => retoldTurn(errands().reset(seed), { mask: [1, 1, 1] }), /got for runner-0 mask\.0: .*boolean/],
    [(seed: number) => retoldTurn(errands().reset(seed), { reward: 1n }), /got for runner-0 reward: must be a number/],
  ] as const) {
    const { findings, finished } = checkEnv(Object.assign(errands(), { reset }));
    t.is(finished, 0);
    t.deepEqual(
      findings.map(({ code }) => code),
      ['bad-turn'],
    );
    t.regex(findings[0]?.message ?? '', words);
  }
});

function retoldTurn(turns: Turns, other: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map([...turns].map(([agent, turn]) => [agent, { ...turn, ...other }]));
}
