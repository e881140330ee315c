/**
 * Negotiated dispatch against published and own optima, and consensus ADMM on the same grids:
 * `npm run bench:dispatch -- [--sign off|batch|each] [--quick] [--markdown]`.
 *
 * One virtual hop takes 1 ms, so virtual milliseconds count hops. CPU seconds are those of the negotiation alone.
 */
import { parseArgs } from 'node:util';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { gridDispatch } from '../scenarios/energy/grid-scenario.ts';
import { optimalDispatch } from '../scenarios/energy/optimum.ts';
import { simulate } from '../scenarios/simulate.ts';
import { consensusAdmm, type AdmmOutcome } from './consensus-admm.ts';
import { generatedCases, pglibCases, type BenchCase } from './dispatch-cases.ts';

/** Cap of ADMM's rounds. */
const ADMM_ROUNDS_MAX = 20_000;
const QUICK_BUSES_MAX = 60;

const HEADINGS = [
  'case',
  'buses',
  'lines',
  'rounds',
  'hops',
  'messages',
  'kB',
  'messages per agent',
  'published $/h',
  'agreed, off published %',
  'gap to optimum %',
  'overload p.u.',
  'mismatch p.u.',
  'price error $/MWh, max',
  'mean',
  'price optimality error $/MWh',
  'CPU s',
  'merit order: gap %',
  'overload p.u.',
];

async function dispatchRow(benchCase: BenchCase, sign: SigningMode): Promise<readonly string[]> {
  const { grid, publishedCostPerHour } = benchCase;
  const { result } = await simulate(gridDispatch, grid, { seed: 1, sign });
  const { agents, baseline, optimum } = result;
  const percent = (cost: number | undefined, of: number | undefined): string =>
    cost === undefined || of === undefined ? '' : small((100 * (cost - of)) / Math.abs(of));
  return [
    grid.name.replace('pglib_opf_', ''),
    String(grid.buses.length),
    String(grid.branches.length),
    String(result.rounds),
    String(Math.round(result.virtualSeconds * 1_000)),
    String(result.messages),
    (result.bytes / 1_000).toFixed(0),
    (result.messages / grid.buses.length).toFixed(0),
    publishedCostPerHour === null ? '' : publishedCostPerHour.toExponential(4),
    publishedCostPerHour === null ? '' : percent(agents['costPerHour'], publishedCostPerHour),
    percent(agents['costPerHour'], optimum?.['costPerHour']),
    small(agents['worstOverloadPu']),
    small(agents['worstBalanceMismatchPu']),
    small(agents['maxPriceErrorPerMwh']),
    small(agents['meanAbsPriceErrorPerMwh']),
    small(agents['priceOptimalityErrorPerMwh']),
    result.cpuSeconds.toFixed(2),
    percent(baseline['costPerHour'], optimum?.['costPerHour']),
    small(baseline['worstOverloadPu']),
  ];
}

const ADMM_HEADINGS = [
  'case',
  'buses',
  'agents: hops to 1e-7 p.u.',
  'messages',
  'ADMM, accelerated: rounds to 0.1 % and 1e-4 p.u.',
  'messages',
  'gap %',
  'violation p.u.',
  'plain ADMM: rounds',
  'gap %',
  'violation p.u.',
];

async function admmRow({ grid }: BenchCase, own: readonly string[]): Promise<readonly string[]> {
  const optimum = await optimalDispatch(grid);
  const run = (accelerate: boolean): AdmmOutcome =>
    consensusAdmm(grid, optimum, { roundsMax: ADMM_ROUNDS_MAX, accelerate });
  const [fast, plain] = [run(true), run(false)];
  const rounds = (outcome: AdmmOutcome): string => String(outcome.rounds ?? `> ${ADMM_ROUNDS_MAX}`);
  return [
    own[0] ?? '',
    own[1] ?? '',
    own[4] ?? '',
    own[5] ?? '',
    rounds(fast),
    String(fast.messages),
    small(100 * fast.gap),
    small(fast.violation),
    rounds(plain),
    small(100 * plain.gap),
    small(plain.violation),
  ];
}

function small(value: number | undefined): string {
  if (value === undefined) return '';
  if (value === 0 || Math.abs(value) < 1e-12) return '0';
  return Math.abs(value) >= 0.01 ? value.toFixed(3) : value.toExponential(1);
}

function print(headings: readonly string[], rows: readonly (readonly string[])[], markdown: boolean): void {
  if (markdown) {
    console.log(`| ${headings.join(' | ')} |\n|${headings.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`);
    for (const row of rows) console.log(`| ${row.join(' | ')} |`);
    return;
  }
  const short = headings.map((heading) => heading.split(' ').slice(0, 2).join(' '));
  const widths = short.map((heading, k) => Math.max(heading.length, ...rows.map((row) => (row[k] ?? '').length)));
  for (const row of [short, ...rows]) {
    console.log(
      row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0))).join('  '),
    );
  }
}

function options(): { readonly sign: SigningMode; readonly quick: boolean; readonly markdown: boolean } {
  const { values } = parseArgs({
    options: {
      sign: { type: 'string', default: 'batch' },
      quick: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
    },
  });
  const { sign, quick, markdown } = values;
  if (sign !== 'off' && sign !== 'batch' && sign !== 'each') {
    throw new HaggleError('bad-parameter', `--sign must be off, batch or each, got "${sign}"`);
  }
  return { sign, quick, markdown };
}

async function main(): Promise<void> {
  const { sign, quick, markdown } = options();
  const published = pglibCases().filter(({ grid }) => !quick || grid.buses.length <= QUICK_BUSES_MAX);
  const generated = quick ? generatedCases([30], [1]) : generatedCases([30, 100, 300], [1, 2, 3]);
  if (markdown) {
    console.log(`# Dispatch\n\n\`npm run bench:dispatch -- --markdown --sign ${sign}\``);
    console.log(`on 2 cores, Node ${process.versions.node.split('.')[0]}. 1 virtual hop is 1 ms.\n`);
    console.log('## The agents\n');
  }
  const rows: (readonly string[])[] = [];
  for (const benchCase of [...published, ...generated]) rows.push(await dispatchRow(benchCase, sign));
  print(HEADINGS, rows, markdown);
  console.log(markdown ? '\n## Consensus ADMM on the same cases\n' : '');
  const peers: (readonly string[])[] = [];
  for (const [k, benchCase] of published.entries()) peers.push(await admmRow(benchCase, rows[k] ?? []));
  print(ADMM_HEADINGS, peers, markdown);
}

await main();
