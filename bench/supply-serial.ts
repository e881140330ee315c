/**
 * Serial chains: `HAGGLE_DATA=… node dist/bench/supply-serial.js`.
 *
 * The firms of each chain agree on echelon levels by messages, then play 1,000 periods. `negotiated` is what the agreed levels cost in the
 * long run, by convolution of the laws of what each firm is owed; `optimum` the least that a central search over all levels finds by the
 * same figure; `alone` that of firms who each cover 95 % of their own lead time's demand. `played` is the cost of the periods that
 * were played, `simulated` that of 200,000 played without messages: both are random. All costs are per unit of the instance's own time.
 */
import { createRandomRoot } from '../agent-core/random.ts';
import { world } from '../simulator/world.ts';
import { fastBaseStock, playFast } from '../scenarios/supply-chain/beer-game.ts';
import type { SerialInstance, SerialProblem } from '../scenarios/supply-chain/serial-instance.ts';
import { chainCosts } from '../scenarios/supply-chain/serial-cost.ts';
import { populateSerial } from '../scenarios/supply-chain/serial-population.ts';
import { assessSerial, baselineSerial, optimumSerial } from '../scenarios/supply-chain/serial-score.ts';
import { benchInstances, PUBLISHED_LEVELS, type BenchInstance } from './serial-instances.ts';

const SIMULATED_PERIODS = 200_000;
const HEADINGS = [
  'instance',
  'from',
  'firms',
  'echelon levels, retailer first',
  'published',
  'at published levels',
  'optimum',
  'negotiated',
  'above optimum %',
  'to published %',
  'simulated',
  'played',
  'alone',
  'messages of the talk',
  'largest kB',
  'CPU s',
];

async function row({ source, instance }: BenchInstance): Promise<string> {
  const before = process.cpuUsage();
  const problem: SerialProblem = { instance, library: new Map(), rule: 'negotiated' };
  let talk = 0;
  let largest = 0;
  const place = world({
    seed: 1,
    sign: 'off',
    strict: true,
    record: ({ payload }) => {
      largest = Math.max(largest, payload.length);
      talk += 1;
    },
  });
  const population = populateSerial(place, problem);
  await place.run({ until: '30 s' });
  const ofTalk = talk;
  await place.run();
  const solution = population.agreement();
  const { user, system } = process.cpuUsage(before);
  const { kpis } = assessSerial(problem, solution);
  const cost = kpis['cost'] ?? Number.NaN;
  const best = optimumSerial(problem).kpis['cost'] ?? Number.NaN;
  const { published } = instance;
  const cells = [
    instance.name,
    source,
    instance.stages.length,
    solution.firms.map(({ echelonLevel }) => Number((echelonLevel ?? 0).toFixed(2))).join(', '),
    published.cost ?? '',
    atPublishedLevels(instance),
    best.toFixed(3),
    cost.toFixed(3),
    (100 * (cost / best - 1)).toFixed(3),
    published.cost === null ? '' : (100 * (cost / published.cost - 1)).toFixed(2).replace('-0.00', '0.00'),
    simulated(
      instance,
      solution.firms.map(({ localLevel }) => localLevel ?? 0),
    ).toFixed(2),
    (kpis['playedCost'] ?? Number.NaN).toFixed(2),
    (baselineSerial(problem).kpis['cost'] ?? Number.NaN).toFixed(2),
    ofTalk,
    (largest / 1000).toFixed(1),
    ((user + system) / 1e6).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What the published levels cost, by the same figure as all others. */
function atPublishedLevels(instance: SerialInstance): string {
  const { [instance.name]: echelon } = PUBLISHED_LEVELS;
  if (echelon === undefined) return '';
  const local = echelon.map((level, k) => Math.round((level - (echelon[k - 1] ?? 0)) / instance.law.step));
  return chainCosts(instance)(local).perTime.toFixed(3);
}

/** A long game at local levels, units, on demand of its own. */
function simulated(instance: SerialInstance, levels: readonly number[]): number {
  const random = createRandomRoot(`bench ${instance.name}`).stream('demand');
  const demand = Array.from({ length: SIMULATED_PERIODS + instance.warmUp }, () =>
    drawFrom(instance, random.uniform()),
  );
  const { cost } = playFast({ ...instance, demand }, fastBaseStock(levels));
  return (cost / SIMULATED_PERIODS) * instance.periodsPerTime;
}

/** A demand of the law, by inversion. */
function drawFrom({ law }: SerialInstance, chance: number): number {
  let left = chance;
  for (const [k, mass] of law.masses.entries()) {
    left -= mass;
    if (left < 0) return Math.max(0, (law.first + k) * law.step);
  }
  return (law.first + law.masses.length - 1) * law.step;
}

console.log(
  "# Serial chains\n\n`node dist/bench/supply-serial.js` on 2 cores, Node 20. Costs per unit of the instance's own time.\n",
);
console.log(`| ${HEADINGS.join(' | ')} |\n|${HEADINGS.map((_, k) => (k < 2 || k === 3 ? '---' : '--:')).join('|')}|`);
for (const one of benchInstances()) console.log(await row(one));
console.log(`
\`published\` of problems 6.1, 6.2a and 6.16 is what stockpyl's tests find on a grid of ten demands: the very levels that they find cost less than
that (\`at published levels\`), as does a simulation. The costs of the Poisson instances are exact on both sides. In the \`_adj\` instances storage is
dearest at the source, as they are given: firms pass everything on, and the echelon levels of the first firms do not bind.`);
