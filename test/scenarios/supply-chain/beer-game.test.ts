import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { fastBaseStock, fastSterman, playFast } from '../../../scenarios/supply-chain/beer-game.ts';
import { BEER_GAMES, beerGame, generateBeer, type BeerGame } from '../../../scenarios/supply-chain/beer-settings.ts';
import { configureSerial, type SerialInstance } from '../../../scenarios/supply-chain/serial-instance.ts';
import { assessSerial, baselineSerial, optimumSerial } from '../../../scenarios/supply-chain/serial-score.ts';
import { playAgents, problemOf } from './serial-runs.ts';

/** Mean totals of 500 games, measured with an independent copy of the published dynamics. */
const PUBLISHED: Readonly<Record<BeerGame, { readonly baseStock: number; readonly sterman: number }>> = {
  basic: { baseStock: 679.8, sterman: 11_067 },
  uniform: { baseStock: 1_320.6, sterman: 4_611 },
  normal: { baseStock: 1_368.3, sterman: 5_054 },
  classic: { baseStock: 180.0, sterman: 6_083 },
};

const GAMES = 500;

function games(game: BeerGame, count: number): readonly SerialInstance[] {
  const random = createRandomRoot(6).stream('beer', game);
  return Array.from({ length: count }, () => beerGame(game, { periods: 101, random }));
}

function oneGame(game: BeerGame): SerialInstance {
  return beerGame(game, { periods: 101, random: createRandomRoot(7).stream('beer', game) });
}

function levelsOf({ published }: SerialInstance): readonly number[] {
  return published.localLevels ?? [];
}

/** Mean, and the standard deviation of a mean of 500. */
function mean(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1);
  return { mean: average, deviation: Math.sqrt(square / values.length) };
}

for (const game of BEER_GAMES) {
  test(`${game}: base stock and Sterman's rule cost what is published, within the error of both samples`, (t) => {
    const all = games(game, GAMES);
    const baseStock = mean(all.map((one) => playFast(one, fastBaseStock(levelsOf(one))).cost));
    const sterman = mean(all.map((one) => playFast(one, fastSterman(one)).cost));
    // Two samples, and three deviations of their difference.
    const reach = 3 * Math.SQRT2;
    const { [game]: published } = PUBLISHED;
    t.true(Math.abs(baseStock.mean - published.baseStock) <= reach * baseStock.deviation + 1e-9, `${baseStock.mean}`);
    t.true(Math.abs(sterman.mean - published.sterman) <= reach * sterman.deviation + 1e-9, `${sterman.mean}`);
  });

  test(`${game}: negotiated levels cost at most 1.05 times base stock over 500 games`, async (t) => {
    const all = games(game, GAMES);
    const { solution } = await playAgents(problemOf(oneGame(game)));
    const levels = solution.firms.map(({ localLevel }) => localLevel ?? 0);
    const negotiated = mean(all.map((one) => playFast(one, fastBaseStock(levels)).cost)).mean;
    const baseStock = mean(all.map((one) => playFast(one, fastBaseStock(levelsOf(one))).cost)).mean;
    t.true(negotiated <= 1.05 * baseStock, `${negotiated} against ${baseStock}`);
  });

  test(`${game}: agents that exchange messages pay to the last digit what the fast game says, by every rule`, async (t) => {
    for (const one of games(game, 3)) {
      const negotiated = await playAgents(problemOf(one));
      const levels = negotiated.solution.firms.map(({ localLevel }) => localLevel ?? 0);
      t.is(negotiated.solution.playedCost, playFast(one, fastBaseStock(levels)).cost);
      const baseStock = await playAgents(problemOf(one, 'base-stock'));
      t.is(baseStock.solution.playedCost, playFast(one, fastBaseStock(levelsOf(one))).cost);
      const sterman = await playAgents(problemOf(one, 'sterman'));
      t.is(sterman.solution.playedCost, playFast(one, fastSterman(one)).cost);
      t.deepEqual(
        sterman.solution.firms.map(({ cost }) => cost),
        playFast(one, fastSterman(one)).costs,
      );
    }
  });
}

test('where firms pay for their own backlog, they talk on until the levels are those of a central search', async (t) => {
  const one = oneGame('uniform');
  const { solution } = await playAgents(problemOf(one));
  t.deepEqual(
    solution.firms.map(({ localLevel }) => localLevel),
    [19, 20, 20, 15],
  );
  t.true(solution.turns > 8);
});

test('a game is judged beside Sterman and beside base stock on the same demand', async (t) => {
  const problem = generateBeer(new Map([['game', 'normal']]), createRandomRoot(3).stream('game'));
  const { solution } = await playAgents(problem);
  const agents = assessSerial(problem, solution);
  const { instance } = problem;
  t.is(instance.demand.length, 101);
  t.is(agents.kpis['cost'], solution.playedCost);
  t.is(agents.kpis['profit'], -solution.playedCost);
  t.is(optimumSerial(problem).kpis['cost'], playFast(instance, fastBaseStock(levelsOf(instance))).cost);
  t.is(baselineSerial(problem).kpis['cost'], playFast(instance, fastSterman(instance)).cost);
});

test('goods are paid at their price, and nobody is paid for what did not come', async (t) => {
  const one = oneGame('normal');
  const { solution } = await playAgents(problemOf(one));
  const sales = solution.payments.find(({ what }) => what === 'sales');
  const unserved = Math.max(0, -(solution.firms[0]?.stocks.at(-1) ?? 0));
  const sold = one.demand.reduce((sum, units) => sum + units, 0) - unserved;
  t.is(sales?.amount, String(BigInt(sold) * 10_000_000n));
});

test('the classic game is as long and as calm as it is known', (t) => {
  const { instance } = generateBeer(new Map([['periods', '7']]), createRandomRoot(1).stream('x'));
  t.deepEqual(instance.demand, [4, 4, 4, 4, 8, 8, 8]);
});

test('refuses parameters of no game, naming key, value and bound', (t) => {
  const random = createRandomRoot(1).stream('x');
  const generate = (key: string, value: string) => () => generateBeer(new Map([[key, value]]), random);
  t.throws(generate('game', 'wine'), { code: 'bad-parameter', message: /game must be basic or .*got "wine"/ });
  t.throws(generate('periods', '0'), { code: 'bad-parameter', message: /1 to 100000, got "0"/ });
  t.throws(generate('periods', '1e3'), { code: 'bad-parameter' });
  t.throws(generate('length', '5'), { code: 'bad-parameter', message: /there is no "length"/ });
});

test('refuses settings that a game does not have', (t) => {
  const problem = generateBeer(new Map(), createRandomRoot(1).stream('x'));
  t.is(configureSerial(problem, new Map([['rule', 'sterman']])).rule, 'sterman');
  t.throws(() => configureSerial(problem, new Map([['rule', 'guess']])), { code: 'bad-parameter' });
  t.throws(() => configureSerial(problem, new Map([['speed', '1']])), { code: 'bad-parameter' });
  t.throws(() => configureSerial(problem, new Map([['name', 'other']])), { code: 'bad-parameter' });
});
