import { HaggleError } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import { drawDemand, lawOfDemand, type SerialDemand } from './serial-demand.ts';
import type { SerialInstance, SerialProblem, SerialStage, SerialStart } from './serial-instance.ts';

/** The four settings of the published beer game. */
export const BEER_GAMES = ['basic', 'uniform', 'normal', 'classic'] as const;

/** One of them. */
export type BeerGame = (typeof BEER_GAMES)[number];

/** Periods of a published game. */
export const BEER_PERIODS = 101;
/** Periods of a game at most: as many messages can be played in some minutes. */
const PERIODS_MAX = 100_000;
/** Periods in which the classic game's demand is as at first. */
const CLASSIC_CALM = 4;
const CLASSIC_FIRST = 4;

interface BeerSetting {
  readonly demand: SerialDemand;
  readonly holding: readonly number[];
  readonly backlog: readonly number[];
  /** Between agents, retailer first; the manufacturer's orders reach nobody, so that its own delay is one of goods. */
  readonly orderDelays: readonly number[];
  readonly shipDelays: readonly number[];
  readonly start: SerialStart;
  readonly baseStock: readonly number[];
  readonly sterman: SerialInstance['sterman'];
}

/** As in the experiments of Oroojlooyjadid, Nazari, Snyder and Takac 2022 (Manufacturing & Service Operations Management 24(1)). */
const SETTINGS: Readonly<Record<BeerGame, BeerSetting>> = {
  basic: {
    demand: { kind: 'uniform', low: 0, high: 2 },
    holding: [2, 2, 2, 2],
    backlog: [2, 0, 0, 0],
    orderDelays: [2, 2, 2, 0],
    shipDelays: [2, 2, 2, 4],
    start: { stock: 0, ordered: 0, arriving: 0 },
    baseStock: [8, 8, 0, 0],
    // The published rule takes half of the bound that demand stays below, not the mean.
    sterman: { stock: 1.5, perPeriod: 1.5 },
  },
  uniform: {
    demand: { kind: 'uniform', low: 0, high: 8 },
    holding: [0.5, 0.5, 0.5, 0.5],
    backlog: [1, 1, 1, 1],
    orderDelays: [2, 2, 2, 0],
    shipDelays: [2, 2, 2, 3],
    start: { stock: 12, ordered: 4, arriving: 4 },
    baseStock: [19, 20, 20, 14],
    sterman: { stock: 4.5, perPeriod: 4.5 },
  },
  normal: {
    demand: { kind: 'rounded-normal', mean: 10, deviation: 2 },
    holding: [1, 0.75, 0.5, 0.25],
    backlog: [10, 0, 0, 0],
    orderDelays: [2, 2, 2, 0],
    shipDelays: [2, 2, 2, 3],
    start: { stock: 10, ordered: 10, arriving: 10 },
    baseStock: [48, 43, 41, 30],
    sterman: { stock: 10, perPeriod: 10 },
  },
  classic: {
    // 4 in the first four periods, then 8 for good: which is what the retailer knows.
    demand: { kind: 'uniform', low: 8, high: 8 },
    holding: [0.5, 0.5, 0.5, 0.5],
    backlog: [1, 1, 1, 1],
    orderDelays: [2, 2, 2, 0],
    shipDelays: [2, 2, 2, 3],
    start: { stock: 12, ordered: 4, arriving: 4 },
    baseStock: [32, 32, 32, 24],
    sterman: { stock: 8, perPeriod: 6 },
  },
};

/** One game: a setting and a demand that is drawn. */
export function beerGame(
  game: BeerGame,
  { periods, random }: { readonly periods: number; readonly random: RandomStream },
): SerialInstance {
  const { demand, holding, backlog, orderDelays, shipDelays, start, baseStock, sterman } = SETTINGS[game];
  const stages = holding.map((rate, k): SerialStage => ({
    orderDelay: orderDelays[k] ?? 0,
    shipDelay: shipDelays[k] ?? 1,
    holding: rate,
    backlog: backlog[k] ?? 0,
    underWay: 0,
  }));
  const isCalm = (period: number): boolean => game === 'classic' && period < CLASSIC_CALM;
  return {
    variant: 'beer-game',
    name: game,
    stages,
    law: lawOfDemand(demand, 1),
    demand: Array.from({ length: periods }, (_, t) => (isCalm(t) ? CLASSIC_FIRST : drawDemand(demand, random))),
    warmUp: 0,
    periodsPerTime: 1,
    start,
    published: { cost: null, localLevels: baseStock },
    sterman,
  };
}

/**
 * Makes a beer game of `game` (one of {@link BEER_GAMES}; classic) and `periods` (1 to 100,000; 101).
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function generateBeer(parameters: ReadonlyMap<string, string>, random: RandomStream): SerialProblem {
  for (const key of parameters.keys()) {
    if (key !== 'game' && key !== 'periods') throw badParameter(`there is no "${key}"; there is: game, periods`);
  }
  const wanted = parameters.get('game') ?? 'classic';
  const game = BEER_GAMES.find((one) => one === wanted);
  if (game === undefined) throw badParameter(`game must be ${BEER_GAMES.join(' or ')}, got "${wanted}"`);
  const text = parameters.get('periods') ?? String(BEER_PERIODS);
  const periods = Number(text);
  if (!/^\d+$/.test(text) || periods < 1 || periods > PERIODS_MAX) {
    throw badParameter(`periods must be a whole number from 1 to ${PERIODS_MAX}, got "${text}"`);
  }
  return { instance: beerGame(game, { periods, random }), library: new Map(), rule: 'negotiated' };
}

function badParameter(problem: string): HaggleError {
  return new HaggleError('bad-parameter', `a beer game's ${problem}`);
}
