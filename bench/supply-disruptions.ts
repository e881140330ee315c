/**
 * Disruptions of supply networks: `node dist/bench/supply-disruptions.js [--seeds 10] [--only divergent|diamond|generated] [--lost]`.
 *
 * Each seed draws a demand (Poisson), and where said a network. It is played without a disruption, then with the busiest plant down, with
 * the busiest lane from another firm cut, and with demand doubled for a time; by firms that renegotiate, by firms that call contracts off as
 * well but give no notice of what they will not deliver, by firms whose contracts stand for good, and by local rules. Busiest is what ships
 * most in the undisturbed runs of all these together. Differences are to the undisturbed run of the same firms and seed; how they are
 * measured says `disruption-measures.ts`. Intervals hold the mean with 95 % (Student).
 */
import { meanInterval } from '../agent-core/statistics.ts';
import { parseArgs } from 'node:util';
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot, type RandomRoot } from '../agent-core/random.ts';
import { drawDemand } from '../scenarios/supply-chain/demand.ts';
import { generateSupply } from '../scenarios/supply-chain/generator.ts';
import type { Disruption, SupplyInstance, SupplyLane } from '../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../scenarios/supply-chain/options.ts';
import { populateSupply } from '../scenarios/supply-chain/population.ts';
import { world } from '../simulator/world.ts';
import { topologyOf } from './gym-invmgmt.ts';
import { courseOf, damageOf, TOLERANCE, type Damage, type SupplyCourse } from './disruption-measures.ts';

const PERIODS = 50;
const FROM = 15;
const TO = 23;

const MODES: readonly (readonly [name: string, options: SupplyOptions])[] = [
  ['renegotiation', DEFAULT_OPTIONS],
  ['no notices', { ...DEFAULT_OPTIONS, notices: false }],
  ['firm contracts', { ...DEFAULT_OPTIONS, renegotiate: false }],
  ['local rules', { ...DEFAULT_OPTIONS, negotiate: false, renegotiate: false }],
];

type Kind = Disruption['kind'];
const KINDS: readonly (readonly [kind: Kind, name: string])[] = [
  ['plant', 'plant down'],
  ['lane', 'lane cut'],
  ['demand', 'demand doubled'],
];

const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    lost: { type: 'boolean' },
  },
});
const BACKLOG = flags.lost !== true;

const NETWORKS: ReadonlyMap<string, (chance: RandomRoot) => SupplyInstance> = new Map([
  ['divergent', (chance): SupplyInstance => fromTopology('divergent', chance)],
  ['diamond', (chance): SupplyInstance => fromTopology('diamond', chance)],
  ['generated', (chance): SupplyInstance => generated(chance)],
]);

function fromTopology(name: string, chance: RandomRoot): SupplyInstance {
  const { network, demand } = topologyOf(name);
  const rows = demand.map((one) => drawDemand(chance.stream('demand'), one, { periods: PERIODS, factor: () => 1 }));
  return { name, network, periods: PERIODS, backlog: BACKLOG, discount: 1, demand: rows, disruptions: [] };
}

function generated(chance: RandomRoot): SupplyInstance {
  const parameters = {
    firms: '8',
    tiers: '2',
    products: '1',
    periods: String(PERIODS),
    backlog: BACKLOG ? 'yes' : 'no',
  };
  return generateSupply(new Map(Object.entries(parameters)), chance.stream('network'));
}

interface Played extends SupplyCourse {
  readonly cpuSeconds: number;
  /** Tokens that firms paid each other because they did not deliver. */
  readonly penalties: number;
}

async function play(instance: SupplyInstance, options: SupplyOptions, seed: number): Promise<Played> {
  const start = process.cpuUsage().user;
  const place = world({ seed, sign: 'off', strict: true });
  const population = populateSupply(place, instance, {
    options,
    profitOf: (orders) => courseOf(instance, orders).profit,
  });
  await place.run();
  const { orders, payments } = population.agreement();
  const penalties = payments.reduce(
    (sum, { what, amount }) => sum + (what === 'penalty' ? Number(amount) / 1e6 : 0),
    0,
  );
  return { ...courseOf(instance, orders), cpuSeconds: (process.cpuUsage().user - start) / 1e6, penalties };
}

/** The instance with something going wrong where most passes. */
function struck(instance: SupplyInstance, kind: Kind, calm: readonly SupplyCourse[]): SupplyInstance {
  const { network, demand } = instance;
  const time = { from: FROM, to: TO };
  const plant = busiestPlant(instance, calm);
  if (kind === 'plant') return { ...instance, disruptions: [{ kind, node: plant, share: 0, ...time }] };
  if (kind === 'lane') {
    const { supplier, buyer } = busiestLane(instance, calm, plant);
    return { ...instance, disruptions: [{ kind, supplier, buyer, ...time }] };
  }
  const doubled = demand.map((series) => series.map((units, t) => (t >= FROM && t < TO ? 2 * units : units)));
  const disruptions = network.markets.map(({ market }): Disruption => ({ kind, market, factor: 2, ...time }));
  return { ...instance, demand: doubled, disruptions };
}

function shippedBy(calm: readonly SupplyCourse[], lane: number): number {
  return calm.reduce((sum, course) => sum + (course.shipped[lane] ?? 0), 0);
}

function busiestPlant({ network }: SupplyInstance, calm: readonly SupplyCourse[]): number {
  const plants = network.nodes.filter((node) => node.kind === 'factory');
  const units = plants.map(({ id }) =>
    network.lanes.reduce((sum, { supplier }, lane) => sum + (supplier === id ? shippedBy(calm, lane) : 0), 0),
  );
  return plants[units.indexOf(Math.max(...units))]?.id ?? -1;
}

/** Neither from a raw source nor from the plant: that would be the same twice where the plant has one lane. */
function busiestLane({ network }: SupplyInstance, calm: readonly SupplyCourse[], plant: number): SupplyLane {
  const others = new Set(network.nodes.flatMap(({ kind, id }) => (kind === 'raw' || id === plant ? [] : [id])));
  const lanes = network.lanes.map((lane, k) => ({ lane, units: others.has(lane.supplier) ? shippedBy(calm, k) : -1 }));
  const [busiest] = lanes.toSorted((a, b) => b.units - a.units);
  assert(busiest !== undefined && busiest.units >= 0, 'a network has a lane between firms beside those of one plant');
  return busiest.lane;
}

function mean(all: readonly number[], digits = 1): string {
  const { mean: average, half } = meanInterval(all);
  return Number.isNaN(half) ? average.toFixed(digits) : `${average.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

function row(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

interface Sample {
  readonly hit: Played;
  readonly damage: Damage;
}

async function sample(
  make: (chance: RandomRoot) => SupplyInstance,
  seed: number,
): Promise<{
  readonly calm: readonly Played[];
  readonly hits: readonly (readonly Sample[])[];
}> {
  const instance = make(createRandomRoot(seed));
  const calm: Played[] = [];
  for (const [, options] of MODES) calm.push(await play(instance, options, seed));
  const hits: Sample[][] = [];
  for (const [kind] of KINDS) {
    const other = struck(instance, kind, calm);
    const samples: Sample[] = [];
    for (const [mode, [, options]] of MODES.entries()) {
      const hit = await play(other, options, seed);
      const base = calm[mode];
      if (base !== undefined) samples.push({ hit, damage: damageOf(hit, base, FROM) });
    }
    hits.push(samples);
  }
  return { calm, hits };
}

type Samples = readonly Awaited<ReturnType<typeof sample>>[];

function totalUnserved({ unserved }: SupplyCourse): number {
  return unserved.reduce((sum, one) => sum + one, 0);
}

function calmRows(samples: Samples): void {
  for (const [mode, [firms]] of MODES.entries()) {
    const runs = samples.flatMap(({ calm }) => calm.slice(mode, mode + 1));
    const pick = (of: (run: Played) => number): string => mean(runs.map(of));
    const [profit, penalties, cpu] = [
      pick((run) => run.profit),
      pick((run) => run.penalties),
      pick((run) => run.cpuSeconds),
    ];
    row(['none', firms, pick(totalUnserved), '', '', '', '', profit, penalties, cpu]);
  }
}

function struckRows(samples: Samples): void {
  for (const [k, [, kind]] of KINDS.entries()) {
    for (const [mode, [firms]] of MODES.entries()) {
      const runs = samples.flatMap(({ hits }) => hits[k]?.slice(mode, mode + 1) ?? []);
      const pick = (of: (run: Sample) => number): string => mean(runs.map(of));
      row([
        kind,
        firms,
        pick(({ hit }) => totalUnserved(hit)),
        pick(({ damage }) => damage.unserved),
        pick(({ damage }) => damage.recovery),
        `${runs.filter(({ damage }) => damage.isCensored).length}/${runs.length}`,
        pick(({ damage }) => damage.profit),
        pick(({ hit }) => hit.profit),
        pick(({ hit }) => hit.penalties),
        pick(({ hit }) => hit.cpuSeconds),
      ]);
    }
  }
}

/** Renegotiation less each of the others, seed by seed: chance that both share cancels out. */
function pairedRows(samples: Samples): void {
  for (const [k, [, kind]] of KINDS.entries()) {
    for (const [mode, [firms]] of MODES.entries()) {
      if (mode === 0) continue;
      const pairs = samples.flatMap(({ hits }) => {
        const [own, other] = [hits[k]?.[0], hits[k]?.[mode]];
        return own === undefined || other === undefined ? [] : [{ own, other }];
      });
      const pick = (of: (run: Sample) => number): string => mean(pairs.map(({ own, other }) => of(own) - of(other)));
      row([
        kind,
        firms,
        pick(({ hit }) => totalUnserved(hit)),
        pick(({ damage }) => damage.recovery),
        pick(({ damage }) => damage.profit),
        pick(({ hit }) => hit.profit),
      ]);
    }
  }
}

for (const [name, make] of NETWORKS) {
  if (!name.includes(flags.only)) continue;
  const samples = [];
  for (let seed = 1; seed <= Number(flags.seeds); seed += 1) samples.push(await sample(make, seed));
  const what = BACKLOG ? 'late unit-periods' : 'lost units';
  const rules = BACKLOG ? 'backlog' : 'lost sales';
  console.log(`\n## ${name}, ${rules}: ${PERIODS} periods, struck from ${FROM} to ${TO}, ${samples.length} seeds\n`);
  const measures = ['periods to recover', 'not by the end', 'profit lost', 'profit', 'penalties', 'CPU s'];
  row(['disruption', 'firms', what, 'of them by it', ...measures]);
  row(['---', '---', ...Array.from({ length: 8 }, () => '--:')]);
  calmRows(samples);
  struckRows(samples);
  console.log('\nRenegotiation less the others, paired by seed:\n');
  row(['disruption', 'less', what, 'periods to recover', 'profit lost', 'profit']);
  row(['---', '---', ...Array.from({ length: 4 }, () => '--:')]);
  pairedRows(samples);
}
console.log(`\nNode ${process.version}; tolerance of recovery ${TOLERANCE} of a period's mean demand`);
