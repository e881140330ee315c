/** The shapes over time that a forecast thinks possible, drawn from a prior that no market has tuned. */
import { exp, ln } from '../../agent-core/float-math.ts';
import type { RandomStream } from '../../agent-core/random.ts';

/** What is thought likely before the first demand is seen. */
export interface DemandPrior {
  /** How many hypotheses are weighed. */
  readonly hypotheses: number;
  /** Shape of the gamma prior of the level: its relative deviation is one over the root of this. */
  readonly levelShape: number;
  /** Share of hypotheses with a trend. */
  readonly trendShare: number;
  /** Deviation of the change over the whole horizon, as a share of the first level. */
  readonly trendDeviation: number;
  /** Share of hypotheses with a season. */
  readonly seasonShare: number;
  /** The amplitude is uniform from 0 to this share of the level. */
  readonly seasonAmplitude: number;
  /** What is kept of what was known about the level from one period to the next, one of these with equal chance. */
  readonly discounts: readonly number[];
  /** Share of hypotheses with a break: a period before which the level is forgotten to as much as the prior knew. */
  readonly breakShare: number;
  /** Units that are asked for at once, one of these with equal chance: above 1 demand is lumpier than Poisson, below smoother. */
  readonly batches: readonly number[];
}

/** One hypothesis: everything but the level. */
export interface DemandCurve {
  /** What demand is, in levels, by period. */
  readonly factors: Float64Array;
  readonly discount: number;
  /** The period before which the level breaks; -1 where it does not. */
  readonly breakAt: number;
  /** Units that are asked for at once. */
  readonly batch: number;
}

/** The prior that the agents use. */
export const DEMAND_PRIOR: DemandPrior = {
  hypotheses: 2_000,
  levelShape: 4,
  trendShare: 0.5,
  trendDeviation: 1,
  seasonShare: 0.5,
  seasonAmplitude: 0.6,
  discounts: [1, 1, 0.95, 0.85, 0.6],
  breakShare: 0.3,
  batches: [1, 1, 0.3, 3, 10],
};

/** No curve falls below this share of its level: demand that is thought to have died could not be seen to live. */
const LEAST_FACTOR = 0.05;
/** Shorter seasons cannot be told from noise. */
const SHORTEST_SEASON = 4;

/** A season: its amplitude, and sine and cosine of where it stands and of what it turns by in a period. */
interface Wave {
  readonly amplitude: number;
  readonly start: readonly [sine: number, cosine: number];
  readonly turn: readonly [sine: number, cosine: number];
}

/** Draws one hypothesis for `periods` periods. */
export function drawCurve(prior: DemandPrior, periods: number, random: RandomStream): DemandCurve {
  const discount = random.pick(prior.discounts);
  const batch = random.pick(prior.batches);
  const breakAt = random.uniform() < prior.breakShare ? random.integer(0, periods - 1) : -1;
  const growth = random.uniform() < prior.trendShare ? random.normal(0, prior.trendDeviation / periods) : 0;
  const wave = random.uniform() < prior.seasonShare ? drawWave(prior.seasonAmplitude, periods, random) : null;
  const factors = new Float64Array(periods);
  let [sine, cosine] = wave?.start ?? [0, 1];
  const [turnSine, turnCosine] = wave?.turn ?? [0, 1];
  const amplitude = wave?.amplitude ?? 0;
  for (let t = 0; t < periods; t++) {
    factors[t] = Math.max(LEAST_FACTOR, 1 + growth * t) * Math.max(LEAST_FACTOR, 1 + amplitude * sine);
    [sine, cosine] = [sine * turnCosine + cosine * turnSine, cosine * turnCosine - sine * turnSine];
  }
  return { factors, discount, breakAt, batch };
}

/** Length log-uniform from the shortest to one and a half horizons, phase uniform. */
function drawWave(most: number, periods: number, random: RandomStream): Wave {
  const amplitude = random.between(0, most);
  const longest = Math.max(SHORTEST_SEASON, 1.5 * periods);
  const length = SHORTEST_SEASON * exp(random.uniform() * ln(longest / SHORTEST_SEASON));
  return { amplitude, start: drawDirection(random), turn: sineAndCosine((2 * Math.PI) / length) };
}

/** A uniform direction by rejection (von Neumann 1951), which needs no sine. */
function drawDirection(random: RandomStream): readonly [sine: number, cosine: number] {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const square = x * x + y * y;
    if (square > 1e-12 && square < 1) return [y / Math.sqrt(square), x / Math.sqrt(square)];
  }
}

/** For 0 <= angle <= pi / 2, by Taylor's series to the last bits: `Math.sin` differs between engines. */
function sineAndCosine(angle: number): readonly [sine: number, cosine: number] {
  const square = angle * angle;
  let [sine, cosine] = [1, 1];
  for (let n = 20; n > 0; n -= 2) {
    cosine = 1 - (square * cosine) / (n * (n - 1));
    sine = 1 - (square * sine) / (n * (n + 1));
  }
  return [angle * sine, cosine];
}
