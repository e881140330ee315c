/**
 * Ride-sharing online: requests become known while vehicles drive: `node dist/bench/ride-online.js [--seeds 10] [--only darp,fleetpy,market]`.
 *
 * On FleetPy's example (7,200 s, 200 requests, 12 vehicles) beside the runs that are published for exactly these files, and on
 * dial-a-ride problems of Cordeau (2006), where each request becomes known 60 minutes before its tightened pickup window, against the
 * optimum for those who know everything the day before. Intervals hold the mean with 95 % (Student). CPU seconds are of one run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { meanInterval } from '../agent-core/statistics.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { followDemand } from '../agents/ride-sharing/policies/repositioning.ts';
import { parseDialARide } from '../scenarios/ride-sharing/dial-a-ride.ts';
import { competingFleets, parseFleetPy } from '../scenarios/ride-sharing/fleetpy.ts';
import type { RideInstance } from '../scenarios/ride-sharing/instance.ts';
import { DEFAULT_OPTIONS, type RideOptions } from '../scenarios/ride-sharing/options.ts';
import { populateRides } from '../scenarios/ride-sharing/population.ts';
import { assessRides } from '../scenarios/ride-sharing/score.ts';
import type { RideSolution } from '../scenarios/ride-sharing/solution.ts';
import { world } from '../simulator/world.ts';

const DATA = process.env['HAGGLE_DATA'] ?? 'data';
const FLEETPY = join(DATA, 'fleetpy-example');
const DARP = join(DATA, 'darp', 'cordeau2006');
const DARP_CASES = ['a2-20', 'a3-24', 'a4-32', 'a4-48', 'a6-48', 'b3-24', 'b4-32', 'b4-48'];

const ONLINE: RideOptions = { ...DEFAULT_OPTIONS, mode: 'online' };

interface Run {
  readonly instance: RideInstance;
  readonly solution: RideSolution;
  readonly kpis: Readonly<Record<string, number>>;
  readonly feasible: boolean;
  readonly messages: number;
  readonly cpuSeconds: number;
}

async function play(instance: RideInstance, options: RideOptions, seed: number): Promise<Run> {
  const place = world({ seed, sign: sign(), strict: true });
  const population = populateRides(place, instance, options);
  const before = process.cpuUsage().user;
  await place.run();
  const cpuSeconds = (process.cpuUsage().user - before) / 1e6;
  const solution = population.agreement();
  const { kpis, feasible } = assessRides(instance, solution, null);
  return { instance, solution, kpis, feasible, messages: place.traffic.messages, cpuSeconds };
}

async function playAll(instance: RideInstance, options: RideOptions, seeds: number): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await play(instance, options, seed));
  return runs;
}

function values(runs: readonly Run[], kpi: string): readonly number[] {
  return runs.map(({ kpis }) => kpis[kpi] ?? Number.NaN);
}

/** Mean, and half the width of its interval where there are several values. */
function mean(all: readonly number[], digits: number): string {
  if (all.length === 0) return '–';
  const { mean: average, half } = meanInterval(all);
  if (Number.isNaN(half)) return average.toFixed(digits);
  return half < 0.5 * 10 ** -digits ? average.toFixed(digits) : `${average.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

function table(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(
    `\n## ${title}\n\n| ${headings.join(' | ')} |\n|${headings.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`,
  );
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

function fleetPy(): RideInstance {
  const names = readdirSync(FLEETPY, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv'));
  return parseFleetPy(new Map(names.map((name) => [name, readFileSync(join(FLEETPY, name), 'utf8')])));
}

function valuing(instance: RideInstance, perRiderTime: number): RideInstance {
  return { ...instance, costs: { ...instance.costs, perRiderTime } };
}

const FLEETPY_HEADINGS = [
  'run',
  'served',
  'km',
  'mean wait s',
  '90 % wait s',
  'detour %',
  'trades',
  'messages',
  'CPU s',
];

/** FleetPy's own runs on these files: `studies/module_tests/results/benchmark.csv` at e4a5bae7. */
const PUBLISHED: readonly (readonly string[])[] = [
  ['FleetPy, Alonso-Mora', '200', '418.80', '71.6', '155.9', '3.62'],
  ['FleetPy, insertion heuristic', '200', '417.65', '71.6', '173.6', '4.04'],
  ['FleetPy, immediate decisions', '200', '414.85', '74.0', '173.0', '3.63'],
  ['FleetPy, objective distance', '200', '373.86', '114.7', '238.1', '12.93'],
  ['FleetPy, objective user time', '200', '447.67', '68.5', '155.2', '1.94'],
  ['FleetPy, repositioning by samples', '200', '460.82', '64.6', '154.0', '2.85'],
].map((row) => [...row, '', '', '']);

function fleetPyRow(name: string, runs: readonly Run[]): readonly string[] {
  const infeasible = runs.filter(({ feasible }) => !feasible).length;
  return [
    `${name}${infeasible > 0 ? ` (${infeasible} infeasible)` : ''}`,
    mean(values(runs, 'served'), 1),
    mean(
      values(runs, 'distance').map((metres) => metres / 1_000),
      2,
    ),
    mean(values(runs, 'meanWait'), 1),
    mean(values(runs, 'p90Wait'), 1),
    mean(values(runs, 'meanDetourPercent'), 2),
    mean(values(runs, 'trades'), 1),
    mean(
      runs.map(({ messages }) => messages),
      0,
    ),
    mean(
      runs.map(({ cpuSeconds }) => cpuSeconds),
      1,
    ),
  ];
}

async function fleetPyTable(seeds: number): Promise<void> {
  const instance = fleetPy();
  const { places, positions, streets } = instance.map;
  const fixed: RideInstance['map'] = {
    places,
    positions,
    streets,
    time: (from, to) => instance.map.time(from, to),
    distance: (from, to) => instance.map.distance(from, to),
  };
  const reposition = followDemand({ horizonRides: 1, perWayRide: 0.75, othersNearer: 0 });
  const rows: (readonly string[])[] = [...PUBLISHED];
  const add = async (
    name: string,
    of: RideInstance,
    { runs = seeds, ...options }: RideOptions & { runs?: number },
  ): Promise<void> => {
    rows.push(fleetPyRow(name, await playAll(of, options, runs)));
  };
  for (const weight of [0.45, 0.35, 0.06])
    await add(`agents, ${weight} cents a second`, valuing(instance, weight), ONLINE);
  for (const weight of [0.45, 0.35, 0.06]) {
    await add(`${weight}, no renegotiation`, valuing(instance, weight), { ...ONLINE, renegotiate: false, runs: 1 });
  }
  await add('0.35, ways driven to their end', { ...valuing(instance, 0.35), map: fixed }, { ...ONLINE, runs: 1 });
  await add('0.35, sessions every 60 s too', valuing(instance, 0.35), { ...ONLINE, every: '60 s', runs: 1 });
  await add('0.35, idle vehicles follow demand', valuing(instance, 0.35), { ...ONLINE, reposition, runs: 1 });
  table('FleetPy example_200, one operator with 12 vehicles', FLEETPY_HEADINGS, rows);
}

const MARKET_HEADINGS = ['run', 'riders', 'km', 'km in all', 'mean wait s', 'messages', 'CPU s'];

const PUBLISHED_MARKET: readonly (readonly string[])[] = [
  ['FleetPy, broker decides', '96 + 104', '191.05 + 199.99', '391.03', '42.3 / 37.0', '', ''],
  ['FleetPy, users decide', '106 + 94', '216.22 + 183.78', '400.00', '35.1 / 30.5', '', ''],
  ['FleetPy, independent', '94 + 106', '193.92 + 223.34', '417.25', '43.4 / 55.4', '', ''],
];

/** What one operator did. */
function operatorKpis({ instance, solution }: Run, operator: number): Readonly<Record<string, number>> {
  const mine = solution.vehicles.map((vehicle) => instance.vehicles[vehicle]?.operator === operator);
  const of = <T>(all: readonly T[]): readonly T[] => all.filter((_, route) => mine[route]);
  const { routes, vehicles, begins, shifts, passed = [] } = solution;
  const nodes = new Set(of(routes).flat());
  const unserved = instance.requests.filter((request) => !nodes.has(request.nodes[0])).map(({ id }) => id);
  const part = {
    routes: of(routes),
    vehicles: of(vehicles),
    begins: of(begins),
    shifts: of(shifts),
    passed: of(passed),
  };
  return assessRides(instance, { ...solution, ...part, unserved }, null).kpis;
}

async function marketTable(): Promise<void> {
  const instance = competingFleets(fleetPy(), 2);
  const rows: (readonly string[])[] = [...PUBLISHED_MARKET];
  for (const market of ['broker', 'user', 'independent'] as const) {
    const run = await play(instance, { ...ONLINE, market }, 1);
    const parts = [0, 1].map((operator) => operatorKpis(run, operator));
    const both = (kpi: string, scale: number, digits: number): readonly string[] =>
      parts.map((kpis) => ((kpis[kpi] ?? Number.NaN) * scale).toFixed(digits));
    rows.push([
      `agents, ${market}${run.feasible ? '' : ' (infeasible)'}`,
      both('served', 1, 0).join(' + '),
      both('distance', 0.001, 2).join(' + '),
      ((run.kpis['distance'] ?? Number.NaN) / 1_000).toFixed(2),
      both('meanWait', 1, 1).join(' / '),
      String(run.messages),
      run.cpuSeconds.toFixed(1),
    ]);
  }
  table('FleetPy example_200, two operators with 12 vehicles each', MARKET_HEADINGS, rows);
}

const DARP_HEADINGS = [
  'instance',
  'optimum',
  'no trade: gap %',
  'unserved',
  'with trade: gap %',
  'unserved',
  'messages',
  'CPU s',
];

async function darpTable(seeds: number): Promise<void> {
  const rows: string[][] = [];
  const gaps: number[][] = [[], []];
  for (const name of DARP_CASES) {
    const file = join(DARP, `${name}.txt`);
    const instance = parseDialARide(readFileSync(file, 'utf8'), file);
    const known = instance.published?.distance ?? Number.NaN;
    const gapsOf = (runs: readonly Run[]): readonly number[] =>
      runs.filter(({ feasible }) => feasible).map(({ kpis }) => 100 * ((kpis['distance'] ?? Number.NaN) / known - 1));
    const without = await playAll(instance, { ...ONLINE, renegotiate: false }, seeds);
    const trading = await playAll(instance, ONLINE, seeds);
    gaps[0]?.push(...gapsOf(without));
    gaps[1]?.push(...gapsOf(trading));
    rows.push([
      name,
      known.toFixed(2),
      ...[without, trading].flatMap((runs) => [mean(gapsOf(runs), 2), mean(values(runs, 'unserved'), 1)]),
      mean(
        trading.map(({ messages }) => messages),
        0,
      ),
      mean(
        trading.map(({ cpuSeconds }) => cpuSeconds),
        1,
      ),
    ]);
  }
  const all = gaps.map((each) => (each.reduce((sum, gap) => sum + gap, 0) / each.length).toFixed(2));
  rows.push(['mean of all feasible runs', '', all[0] ?? '', '', all[1] ?? '', '', '', '']);
  table(`Dial-a-ride online, ${seeds} seeds`, DARP_HEADINGS, rows);
}

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    sign: { type: 'string', default: 'off' },
    only: { type: 'string', default: 'fleetpy,market,darp' },
  },
});

function sign(): SigningMode {
  return given.sign === 'each' || given.sign === 'batch' ? given.sign : 'off';
}

const seeds = Math.min(10, Math.max(1, Number(given.seeds)));
console.log(`Node ${process.version}, signing ${sign()}`);
for (const part of given.only.split(',')) {
  if (part === 'fleetpy') await fleetPyTable(Math.min(3, seeds));
  if (part === 'market') await marketTable();
  if (part === 'darp') await darpTable(seeds);
}
