/**
 * Disruptions of supply networks: `node dist/bench/supply-disruptions.js [--seeds 10] [--only divergent|diamond|generated] [--lost]`.
 *
 * Each seed draws a demand (Poisson), and where said a network. It is played without a disruption, then with the busiest plant down, with
 * the busiest lane between firms cut, and with demand doubled for a time; by firms that renegotiate, by firms that only negotiate, and by
 * local rules. Busiest is what ships most in the undisturbed runs of the three together. Differences are to the undisturbed run of the same
 * firms and seed; how they are measured says `disruption-measures.ts`. Intervals hold the mean with 95 % (Student).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandomRoot, type RandomRoot } from '../agent-core/random.ts';
import { drawDemand } from '../scenarios/supply-chain/demand.ts';
import { generateSupply } from '../scenarios/supply-chain/generator.ts';
import type { Disruption, SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../scenarios/supply-chain/options.ts';
import { populateSupply } from '../scenarios/supply-chain/population.ts';
import { parseTopology } from '../scenarios/supply-chain/topology.ts';
import { world } from '../simulator/world.ts';
import { courseOf, damageOf, TOLERANCE, type Damage, type SupplyCourse } from './disruption-measures.ts';

const TOPOLOGIES = join(process.env['HAGGLE_DATA'] ?? 'data', 'gym-invmgmt', 'topologies');
const PERIODS = 50;
const FROM = 15;
const TO = 23;

const MODES: readonly (readonly [name: string, options: SupplyOptions])[] = [
  ['renegotiation', DEFAULT_OPTIONS],
  ['no notices', { ...DEFAULT_OPTIONS, notices: false }],
  ['negotiation', { ...DEFAULT_OPTIONS, renegotiate: false }],
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
  const { network, demand } = parseTopology(readFileSync(join(TOPOLOGIES, `${name}.yaml`), 'utf8'), name);
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
  const shipped = network.lanes.map((_, lane) => calm.reduce((sum, course) => sum + (course.shipped[lane] ?? 0), 0));
  if (kind === 'lane') {
    const firms = new Set(network.nodes.flatMap((node) => (node.kind === 'raw' ? [] : [node.id])));
    const units = shipped.map((sum, lane) => (firms.has(network.lanes[lane]?.supplier ?? -1) ? sum : -1));
    const { supplier = -1, buyer = -1 } = network.lanes[units.indexOf(Math.max(...units))] ?? {};
    return { ...instance, disruptions: [{ kind, supplier, buyer, ...time }] };
  }
  if (kind === 'plant') {
    const plants = network.nodes.filter((node) => node.kind !== 'raw' && node.kind !== 'retailer');
    const units = plants.map(({ id }) =>
      shipped.reduce((sum, one, k) => sum + (network.lanes[k]?.supplier === id ? one : 0), 0),
    );
    const { id: node = -1 } = plants[units.indexOf(Math.max(...units))] ?? {};
    return { ...instance, disruptions: [{ kind, node, share: 0, ...time }] };
  }
  const doubled = demand.map((series) => series.map((units, t) => (t >= FROM && t < TO ? 2 * units : units)));
  const disruptions = network.markets.map(({ market }): Disruption => ({ kind, market, factor: 2, ...time }));
  return { ...instance, demand: doubled, disruptions };
}

/** 97.5 % points of Student's t by degrees of freedom, from 1. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

function mean(all: readonly number[], digits = 1): string {
  const average = all.reduce((sum, value) => sum + value, 0) / all.length;
  if (all.length < 2) return average.toFixed(digits);
  const square = all.reduce((sum, value) => sum + (value - average) ** 2, 0) / (all.length - 1);
  const half = (STUDENT[Math.min(STUDENT.length, all.length - 1) - 1] ?? 0) * Math.sqrt(square / all.length);
  return `${average.toFixed(digits)} ± ${half.toFixed(digits)}`;
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

for (const [name, make] of NETWORKS) {
  if (!name.includes(flags.only)) continue;
  const samples = [];
  for (let seed = 1; seed <= Number(flags.seeds); seed += 1) samples.push(await sample(make, seed));
  const what = BACKLOG ? 'late unit-periods' : 'lost units';
  console.log(
    `\n## ${name}, ${BACKLOG ? 'backlog' : 'lost sales'}: ${PERIODS} periods, struck from ${FROM} to ${TO}\n`,
  );
  row([
    'disruption',
    'firms',
    `${what} more`,
    'units sold fewer',
    'periods to recover',
    'not by the end',
    'profit lost',
    'profit',
    'penalties',
    'CPU s',
  ]);
  row(['---', '---', '--:', '--:', '--:', '--:', '--:', '--:', '--:', '--:']);
  for (const [mode, [firms]] of MODES.entries()) {
    const runs = samples.flatMap(({ calm }) => calm.slice(mode, mode + 1));
    const pick = (of: (run: Played) => number, digits = 1): string => mean(runs.map(of), digits);
    row([
      'none',
      firms,
      `(${pick(({ unserved }) => unserved.reduce((sum, one) => sum + one, 0))})`,
      '',
      '',
      '',
      '',
      pick(({ profit }) => profit),
      pick((run) => run.penalties),
      pick(({ cpuSeconds }) => cpuSeconds),
    ]);
  }
  for (const [k, [, kind]] of KINDS.entries()) {
    for (const [mode, [firms]] of MODES.entries()) {
      const runs = samples.flatMap(({ hits }) => hits[k]?.slice(mode, mode + 1) ?? []);
      const pick = (of: (run: Sample) => number, digits = 1): string => mean(runs.map(of), digits);
      const late = `${runs.filter(({ damage }) => damage.isCensored).length}/${runs.length}`;
      row([
        kind,
        firms,
        pick(({ damage }) => damage.unserved),
        pick(({ damage }) => damage.sales),
        pick(({ damage }) => damage.recovery),
        late,
        pick(({ damage }) => damage.profit),
        pick(({ hit }) => hit.profit),
        pick(({ hit }) => hit.penalties),
        pick(({ hit }) => hit.cpuSeconds),
      ]);
    }
  }
}
console.log(`\nNode ${process.version}; tolerance of recovery ${TOLERANCE} of a period's mean demand`);
