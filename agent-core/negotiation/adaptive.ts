import { z } from 'zod';
import { HaggleError } from '../errors.ts';
import { bestForOthers, estimateFront, frontSchema } from './estimated-front.ts';
import { readState, type Heard, type Moment, type NegotiationStrategy, type Negotiator } from './negotiator.ts';
import type { NegotiatorSetup } from './negotiator.ts';
import { estimateWorth, opponentSchema, remember } from './opponent-model.ts';
import { sumOfParts, type Outcome } from './outcome-space.ts';
import { power } from './power.ts';
import { countAtLeast, rankOutcomes, type Ranking } from './ranking.ts';

/** Relative time at which a patient negotiator reaches its estimated Nash level; what is left is for last concessions. */
const NASH_TIME = 0.85;
/** Exponent of the way there, in the sense of `timeDependent`: holds out somewhat. */
const EXPONENT = 0.5;
/** Least level before {@link NASH_TIME}, as a share of the span above the floor: an opponent cannot talk it down to less. */
const NASH_LEAST = 0.5;
/** What an opponent is thought to keep at {@link NASH_TIME}, where its best outcome is 1. */
const THEIRS_AT_NASH = 0.75;
/** Share of the offers that tell the others about own preferences rather than please them. */
const TELLING = 0.5;
/** How far above the level such an offer may lie, as a share of the span above the floor. */
const TELLING_BAND = 0.03;
/** The model is fitted again once this share of offers is new. */
const REFIT_SHARE = 1 / 16;

const stateSchema = z.strictObject({
  opponents: z.array(z.tuple([z.string(), opponentSchema])),
  /** The best offer heard, by its own utility. */
  bestHeard: z.strictObject({ index: z.number().int().nonnegative(), utility: z.number() }).nullable(),
  heard: z.number().int().nonnegative(),
  /** Number of things heard at which the front is estimated again. */
  refitAt: z.number().int().nonnegative(),
  front: frontSchema.nullable(),
  planned: z.strictObject({ round: z.number().int(), index: z.number().int(), level: z.number() }).nullable(),
});

type State = z.infer<typeof stateSchema>;

/**
 * Learns what the others want from what they offer, and aims for the Nash bargaining point of its estimate.
 *
 * - Its level falls from its best outcome to its own utility at the estimated Nash point, by time 0.85 (earlier, by the square of the
 *   discount, where waiting costs), then to the best offer that it has heard, at the last chance.
 * - At its level it offers the outcome that the others are thought to like best (a step along the estimated Pareto front), and in
 *   every second turn or so a random one of like utility, which tells the others what it values: two negotiators that only ever
 *   please each other learn too little to leave the outcomes made of the two first offers.
 * - It accepts what is worth no less than its next offer or its level (AC_next; Baarslag, Hindriks and Jonker, "Acceptance
 *   conditions in automated negotiation", 2011), and at its last chance whatever reaches its reservation value.
 *
 * With several opponents it has a model of each and looks for the largest product of all utilities. The outcomes of the space are
 * listed and sorted once for each preferences object; a turn then costs a binary search, and a new fit, due after every 16th part
 * of new offers, one pass over the outcomes.
 */
export const adaptive: NegotiationStrategy = {
  name: 'adaptive',
  negotiator: (setup) => {
    const ranking = rankOutcomes(setup.space, setup.preferences);
    const state = setup.state === undefined ? newState() : readState(stateSchema, setup.state);
    return negotiatorOf({ setup, ranking, state, hurry: hurryOf(setup) });
  },
};

interface Mind {
  readonly setup: NegotiatorSetup;
  readonly ranking: Ranking;
  readonly state: State;
  /** Relative time at which the Nash level is reached. */
  readonly hurry: number;
}

function newState(): State {
  return { opponents: [], bestHeard: null, heard: 0, refitAt: 0, front: null, planned: null };
}

function hurryOf({ preferences: { discount } }: NegotiatorSetup): number {
  return NASH_TIME * discount * discount;
}

function negotiatorOf(mind: Mind): Negotiator {
  const { setup, ranking, state } = mind;
  const { space, preferences } = setup;
  const hopeless = ranking.best < preferences.reservation;
  return {
    hear: (outcome, said) => hear(mind, outcome, said),
    respond: (outcome, said) => {
      if (hopeless) return 'end';
      const u = preferences.utility(outcome);
      if (u < preferences.reservation) return 'reject';
      const { level, index } = plan(mind, said);
      const enough = Math.min(level, ranking.utilities[index] ?? 0);
      return u >= enough || isLastChance(said) ? 'accept' : 'reject';
    },
    propose: (moment) => (hopeless ? null : space.outcomeAt(plan(mind, moment).index)),
    state: () => stateSchema.parse(state),
  };
}

/** Whether there is no later turn, as far as the pace so far tells. */
function isLastChance({ time, round }: Moment): boolean {
  const step = round > 0 ? time / round : 0;
  return time + step > 1 + 1e-9 || time >= 1;
}

function hear({ setup, state }: Mind, outcome: Outcome, said: Heard): void {
  const { space, preferences, parties } = setup;
  const index = space.indexOf(outcome);
  let memory = state.opponents.find(([name]) => name === said.from)?.[1];
  if (memory === undefined) {
    if (state.opponents.length >= parties - 1) {
      throw new HaggleError('too-many-parties', `hearing "${said.from}": only ${parties - 1} others were announced`);
    }
    memory = { offers: [], now: 0 };
    state.opponents.push([said.from, memory]);
  }
  remember(
    memory,
    space.scales.map((scale) => scale.positionOf(outcome[scale.issue.name])),
    said.time,
  );
  state.heard++;
  const utility = preferences.utility(outcome);
  if (said.type === 'offer' && utility > (state.bestHeard?.utility ?? -Infinity)) state.bestHeard = { index, utility };
}

/** The offer of a turn, chosen once. */
function plan(mind: Mind, moment: Moment): { readonly index: number; readonly level: number } {
  const { state } = mind;
  if (state.planned?.round === moment.round) return state.planned;
  refit(mind);
  const level = levelAt(mind, moment.time);
  state.planned = { round: moment.round, level, index: offerAt(mind, { level, moment }) };
  return state.planned;
}

function offerAt(mind: Mind, { level, moment }: { readonly level: number; readonly moment: Moment }): number {
  const { ranking, state, hurry, setup } = mind;
  const { bestHeard, front } = state;
  // What an opponent has offered it will hardly refuse.
  if (isLastChance(moment) && bestHeard !== null && bestHeard.utility >= level) return bestHeard.index;
  const count = Math.max(1, countAtLeast(ranking, level));
  const telling = moment.round > 0 && moment.time < hurry && count > 1 && setup.random.uniform() < TELLING;
  if (!telling) return front === null ? (ranking.order[0] ?? 0) : bestForOthers(front, count);
  const above = countAtLeast(ranking, level + TELLING_BAND * (ranking.best - ranking.floor));
  return ranking.order[setup.random.integer(Math.min(count - 1, above), count - 1)] ?? 0;
}

/** The least utility asked for at a relative time. */
function levelAt({ ranking: { best, floor }, state, hurry }: Mind, time: number): number {
  const nash = Math.max(state.front?.nash ?? best, floor + NASH_LEAST * (best - floor));
  if (time <= hurry) return best - (best - nash) * progress(time, hurry);
  const last = Math.min(nash, Math.max(floor, state.bestHeard?.utility ?? floor));
  return nash - ((nash - last) * (Math.min(1, time) - hurry)) / (1 - hurry);
}

/** Share of the way to the Nash level. */
function progress(time: number, hurry: number): number {
  return power(Math.min(1, Math.max(0, time / hurry)), 1 / EXPONENT);
}

function refit({ setup, ranking, state, hurry }: Mind): void {
  if (state.heard < state.refitAt || state.heard === 0) return;
  state.refitAt = state.heard + 1 + Math.floor(state.heard * REFIT_SHARE);
  // Others are taken to concede as this negotiator would.
  const concession = (time: number): number => (1 - THEIRS_AT_NASH) * progress(time, hurry);
  const [first, ...rest] = state.opponents.map(([, memory]) =>
    sumOfParts(estimateWorth(memory, setup.space.scales, concession)),
  );
  if (first === undefined) return;
  for (const estimate of rest) for (const [index, u] of estimate.entries()) first[index] = (first[index] ?? 0) * u;
  state.front = estimateFront(ranking, first);
}
