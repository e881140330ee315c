import type { Mask } from '../policy/space.ts';
import { sampleAction } from './actions.ts';
import { createRandomRoot } from '../random.ts';
import type { DecisionEnv, Turns } from './decision-env.ts';
import type { EnvFault, EnvFindings, EnvPlace } from './env-findings.ts';
import type { Spaces } from './env-watch.ts';

/** What is to be provoked. */
export interface Provoked {
  readonly env: DecisionEnv;
  readonly spaces: ReadonlyMap<string, Spaces>;
  /** What was returned last. */
  readonly turns: Turns;
  readonly findings: EnvFindings;
  readonly at: EnvPlace;
}

interface Provocation {
  readonly code: EnvFault;
  readonly what: string;
  readonly actions: ReadonlyMap<string, readonly number[]>;
}

/** Later steps are provoked only now and then: most of what can be wrong is so at once. */
const ALWAYS_STEPS = 8;
const LATER_EVERY_STEPS = 64;

/**
 * Tries actions that an environment must refuse: none, one too many, of an agent that ended, and beyond each space. False where
 * one was accepted: the episode is not the same any more.
 */
export function provocations(provoked: Provoked): boolean {
  const { env, turns, findings, at } = provoked;
  const over = [...turns.values()].every((turn) => turn.terminated || turn.truncated);
  if (!over && at.step > ALWAYS_STEPS && at.step % LATER_EVERY_STEPS !== 0) return true;
  for (const { code, what, actions } of provocationsAt(provoked)) {
    try {
      env.step(actions);
    } catch {
      continue;
    }
    findings.add(code, `step must refuse ${what}`, at);
    return false;
  }
  return true;
}

function provocationsAt({ spaces, turns }: Provoked): readonly Provocation[] {
  const random = createRandomRoot('sound').stream('actions');
  const sample = (agent: string, mask?: Mask): readonly number[] => {
    const acts = spaces.get(agent)?.acts;
    return acts === undefined ? [] : sampleAction(acts, random, mask);
  };
  const due = [...turns].filter(([, turn]) => !turn.terminated && !turn.truncated);
  const sound = new Map(due.map(([agent, turn]) => [agent, sample(agent, turn.mask)]));
  const [first] = due;
  const ended = [...turns.keys()].filter((agent) => !sound.has(agent));
  const others = [...spaces.keys()].filter((agent) => !turns.has(agent));
  const extra: readonly Provocation[] = ended.map((agent) => ({
    code: first === undefined ? 'accepts-action-after-end' : 'accepts-extra-action',
    what: `an action of ${agent}, which has ended`,
    actions: new Map([...sound, [agent, sample(agent)]]),
  }));
  if (first === undefined) return extra.slice(0, 1);
  return [
    ...extra.slice(0, 1),
    ...others.slice(0, 1).map((agent) => ({
      code: 'accepts-extra-action' as const,
      what: `an action of ${agent}, whose turn it is not`,
      actions: new Map([...sound, [agent, sample(agent)]]),
    })),
    {
      code: 'accepts-missing-action',
      what: `a step without an action of ${first[0]}`,
      actions: new Map([...sound].slice(1)),
    },
    ...due.slice(0, 1).flatMap(([agent, { mask }]) => {
      const acts = spaces.get(agent)?.acts;
      const bad = acts === undefined ? [] : badActions(acts, mask);
      return bad.map(([what, action]) => ({
        code: 'accepts-bad-action' as const,
        what: `${what} of ${agent}`,
        actions: new Map([...sound, [agent, action]]),
      }));
    }),
  ];
}

/** Actions that are not in a space, and what is wrong with each. */
function badActions(space: Spaces['acts'], mask: Mask | undefined): readonly (readonly [string, readonly number[]])[] {
  if (space.kind === 'discrete') {
    const { length } = space.choices;
    const masked = mask?.indexOf(false) ?? -1;
    return [
      ['a choice beyond the last', [length]],
      ['a choice below 0', [-1]],
      ['half a choice', [0.5]],
      ['NaN', [Number.NaN]],
      ['two choices', [0, 0]],
      ['no choice', []],
      ...(masked === -1 ? [] : ([['a masked choice', [masked]]] as const)),
    ];
  }
  const middle = space.features.map(({ min, max }) => min / 2 + max / 2);
  const [first] = space.features;
  if (first === undefined) return [['a number too many', [0]]];
  return [
    ['a number above its bound', [first.max + 1 + Math.abs(first.max) / 1024, ...middle.slice(1)]],
    ['a number below its bound', [first.min - 1 - Math.abs(first.min) / 1024, ...middle.slice(1)]],
    ['NaN', [Number.NaN, ...middle.slice(1)]],
    ['a number too few', middle.slice(1)],
    ['a number too many', [...middle, 0]],
  ];
}
