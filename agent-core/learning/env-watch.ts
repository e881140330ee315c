import { z } from 'zod';
import { HaggleError } from '../errors.ts';
import { box, checkMask, discrete, type ActionSpace, type Box } from '../policy/space.ts';
import type { DecisionEnv, Turn, Turns } from './decision-env.ts';
import { saying, type EnvFindings, type EnvPlace } from './env-findings.ts';

/** The spaces of one agent. */
export interface Spaces {
  readonly observes: Box;
  readonly acts: ActionSpace;
}

/** Where an episode stands after a step. */
export type Standing = 'goes-on' | 'over' | 'broken';

/** Names that the views give to facts of their own. */
const TAKEN_FACTS: ReadonlySet<string> = new Set(['elapsed', 'action_mask']);

/** Checks agents and spaces, and returns the spaces of the agents that have sound ones. */
export function checkSpaces(env: DecisionEnv, findings: EnvFindings): ReadonlyMap<string, Spaces> {
  const names = namesOf(env, findings);
  const spaces = new Map<string, Spaces>();
  for (const agent of names) {
    try {
      const [observes, acts] = [env.observationSpace(agent), env.actionSpace(agent)];
      box(observes.features);
      checkAction(acts);
      if (JSON.stringify([observes, acts]) !== JSON.stringify([env.observationSpace(agent), env.actionSpace(agent)])) {
        findings.add('changing-space', `the spaces of ${agent} differ from one call to the next`, null);
      }
      spaces.set(agent, { observes, acts });
    } catch (error) {
      findings.add('bad-space', `the spaces of ${agent}: ${saying(error)}`, null);
    }
  }
  const nobody = `nobody${names.join('')}`;
  for (const space of ['observationSpace', 'actionSpace'] as const) {
    if (answers(() => env[space](nobody))) {
      findings.add('space-of-nobody', `${space} answers for an agent that there is not`, null);
    }
  }
  return spaces;
}

function namesOf(env: DecisionEnv, findings: EnvFindings): readonly string[] {
  const bad = (what: string): void =>
    findings.add('bad-agents', `possibleAgents must be a list of names, ${what}`, null);
  let names: unknown;
  try {
    names = env.possibleAgents;
  } catch (error) {
    bad(`and threw: ${saying(error)}`);
    return [];
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    bad(`got ${Object.prototype.toString.call(names)}`);
    return [];
  }
  if (names.length === 0) bad('and is empty');
  if (new Set(names).size !== names.length) bad('and has two of one name');
  return names;
}

/** Refuses a space that is none, which only the compiler knows to be impossible. */
function checkAction(acts: ActionSpace): void {
  if (acts.kind === 'box') box(acts.features);
  else if (acts.kind === 'discrete') discrete(acts.choices);
  else throw new HaggleError('bad-space', `the kind of a space of actions must be box or discrete`);
}

function answers(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

const someNumber = z.custom<number>((value) => typeof value === 'number', 'must be a number');

/** Members of a {@link Turn} as they must be before anything else can be said of them. */
const TURN = z.object({
  observation: z.array(someNumber),
  mask: z.array(z.boolean()).optional(),
  reward: someNumber,
  elapsed: someNumber,
  terminated: z.boolean(),
  truncated: z.boolean(),
  info: z.record(z.string(), someNumber),
});

/** Why something cannot be looked at as turns, which an environment that no compiler has checked may return; null where it can. */
export function turnsProblem(turns: unknown): string | null {
  if (!(turns instanceof Map)) return `got ${Object.prototype.toString.call(turns)}`;
  for (const [agent, turn] of turns) {
    const issue = TURN.safeParse(turn).error?.issues[0];
    if (issue !== undefined) return `got for ${String(agent)} ${issue.path.join('.') || 'a turn'}: ${issue.message}`;
  }
  return null;
}

/** Checks what an environment returns in the course of one episode. */
export interface EnvWatch {
  see(turns: Turns, at: EnvPlace): Standing;
}

/** Watches one episode. */
export function watchEpisode(spaces: ReadonlyMap<string, Spaces>, findings: EnvFindings): EnvWatch {
  const [living, ended] = [new Set<string>(), new Set<string>()];
  const seeAgent = (agent: string, turn: Turn, at: EnvPlace): boolean => {
    const own = spaces.get(agent);
    if (own === undefined) {
      findings.add(
        'unknown-agent',
        `a turn of ${agent}, which is none of the possible agents, or has no sound spaces`,
        at,
      );
      return false;
    }
    if (ended.has(agent)) {
      findings.add('ended-agent-came-back', `${agent} has a turn after its end`, at);
      return false;
    }
    if (!living.has(agent) && (turn.reward !== 0 || turn.elapsed !== 0)) {
      const got = `reward ${turn.reward} and elapsed ${turn.elapsed}`;
      findings.add(
        'first-turn-not-zero',
        `${agent} must have reward 0 and elapsed 0 at its first turn, got ${got}`,
        at,
      );
    }
    const canAct = checkTurn({ agent, turn, spaces: own, at }, findings);
    const over = turn.terminated || turn.truncated;
    if (over) ended.add(agent);
    if (over) living.delete(agent);
    else living.add(agent);
    return canAct;
  };
  return {
    see: (turns, at) => {
      let [sound, due] = [true, 0];
      for (const [agent, turn] of turns) {
        sound = seeAgent(agent, turn, at) && sound;
        if (!turn.terminated && !turn.truncated) due++;
      }
      if (!sound) return 'broken';
      if (due > 0) return 'goes-on';
      if (living.size === 0 && ended.size > 0) return 'over';
      const who = living.size === 0 ? 'no agent has had a turn' : `${[...living].join(', ')} did not end`;
      findings.add('nobody-to-act', `nobody is asked to act, and ${who}`, at);
      return 'broken';
    },
  };
}

interface SeenTurn {
  readonly agent: string;
  readonly turn: Turn;
  readonly spaces: Spaces;
  readonly at: EnvPlace;
}

/** False where no action could be chosen. */
function checkTurn(seen: SeenTurn, findings: EnvFindings): boolean {
  const { agent, turn, spaces, at } = seen;
  let canAct = true;
  checkObservation(seen, findings);
  if (turn.mask !== undefined) {
    try {
      checkMask(spaces.acts, turn.mask, agent);
    } catch (error) {
      findings.add('bad-mask', saying(error), at);
      canAct = false;
    }
  }
  if (!Number.isFinite(turn.reward)) {
    findings.add('bad-reward', `the reward of ${agent} must be finite, got ${turn.reward}`, at);
  }
  if (!Number.isFinite(turn.elapsed) || turn.elapsed < 0) {
    findings.add('bad-elapsed', `the time elapsed for ${agent} must be finite, 0 or more, got ${turn.elapsed}`, at);
  }
  for (const [fact, value] of Object.entries(turn.info)) {
    if (!Number.isFinite(value)) findings.add('bad-info', `fact ${fact} of ${agent} must be finite, got ${value}`, at);
    if (TAKEN_FACTS.has(fact)) findings.add('bad-info', `fact ${fact} of ${agent} has a name that views use`, at);
  }
  return canAct;
}

function checkObservation({ agent, turn, spaces, at }: SeenTurn, findings: EnvFindings): void {
  const { features } = spaces.observes;
  if (turn.observation.length !== features.length) {
    const got = turn.observation.length;
    findings.add('observation-length', `${agent} must observe ${features.length} numbers, got ${got}`, at);
    return;
  }
  for (const [k, { name, min, max }] of features.entries()) {
    const value = turn.observation[k] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      findings.add('observation-not-finite', `${agent} must observe a finite ${name}, got ${value}`, at);
    } else if (value < min || value > max) {
      const bounds = `${name} from ${min} to ${max}`;
      findings.add('observation-out-of-bounds', `${agent} must observe ${bounds}, got ${value}`, at);
    }
  }
}
