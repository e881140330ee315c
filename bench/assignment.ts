/**
 * The assignment auction on OR-Library problems: `node dist/bench/assignment.js [--seeds 10] [--sign off|batch|each]`.
 *
 * Every run must reach the published optimum exactly, and its prices must prove it; latencies are random. CPU seconds are
 * those of the whole run: making the world, the talk, the check.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assert, HaggleError } from '../agent-core/errors.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { AssignmentMode } from '../agent-core/protocol/assignment-terms.ts';
import { auctionAssignment, type AuctionOutcome } from '../scenarios/assignment/auction.ts';
import { parseAssignment, type AssignmentProblem } from '../scenarios/assignment/or-library.ts';

const DATA = join(process.env['HAGGLE_DATA'] ?? 'data', 'orlib-assign');

/** Optima published with the files. */
const OPTIMA: Readonly<Record<string, number>> = { assign100: 305, assign500: 991 };
const MODES: readonly AssignmentMode[] = ['synchronous', 'asynchronous'];

const HEADINGS = [
  'instance',
  'mode',
  'seeds',
  'cost',
  'optimum',
  'proved by prices',
  'phases',
  'bids',
  'on old prices %',
  'rounds',
  'messages',
  'MB',
  'virtual s',
  'CPU s',
];

interface Timed extends AuctionOutcome {
  readonly cpuSeconds: number;
}

interface Measured {
  readonly name: string;
  readonly mode: AssignmentMode;
  readonly seeds: number;
  readonly sign: SigningMode;
}

async function play(problem: AssignmentProblem, seed: number, { mode, sign }: Measured): Promise<Timed> {
  const start = process.cpuUsage();
  const outcome = await auctionAssignment(problem, { mode, seed, sign, latency: ['1 ms', '50 ms'] });
  const { user, system } = process.cpuUsage(start);
  return { ...outcome, cpuSeconds: (user + system) / 1e6 };
}

async function row(problem: AssignmentProblem, measured: Measured): Promise<string> {
  const { name, mode, seeds } = measured;
  const optimum = OPTIMA[name];
  const runs: Timed[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await play(problem, seed, measured);
    const { cost, optimal } = run.certificate;
    assert(optimal && cost === optimum, `${name}, ${mode}, seed ${seed}: cost ${cost}, optimum ${optimum}`);
    runs.push(run);
  }
  const range = (of: (run: Timed) => number, digits = 0): string => {
    const values = runs.map(of);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [least, most] = [Math.min(...values).toFixed(digits), Math.max(...values).toFixed(digits)];
    return least === most ? least : `${mean.toFixed(digits)} (${least} to ${most})`;
  };
  const cells = [
    name,
    mode,
    `1 to ${seeds}`,
    range(({ certificate }) => certificate.cost),
    optimum,
    `${runs.filter(({ certificate }) => certificate.optimal).length} of ${seeds}`,
    range(({ phases }) => phases),
    range(({ bids }) => bids),
    range(({ bids, rejected }) => (100 * rejected) / bids),
    mode === 'synchronous' ? range(({ rounds }) => rounds) : '',
    range(({ messages }) => messages),
    range(({ bytes }) => bytes / 1e6, 1),
    range(({ virtualSeconds }) => virtualSeconds),
    range(({ cpuSeconds }) => cpuSeconds, 1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function options(): { readonly seeds: number; readonly sign: SigningMode } {
  const { values } = parseArgs({
    options: { seeds: { type: 'string', default: '10' }, sign: { type: 'string', default: 'off' } },
  });
  const seeds = Number(values.seeds);
  const { sign } = values;
  if (sign !== 'off' && sign !== 'batch' && sign !== 'each') {
    throw new HaggleError('bad-parameter', `--sign must be off, batch or each, got "${sign}"`);
  }
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new HaggleError('bad-parameter', `--seeds must be a whole number from 1, got "${values.seeds}"`);
  }
  return { seeds, sign };
}

async function main(): Promise<void> {
  const { seeds, sign } = options();
  console.log(`# Assignment\n\n\`node dist/bench/assignment.js --seeds ${seeds} --sign ${sign}\` on 2 cores, Node 20.`);
  console.log('Latencies are 1 to 50 ms at random; mean over the seeds (least to most).\n');
  console.log(`| ${HEADINGS.join(' | ')} |\n|${HEADINGS.map((_, k) => (k < 2 ? '---' : '--:')).join('|')}|`);
  for (const name of Object.keys(OPTIMA)) {
    const file = join(DATA, `${name}.txt`);
    if (!existsSync(file)) {
      console.log(`| ${name} | not in ${DATA} |`);
      continue;
    }
    const problem = parseAssignment(readFileSync(file, 'utf8'), `${name}.txt`);
    for (const mode of MODES) console.log(await row(problem, { name, mode, seeds, sign }));
  }
}

await main();
