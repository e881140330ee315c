import { HaggleError } from '../errors.ts';
import { held } from '../policy/space.ts';
import type { Actor } from './actor.ts';
import type { DecisionEnv, Turn, Turns } from './decision-env.ts';
import { recordPath, type Path, type PathRecorder, type PathShape, type Standpoint } from './path.ts';

/** Who acts for an agent, and whether its decisions are kept to learn from. */
export interface Player {
  readonly actor: Actor;
  readonly learns: boolean;
  readonly shape: PathShape;
}

/** How an episode is played. */
export interface EpisodePlan {
  readonly seed: number;
  playerOf(agent: string): Player;
  /** Decisions of learners after which the episode is cut off. */
  readonly decisionsMax: number;
}

/** What came of an episode. */
export interface Episode {
  /** Of the agents that learn and decided at least once, in the order in which they first did. */
  readonly paths: readonly Path[];
  /** Sum of rewards, not discounted, of each agent that had a turn. */
  readonly rewards: ReadonlyMap<string, number>;
  /** Of all learners. */
  readonly decisions: number;
}

interface Seat extends Player {
  readonly agent: string;
  readonly recorder: PathRecorder;
  reward: number;
  /** It decided and has not heard what came of it. */
  waits: boolean;
  ended: boolean;
}

/**
 * Plays one episode to its end, or until it is cut off.
 *
 * @throws HaggleError `bad-turn` for an observation outside its space's width, a reward that is not finite, a time below 0, a turn after the end or nobody's turn;
 * and whatever the environment throws
 */
export function playEpisode(env: DecisionEnv, plan: EpisodePlan): Episode {
  const seats = new Map<string, Seat>();
  let turns = env.reset(plan.seed);
  let decisions = 0;
  for (;;) {
    const deciding = takeTurns(env, { turns, seats, plan });
    if (deciding.length === 0 && ![...seats.values()].some(({ waits }) => waits)) break;
    if (decisions >= plan.decisionsMax) {
      cutOff(seats, deciding);
      break;
    }
    const actions = new Map<string, readonly number[]>();
    for (const { seat, at } of deciding) {
      const chosen = seat.actor.choose(at.observation, at.mask);
      if (seat.learns) seat.recorder.decided(at, chosen, seat.actor.worth(at.observation));
      if (seat.learns) decisions++;
      seat.waits = true;
      actions.set(seat.agent, chosen.action);
    }
    turns = env.step(actions);
    if (turns.size === 0) throw badTurn(env, 'nobody has a turn, and not all have ended');
  }
  const all = [...seats.values()];
  return {
    paths: all.filter(({ learns, recorder }) => learns && recorder.length > 0).map(({ recorder }) => recorder.finish()),
    rewards: new Map(all.map(({ agent, reward }) => [agent, reward])),
    decisions,
  };
}

interface Deciding {
  readonly seat: Seat;
  readonly at: Standpoint;
}

/** Writes down what came of earlier decisions; returns who must decide now. */
function takeTurns(
  env: DecisionEnv,
  { turns, seats, plan }: { readonly turns: Turns; readonly seats: Map<string, Seat>; readonly plan: EpisodePlan },
): readonly Deciding[] {
  const deciding: Deciding[] = [];
  for (const [agent, turn] of turns) {
    const seat = seats.get(agent) ?? newSeat(agent, plan);
    seats.set(agent, seat);
    checkTurn(env, seat, turn);
    seat.reward += turn.reward;
    if (seat.waits && seat.learns) seat.recorder.came(turn);
    seat.waits = false;
    const observation = held(env.observationSpace(agent), turn.observation, {
      code: 'bad-turn',
      what: `what ${agent} of ${env.name} observes`,
    });
    const at = { observation, mask: turn.mask };
    seat.ended = turn.terminated || turn.truncated;
    if (seat.ended) end(seat, at, turn.terminated);
    else deciding.push({ seat, at });
  }
  return deciding;
}

function newSeat(agent: string, plan: EpisodePlan): Seat {
  const player = plan.playerOf(agent);
  return { ...player, agent, recorder: recordPath(player.shape), reward: 0, waits: false, ended: false };
}

function end(seat: Seat, at: Standpoint, terminated: boolean): void {
  if (!seat.learns) return;
  seat.recorder.ended(at, { terminated, value: terminated ? 0 : seat.actor.worth(at.observation) });
}

function cutOff(seats: ReadonlyMap<string, Seat>, deciding: readonly Deciding[]): void {
  for (const { seat, at } of deciding) end(seat, at, false);
  for (const seat of seats.values()) if (seat.waits && seat.learns) seat.recorder.cut();
}

function checkTurn(env: DecisionEnv, { agent, ended }: Seat, { reward, elapsed }: Turn): void {
  if (ended) throw badTurn(env, `${agent} has a turn after it has ended`);
  if (!Number.isFinite(reward)) throw badTurn(env, `${agent} must get a finite reward, got ${reward}`);
  if (!(elapsed >= 0 && elapsed < Infinity)) {
    throw badTurn(env, `the time since the last turn of ${agent} must be finite and from 0, got ${elapsed}`);
  }
}

function badTurn({ name }: DecisionEnv, problem: string): HaggleError {
  return new HaggleError('bad-turn', `in ${name}: ${problem}`);
}
