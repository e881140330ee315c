/**
 * The beer game: `node dist/bench/beer-game.js [--games 500] [--agents 20]`.
 *
 * Every setting is played `--games` times on its own demands, by each rule without messages; the first `--agents` games also by agents with messages,
 * which must come to the same cost to the last digit. Levels are negotiated once: they depend on what is known, not on what is drawn. Intervals
 * hold the mean with 95 %; that of the ratio is of paired games, by the delta method.
 */
import { parseArgs } from 'node:util';
import { assert, HaggleError } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { world } from '../simulator/world.ts';
import { fastBaseStock, fastSterman, playFast } from '../scenarios/supply-chain/beer-game.ts';
import { BEER_GAMES, BEER_PERIODS, beerGame, type BeerGame } from '../scenarios/supply-chain/beer-settings.ts';
import type { SerialInstance, SerialRule } from '../scenarios/supply-chain/serial-instance.ts';
import { populateSerial } from '../scenarios/supply-chain/serial-population.ts';
import type { SerialSolution } from '../scenarios/supply-chain/serial-solution.ts';

/** Mean totals of 500 other games, by an independent copy of the published dynamics. */
const KNOWN: Readonly<Record<BeerGame, readonly [number, number]>> = {
  basic: [679.8, 11_067],
  uniform: [1_320.6, 4_611],
  normal: [1_368.3, 5_054],
  classic: [180.0, 6_083],
};
const NORMAL_95 = 1.96;

const HEADINGS = [
  'setting',
  'games',
  'published levels',
  'negotiated levels',
  'base stock',
  'negotiated',
  'ratio',
  "Sterman's rule",
  'known: base stock',
  'known: Sterman',
  'turns',
  'messages a game',
  'periods/s without messages',
  'agents, ms a game',
];

interface Played {
  readonly solution: SerialSolution;
  readonly messages: number;
}

async function playAgents(instance: SerialInstance, rule: SerialRule): Promise<Played> {
  const place = world({ seed: 1, sign: 'off', strict: true });
  const population = populateSerial(place, { instance, library: new Map(), rule });
  await place.run();
  return { solution: population.agreement(), messages: place.traffic.messages };
}

/** Mean ± half the width of its interval. */
function mean(values: readonly number[]): string {
  const average = meanOf(values);
  const half = NORMAL_95 * deviationOfMean(values.map((value) => value - average));
  return half === 0 ? average.toFixed(1) : `${average.toFixed(1)} ± ${half.toFixed(1)}`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOfMean(centred: readonly number[]): number {
  const square = centred.reduce((sum, value) => sum + value * value, 0) / Math.max(1, centred.length - 1);
  return Math.sqrt(square / centred.length);
}

function ratio(above: readonly number[], below: readonly number[]): string {
  const share = meanOf(above) / meanOf(below);
  const half = (NORMAL_95 * deviationOfMean(above.map((value, k) => value - share * (below[k] ?? 0)))) / meanOf(below);
  return half === 0 ? share.toFixed(4) : `${share.toFixed(4)} ± ${half.toFixed(4)}`;
}

async function row(
  game: BeerGame,
  { games, agents }: { readonly games: number; readonly agents: number },
): Promise<string> {
  const random = createRandomRoot(2026).stream('beer game', game);
  const all = Array.from({ length: games }, () => beerGame(game, { periods: BEER_PERIODS, random }));
  const [first] = all;
  assert(first !== undefined, 'there is a game');
  const { solution, messages } = await playAgents(first, 'negotiated');
  const levels = solution.firms.map(({ localLevel }) => localLevel ?? 0);
  const known = first.published.localLevels ?? [];
  const before = process.cpuUsage();
  const baseStock = all.map((one) => playFast(one, fastBaseStock(known)).cost);
  const negotiated = all.map((one) => playFast(one, fastBaseStock(levels)).cost);
  const sterman = all.map((one) => playFast(one, fastSterman(one)).cost);
  const fast = process.cpuUsage(before);
  for (const [k, one] of all.slice(0, agents).entries()) {
    const { playedCost } = (await playAgents(one, 'negotiated')).solution;
    assert(playedCost === negotiated[k], `${game} ${k}: agents pay ${playedCost}, the fast game says ${negotiated[k]}`);
  }
  const slow = process.cpuUsage(before);
  const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
  const cells = [
    game,
    games,
    known.join(', '),
    levels.join(', '),
    mean(baseStock),
    mean(negotiated),
    ratio(negotiated, baseStock),
    mean(sterman),
    ...KNOWN[game],
    solution.turns,
    messages,
    Math.round((3 * games * BEER_PERIODS) / seconds(fast) / 1000) * 1000,
    Math.round((1000 * (seconds(slow) - seconds(fast))) / Math.max(1, agents)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new HaggleError('bad-parameter', `--${name} must be a whole number from ${least}, got "${text}"`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { games: { type: 'string', default: '500' }, agents: { type: 'string', default: '20' } },
  });
  const about = { games: count('games', values.games, 2), agents: count('agents', values.agents, 0) };
  console.log(
    `# Beer game\n\n\`node dist/bench/beer-game.js --games ${about.games} --agents ${about.agents}\` on 2 cores, Node 20.`,
  );
  console.log('Total cost of a game of 101 periods, mean ± 95 % interval.\n');
  console.log(`| ${HEADINGS.join(' | ')} |\n|${HEADINGS.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`);
  for (const game of BEER_GAMES) console.log(await row(game, about));
}

await main();
