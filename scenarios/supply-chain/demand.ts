import { gammaDraw, poissonDraw } from '../../agent-core/draws.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import type { MarketDemand } from './market-demand.ts';

/** What moves the mean of a demand; together they multiply. */
export type DemandEffect = 'trend' | 'seasonal' | 'shock';

const EFFECTS: readonly DemandEffect[] = ['trend', 'seasonal', 'shock'];
const TREND_SLOPE = 0.05;
const SEASON_SWING = 0.5;
const SEASON_PERIODS = 30;
const SHOCK_PERIOD = 15;
const SHOCK_FACTOR = 2;

/** Effects by their names, such as `stationary` or `trend+seasonal`. @throws HaggleError `bad-parameter` */
export function demandEffects(text: string): readonly DemandEffect[] {
  if (text === 'stationary') return [];
  const found = text.split('+').map((name) => EFFECTS.find((effect) => effect === name));
  const known = found.filter((effect) => effect !== undefined);
  if (known.length === found.length && new Set(known).size === known.length) return known;
  const shown = JSON.stringify(text.slice(0, 40));
  const message = `demand must be stationary or some of ${EFFECTS.join(', ')} with + between, got ${shown}`;
  throw new HaggleError('bad-parameter', message, { fields: { key: 'demand' } });
}

/**
 * What effects multiply the mean of period t by, as in gym-invmgmt: trend 1 + 0.05 t, season 1 + 0.5 sin(2 pi t / 30), shock 2 from t = 15.
 */
export function demandFactor(effects: readonly DemandEffect[], period: number): number {
  let factor = 1;
  if (effects.includes('trend')) factor *= 1 + TREND_SLOPE * period;
  if (effects.includes('seasonal')) factor *= 1 + SEASON_SWING * sineOfTurn((period % SEASON_PERIODS) / SEASON_PERIODS);
  if (effects.includes('shock') && period >= SHOCK_PERIOD) factor *= SHOCK_FACTOR;
  return factor;
}

/**
 * Draws the demand of one market, one draw or more a period. What is given period by period stays as it is; of the others, the mean is
 * multiplied by `factor` of the period (of a normal one not the deviation).
 *
 * @throws HaggleError `bad-parameter` where what is given ends before the periods do
 */
export function drawDemand(
  random: RandomStream,
  demand: MarketDemand,
  { periods, factor }: { readonly periods: number; readonly factor: (period: number) => number },
): readonly number[] {
  if (demand.kind === 'given') {
    if (demand.units.length >= periods) return demand.units.slice(0, periods);
    const message = `the demand that is given has ${demand.units.length} periods, the run has ${periods}`;
    throw new HaggleError('bad-parameter', message, { fields: { periods } });
  }
  return Array.from({ length: periods }, (_, t) => drawUnits(random, demand, factor(t)));
}

function drawUnits(random: RandomStream, demand: Exclude<MarketDemand, { kind: 'given' }>, factor: number): number {
  if (demand.kind === 'poisson') return poissonDraw(random, demand.mean * factor);
  if (demand.kind === 'normal') return Math.max(0, random.normal(demand.mean * factor, demand.deviation));
  if (demand.kind === 'uniform') return random.between(demand.from * factor, demand.to * factor);
  if (demand.kind === 'gamma') return gammaDraw(random, demand.shape) * demand.scale * factor;
  return demand.units * factor;
}

/** sin(2 pi turn), 0 <= turn < 1, by its series: the last bits of `Math.sin` are the engine's affair. */
function sineOfTurn(turn: number): number {
  const half = turn >= 0.5 ? turn - 0.5 : turn;
  const quarter = half > 0.25 ? 0.5 - half : half;
  const x = 2 * Math.PI * quarter;
  let term = x;
  let sum = x;
  for (let n = 1; n <= 12; n++) {
    term *= (-x * x) / (2 * n * (2 * n + 1));
    sum += term;
  }
  return turn >= 0.5 ? -sum : sum;
}
