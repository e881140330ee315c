/**
 * What idle vehicles learn, and what shading does to prices: `npm run bench:ride-learning -- [--only cities,trade,booked,fleetpy,shading] [--seeds 20]`.
 *
 * Every run of a seed meets the same riders, whoever decides; intervals hold the mean of the paired difference with 95 % (Student), and
 * p values are corrected over all comparisons of a table (Holm 1979). No seed was trained on.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Decider } from '../agent-core/agent/decision.ts';
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { holm, meanInterval, pairedDifference } from '../agent-core/statistics.ts';
import { followDemand } from '../agents/ride-sharing/policies/repositioning.ts';
import { markupByLoad } from '../agents/ride-sharing/policies/shading.ts';
import { learnedPolicies } from '../scenarios/learned-policies.ts';
import { generateCity } from '../scenarios/ride-sharing/city.ts';
import { driveDistance, drivesOf } from '../scenarios/ride-sharing/drives.ts';
import { parseFleetPy } from '../scenarios/ride-sharing/fleetpy.ts';
import type { RideInstance } from '../scenarios/ride-sharing/instance.ts';
import { DEFAULT_OPTIONS, type RideOptions } from '../scenarios/ride-sharing/options.ts';
import { populateRides } from '../scenarios/ride-sharing/population.ts';
import { rideSharing } from '../scenarios/ride-sharing/scenario.ts';
import { assessRides } from '../scenarios/ride-sharing/score.ts';
import { RIDER_MINUTE_KM } from '../scenarios/ride-sharing/training.ts';
import { rolePolicies } from '../scenarios/role-policies.ts';
import { world } from '../simulator/world.ts';

const ONLINE: RideOptions = { ...DEFAULT_OPTIONS, mode: 'online', renegotiate: false };
const SHIPPED = rolePolicies(rideSharing, learnedPolicies('ride-sharing'));
const FLEETPY = join(process.env['HAGGLE_DATA'] ?? 'data', 'fleetpy-example');
/** Of the first run. Training draws its cities otherwise, from seeds of 53 bits. */
const FIRST_SEED = 2_001;

interface Run {
  readonly kpis: Readonly<Record<string, number>>;
  readonly feasible: boolean;
  /** Fares that came in by vehicle, in kilometres that they would pay for; and that less its way. */
  readonly income: readonly number[];
  readonly profit: readonly number[];
}

async function play(
  instance: RideInstance,
  options: RideOptions,
  { seed, decider }: { readonly seed: number; readonly decider?: Decider },
): Promise<Run> {
  const place = world({ seed, sign: 'off', strict: true, ...(decider === undefined ? {} : { decider }) });
  const population = populateRides(place, instance, options);
  const vehicles = instance.vehicles.map((_, k) => place.didOf(`vehicle-${k}`));
  const funds = vehicles.map((did) => place.ledger.balance(did).available);
  await place.run();
  const solution = population.agreement();
  const { kpis, feasible } = assessRides(instance, solution, null);
  const income = vehicles.map((did, k) => Number(place.ledger.balance(did).available - (funds[k] ?? 0n)) / 1e6);
  const profit = [...income];
  for (const drive of drivesOf(instance, solution)) {
    profit[drive.number] = (income[drive.number] ?? 0) - driveDistance(instance, drive);
  }
  return { kpis: inUnits(instance, kpis, sum(income)), feasible, income, profit };
}

/** Waits in seconds, ways in kilometres, prices in kilometres that they would pay for. */
function inUnits({ secondsPerTime, units }: RideInstance, kpis: Run['kpis'], fares: number): Run['kpis'] {
  const of = (name: string): number => kpis[name] ?? Number.NaN;
  return {
    wait: of('meanWait') * secondsPerTime,
    p90: of('p90Wait') * secondsPerTime,
    km: of('distance') / (units.distance === 'm' ? 1_000 : 1),
    served: of('served'),
    cost: of('cost'),
    trades: of('trades'),
    price: fares / of('served'),
  };
}

/** Who is compared: what all vehicles decide by. */
interface Contender {
  readonly name: string;
  readonly policies: Pick<RideOptions, 'reposition' | 'shading'>;
}

const STAYING: Contender = { name: 'none', policies: {} };

/** The trained policy that is shipped for a role. */
function learned(role: 'reposition' | 'shading', name: string): Contender {
  const policy = SHIPPED.get(role);
  assert(policy !== undefined, `a policy ships for ${role}`);
  return { name, policies: { [role]: policy } };
}

/** Nobody moves; the scripted rule; the learned one. */
function waiting(): readonly Contender[] {
  const scripted = followDemand({ horizonRides: 1, perWayRide: 0.75, othersNearer: 0 });
  return [STAYING, { name: 'follow-demand', policies: { reposition: scripted } }, learned('reposition', 'learned')];
}

/** Trips are asked for what they cost; the learned markup; and the learned place to wait beside both. */
function asking(): readonly Contender[] {
  const [shading, reposition] = [learned('shading', 'learned markup'), learned('reposition', 'learned waiting')];
  return [STAYING, shading, reposition, { name: 'both', policies: { ...shading.policies, ...reposition.policies } }];
}

const SHOWN = [
  ['wait', 'mean wait s', 1],
  ['p90', '90 % wait s', 1],
  ['km', 'km', 1],
  ['served', 'served', 1],
  ['price', 'price of a ride', 2],
] as const;

function table(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(
    `\n## ${title}\n\n| ${headings.join(' | ')} |\n|${headings.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`,
  );
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

function values(runs: readonly Run[], kpi: string): readonly number[] {
  return runs.map(({ kpis }) => kpis[kpi] ?? Number.NaN);
}

function mean(all: readonly number[]): number {
  return all.reduce((total, value) => total + value, 0) / all.length;
}

/** What contenders meet. */
interface Course {
  readonly options: RideOptions;
  readonly instances: readonly (readonly [seed: number, instance: RideInstance])[];
}

/** Runs every contender on every instance, and prints what came of it and what differs. */
async function compare(title: string, contenders: readonly Contender[], { options, instances }: Course): Promise<void> {
  const played: { readonly name: string; readonly runs: readonly Run[] }[] = [];
  for (const { name, policies } of contenders) {
    const runs: Run[] = [];
    for (const [seed, instance] of instances) runs.push(await play(instance, { ...options, ...policies }, { seed }));
    played.push({ name, runs });
  }
  const rows = played.map(({ name, runs }) => [
    `${name}${runs.every(({ feasible }) => feasible) ? '' : ' (infeasible)'}`,
    ...SHOWN.map(([kpi, , digits]) => shown(meanInterval(values(runs, kpi)), digits)),
  ]);
  table(title, ['vehicles', ...SHOWN.map(([, heading]) => heading)], rows);
  console.log(differences(played));
}

function shown({ mean: middle, half }: { readonly mean: number; readonly half: number }, digits: number): string {
  if (!Number.isFinite(half)) return middle.toFixed(digits);
  return `${middle.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

function differences(played: readonly { readonly name: string; readonly runs: readonly Run[] }[]): string {
  const pairs = played.flatMap((later, k) => played.slice(0, k).map((earlier) => [later, earlier] as const));
  if ((played[0]?.runs.length ?? 0) < 2) return '';
  const found = pairs.flatMap(([later, earlier]) =>
    SHOWN.map(([kpi, heading, digits]) => {
      const difference = pairedDifference(values(later.runs, kpi), values(earlier.runs, kpi));
      return { name: `${later.name} less ${earlier.name}`, heading, digits, difference };
    }),
  );
  const ps = holm(found.map(({ difference }) => difference.p));
  const lines = found.map(({ name, heading, digits, difference }, k) => {
    const p = ps[k] ?? 1;
    return `| ${name} | ${heading} | ${shown(difference, digits)} | ${p < 0.0001 ? '< 0.0001' : p.toFixed(4)} |`;
  });
  return ['', '| difference | | paired, 95 % | p (Holm) |', '|---|---|--:|--:|', ...lines].join('\n');
}

type Sizes = Readonly<Record<string, number>>;

function city(sizes: Sizes, seed: number, perRiderTime: number): RideInstance {
  const parameters = new Map(Object.entries(sizes).map(([key, value]) => [key, String(value)]));
  const instance = generateCity(parameters, createRandomRoot(seed).stream('instance', 'ride-sharing'));
  return { ...instance, costs: { ...instance.costs, perRiderTime } };
}

function cities(sizes: Sizes, count: number, perRiderTime: number): readonly (readonly [number, RideInstance])[] {
  return Array.from({ length: count }, (_, k) => [FIRST_SEED + k, city(sizes, FIRST_SEED + k, perRiderTime)]);
}

/** FleetPy's example, and days like it: the same trips, each at the time of another. */
function fleetPyDays(count: number): readonly (readonly [number, RideInstance])[] {
  const names = readdirSync(FLEETPY, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv'));
  const example = parseFleetPy(new Map(names.map((name) => [name, readFileSync(join(FLEETPY, name), 'utf8')])));
  return Array.from({ length: count }, (_, k) => {
    const random = createRandomRoot(FIRST_SEED + k).stream('day');
    const times = k === 0 ? [] : random.shuffle(example.requests.map(({ requestTime }) => requestTime));
    const requests = example.requests.map((request, index) => {
      const later = (times[index] ?? request.requestTime) - request.requestTime;
      const stop = <Stop extends { readonly earliest: number; readonly latest: number }>(at: Stop): Stop => ({
        ...at,
        earliest: at.earliest + later,
        latest: at.latest + later,
      });
      const requestTime = request.requestTime + later;
      return { ...request, requestTime, pickup: stop(request.pickup), dropoff: stop(request.dropoff) };
    });
    return [FIRST_SEED + k, { ...example, requests: requests.toSorted((a, b) => a.requestTime - b.requestTime) }];
  });
}

const MARKUPS = [0, 0.1, 0.3, 1] as const;
const FLEET = { requests: 60, vehicles: 8, notice: 0, turns: 1 };

/** A quarter of the vehicles asks more than the others, or less: what each of them earns above its way. */
async function markupTable(seeds: number): Promise<void> {
  const rows: string[][] = [];
  const shading = markupByLoad({ perTrip: 0, perWin: 0 });
  for (const usual of MARKUPS) {
    const cells: string[] = [];
    let price = 0;
    let wait = 0;
    for (const other of MARKUPS) {
      const decider: Decider = ({ agent }) => [agent === 'vehicle-0' || agent === 'vehicle-4' ? other : usual];
      const runs: Run[] = [];
      for (const [seed, instance] of cities(FLEET, seeds, 0)) {
        runs.push(await play(instance, { ...ONLINE, shading }, { seed, decider }));
      }
      cells.push(mean(runs.map(({ profit }) => ((profit[0] ?? 0) + (profit[4] ?? 0)) / 2)).toFixed(1));
      if (other !== usual) continue;
      price = mean(runs.map(({ income, kpis }) => sum(income) / (kpis['served'] ?? 1)));
      wait = mean(values(runs, 'wait'));
    }
    rows.push([`${100 * usual} %`, price.toFixed(2), wait.toFixed(1), ...cells]);
  }
  const headings = MARKUPS.map((other) => `two ask ${100 * other} %`);
  table(
    'Shading: what each of two vehicles of eight earns above its way, in the price of a kilometre, by their markup and the others’',
    ['others ask', 'price a ride', 'mean wait s', ...headings],
    rows,
  );
}

function sum(all: readonly number[]): number {
  return all.reduce((total, value) => total + value, 0);
}

/** All vehicles ask the more the busier they are. */
async function loadTable(seeds: number): Promise<void> {
  const rows: string[][] = [];
  for (const perTrip of [0, 0.1, 0.3, 1]) {
    const runs: Run[] = [];
    for (const [seed, instance] of cities(FLEET, seeds, 0)) {
      runs.push(await play(instance, { ...ONLINE, shading: markupByLoad({ perTrip, perWin: 0 }) }, { seed }));
    }
    rows.push([
      `${100 * perTrip} %`,
      ...SHOWN.map(([kpi, , digits]) => shown(meanInterval(values(runs, kpi)), digits)),
    ]);
  }
  table(
    'Shading: all ask more by what they have to drive',
    ['at one trip a seat', ...SHOWN.map(([, heading]) => heading)],
    rows,
  );
}

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    only: { type: 'string', default: 'cities,trade,booked,fleetpy,shading' },
  },
});
const seeds = Math.max(2, Number(given.seeds));
const few = Math.max(2, Math.round(seeds * 0.3));
const SMALL = { requests: 100, vehicles: 10 };
const LARGE = { requests: 200, vehicles: 20 };
const AT_ONCE = { notice: 0, turns: 1 };
console.log(`Node ${process.version}, signing off`);
for (const part of given.only.split(',')) {
  if (part === 'cities') {
    for (const size of [SMALL, LARGE]) {
      const title = `City, ${size.requests} riders who call at once, ${size.vehicles} vehicles, ${seeds} seeds`;
      const instances = cities({ ...size, ...AT_ONCE }, seeds, RIDER_MINUTE_KM);
      await compare(title, waiting(), { options: ONLINE, instances });
    }
  }
  if (part === 'trade') {
    const title = `The same with renegotiation, ${SMALL.vehicles} vehicles, ${few} seeds`;
    const instances = cities({ ...SMALL, ...AT_ONCE }, few, RIDER_MINUTE_KM);
    await compare(title, waiting(), { options: { ...ONLINE, renegotiate: true }, instances });
  }
  if (part === 'booked') {
    const title = `City as it is generated usually: riders call 10 to 40 min ahead or the day before, no turning off, ${SMALL.vehicles} vehicles, ${seeds} seeds`;
    await compare(title, waiting(), { options: ONLINE, instances: cities(SMALL, seeds, 0) });
  }
  if (part === 'fleetpy') {
    const title = `FleetPy example_200, ${seeds} days: the same trips at each other’s times`;
    await compare('FleetPy example_200, not trained on', waiting(), { options: ONLINE, instances: fleetPyDays(1) });
    await compare(title, waiting(), { options: ONLINE, instances: fleetPyDays(seeds) });
  }
  if (part === 'shading') {
    for (const perRiderTime of [0, RIDER_MINUTE_KM]) {
      const title = `Asking: city, ${SMALL.requests} riders who call at once, ${SMALL.vehicles} vehicles, riders' minute at ${perRiderTime} km in bids, ${seeds} seeds`;
      const instances = cities({ ...SMALL, ...AT_ONCE }, seeds, perRiderTime);
      await compare(title, asking(), { options: ONLINE, instances });
    }
    await markupTable(few);
    await loadTable(seeds);
  }
}
