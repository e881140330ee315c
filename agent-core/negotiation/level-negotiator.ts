import { z } from 'zod';
import type { Moment, Negotiator, NegotiatorSetup } from './negotiator.ts';
import { readState } from './negotiator.ts';
import { countAtLeast, rankOutcomes, type Ranking } from './ranking.ts';

/** How much above its level an offer may lie, as a share of the span from the floor to the best outcome. */
const BAND = 0.01;

/** What a level is chosen by. */
export interface LevelView extends Moment {
  readonly ranking: Ranking;
  /** Own utilities of the last offers heard, oldest first, at most {@link MEMORY}. */
  readonly heard: readonly number[];
  /** The level before, or null at first. */
  readonly previous: number | null;
  /** A number in [0, 1), the same for all calls in a turn. */
  readonly chance: () => number;
}

/** Offers of others that a level negotiator remembers. */
export const MEMORY = 64;

const stateSchema = z.strictObject({
  heard: z.array(z.number()).max(MEMORY),
  level: z.number().nullable(),
  planned: z.strictObject({ round: z.number().int(), index: z.number().int().nonnegative() }).nullable(),
});

/**
 * A negotiator that only chooses, turn by turn, the least utility it asks for. It offers a random outcome that is worth this much or
 * up to a hundredth of its span more (else the next better one), and accepts what is worth no less to it than its next offer
 * (AC_next; Faratin, Sierra and Jennings 1998, section 3). It never goes below its reservation value, and leaves if no outcome
 * reaches it.
 */
export function levelNegotiator(setup: NegotiatorSetup, levelOf: (view: LevelView) => number): Negotiator {
  const { space, preferences, random } = setup;
  const ranking = rankOutcomes(space, preferences);
  const state: z.infer<typeof stateSchema> =
    setup.state === undefined ? { heard: [], level: null, planned: null } : readState(stateSchema, setup.state);
  const plan = (moment: Moment): number => {
    if (state.planned?.round === moment.round) return state.planned.index;
    const view = { ...moment, ranking, heard: state.heard, previous: state.level, chance: () => random.uniform() };
    const level = Math.min(ranking.best, Math.max(ranking.floor, levelOf(view)));
    const enough = Math.max(1, countAtLeast(ranking, level));
    const above = countAtLeast(ranking, level + BAND * (ranking.best - ranking.floor));
    const place = above < enough ? random.integer(above, enough - 1) : enough - 1;
    const index = ranking.order[place] ?? 0;
    state.level = level;
    state.planned = { round: moment.round, index };
    return index;
  };
  const hopeless = ranking.best < preferences.reservation;
  return {
    hear: (outcome, { type }) => {
      if (type !== 'offer') return;
      state.heard.push(preferences.utility(outcome));
      if (state.heard.length > MEMORY) state.heard.shift();
    },
    respond: (outcome, said) => {
      if (hopeless) return 'end';
      const u = preferences.utility(outcome);
      return u >= preferences.reservation && u >= (ranking.utilities[plan(said)] ?? 0) ? 'accept' : 'reject';
    },
    propose: (moment) => (hopeless ? null : space.outcomeAt(plan(moment))),
    state: () => structuredCopy(state),
  };
}

function structuredCopy(state: z.infer<typeof stateSchema>): z.infer<typeof stateSchema> {
  return { heard: [...state.heard], level: state.level, planned: state.planned === null ? null : { ...state.planned } };
}
