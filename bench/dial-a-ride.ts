import { createRandomRoot } from '../agent-core/random.ts';
/**
 * Ride-sharing on the dial-a-ride problems of Cordeau (2006), and on those of Li and Lim (2001) with `--pdptw`:
 * `node dist/bench/dial-a-ride.js [--seed 1] [--sign batch] [--rounds N] [--only a2-16,b4-48] [--pdptw]`.
 *
 * All requests are known the day before. Each row is one run of the agents, beside the proven optimum (or the best known), the
 * same contract net without renegotiation, and a taxi of its own for every rider. CPU seconds are those of the agents' run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { HaggleError } from '../agent-core/errors.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { rideSharing } from '../scenarios/ride-sharing/scenario.ts';
import { simulate, type SimulationResult } from '../scenarios/simulate.ts';

const DATA = process.env['HAGGLE_DATA'] ?? 'data';
const DARP = join(DATA, 'darp', 'cordeau2006');
const PDPTW = join(DATA, 'li-lim-pdptw', 'li_lim_100');

const HEADINGS = [
  'instance',
  'known',
  'agents',
  'gap %',
  'no trade',
  'gap %',
  'own taxis',
  'unserved',
  'vehicles',
  'trades',
  'rounds',
  'messages',
  'kB an agent',
  'of all trips one vehicle saw %',
  'virtual h',
  'CPU s',
];

interface Run {
  readonly result: SimulationResult;
  readonly agents: number;
}

interface Settings {
  readonly seed: number;
  readonly sign: SigningMode;
  /** Of one session; null: as many as the scenario takes. */
  readonly rounds: number | null;
}

async function play(file: string, { seed, sign, rounds }: Settings): Promise<Run> {
  const parsed = rideSharing.parse(readFileSync(file, 'utf8'), file, createRandomRoot(1).stream('instance'));
  const problem = { ...parsed, options: { ...parsed.options, rounds } };
  const { result } = await simulate(rideSharing, problem, { seed, sign });
  return { result, agents: problem.instance.vehicles.length + problem.instance.requests.length };
}

function kpi(kpis: Readonly<Record<string, number>> | null | undefined, name: string): number {
  return kpis?.[name] ?? Number.NaN;
}

/** Rounding leaves no minus before a zero. */
function hundredths(percent: number): string {
  return (Math.round(100 * percent) / 100 + 0).toFixed(2);
}

function gapPercent(distance: number, known: number): number {
  return 100 * (distance / known - 1);
}

function row({ result, agents }: Run, name: string): string {
  const known = kpi(result.optimum, 'distance');
  const distance = kpi(result.agents, 'distance');
  const trivial = kpi(result.baseline, 'distance');
  const left = kpi(result.baseline, 'unserved');
  const knownVehicles = result.optimum?.['vehicles'];
  const cells = [
    name,
    known.toFixed(2),
    `${distance.toFixed(2)}${result.feasible ? '' : ' (infeasible)'}`,
    hundredths(gapPercent(distance, known)),
    `${trivial.toFixed(1)}${left > 0 ? ` (${left} left)` : ''}`,
    left > 0 ? '–' : gapPercent(trivial, known).toFixed(1),
    kpi(result.references['ownTaxi'], 'distance').toFixed(0),
    kpi(result.agents, 'unserved'),
    `${kpi(result.agents, 'vehicles')}${knownVehicles === undefined ? '' : ` (${knownVehicles})`}`,
    kpi(result.agents, 'trades'),
    result.rounds,
    result.messages,
    (result.bytes / agents / 1_000).toFixed(0),
    (100 * kpi(result.agents, 'tripsSeenShareMax')).toFixed(0),
    (result.virtualSeconds / 3_600).toFixed(1),
    result.cpuSeconds.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function filesIn(folder: string, only: ReadonlySet<string> | null): readonly string[] {
  if (!existsSync(folder)) {
    throw new HaggleError('no-input', `there is no ${folder}: set HAGGLE_DATA to the folder of the benchmark data`);
  }
  const names = readdirSync(folder).filter((name) => only === null || only.has(basename(name, '.txt')));
  return names.toSorted().map((name) => join(folder, name));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      sign: { type: 'string', default: 'batch' },
      only: { type: 'string' },
      rounds: { type: 'string' },
      pdptw: { type: 'boolean', default: false },
    },
  });
  const sign: SigningMode = values.sign === 'off' || values.sign === 'each' ? values.sign : 'batch';
  const only = values.only === undefined ? null : new Set(values.only.split(','));
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  const settings = { seed: Number(values.seed), sign, rounds };
  console.log(`Seed ${values.seed}, signing ${sign}${rounds === null ? '' : `, ${rounds} rounds a session`}.\n`);
  console.log(`| ${HEADINGS.join(' | ')} |`);
  console.log(`|${HEADINGS.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`);
  const gaps: number[] = [];
  for (const file of filesIn(values.pdptw ? PDPTW : DARP, only)) {
    const run = await play(file, settings);
    const { result } = run;
    gaps.push(gapPercent(kpi(result.agents, 'distance'), kpi(result.optimum, 'distance')));
    console.log(row(run, basename(file, '.txt')));
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  console.log(`\nMean gap ${mean.toFixed(2)} %, worst ${Math.max(...gaps).toFixed(2)} %, ${gaps.length} instances.`);
}

await main();
