import { HaggleError } from '../errors.ts';
import { createRandomRoot } from '../random.ts';
import { sampleAction } from './actions.ts';
import type { Actions, DecisionEnv, Turns } from './decision-env.ts';
import { envFindings, saying, type EnvFinding, type EnvFindings } from './env-findings.ts';
import { provocations } from './env-provocations.ts';
import { checkSpaces, turnsProblem, watchEpisode, type Spaces, type Standing } from './env-watch.ts';

/** What {@link checkEnv} is to do. */
export interface CheckEnvOptions {
  /** Seeds of reset; 1 and 2 if left out. */
  readonly seeds?: readonly number[];
  /** Episodes a seed, each with other actions; 1 if left out. */
  readonly episodes?: number;
  /** Steps after which an episode is left unfinished; 10,000 if left out. */
  readonly stepsMax?: number;
  /** Makes another environment like this one. With it, what an episode leaves behind is told from chance that no seed rules. */
  readonly make?: () => DecisionEnv;
}

/** What {@link checkEnv} found. */
export interface EnvReport {
  readonly env: string;
  /** Episodes that were played, each several times. */
  readonly episodes: number;
  /** Those that reached their end within `stepsMax` steps. */
  readonly finished: number;
  /** Steps and turns of these episodes, each counted once. */
  readonly steps: number;
  readonly turns: number;
  /** All seeds gave the same episodes: fine where nothing is left to chance. Null where one seed was tried. */
  readonly seedless: boolean | null;
  /** Nothing, for a sound environment. */
  readonly findings: readonly EnvFinding[];
}

/** Steps of the episode that is abandoned to see what it leaves behind. */
const ABANDONED_STEPS = 3;

/**
 * Plays random episodes and says everything that is wrong with an environment: spaces, observations, masks, rewards and times,
 * agents that act out of turn, actions that should have been refused, and whether whole episodes are the same under the same seed,
 * also after an episode that was left unfinished. Faults of the environment are findings and never thrown.
 *
 * @throws HaggleError `bad-check` for no seeds, or for episodes or steps that are not whole numbers from 1
 */
export function checkEnv(env: DecisionEnv, options: CheckEnvOptions = {}): EnvReport {
  const { seeds = [1, 2], episodes = 1, stepsMax = 10_000 } = options;
  for (const [what, value] of Object.entries({ seeds: seeds.length, episodes, stepsMax })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new HaggleError('bad-check', `checking an environment takes ${what} of 1 or more, got ${value}`);
  }
  const findings = envFindings();
  const name = nameOf(env, findings);
  const spaces = checkSpaces(env, findings);
  const check = { env, spaces, findings, stepsMax, make: options.make };
  const played = seeds.flatMap((seed) =>
    Array.from({ length: episodes }, (_, episode) => checkEpisode(check, { seed, episode })),
  );
  const texts = new Set(
    seeds.map((_, k) =>
      played
        .slice(k * episodes, (k + 1) * episodes)
        .map(textOf)
        .join('\n'),
    ),
  );
  return {
    env: name,
    episodes: played.length,
    finished: played.filter(({ end }) => end === 'over').length,
    steps: sum(played.map(({ lines }) => Math.max(0, lines.length - 1))),
    turns: sum(played.map(({ turns }) => turns)),
    seedless: seeds.length === 1 ? null : texts.size === 1,
    findings: findings.list(),
  };
}

function nameOf(env: DecisionEnv, findings: EnvFindings): string {
  let name: unknown;
  try {
    ({ name } = env);
  } catch (error) {
    name = error;
  }
  if (typeof name === 'string' && name !== '') return name;
  findings.add('bad-name', `an environment must have a name, a text, got ${saying(name)}`, null);
  return 'an environment without a name';
}

interface Check {
  readonly env: DecisionEnv;
  readonly spaces: ReadonlyMap<string, Spaces>;
  readonly findings: EnvFindings;
  readonly stepsMax: number;
  readonly make: (() => DecisionEnv) | undefined;
}

/** Which episode: the seed of the environment, and which actions. */
interface EpisodeName {
  readonly seed: number;
  readonly episode: number;
}

interface Played {
  /** What each step returned, as text; the reset first. */
  readonly lines: readonly string[];
  readonly turns: number;
  readonly end: Standing;
  /** It ended because an action was not refused. */
  readonly accepted: boolean;
}

interface Playing {
  readonly env: DecisionEnv;
  /** Where faults are noted. */
  readonly findings: EnvFindings;
  readonly stepsMax: number;
  /** Actions are tried that are to be refused, and noted here where they are not. */
  readonly provoked: EnvFindings | null;
}

/** One episode, played again and again: as it is, once more, after one that was abandoned, and with actions that are to be refused. */
function checkEpisode(check: Check, name: EpisodeName): Played {
  const { env, findings, stepsMax } = check;
  const silent: Playing = { env, findings: envFindings(), stepsMax, provoked: null };
  const first = play(check, name, { ...silent, findings });
  if (first.end === 'broken') return first;
  const again = play(check, name, silent);
  const difference = differenceOf(first, again);
  if (difference !== null) {
    const { code, why } = blame(check, name);
    findings.add(code, `the same seed and actions gave other turns: ${difference.text}; ${why}`, {
      seed: name.seed,
      step: difference.step,
    });
    return first;
  }
  play(check, { ...name, seed: name.seed + 1 }, { ...silent, stepsMax: ABANDONED_STEPS });
  compare(check, name, { first, code: 'reset-leaks', playing: silent });
  compare(check, name, { first, code: 'refusal-changes-episode', playing: { ...silent, provoked: findings } });
  return first;
}

function compare(
  check: Check,
  name: EpisodeName,
  how: { readonly first: Played; readonly code: 'reset-leaks' | 'refusal-changes-episode'; readonly playing: Playing },
): void {
  const played = play(check, name, how.playing);
  const difference = differenceOf(how.first, played);
  // An action that was wrongly accepted leads elsewhere, and was said.
  if (difference === null || played.accepted) return;
  const why =
    how.code === 'reset-leaks' ? 'after an episode that was left unfinished' : 'after actions that it refused';
  check.findings.add(how.code, `${why} the same seed and actions gave other turns: ${difference.text}`, {
    seed: name.seed,
    step: difference.step,
  });
}

/** Whether two episodes differ by what the first left behind or by chance that no seed rules, where that can be found out. */
function blame(check: Check, name: EpisodeName): { readonly code: 'not-deterministic' | 'reset-leaks'; why: string } {
  const { make } = check;
  if (make === undefined) {
    return {
      code: 'not-deterministic',
      why: 'by chance that no seed rules, or by what the episode before left behind',
    };
  }
  const episodes = [1, 2].map(() => playNew(check, name, make));
  if (episodes.includes(null))
    return { code: 'not-deterministic', why: 'and make has no other environment to tell why' };
  return episodes[0] === episodes[1]
    ? { code: 'reset-leaks', why: 'the episode before left something behind' }
    : { code: 'not-deterministic', why: 'also in new environments: by chance that no seed rules' };
}

/** The episode in another environment, as text; null where there is none. */
function playNew({ findings, ...check }: Check, name: EpisodeName, make: () => DecisionEnv): string | null {
  try {
    const env = make();
    const playing = { env, findings: envFindings(), stepsMax: check.stepsMax, provoked: null };
    const played = play({ findings, ...check }, name, playing);
    env.close?.();
    return textOf(played);
  } catch (error) {
    findings.add('bad-make', `make must make an environment that can be closed, and threw: ${saying(error)}`, null);
    return null;
  }
}

/** Plays an episode with the actions of its name. */
function play(check: Check, { seed, episode }: EpisodeName, playing: Playing): Played {
  const { env, findings, stepsMax, provoked } = playing;
  const random = createRandomRoot(`episode ${episode}`).stream('actions');
  const watch = watchEpisode(check.spaces, findings);
  const lines: string[] = [];
  const seen: Turns[] = [];
  let [turnCount, end, accepted, actions] = [0, 'broken' as Standing, false, null as Actions | null];
  for (let step = 0; step <= stepsMax; step++) {
    const turns = attempt({ env, actions, seed, findings, step });
    if (turns === null) {
      end = 'broken';
      break;
    }
    seen.push(turns);
    lines.push(lineOf(turns));
    turnCount += turns.size;
    end = watch.see(turns, { seed, step });
    if (provoked !== null && end !== 'broken') {
      accepted = !provocations({ env, spaces: check.spaces, turns, findings: provoked, at: { seed, step } });
    }
    if (end !== 'goes-on' || accepted) break;
    actions = new Map(
      [...turns]
        .filter(([, turn]) => !turn.terminated && !turn.truncated)
        .flatMap(([agent, turn]) => {
          // As it was at first: one that changes, or throws later, was found already.
          const acts = check.spaces.get(agent)?.acts;
          return acts === undefined ? [] : [[agent, sampleAction(acts, random, turn.mask)] as const];
        }),
    );
  }
  const changed = seen.findIndex((turns, step) => lineOf(turns) !== lines[step]);
  if (changed !== -1) {
    findings.add('turn-changed-later', 'a turn that was returned was changed by a later step', { seed, step: changed });
  }
  return { lines, turns: turnCount, end, accepted };
}

interface Attempt {
  readonly env: DecisionEnv;
  readonly actions: Actions | null;
  readonly seed: number;
  readonly findings: EnvFindings;
  readonly step: number;
}

/** The turns of a reset or step; null where it throws. */
function attempt({ env, actions, seed, findings, step }: Attempt): Turns | null {
  const [code, what] = actions === null ? (['reset-throws', 'reset'] as const) : (['step-throws', 'step'] as const);
  try {
    const turns = actions === null ? env.reset(seed) : env.step(actions);
    const problem = turnsProblem(turns);
    if (problem === null) return turns;
    findings.add('bad-turn', `${what} must return a Map of turns by agent, ${problem}`, { seed, step });
    return null;
  } catch (error) {
    findings.add(code, `${what} threw: ${saying(error)}`, { seed, step });
    return null;
  }
}

/** Turns as text; members that are none of a turn's, which may be anything, are left out. */
function lineOf(turns: Turns): string {
  const told = [...turns].map(([agent, { observation, mask, reward, elapsed, terminated, truncated, info }]) => [
    agent,
    { observation, mask, reward, elapsed, terminated, truncated, info },
  ]);
  return JSON.stringify(told);
}

function textOf({ lines }: Played): string {
  return lines.join('\n');
}

function differenceOf(a: Played, b: Played): { readonly step: number; readonly text: string } | null {
  const length = Math.max(a.lines.length, b.lines.length);
  for (let step = 0; step < length; step++) {
    const [one, other] = [a.lines[step], b.lines[step]];
    if (one !== other) return { step, text: `at step ${step} ${shortened(one)}, then ${shortened(other)}` };
  }
  return null;
}

/** Enough of a step to see what differs. */
const SHOWN_CHARS = 160;

function shortened(line: string | undefined): string {
  if (line === undefined) return 'no step';
  return line.length <= SHOWN_CHARS ? line : `${line.slice(0, SHOWN_CHARS)}…`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
