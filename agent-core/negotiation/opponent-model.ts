import { z } from 'zod';
import type { IssueScale } from './issue.ts';

/** An opponent's offers: positions of the listed values, by issue. */
const offerSchema = z.strictObject({ at: z.array(z.number().int().nonnegative()), time: z.number() });

/** What is remembered of one opponent, as plain JSON. */
export const opponentSchema = z.strictObject({
  /** Different offers in the order in which they were first made, with the relative time. */
  offers: z.array(offerSchema),
  /** Relative time of the last thing heard. */
  now: z.number(),
});

/** What is remembered of one opponent. */
export type OpponentMemory = z.infer<typeof opponentSchema>;

/** Different offers of one opponent that are kept; later ones are let go. */
const OFFERS_MAX = 256;

/** Loss of a value that nobody asked for yet, as a share of an even issue weight. */
const PRIOR_LOSS = 0.6;
/** Weight of the prior against one offer. */
const PRIOR_WEIGHT = 0.5;
/** What is still not asked for by now is taken to cost at least this share of what the opponent has given up. */
const NOT_ASKED = 0.6;
/** A value that was given up costs something. */
const LOSS_MIN = 0.002;
const SWEEPS = 12;

/** Remembers what an opponent offered or accepted, unless it did so before. */
export function remember(memory: OpponentMemory, at: readonly number[], time: number): void {
  memory.now = time;
  if (memory.offers.length >= OFFERS_MAX) return;
  if (memory.offers.some((offer) => offer.at.every((position, issue) => position === at[issue]))) return;
  memory.offers.push({ at: [...at], time });
}

/**
 * Estimated worth of each listed value of each issue to an opponent, on a scale on which its first offer is worth 1 and the
 * worst outcome 0; their sum over issues is the estimated utility.
 *
 * The first offer is taken for the best outcome. Every other value then costs the opponent a loss, and an offer that it first made
 * at time t is taken to cost `concession(t)` in sum: ridge regression with losses >= 0, solved by coordinate descent. What was
 * never asked for costs at least what the prior says and {@link NOT_ASKED} of what the opponent has conceded by now, for it
 * would have been offered; on ordered issues it follows from its neighbours. (The assumption of a known concession is that of
 * Hindriks and Tykhonov, "Opponent Modelling in Automated Multi-Issue Negotiation Using Bayesian Learning", 2008; that early and
 * frequent values matter most is that of the frequency models compared by Baarslag et al., 2013.)
 */
export function estimateWorth(
  memory: OpponentMemory,
  scales: readonly IssueScale[],
  concession: (time: number) => number,
): readonly (readonly number[])[] {
  const first = memory.offers[0];
  if (first === undefined) return scales.map(({ count }) => Array.from({ length: count }, () => 1 / scales.length));
  const prior = PRIOR_LOSS / scales.length;
  const fits = scales.map(({ count }, issue) => newFit({ count, best: first.at[issue] ?? 0, prior }));
  fitLosses(memory, fits, { prior, concession });
  const least = NOT_ASKED * concession(memory.now);
  const losses = scales.map(({ issue }, index) =>
    issue.type === 'categorical' ? withUnseen(fits[index], Math.max(prior, least)) : interpolated(fits[index], prior),
  );
  const worst = losses.map((row) => row.reduce((most, loss) => Math.max(most, loss), 0));
  const sum = worst.reduce((total, loss) => total + loss, 0);
  return losses.map((row, index) =>
    row.map((loss) => (sum > 0 ? ((worst[index] ?? 0) - loss) / sum : 1 / scales.length)),
  );
}

/** The losses of one issue's values, how often each was offered, and sums of a sweep. */
interface Fit {
  readonly best: number;
  readonly loss: Float64Array;
  readonly seen: Uint16Array;
  readonly wanted: Float64Array;
  readonly change: Float64Array;
}

function newFit({
  count,
  best,
  prior,
}: {
  readonly count: number;
  readonly best: number;
  readonly prior: number;
}): Fit {
  const fit: Fit = {
    best,
    loss: new Float64Array(count).fill(prior),
    seen: new Uint16Array(count),
    wanted: new Float64Array(count),
    change: new Float64Array(count),
  };
  fit.loss[best] = 0;
  return fit;
}

interface Fitting {
  readonly prior: number;
  readonly concession: (time: number) => number;
}

function fitLosses({ offers }: OpponentMemory, fits: readonly Fit[], { prior, concession }: Fitting): void {
  const rows = offers.map(({ at, time }) => ({
    at,
    left: concession(time) - at.reduce((sum, position, issue) => sum + (fits[issue]?.loss[position] ?? 0), 0),
  }));
  for (const { at } of offers) for (const [issue, fit] of fits.entries()) bump(fit.seen, at[issue] ?? 0, 1);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [issue, fit] of fits.entries()) {
      fit.wanted.fill(0);
      // The first offer only says which values are best.
      for (const row of rows.slice(1)) bump(fit.wanted, row.at[issue] ?? 0, row.left);
      updateLosses(fit, prior);
      for (const row of rows) row.left -= fit.change[row.at[issue] ?? 0] ?? 0;
    }
  }
}

/** One step of coordinate descent for all values of an issue: no offer holds two of them, so they are independent. */
function updateLosses({ best, loss, seen, wanted, change }: Fit, prior: number): void {
  for (const [position, times] of seen.entries()) {
    change[position] = 0;
    if (position === best || times === 0) continue;
    const old = loss[position] ?? 0;
    const sum = (wanted[position] ?? 0) + times * old + PRIOR_WEIGHT * prior;
    const next = Math.max(LOSS_MIN, sum / (times + PRIOR_WEIGHT));
    change[position] = next - old;
    loss[position] = next;
  }
}

function bump(sums: Float64Array | Uint16Array, at: number, by: number): void {
  sums[at] = (sums[at] ?? 0) + by;
}

function withUnseen(fit: Fit | undefined, unseen: number): readonly number[] {
  return Array.from(fit?.loss ?? [], (loss, position) => ((fit?.seen[position] ?? 0) > 0 ? loss : unseen));
}

/** Between two values that were asked for the loss is linear; beyond the last it grows by twice the prior over the whole scale. */
function interpolated(fit: Fit | undefined, prior: number): readonly number[] {
  if (fit === undefined) return [];
  const { loss, seen } = fit;
  const slope = (2 * prior) / Math.max(1, loss.length - 1);
  const known = [...seen.keys()].filter((position) => (seen[position] ?? 0) > 0);
  let next = 0;
  return Array.from(loss, (_, position) => {
    while (next < known.length && (known[next] ?? 0) < position) next++;
    const [below, above] = [known[next - 1], known[next]];
    const lossOf = (at: number): number => loss[at] ?? 0;
    if (above === undefined) return below === undefined ? prior : lossOf(below) + slope * (position - below);
    if (below === undefined) return lossOf(above) + slope * (above - position);
    return lossOf(below) + ((lossOf(above) - lossOf(below)) * (position - below)) / (above - below);
  });
}
