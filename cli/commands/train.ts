import { rmSync } from 'node:fs';
import { writePolicyFile } from '../../agent-core/adapters/policy-files.ts';
import { checkReplaceable } from '../../agent-core/adapters/replace-file.ts';
import type { CurvePoint } from '../../agent-core/adapters/training/run.ts';
import { scenarioName } from '../../scenarios/registry.ts';
import { planOf } from '../training/plans.ts';
import { budgetOf, trainRole } from '../training/train-role.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOutputs, checkWritable, openLineFile, resolved } from '../files.ts';
import { instanceSource, parseSeed, wholeNumber, type CommandFlags } from '../instance-flags.ts';
import { createCountBar } from '../progress-bar.ts';
import { shellWord } from '../shell-word.ts';
import { VERSION } from '../version.ts';

/** `haggle train <scenario> --role R`: trains a policy and writes it to a file. */
export async function trainCommand(name: string, flags: CommandFlags): Promise<ExitCode> {
  const scenario = scenarioName(name);
  const role = flags['role'];
  const plan = planOf(`${scenario}/${String(role)}`);
  const seed = parseSeed(flags['seed']);
  const out = typeof flags['out'] === 'string' ? flags['out'] : `${scenario}.${String(role)}.json`;
  const { instance, report } = flags;
  // Of a link the file that it leads to: the link stays one.
  const file = resolved(out);
  const checkpoint = `${file}.checkpoint`;
  const outputs = new Map([
    ['--out', out],
    ['the checkpoint', checkpoint],
  ]);
  if (typeof report === 'string') outputs.set('--report', report);
  checkOutputs(outputs, typeof instance === 'string' ? instance : undefined);
  const budget = flags['budget'] === undefined ? null : wholeNumber('--budget', flags['budget'], 1);
  const { amount, unit } = budgetOf(plan, budget);
  const workers = wholeNumber('--workers', flags['workers'], 0);
  const resume = flags['resume'] === true;
  for (const path of [file, checkpoint]) checkReplaceable(path);
  for (const path of [file, checkpoint, ...(typeof report === 'string' ? [report] : [])]) checkWritable(path);
  const bar = createCountBar(process.stderr, `${scenario}/${String(role)}`);
  const halt = new AbortController();
  process.once('SIGINT', () => halt.abort());
  try {
    const trained = await trainRole(plan, {
      seed,
      source: instanceSource(flags, []),
      workers,
      budget,
      command: commandOf(scenario, String(role), flags),
      version: VERSION,
      checkpoint: { file: checkpoint, every: 5, resume },
      signal: halt.signal,
      onBegin: ({ backend, reason }) => {
        if (backend !== 'none') process.stderr.write(`gradients by ${backend}: ${reason}\n`);
      },
      onUpdate: (point) => {
        bar.show(unit === 'updates' ? point.update : Math.min(amount, point.decisions), amount, wordsOf(point));
        if (point.score !== null) log(bar, point);
      },
    });
    bar.clear();
    writePolicyFile(file, trained.policy);
    if (typeof report === 'string') {
      const { learningReport } = await import('../report/learning.ts');
      const page = openLineFile(report);
      page.write(learningReport({ ...trained, counts: plan.kind === 'environment' ? 'decisions' : 'runs' }));
      page.commit();
    }
    if (trained.stopped !== 'signal') rmSync(checkpoint, { force: true });
    const { origin } = trained.policy;
    process.stdout.write(`${out}: ${origin.algorithm}, ${trained.seconds.toFixed(0)} s, ${origin.score}\n`);
    return EXIT.ok;
  } finally {
    bar.clear();
  }
}

function wordsOf({ reward }: CurvePoint): string {
  return reward === null ? '' : `reward ${reward.toPrecision(4)}`;
}

function log(bar: { readonly clear: () => void }, { update, score }: CurvePoint): void {
  bar.clear();
  process.stderr.write(`update ${update}: score ${score?.toPrecision(5) ?? ''}\n`);
}

/** What makes the same policy again. */
function commandOf(scenario: string, role: string, flags: CommandFlags): string {
  const parts = ['instance', 'generate', 'set', 'seed', 'budget'].flatMap((flag) => {
    const value = flags[flag];
    return typeof value === 'string' ? [`--${flag} ${shellWord(value)}`] : [];
  });
  return `haggle train ${scenario} --role ${role} ${parts.join(' ')}`.trim();
}
