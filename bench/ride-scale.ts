/**
 * Ride-sharing as the fleet grows: what is served and driven, messages, CPU time and memory, one process a row.
 *
 * `node dist/bench/ride-scale.js rows <file> [row ...]` runs all rows, or those named, that the file does not have yet, adds each to
 * the file as a line of JSON, and prints all in Markdown; `... one <row>` runs one row in this process and prints its line. The
 * Manhattan rows read the folder in `HAGGLE_DATA`, and are left out without it.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomRoot } from '../agent-core/random.ts';
import { generateCity } from '../scenarios/ride-sharing/city.ts';
import type { RideInstance } from '../scenarios/ride-sharing/instance.ts';
import { parseManhattan } from '../scenarios/ride-sharing/manhattan.ts';
import { DEFAULT_OPTIONS } from '../scenarios/ride-sharing/options.ts';
import { populateRides } from '../scenarios/ride-sharing/population.ts';
import { assessRides } from '../scenarios/ride-sharing/score.ts';
import { world } from '../simulator/world.ts';
import { growth, table, type Case, type Row } from './ride-scale-table.ts';

const SEED = 1;
const REQUESTS_PER_VEHICLE = 10;
/** Rounds of a session in the city, whatever its size: otherwise a small fleet has longer ones. */
const CITY_ROUNDS = 8;

const CASES: ReadonlyMap<string, Case> = new Map<string, Case>([
  ...[10, 100, 320, 1_000].flatMap((vehicles): (readonly [string, Case])[] => {
    const size = { map: 'city', vehicles, requests: REQUESTS_PER_VEHICLE * vehicles } as const;
    return [
      [`city-${vehicles}-off`, { ...size, trade: false, sign: 'off' }],
      [`city-${vehicles}-batch`, { ...size, trade: false, sign: 'batch' }],
      [`city-${vehicles}-trade-off`, { ...size, trade: true, sign: 'off' }],
      [`city-${vehicles}-trade-batch`, { ...size, trade: true, sign: 'batch' }],
    ];
  }),
  ['manhattan-off', { map: 'manhattan', vehicles: 200, requests: 10_000, trade: false, sign: 'off' }],
  ['manhattan-batch', { map: 'manhattan', vehicles: 200, requests: 10_000, trade: false, sign: 'batch' }],
  ['manhattan-trade-off', { map: 'manhattan', vehicles: 200, requests: 10_000, trade: true, sign: 'off' }],
]);

/** Runs a case in this process: CPU time and memory are those of the whole process, with reading and placing. */
async function measure(name: string, wanted: Case): Promise<Row> {
  const instance = instanceOf(wanted);
  const place = world({ seed: SEED, sign: wanted.sign, strict: true });
  const mode = wanted.map === 'city' ? 'online' : 'static';
  const population = populateRides(place, instance, {
    ...DEFAULT_OPTIONS,
    mode,
    renegotiate: wanted.trade,
    rounds: wanted.map === 'city' ? CITY_ROUNDS : null,
  });
  await place.run();
  const { user, system } = process.cpuUsage();
  const solution = population.agreement();
  const { kpis, feasible } = assessRides(instance, solution, null);
  const seen = solution.seen.map(({ trips }) => trips);
  return {
    ...wanted,
    name,
    served: kpis['served'] ?? 0,
    feasible,
    km: (kpis['distance'] ?? 0) / (instance.units.distance === 'm' ? 1_000 : 1),
    rounds: population.rounds(),
    deals: solution.trades.length,
    messages: place.traffic.messages,
    bytes: place.traffic.bytes,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1_024,
    seenMost: seen.reduce((most, trips) => Math.max(most, trips), 0),
    seenMean: seen.reduce((sum, trips) => sum + trips, 0) / Math.max(1, seen.length),
    fingerprint: place.fingerprint(),
  };
}

function instanceOf({ map, vehicles, requests }: Case): RideInstance {
  if (map === 'city') {
    const parameters = new Map([
      ['vehicles', `${vehicles}`],
      ['requests', `${requests}`],
    ]);
    return generateCity(parameters, createRandomRoot(SEED).stream('city'));
  }
  const folder = manhattanFolder();
  const names = readdirSync(folder).filter((name) => name.startsWith('Manhattan'));
  return parseManhattan(new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])), {
    vehicles,
    requests,
  });
}

function manhattanFolder(): string {
  return join(process.env['HAGGLE_DATA'] ?? 'data', 'hga-manhattan');
}

/** A row in a process of its own. */
function rowOf(name: string): Row | string {
  const [, script = ''] = process.argv;
  const child = spawnSync(process.execPath, [...process.execArgv, script, 'one', name], { encoding: 'utf8' });
  if (child.status !== 0) return `${name}: ${child.stderr.trim()}`;
  return JSON.parse(child.stdout) as Row;
}

/** Rows that are in a file of JSON lines already. */
function keptRows(file: string): readonly Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

function main(file: string, names: readonly string[]): void {
  const wanted = names.length > 0 ? names : [...CASES.keys()];
  for (const name of wanted) {
    if (CASES.get(name)?.map === 'manhattan' && !existsSync(manhattanFolder())) continue;
    if (keptRows(file).some((row) => row.name === name)) continue;
    const row = rowOf(name);
    if (typeof row === 'string') console.error(row);
    else appendFileSync(file, `${JSON.stringify(row)}\n`);
  }
  const rows = [...CASES.keys()].flatMap((name) => keptRows(file).filter((row) => row.name === name));
  console.log(table(rows));
  console.log(growth(rows));
}

const [command = '', ...rest] = process.argv.slice(2);
const wanted = CASES.get(rest[0] ?? '');
if (command === 'rows') main(rest[0] ?? '', rest.slice(1));
else if (command === 'one' && wanted !== undefined) console.log(JSON.stringify(await measure(rest[0] ?? '', wanted)));
else throw new RangeError(`rows <file> [row ...] or one <row>, where a row is one of: ${[...CASES.keys()].join(', ')}`);
