import type { Decider } from '../agent-core/agent/decision.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { seconds } from '../agent-core/clock.ts';
import type { TraceRecord } from '../simulator/trace.ts';
import type { World } from '../simulator/world.ts';
import type { Assessment, Kpis, Objective, Population, RoundProgress, Scenario } from './scenario.ts';
import { settle } from './settle.ts';
import { runOnWorkers, type SplitRun } from './split-run.ts';

/** The result of one simulation: one shape for all scenarios, printed by `--json`. */
export interface SimulationResult {
  readonly scenario: string;
  readonly variant: string;
  readonly instance: string;
  readonly seed: number;
  readonly mode: {
    /** Whether agents met in one process, or over a broker in as many workers. */
    readonly bus: 'memory' | 'nats';
    readonly workers: number;
    readonly sign: SigningMode;
    /** What agents decide by: the scenario's own rules, its trained policies, or those of files. */
    readonly policy: PolicyChoice;
  };
  readonly objective: Objective;
  readonly agents: Kpis;
  readonly baseline: Kpis;
  readonly optimum: Kpis | null;
  /** Further reference lines by name; empty where the scenario has none. */
  readonly references: Readonly<Record<string, Kpis>>;
  /** (agents − optimum) / |optimum|, signed so that positive is worse. Null without an optimum or where agents are infeasible. */
  readonly gap: number | null;
  readonly feasible: boolean;
  readonly violations: Kpis;
  readonly fingerprint: string;
  readonly messages: number;
  readonly bytes: number;
  readonly rounds: number;
  /** How often policies were asked, scripted ones too, by their hash and in its order. */
  readonly decisions: Readonly<Record<string, number>>;
  readonly virtualSeconds: number;
  /** CPU time of the agents' run in all processes, without reading, reference solutions and report. */
  readonly cpuSeconds: number;
}

/** A result with what a report draws. */
export interface Simulation<Solution> {
  readonly result: SimulationResult;
  readonly agents: Assessment<Solution>;
  readonly baseline: Assessment<Solution>;
  readonly optimum: Assessment<Solution> | null;
  /** What every round ended with. */
  readonly course: readonly RoundProgress[];
  /** Fingerprint of what agents submitted to a ledger, which that of the run contains; null where they did not. */
  readonly chains: string | null;
}

/** Where the policies of a run come from. */
export type PolicyChoice = 'scripted' | 'learned' | 'file';

/** Options of {@link simulate}. */
export interface SimulationOptions {
  readonly seed: number;
  /** What the result says of the instance's policies; `scripted` if left out. */
  readonly policy?: PolicyChoice;
  readonly sign: SigningMode;
  readonly onProgress?: (progress: RoundProgress) => void;
  readonly record?: (record: TraceRecord) => void;
  /** Runs the agents in other processes; in this one if left out. It changes nothing of the result but `mode` and `cpuSeconds`. */
  readonly split?: SplitRun;
}

/**
 * Runs a scenario's agents on an instance until they agree, and judges what they agreed beside baseline and optimum.
 *
 * @throws HaggleError `no-agreement` where the agents do not come to an end; whatever the scenario's solver throws; what stops a split run.
 */
export async function simulate<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  options: SimulationOptions,
): Promise<Simulation<Solution>> {
  const optimum = await scenario.optimum(instance);
  const { seed, sign, split, policy = 'scripted' } = options;
  const baseline = await scenario.baseline(instance, { reference: optimum, seed });
  const run = await runAgents(scenario, instance, { ...options, reference: optimum });
  const { agents, place, population } = run;
  const objective = scenario.objectiveOf?.(instance) ?? scenario.objective;
  return {
    agents,
    baseline,
    optimum,
    course: run.course,
    chains: place.chainsFingerprint(),
    result: {
      scenario: scenario.name,
      variant: scenario.variant(instance),
      instance: scenario.label(instance),
      seed,
      mode: { bus: split?.kind ?? 'memory', workers: split?.workers ?? 1, sign, policy },
      objective,
      agents: agents.kpis,
      baseline: baseline.kpis,
      optimum: optimum?.kpis ?? null,
      references: scenario.references?.(instance) ?? {},
      gap: agents.feasible ? gapTo(objective, agents.kpis, optimum?.kpis) : null,
      feasible: agents.feasible,
      violations: agents.violations,
      fingerprint: place.fingerprint(),
      messages: place.traffic.messages,
      bytes: place.traffic.bytes,
      rounds: population.rounds(),
      decisions: Object.fromEntries([...place.decisions].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      virtualSeconds: seconds(place.now()),
      cpuSeconds: run.cpuSeconds,
    },
  };
}

/** Options of {@link runAgents}. */
export interface RunOptions<Solution> extends SimulationOptions {
  /** What the outcome is judged beside; nothing if null. */
  readonly reference: Assessment<Solution> | null;
  /** Answers in the place of the agents' policies, for one that learns. */
  readonly decider?: Decider;
}

/** What the agents of a scenario did. */
export interface AgentsRun<Solution> {
  readonly agents: Assessment<Solution>;
  readonly place: World;
  readonly population: Population<Solution>;
  readonly course: readonly RoundProgress[];
  /** Of all processes. */
  readonly cpuSeconds: number;
}

/**
 * Runs a scenario's agents on an instance until they agree, without a baseline or an optimum.
 *
 * @throws HaggleError `no-agreement` where the agents do not come to an end; what stops a split run
 */
export async function runAgents<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  options: RunOptions<Solution>,
): Promise<AgentsRun<Solution>> {
  const { seed, sign, record, split, decider, reference } = options;
  const before = process.cpuUsage();
  const shard = split === undefined ? undefined : { worker: null, workers: split.workers };
  const { place, population } = settle(scenario, instance, { seed, sign, record, shard, decider });
  const course: RoundProgress[] = [];
  const note = (progress: RoundProgress): void => {
    const last = course.at(-1);
    if (!Number.isFinite(progress.disagreement) || isSame(progress, last)) return;
    // The last word on a round counts: at its beginning it still shows the disagreement of the round before.
    if (last?.round === progress.round) course.pop();
    course.push(progress);
    options.onProgress?.(progress);
  };
  let workerSeconds = 0;
  if (split === undefined) {
    // A round takes several messages an agent, so this sees every round and looks at an agent less than once a message.
    await place.run({ onProgress: () => note(population.progress()), progressEvents: place.agents.length });
  } else {
    const description = { scenario: scenario.name, seed, sign };
    const run = runOnWorkers(place, split, { description, trace: record !== undefined, note });
    workerSeconds = (await run).workerCpuSeconds;
  }
  const cpu = process.cpuUsage(before);
  note(population.progress());
  if (!population.finished()) {
    throw new HaggleError('no-agreement', 'the agents fell silent before they agreed');
  }
  const agents = scenario.assess(instance, population.agreement(), reference);
  return { agents, place, population, course, cpuSeconds: (cpu.user + cpu.system) / 1e6 + workerSeconds };
}

function isSame(a: RoundProgress, b: RoundProgress | undefined): boolean {
  return a.round === b?.round && a.disagreement === b.disagreement;
}

/** (ours − optimum) / |optimum|, signed so that positive is worse; null without an optimum, or where it is 0 and ours is not. */
export function gapTo(objective: Objective, agents: Kpis, optimum: Kpis | undefined): number | null {
  const ours = agents[objective.name];
  const best = optimum?.[objective.name];
  if (ours === undefined || best === undefined) return null;
  const worse = objective.sense === 'min' ? ours - best : best - ours;
  return best === 0 ? (worse === 0 ? 0 : null) : worse / Math.abs(best);
}
