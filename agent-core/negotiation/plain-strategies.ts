import { HaggleError } from '../errors.ts';
import { levelNegotiator, MEMORY, type LevelView } from './level-negotiator.ts';
import type { NegotiationStrategy } from './negotiator.ts';
import { countAtLeast } from './ranking.ts';
import { power } from './power.ts';

/**
 * Concedes by the clock alone: the level falls from the best outcome to the floor as 1 - time^(1 / exponent) (Faratin, Sierra and
 * Jennings, "Negotiation decision functions for autonomous agents", 1998, polynomial family). `exponent` below 1 holds out until
 * late (Boulware), 1 is linear, above 1 gives way early (conceder). `least` is the floor's share of the way from the reservation
 * value to the best outcome, 0 unless said.
 *
 * @throws HaggleError `bad-strategy` unless 0.001 <= exponent <= 1000 and 0 <= least <= 1.
 */
export function timeDependent(options: {
  readonly exponent: number;
  readonly least?: number;
  readonly name?: string;
}): NegotiationStrategy {
  const { exponent, least = 0, name = `time-dependent ${exponent}` } = options;
  if (!(exponent >= 0.001 && exponent <= 1_000)) throw badStrategy('an exponent is 0.001 to 1000', exponent);
  checkShare('least', least);
  return {
    name,
    negotiator: (setup) =>
      levelNegotiator(setup, ({ time, ranking: { best, floor } }) => {
        const share = least + (1 - least) * (1 - power(Math.min(1, Math.max(0, time)), 1 / exponent));
        return floor + share * (best - floor);
      }),
  };
}

/** Holds out until late: {@link timeDependent} with exponent 0.2. */
export const boulware: NegotiationStrategy = timeDependent({ exponent: 0.2, name: 'boulware' });

/** Concedes evenly: {@link timeDependent} with exponent 1. */
export const linear: NegotiationStrategy = timeDependent({ exponent: 1, name: 'linear' });

/** Gives way early: {@link timeDependent} with exponent 3. */
export const conceder: NegotiationStrategy = timeDependent({ exponent: 3, name: 'conceder' });

/** Largest factor by which tit for tat changes its gain in one turn, and the inverse of the smallest. */
const STEP_MAX = 2;

/**
 * Answers concessions by concessions of the same proportion: its gain over its floor is the one before times (what it was offered
 * `window` offers ago) / (what it is offered now), both as own gains (Faratin, Sierra and Jennings 1998: relative tit for tat for
 * window 1, the default; averaged tit for tat for more). It opens with its best outcome. One turn changes the gain by a factor of 2 at most.
 *
 * @throws HaggleError `bad-strategy` unless `window` is 1 to 63.
 */
export function titForTat(options: { readonly window?: number; readonly name?: string } = {}): NegotiationStrategy {
  const { window = 1, name = window === 1 ? 'tit for tat' : `averaged tit for tat ${window}` } = options;
  if (!Number.isSafeInteger(window) || window < 1 || window >= MEMORY)
    throw badStrategy('a window is 1 to 63 offers', window);
  const levelOf = ({ heard, previous, ranking: { best, floor } }: LevelView): number => {
    const [before, now] = [heard.at(-1 - window), heard.at(-1)];
    if (previous === null || before === undefined || now === undefined) return best;
    const [old, current] = [before - floor, now - floor];
    // Without a gain on both sides there is no proportion: wait.
    const ratio = old > 0 && current > 0 ? old / current : 1;
    return floor + (previous - floor) * Math.min(STEP_MAX, Math.max(1 / STEP_MAX, ratio));
  };
  return { name, negotiator: (setup) => levelNegotiator(setup, levelOf) };
}

/** Never concedes: asks for `share` (0.95 unless said) of the way from its floor to its best outcome, to the end. @throws HaggleError `bad-strategy`. */
export function hardHeaded(options: { readonly share?: number } = {}): NegotiationStrategy {
  const { share = 0.95 } = options;
  checkShare('share', share);
  return {
    name: 'hard-headed',
    negotiator: (setup) => levelNegotiator(setup, ({ ranking: { best, floor } }) => floor + share * (best - floor)),
  };
}

/**
 * Knows only what it may not agree to: each turn it asks for a random outcome that is worth its reservation value or more (the
 * budget-constrained zero-intelligence trader of Gode and Sunder, 1993, at a bargaining table).
 */
export const zeroIntelligence: NegotiationStrategy = {
  name: 'zero-intelligence',
  negotiator: (setup) =>
    levelNegotiator(setup, ({ ranking: { utilities, order, floor }, chance, ranking }) => {
      const count = Math.max(1, countAtLeast(ranking, floor));
      return utilities[order[Math.floor(chance() * count)] ?? 0] ?? floor;
    }),
};

function checkShare(what: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw badStrategy(`${what} is a share, 0 to 1`, share);
}

function badStrategy(rule: string, got: number): HaggleError {
  return new HaggleError('bad-strategy', `${rule}, got ${got}`);
}
