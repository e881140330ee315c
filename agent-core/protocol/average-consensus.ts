import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { playNeighbour, type NeighbourHeard, type NeighbourSay, type Place } from './neighbourhood.ts';
import { defineProtocol } from './protocol.ts';

/** Values further from 0 could leave the range of a number on their way. */
export const AVERAGE_VALUE_MAX = 1e150;

/** Rounds at most. */
export const AVERAGE_ROUNDS_MAX = 1_000_000;

const count = z.int().nonnegative();
const value = z.number().min(-AVERAGE_VALUE_MAX).max(AVERAGE_VALUE_MAX);
/** How many neighbours somebody has: all that its neighbours need to know of the graph. */
const greeting = z.object({ degree: count });

const PROTOCOL = defineProtocol({
  name: 'average-consensus',
  version: '1.0.0',
  roles: ['initiator', 'participant'],
  messages: {
    hello: { from: 'initiator', as: 'inform', body: greeting },
    welcome: { from: 'participant', as: 'inform', body: greeting },
    /** My estimate before this round, and the highest and lowest that I have heard of since the last check. */
    estimate: { from: 'either', as: 'inform', body: z.object({ round: count, value, high: value, low: value }) },
    close: { from: 'initiator', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { hello: 'greeted' } },
      greeted: { on: { welcome: 'met' } },
      met: { on: { estimate: 'met', close: 'closed' } },
      closed: { type: 'final' },
    },
  },
});

/** When to stop; all members must be told the same. */
export type AverageStop =
  | { readonly type: 'rounds'; readonly rounds: number }
  /**
   * Once all estimates lie within `tolerance` of each other, as found out by a check every `diameter` rounds; `diameter` is a
   * bound on the longest way between two members, in hops.
   */
  | { readonly type: 'spread'; readonly tolerance: number; readonly diameter: number };

/** How it ended for a member. */
export type AverageResult =
  | { readonly type: 'agreed'; readonly estimate: number; readonly rounds: number }
  /** `code` names what ended it, as the end of a dialogue does, or says what rule a neighbour broke; `neighbour` is its number. */
  | { readonly type: 'failed'; readonly code: string; readonly neighbour: number; readonly rounds: number };

/** A member's state. Plain data; {@link hearEstimate} and the dialogues' ends are the only things that change it. */
export interface AverageState {
  readonly stop: AverageStop;
  /** Of each neighbour; -1 until it was greeted. */
  readonly degrees: number[];
  /** Estimates that came and wait for their round, by neighbour. */
  readonly queues: { readonly round: number; readonly value: number; readonly high: number; readonly low: number }[][];
  /** Neighbours that have closed. */
  readonly closed: boolean[];
  readonly dialogues: (string | null)[];
  round: number;
  estimate: number;
  high: number;
  low: number;
  /** The member has told its estimate of this round. */
  told: boolean;
  result: AverageResult | null;
}

type AverageHeard = NeighbourHeard<typeof PROTOCOL>;
type AverageSay = NeighbourSay<typeof PROTOCOL>;

/**
 * A member before the first round.
 *
 * @throws HaggleError `bad-parameter` naming what is out of bounds
 */
export function createAverage(of: {
  readonly value: number;
  readonly neighbours: number;
  readonly stop: AverageStop;
}): AverageState {
  const { stop } = of;
  const check = (holds: boolean, problem: string): void => {
    if (!holds) throw new HaggleError('bad-parameter', `joining an average: ${problem}`);
  };
  check(Math.abs(of.value) <= AVERAGE_VALUE_MAX, `value must be at most ${AVERAGE_VALUE_MAX} from 0, got ${of.value}`);
  const [name, rounds] = stop.type === 'rounds' ? ['rounds', stop.rounds] : ['diameter', stop.diameter];
  check(
    Number.isInteger(rounds) && rounds >= 1 && rounds <= AVERAGE_ROUNDS_MAX,
    `${name} must be a whole number from 1 to ${AVERAGE_ROUNDS_MAX}, got ${rounds}`,
  );
  if (stop.type === 'spread') check(stop.tolerance > 0, `tolerance must be positive, got ${stop.tolerance}`);
  const perNeighbour = Array.from({ length: of.neighbours }, (_, k) => k);
  return {
    stop,
    degrees: perNeighbour.map(() => -1),
    queues: perNeighbour.map(() => []),
    closed: perNeighbour.map(() => false),
    dialogues: perNeighbour.map(() => null),
    round: 0,
    estimate: of.value,
    high: of.value,
    low: of.value,
    told: false,
    result: null,
  };
}

/** Hears a message, or nothing at the start, and does all that can be done now. @returns what to say, in order */
export function hearEstimate(state: AverageState, heard: AverageHeard | null): readonly AverageSay[] {
  const said: AverageSay[] = [];
  if (heard !== null) take(state, heard);
  while (state.result === null && !state.degrees.includes(-1)) {
    if (!state.told) {
      const { round, estimate, high, low } = state;
      for (const to of state.queues.keys()) {
        said.push({ to, type: 'estimate', body: { round, value: estimate, high, low } });
      }
      state.told = true;
    }
    const silent = state.queues.findIndex((queue) => queue.length === 0);
    if (silent < 0) advance(state);
    else if (state.closed[silent] === true) fail(state, silent, 'neighbour-closed-early');
    else return said;
  }
  return said;
}

function take(state: AverageState, { from, type, body }: AverageHeard): void {
  if (type !== 'estimate') {
    state.degrees[from] = body.degree;
    return;
  }
  const queue = state.queues[from] ?? [];
  // A neighbour waits for us: it can be one round ahead, no more.
  if (body.round !== state.round + queue.length || queue.length > 1) return fail(state, from, 'estimate-out-of-turn');
  queue.push(body);
}

/** One round: moves towards each neighbour by a weight that both ends know, so that what one gains the other loses. */
function advance(state: AverageState): void {
  const { degrees, queues, stop } = state;
  let change = 0;
  for (const [k, queue] of queues.entries()) {
    const heard = queue.shift();
    if (heard === undefined) continue;
    change += (heard.value - state.estimate) / (1 + Math.max(degrees.length, degrees[k] ?? 0));
    state.high = Math.max(state.high, heard.high);
    state.low = Math.min(state.low, heard.low);
  }
  state.estimate += change;
  state.round += 1;
  state.told = false;
  const { round, estimate } = state;
  const agreed: AverageResult = { type: 'agreed', estimate, rounds: round };
  if (stop.type === 'rounds') {
    if (round === stop.rounds) state.result = agreed;
  } else if (round % stop.diameter === 0) {
    // Everybody has the same highest and lowest now, and so decides the same.
    if (state.high - state.low <= stop.tolerance) state.result = agreed;
    state.high = estimate;
    state.low = estimate;
  }
  if (state.result === null && round >= AVERAGE_ROUNDS_MAX) fail(state, 0, 'too-many-rounds');
}

function fail(state: AverageState, neighbour: number, code: string): void {
  state.result ??= { type: 'failed', code, neighbour, rounds: state.round };
}

/** What a member's agent gives to {@link AverageConsensus}`.member`. */
export interface AverageMember<Params, State> {
  /** The member's number and neighbours. Numbers are unique; of two neighbours the lower one opens the dialogue. */
  place(ctx: Context<Params, State>): Omit<Place, 'dialogues'>;
  /** Where the agent keeps its state, as `createAverage` made it. */
  average(ctx: Context<Params, State>): AverageState;
  /** Time for all rounds. */
  within(ctx: Context<Params, State>): Duration;
  ended?(ctx: Context<Params, State>, result: AverageResult): void;
}

/**
 * The average of everybody's value, found by talk between neighbours only (Xiao and Boyd, "Fast linear iterations for
 * distributed averaging", 2004). In every round each tells all neighbours its estimate, waits for theirs, and moves towards them
 * by Metropolis weights, 1 / (1 + the larger number of neighbours of the two). What one end of a link gains the other loses, so
 * that the sum stays, but for rounding; on a connected graph all estimates converge to the average.
 *
 * It stops after an agreed number of rounds, or when nobody is further than a tolerance from anybody: the highest and lowest
 * estimate of a round spread along and have reached everybody `diameter` rounds later, so that all stop in one round (Yadav
 * and Salapaka 2007). Estimates never leave the range of those before, and the average does not either: then each is
 * within the tolerance of it.
 *
 * A neighbour that falls silent or breaks the protocol ends it for all. One that lies about its value, or about how many
 * neighbours it has, moves the result without being noticed.
 *
 * The value is the protocol; `member`, called in `setup`, takes both roles with all neighbours.
 */
export const AverageConsensus = Object.freeze({
  ...PROTOCOL,
  /** Takes both roles in an agent's setup and meets the neighbours; `ended` says how it ended. */
  member: <Params, State>(agent: AgentBuilder<Params, State>, member: AverageMember<Params, State>): void =>
    playNeighbour(agent, PROTOCOL, {
      place: (ctx) => ({ ...member.place(ctx), dialogues: member.average(ctx).dialogues }),
      within: (ctx) => member.within(ctx),
      greeting: (ctx) => ({ degree: member.average(ctx).degrees.length }),
      hear: (ctx, heard) => hearEstimate(member.average(ctx), heard),
      standing: (ctx) => member.average(ctx).result?.type ?? 'going-on',
      lost: (ctx, from, code) => fail(member.average(ctx), from, code === 'done' ? 'neighbour-closed-early' : code),
      mayClose: (ctx, from) => {
        const { closed, queues } = member.average(ctx);
        closed[from] = true;
        return queues[from]?.length !== 0;
      },
      ended: (ctx) => {
        const { result } = member.average(ctx);
        if (result !== null) member.ended?.(ctx, result);
      },
    }),
});
