import { HaggleError } from '../../agent-core/errors.ts';
import { evaluate, type Candidate, type Evaluation } from '../../scenarios/evaluate.ts';
import { scenarioName, withScenario, type ScenarioName } from '../../scenarios/registry.ts';
import { evaluationTable } from '../evaluation-table.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { chosenPolicies, instanceSource, parseSign, type CommandFlags } from '../instance-flags.ts';
import { createCountBar } from '../progress-bar.ts';

/** `haggle evaluate <scenario>`: runs policies on the same seeds and says how they differ, and how sure that is. */
export async function evaluateCommand(name: string, flags: CommandFlags): Promise<ExitCode> {
  const scenario = scenarioName(name);
  const candidates = candidatesOf(scenario, flags);
  const seeds = parseSeeds(flags['seeds']);
  const sign = parseSign(flags['sign']);
  const kpis = listOf(flags['kpi']);
  const bar = createCountBar(process.stderr, `${scenario}: ${candidates.map((one) => one.name).join(' | ')}`);
  let evaluation: Evaluation;
  try {
    const onRun = ({ runs, of }: { readonly runs: number; readonly of: number }): void => bar.show(runs, of);
    evaluation = await withScenario(scenario, (one) => evaluate(one, candidates, { seeds, sign, kpis, onRun }));
  } finally {
    bar.clear();
  }
  process.stdout.write(
    flags['json'] === true ? `${JSON.stringify(evaluation, null, 2)}\n` : evaluationTable(evaluation),
  );
  return evaluation.candidates.every(({ infeasible }) => infeasible === 0) ? EXIT.ok : EXIT.negative;
}

/** Each `+`-joined part of a candidate is a policy file, for roles of its own. */
function candidatesOf(scenario: ScenarioName, flags: CommandFlags): readonly Candidate[] {
  return listOf(flags['policies']).map((name) => {
    const { sources } = chosenPolicies(scenario, name.replaceAll('+', ','));
    return { name, source: instanceSource(flags, sources) };
  });
}

function listOf(text: string | true | undefined): readonly string[] {
  return typeof text === 'string' ? text.split(',').filter((part) => part !== '') : [];
}

/** Most seeds of an evaluation. */
const SEEDS_MAX = 10_000;

/** `1-10,20`: ranges and numbers. */
function parseSeeds(text: string | true | undefined): readonly number[] {
  const seeds = listOf(text).flatMap((part) => {
    const [, from = '', to = from] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part) ?? [];
    const count = Number(to) - Number(from) + 1;
    if (from !== '' && count >= 1 && count <= SEEDS_MAX)
      return Array.from({ length: count }, (_, k) => Number(from) + k);
    throw new HaggleError(
      'bad-flag',
      `--seeds takes numbers and ranges of up to ${SEEDS_MAX}, such as 1-10,20, got "${part}"`,
    );
  });
  if (seeds.length <= SEEDS_MAX) return seeds;
  throw new HaggleError('bad-flag', `--seeds takes up to ${SEEDS_MAX} seeds, got ${seeds.length}`);
}
