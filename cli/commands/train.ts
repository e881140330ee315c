import { existsSync, rmSync } from 'node:fs';
import { writePolicyFile } from '../../agent-core/adapters/policy-files.ts';
import { checkReplaceable } from '../../agent-core/adapters/replace-file.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { LockFile } from '../../agent-core/adapters/lock-file.ts';
import type { CurvePoint } from '../../agent-core/adapters/training/run-state.ts';
import { scenarioName, type ScenarioName } from '../../scenarios/registry.ts';
import { planOf, type Plan } from '../training/plans.ts';
import { budgetOf, trainRole, type TrainedRole } from '../training/train-role.ts';
import { lockPathOf, lockTraining } from '../training/training-lock.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOutputs, checkWritable, discardDrafts, openLineFile, resolved } from '../files.ts';
import { instanceSource, parseSeed, wholeNumber, type CommandFlags } from '../instance-flags.ts';
import { createCountBar, type CountBar } from '../progress-bar.ts';
import { shellWord } from '../shell-word.ts';
import { drainOnSignals } from '../signals.ts';
import { VERSION } from '../version.ts';

/** `haggle train <scenario> --role R`: trains a policy and writes it to a file. */
export async function trainCommand(name: string, flags: CommandFlags): Promise<ExitCode> {
  const order = orderOf(name, flags);
  const lock = await lockTraining(order.file);
  try {
    checkBeginning(order);
    return await carryOut(order, lock);
  } finally {
    lock.release();
  }
}

/** What is to be trained, as flags say it. */
interface Order {
  readonly scenario: ScenarioName;
  readonly role: string;
  readonly plan: Plan;
  readonly seed: number;
  readonly workers: number;
  readonly budget: number | null;
  /** As it was asked for. */
  readonly out: string;
  /** The file that this leads to: a link stays one. */
  readonly file: string;
  readonly checkpoint: string;
  readonly report: string | null;
  readonly resume: boolean;
  readonly flags: CommandFlags;
}

function orderOf(name: string, flags: CommandFlags): Order {
  const scenario = scenarioName(name);
  const role = String(flags['role']);
  const plan = planOf(`${scenario}/${role}`);
  const out = typeof flags['out'] === 'string' ? flags['out'] : `${scenario}.${role}.json`;
  const file = resolved(out);
  const order = {
    scenario,
    role,
    plan,
    out,
    file,
    flags,
    checkpoint: `${file}.checkpoint`,
    report: typeof flags['report'] === 'string' ? flags['report'] : null,
    seed: parseSeed(flags['seed']),
    budget: flags['budget'] === undefined ? null : wholeNumber('--budget', flags['budget'], 1),
    workers: wholeNumber('--workers', flags['workers'], 0),
    resume: flags['resume'] === true,
  };
  checkFiles(order);
  return order;
}

/** Refuses what could not be written, before hours are spent on what it is to hold. */
function checkFiles({ out, file, checkpoint, report, flags }: Order): void {
  const { instance } = flags;
  const outputs = new Map([
    ['--out', out],
    ['the checkpoint', checkpoint],
    ['the lock', lockPathOf(file)],
  ]);
  if (report !== null) outputs.set('--report', report);
  checkOutputs(outputs, typeof instance === 'string' ? instance : undefined);
  for (const path of [file, checkpoint]) checkReplaceable(path);
  for (const path of [file, checkpoint, ...(report === null ? [] : [report])]) checkWritable(path);
}

/** Neither begins anew what was to go on, nor throws away what was not over. */
function checkBeginning({ checkpoint, resume }: Order): void {
  if (resume === existsSync(checkpoint)) return;
  if (resume) throw new HaggleError('no-checkpoint', `cannot go on: there is no checkpoint ${checkpoint}`);
  const problem = `cannot begin: ${checkpoint} is the checkpoint of a training that is not over`;
  throw new HaggleError('checkpoint-exists', problem);
}

async function carryOut(order: Order, lock: LockFile): Promise<ExitCode> {
  const { scenario, role, plan, seed, workers, budget, checkpoint, resume, flags } = order;
  const { amount, unit } = budgetOf(plan, budget);
  const bar = createCountBar(process.stderr, `${scenario}/${role}`);
  const halt = haltOnSignals(order, lock, bar);
  try {
    const trained = await trainRole(plan, {
      seed,
      source: instanceSource(flags, []),
      workers,
      budget,
      command: commandOf(order),
      version: VERSION,
      checkpoint: { file: checkpoint, every: 5, resume },
      signal: halt,
      onBegin: ({ backend, reason }) => {
        if (backend !== 'none') process.stderr.write(`gradients by ${backend}: ${reason}\n`);
      },
      onUpdate: (point) => {
        bar.show(unit === 'updates' ? point.update : Math.min(amount, point.decisions), amount, wordsOf(point));
        if (point.score !== null) log(bar, point);
      },
    });
    bar.clear();
    await handOver(order, trained);
    return EXIT.ok;
  } finally {
    bar.clear();
  }
}

/** Writes what came of a training. */
async function handOver(order: Order, trained: TrainedRole): Promise<void> {
  const { plan, file, out, report, checkpoint } = order;
  writePolicyFile(file, trained.policy);
  if (report !== null) {
    const { learningReport } = await import('../report/learning.ts');
    const page = openLineFile(report);
    page.write(learningReport({ ...trained, counts: plan.kind === 'environment' ? 'decisions' : 'runs' }));
    page.commit();
  }
  const { origin } = trained.policy;
  process.stdout.write(`${out}: ${origin.algorithm}, ${trained.seconds.toFixed(0)} s, ${origin.score}\n`);
  if (trained.stopped === 'signal') process.stderr.write(`not over; this goes on with it: ${resumption(order)}\n`);
  else rmSync(checkpoint, { force: true });
}

/** The first signal ends the training in good order, the second at once. */
function haltOnSignals(order: Order, lock: LockFile, bar: CountBar): AbortSignal {
  const halt = new AbortController();
  const say = (words: string): void => {
    bar.clear();
    process.stderr.write(`${words}\n`);
  };
  drainOnSignals(
    () => {
      halt.abort();
      say('ends after the update that is on, and writes a checkpoint; a second ^C ends it at once');
    },
    () => {
      lock.release();
      discardDrafts();
      const isKept = existsSync(order.checkpoint);
      say(isKept ? `ended; this goes on from the last checkpoint: ${resumption(order)}` : 'ended without a checkpoint');
    },
  );
  return halt.signal;
}

function wordsOf({ reward }: CurvePoint): string {
  return reward === null ? '' : `reward ${reward.toPrecision(4)}`;
}

function log(bar: { readonly clear: () => void }, { update, score }: CurvePoint): void {
  bar.clear();
  process.stderr.write(`update ${update}: score ${score?.toPrecision(5) ?? ''}\n`);
}

/** What makes the same policy again. */
function commandOf({ scenario, role, flags }: Order): string {
  return `haggle train ${scenario} --role ${role} ${flagWords(flags, DECISIVE).join(' ')}`.trim();
}

/** What goes on with a training. */
function resumption({ scenario, role, flags }: Order): string {
  const words = flagWords(flags, [...DECISIVE, 'workers', 'out', 'report']);
  return ['haggle train', scenario, `--role ${role}`, ...words, '--resume'].join(' ');
}

/** Flags that decide what is learnt. */
const DECISIVE = ['instance', 'generate', 'set', 'seed', 'budget'] as const;

function flagWords(flags: CommandFlags, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = flags[name];
    return typeof value === 'string' ? [`--${name} ${shellWord(value)}`] : [];
  });
}
