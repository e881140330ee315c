import type { SigningMode } from '../agent-core/message/seal.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';
import {
  holm,
  meanInterval,
  pairedDifference,
  type MeanInterval,
  type PairedDifference,
} from '../agent-core/statistics.ts';
import { askedPolicies } from './asked-policies.ts';
import { loadInstance, type InstanceSource } from './instance-source.ts';
import type { Assessment, Kpis, Objective, Scenario } from './scenario.ts';
import { gapTo, runAgents } from './simulate.ts';

/** Policies under a name: what is compared. */
export interface Candidate {
  readonly name: string;
  readonly source: InstanceSource;
}

/** Options of {@link evaluate}. */
export interface EvaluationOptions {
  /** Of the runs: every candidate meets each, so that luck is the same for all. At least two. */
  readonly seeds: readonly number[];
  readonly sign: SigningMode;
  /** Indicators to compare beside the objective; those of which both sides have a number in every run. */
  readonly kpis?: readonly string[];
  readonly onRun?: (done: { readonly runs: number; readonly of: number }) => void;
}

/** How one candidate fared. */
export interface CandidateResult {
  readonly name: string;
  /** Which variant of the scenario its agents played: a policy may bring its own, as homes that decide by one have no foresight. */
  readonly variant: string;
  /** By indicator: mean and 95 % interval over the seeds. */
  readonly kpis: Readonly<Record<string, MeanInterval>>;
  /** By indicator: one number a seed, in their order. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly infeasible: number;
}

/** A candidate beside the first one, on the same seeds. */
export interface Comparison {
  readonly name: string;
  readonly kpi: string;
  /** Its number less that of the first. */
  readonly difference: PairedDifference;
  /** Of Student's paired test, corrected for the number of comparisons by Holm's method. */
  readonly p: number;
}

/** Candidates over the same seeds. */
export interface Evaluation {
  readonly scenario: string;
  readonly objective: Objective;
  readonly seeds: readonly number[];
  readonly candidates: readonly CandidateResult[];
  readonly comparisons: readonly Comparison[];
}

/** Name of the gap to the optimum among the indicators, where there is an optimum. */
export const GAP = 'gap';

/**
 * Runs every candidate on every seed, and compares each with the first on the same seeds.
 *
 * @throws HaggleError `bad-evaluation` for fewer than two seeds, a seed or a name given twice, no candidate, or an indicator that the
 * scenario does not have; `policy-not-asked` for a candidate none of whose policies was asked in any of its runs; whatever a run throws
 */
export async function evaluate<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  candidates: readonly Candidate[],
  options: EvaluationOptions,
): Promise<Evaluation> {
  checkEvaluation(candidates, options);
  const { seeds, sign, onRun } = options;
  const tables = candidates.map(({ name }): Runs => ({
    name,
    variant: '',
    rows: [],
    infeasible: 0,
    decisions: new Map(),
  }));
  let objective = scenario.objective;
  const of = seeds.length * candidates.length;
  for (const [at, seed] of seeds.entries()) {
    // All first: what cannot be played is said before the others are.
    const instances = candidates.map(({ source }) => loadInstance(scenario, source, seed));
    const reference = await referenceOf(scenario, instances);
    for (const [k, instance] of instances.entries()) {
      objective = scenario.objectiveOf?.(instance) ?? scenario.objective;
      const { agents, place } = await runAgents(scenario, instance, { seed, sign, reference });
      const gap = gapTo(objective, agents.kpis, reference?.kpis);
      const table = tables[k];
      assert(table !== undefined, 'there is a table a candidate');
      table.variant = scenario.variant(instance);
      table.rows.push(gap === null ? agents.kpis : { ...agents.kpis, [GAP]: gap });
      if (!agents.feasible) table.infeasible += 1;
      for (const [policy, times] of place.decisions) {
        table.decisions.set(policy, (table.decisions.get(policy) ?? 0) + times);
      }
      onRun?.({ runs: at * candidates.length + k + 1, of });
    }
  }
  for (const [k, { name, variant, decisions }] of tables.entries()) {
    const where = `in the runs of the candidate "${name}"`;
    askedPolicies(scenario, candidates[k]?.source.policies ?? [], { where, variant, decisions });
  }
  const shown = shownKpis(
    tables.map(({ rows }) => rows),
    objective,
    options.kpis ?? [],
  );
  const results = tables.map((runs) => resultOf(runs, shown));
  return { scenario: scenario.name, objective, seeds, candidates: results, comparisons: compared(results, shown) };
}

function checkEvaluation(candidates: readonly Candidate[], { seeds }: EvaluationOptions): void {
  const bad = (problem: string): HaggleError => new HaggleError('bad-evaluation', problem);
  if (candidates.length === 0) throw bad('an evaluation needs policies to compare, got none');
  if (seeds.length < 2) throw bad(`an evaluation needs at least 2 seeds, got ${seeds.length}`);
  const twice = <T>(values: readonly T[]): T | undefined => values.find((value, k) => values.indexOf(value) !== k);
  const seed = twice(seeds);
  if (seed !== undefined) throw bad(`seed ${seed} is given twice: the same run twice proves nothing more`);
  const name = twice(candidates.map((one) => one.name));
  if (name !== undefined) throw bad(`the policies "${name}" are given twice`);
}

/** The optimum of a seed's instances, which policies do not change. */
async function referenceOf<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  [first]: readonly Instance[],
): Promise<Assessment<Solution> | null> {
  assert(first !== undefined, 'there is a candidate');
  return await scenario.optimum(first);
}

/** The objective, the gap where every run has one, then what was asked for. */
function shownKpis(
  tables: readonly (readonly Kpis[])[],
  objective: Objective,
  asked: readonly string[],
): readonly string[] {
  const rows = tables.flat();
  const isEverywhere = (kpi: string): boolean => rows.every((row) => Number.isFinite(row[kpi]));
  const missing = asked.find((kpi) => !isEverywhere(kpi));
  if (missing !== undefined) {
    const known = Object.keys(rows[0] ?? {}).filter(isEverywhere);
    throw new HaggleError(
      'bad-evaluation',
      `not every run has the indicator "${missing}"; all have ${known.join(', ')}`,
    );
  }
  return [...new Set([...[objective.name, GAP].filter(isEverywhere), ...asked])];
}

/** What a candidate's runs came to so far. */
interface Runs {
  readonly name: string;
  variant: string;
  readonly rows: Kpis[];
  infeasible: number;
  /** How often policies were asked, by their hash. */
  readonly decisions: Map<string, number>;
}

function resultOf({ name, variant, rows, infeasible }: Runs, shown: readonly string[]): CandidateResult {
  const values = Object.fromEntries(shown.map((kpi) => [kpi, rows.map((row) => row[kpi] ?? Number.NaN)]));
  const kpis = Object.fromEntries(Object.entries(values).map(([kpi, column]) => [kpi, meanInterval(column)]));
  return { name, variant, kpis, values, infeasible };
}

function compared([first, ...others]: readonly CandidateResult[], shown: readonly string[]): readonly Comparison[] {
  const pairs = others.flatMap(({ name, values }) =>
    shown.map((kpi) => ({ name, kpi, difference: pairedDifference(values[kpi] ?? [], first?.values[kpi] ?? []) })),
  );
  const corrected = holm(pairs.map(({ difference }) => difference.p));
  return pairs.map((pair, k) => ({ ...pair, p: corrected[k] ?? 1 }));
}
