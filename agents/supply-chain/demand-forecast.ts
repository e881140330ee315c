/**
 * A retailer's forecast from what it sold and could not sell, and from nothing else.
 *
 * Under each of many hypotheses about trend, season and how fast the level moves, demand is Poisson with a gamma level
 * whose knowledge fades by a discount (the power steady model: A. C. Harvey and C. Fernandes, "Time series models for
 * count or qualitative observations", JBES 7 (1989)). Hypotheses are weighed by how well they foretold each period.
 */
import { gammaDraw, poissonDraw } from '../../agent-core/draws.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { exp, ln, lnGamma } from '../../agent-core/float-math.ts';
import { createRandomRoot, type RandomStream } from '../../agent-core/random.ts';
import { DEMAND_PRIOR, drawCurve, type DemandCurve, type DemandPrior } from './demand-curve.ts';

/** What a forecast remembers, as plain data: everything else follows from it. */
export interface DemandForecast {
  /** Of the whole horizon. */
  readonly periods: number;
  /** Units a period that are expected before the first is seen. */
  readonly level: number;
  /** Of the hypotheses. */
  readonly seed: number | string;
  readonly prior: DemandPrior;
  /** Units asked for, by period so far. Only {@link observeDemand} appends to it. */
  readonly history: number[];
}

/** What is expected of the periods to come, from the next to the last, in units. */
export interface DemandSummary {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** A hypothesis with what is known of its level: gamma with this shape and rate. */
interface Belief {
  readonly curve: DemandCurve;
  /** The shape before anything was seen. */
  readonly prior: number;
  shape: number;
  rate: number;
  logWeight: number;
}

/** What follows from a history. */
interface Filter {
  readonly beliefs: readonly Belief[];
  /** Periods of the history that are in the beliefs. */
  seen: number;
}

/** Horizons past this are refused: each forecast would take seconds. */
const MAX_PERIODS = 10_000;
/** Units past which demand and draws of it are refused or held. */
const MAX_UNITS = 1e9;
/** Least shape after a discount, so that a run of zeros does not make the level certain. */
const LEAST_SHAPE = 0.5;

/** Hypotheses whose logarithmic weight lies this far below the best are passed over: e to minus this is 1e-9. */
const NEGLIGIBLE = 20;

/** Beliefs by forecast: derived from the history, so they are no part of the state and come back after a restart. */
const FILTERS = new WeakMap<DemandForecast, Filter>();

/**
 * A forecast that has seen nothing yet. `level` is a first guess in units a period, and taken for no more than that.
 *
 * @throws HaggleError `bad-forecast` unless 1 <= periods <= 10,000 is whole and 0 < level <= 1e9
 */
export function startForecast(about: {
  readonly periods: number;
  readonly level: number;
  readonly seed: number | string;
  readonly prior?: DemandPrior;
}): DemandForecast {
  const { periods, level, seed, prior = DEMAND_PRIOR } = about;
  if (!Number.isInteger(periods) || periods < 1 || periods > MAX_PERIODS) {
    throw badForecast(`a forecast is for 1 to ${MAX_PERIODS} periods, got ${periods}`, periods);
  }
  if (!(level > 0 && level <= MAX_UNITS)) {
    throw badForecast(`a forecast starts from a level above 0 and up to ${MAX_UNITS} units, got ${level}`, level);
  }
  return { periods, level, seed, prior, history: [] };
}

/**
 * Takes in the demand of one more period, in units, whole or not.
 *
 * @throws HaggleError `bad-demand` unless 0 <= units <= 1e9, `forecast-over` past the last period
 */
export function observeDemand(forecast: DemandForecast, units: number): void {
  if (!(units >= 0 && units <= MAX_UNITS)) {
    const fields = { units, period: forecast.history.length };
    throw new HaggleError('bad-demand', `demand is from 0 to ${MAX_UNITS} units, got ${units}`, { fields });
  }
  if (forecast.history.length >= forecast.periods) {
    const fields = { periods: forecast.periods };
    throw new HaggleError('forecast-over', `a forecast for ${forecast.periods} periods has seen them all`, { fields });
  }
  forecast.history.push(units);
}

/**
 * Demands that may come, from the next period to the last, in units; all equally likely.
 *
 * Hypotheses are taken through evenly spaced points of their cumulated weights (systematic resampling; G. Kitagawa, JCGS 5
 * (1996)), so that few paths do.
 *
 * @throws HaggleError `bad-forecast` unless 1 <= count <= 10,000 is whole
 */
export function demandPaths(
  forecast: DemandForecast,
  count: number,
  random: RandomStream,
): readonly (readonly number[])[] {
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw badForecast(`a forecast gives 1 to 10000 paths, got ${count}`, count);
  }
  const { beliefs, seen } = filterOf(forecast);
  const candidates = likely(beliefs);
  const paths: number[][] = [];
  let passed = 0;
  for (const [index, { belief, weight }] of candidates.entries()) {
    passed += weight;
    const upTo = index === candidates.length - 1 ? count : passed * count;
    while (paths.length + 0.5 < upTo) paths.push(drawPath(belief, seen, random));
  }
  return paths;
}

/** Mean and deviation of each period to come: what a retailer can tell its suppliers without telling its history. */
export function demandSummary(forecast: DemandForecast): DemandSummary {
  const { beliefs, seen } = filterOf(forecast);
  const left = forecast.periods - seen;
  const first = new Float64Array(left);
  const second = new Float64Array(left);
  for (const { belief, weight } of likely(beliefs)) addMoments(belief, { weight, from: seen, first, second });
  const mean = Array.from(first);
  return { mean, deviation: mean.map((units, index) => Math.sqrt(Math.max(0, (second[index] ?? 0) - units * units))) };
}

/** Adds `weight` times the first two moments of demand by period under a hypothesis. */
function addMoments(
  belief: Belief,
  sums: { readonly weight: number; readonly from: number; readonly first: Float64Array; readonly second: Float64Array },
): void {
  const { factors, batch } = belief.curve;
  const level = belief.shape / belief.rate;
  let shape = belief.shape;
  let square = level * level * (1 + 1 / shape);
  for (let index = 0; index < sums.first.length; index++) {
    const period = sums.from + index;
    const factor = factors[period] ?? 0;
    const mean = level * factor;
    sums.first[index] = (sums.first[index] ?? 0) + sums.weight * mean;
    sums.second[index] = (sums.second[index] ?? 0) + sums.weight * (batch * mean + square * factor * factor);
    // The level moves on by Beta(k a, (1 - k) a) / k, whose mean is 1, after an observation of its mean size.
    const next = shape + mean / batch;
    const kept = keptShare(belief, period, next);
    square *= 1 + (1 - kept) / (kept * (next + 1));
    shape = kept * next;
  }
}

/** One path under one hypothesis: a draw from the level, and from what it becomes after each demand of the path. */
function drawPath(belief: Belief, from: number, random: RandomStream): number[] {
  const { factors, batch } = belief.curve;
  const known: Belief = { ...belief };
  let level = gammaDraw(random, known.shape) / known.rate;
  const path: number[] = [];
  for (let t = from; t < factors.length; t++) {
    const units = batch * poissonDraw(random, Math.min(MAX_UNITS, (level * (factors[t] ?? 0)) / batch));
    path.push(units);
    if (learn(known, t, units) < 1) level = gammaDraw(random, known.shape) / known.rate;
  }
  return path;
}

/** The gamma update by the demand of a period, and the loss of knowledge until the next. Returns the share that is kept. */
function learn(belief: Belief, period: number, units: number): number {
  const { factors, batch } = belief.curve;
  const shape = belief.shape + units / batch;
  const rate = belief.rate + (factors[period] ?? 0) / batch;
  const kept = keptShare(belief, period, shape);
  belief.shape = kept * shape;
  belief.rate = kept * rate;
  return kept;
}

/** The share of what is known of the level that still holds after a period. */
function keptShare({ curve, prior }: Belief, period: number, shape: number): number {
  const kept = curve.breakAt === period + 1 ? Math.min(curve.discount, prior / shape) : curve.discount;
  return kept * shape < LEAST_SHAPE ? LEAST_SHAPE / shape : kept;
}

function filterOf(forecast: DemandForecast): Filter {
  const { history, periods, prior } = forecast;
  const known = FILTERS.get(forecast);
  const filter = known !== undefined && known.seen <= history.length ? known : startFilter(forecast);
  FILTERS.set(forecast, filter);
  for (const [t, units] of history.slice(filter.seen).entries()) {
    const period = filter.seen + t;
    const orders = new Map(prior.batches.map((batch) => [batch, lnGamma(units / batch + 1) + ln(batch)]));
    for (const belief of filter.beliefs) weigh(belief, { period, units, orders: orders.get(belief.curve.batch) ?? 0 });
  }
  filter.seen = history.length;
  return filter;

  function startFilter({ level, seed }: DemandForecast): Filter {
    const random = createRandomRoot(seed).stream('demand-curves');
    const beliefs = Array.from({ length: prior.hypotheses }, () => ({
      curve: drawCurve(prior, periods, random),
      prior: prior.levelShape,
      shape: prior.levelShape,
      rate: prior.levelShape / level,
      logWeight: 0,
    }));
    return { beliefs, seen: 0 };
  }
}

/**
 * Bayes: the weight by the negative binomial chance of the batches that came, then the level. `orders` is the part that hangs on
 * the size of a batch alone: the logarithm of the orders in which batches may come, and of the scale.
 */
function weigh(
  belief: Belief,
  seen: { readonly period: number; readonly units: number; readonly orders: number },
): void {
  const { period, units, orders } = seen;
  const { factors, batch } = belief.curve;
  const { shape, rate } = belief;
  const factor = (factors[period] ?? 0) / batch;
  const batches = units / batch;
  const total = rate + factor;
  belief.logWeight += lnGamma(shape + batches) - lnGamma(shape) - orders;
  belief.logWeight += shape * ln(rate / total) + batches * ln(factor / total);
  learn(belief, period, units);
}

/** The hypotheses that still count, with weights that sum to one. */
function likely(beliefs: readonly Belief[]): readonly { readonly belief: Belief; readonly weight: number }[] {
  const best = beliefs.reduce((most, { logWeight }) => Math.max(most, logWeight), -Infinity);
  const left = beliefs.filter(({ logWeight }) => logWeight > best - NEGLIGIBLE);
  const weights = left.map(({ logWeight }) => exp(logWeight - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return left.map((belief, index) => ({ belief, weight: (weights[index] ?? 0) / total }));
}

function badForecast(message: string, got: number): HaggleError {
  return new HaggleError('bad-forecast', message, { fields: { got } });
}
