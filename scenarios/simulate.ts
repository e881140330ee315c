import type { SigningMode } from '../agent-core/message/seal.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { seconds } from '../agent-core/clock.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import type { TraceRecord } from '../simulator/trace.ts';
import { world } from '../simulator/world.ts';
import type { Assessment, Kpis, Objective, RoundProgress, Scenario } from './scenario.ts';

/** The result of one simulation: one shape for all scenarios, printed by `--json`. */
export interface SimulationResult {
  readonly scenario: string;
  readonly variant: string;
  readonly instance: string;
  readonly seed: number;
  readonly mode: {
    readonly bus: 'memory';
    readonly workers: 1;
    readonly sign: SigningMode;
    readonly policy: 'scripted';
  };
  readonly objective: Objective;
  readonly agents: Kpis;
  readonly baseline: Kpis;
  readonly optimum: Kpis | null;
  /** (agents − optimum) / |optimum|, signed so that positive is worse. Null without an optimum or where agents are infeasible. */
  readonly gap: number | null;
  readonly feasible: boolean;
  readonly violations: Kpis;
  readonly fingerprint: string;
  readonly messages: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly virtualSeconds: number;
  /** CPU time of the agents' run, without reading, reference solutions and report. */
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
}

/** Options of {@link simulate}. */
export interface SimulationOptions {
  readonly seed: number;
  readonly sign: SigningMode;
  readonly onProgress?: (progress: RoundProgress) => void;
  readonly record?: (record: TraceRecord) => void;
}

/**
 * Runs a scenario's agents on an instance until they agree, and judges what they agreed beside baseline and optimum.
 *
 * @throws HaggleError `no-agreement` where the agents do not come to an end; whatever the scenario's solver throws.
 */
export async function simulate<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  options: SimulationOptions,
): Promise<Simulation<Solution>> {
  const optimum = await scenario.optimum(instance);
  const baseline = scenario.baseline(instance, optimum);
  const place = world({
    seed: options.seed,
    sign: options.sign,
    strict: true,
    ...(options.record === undefined ? {} : { record: options.record }),
  });
  const before = process.cpuUsage();
  const population = scenario.populate(place, instance);
  const course: RoundProgress[] = [];
  const note = (): void => {
    const progress = population.progress();
    const last = course.at(-1);
    if (!Number.isFinite(progress.disagreement) || isSame(progress, last)) return;
    // The last word on a round counts: at its beginning it still shows the disagreement of the round before.
    if (last?.round === progress.round) course.pop();
    course.push(progress);
    options.onProgress?.(progress);
  };
  // A round takes several messages an agent, so this sees every round and looks at an agent less than once a message.
  await place.run({ onProgress: note, progressEvents: place.agents.length });
  const cpu = process.cpuUsage(before);
  note();
  if (!population.finished()) {
    throw new HaggleError('no-agreement', 'the agents fell silent before they agreed');
  }
  const agents = scenario.assess(instance, population.agreement(), optimum);
  const { objective } = scenario;
  return {
    agents,
    baseline,
    optimum,
    course,
    result: {
      scenario: scenario.name,
      variant: scenario.variant(instance),
      instance: scenario.label(instance),
      seed: options.seed,
      mode: { bus: 'memory', workers: 1, sign: options.sign, policy: 'scripted' },
      objective,
      agents: agents.kpis,
      baseline: baseline.kpis,
      optimum: optimum?.kpis ?? null,
      gap: agents.feasible ? gapTo(objective, agents.kpis, optimum?.kpis) : null,
      feasible: agents.feasible,
      violations: agents.violations,
      fingerprint: place.fingerprint(),
      messages: place.traffic.messages,
      bytes: place.traffic.bytes,
      rounds: population.rounds(),
      virtualSeconds: seconds(place.now()),
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    },
  };
}

/** The instance that a scenario generates from parameters and a seed. */
export function generateInstance<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  parameters: ReadonlyMap<string, string>,
  seed: number,
): Instance {
  return scenario.generate(parameters, createRandomRoot(seed).stream('instance', scenario.name));
}

function isSame(a: RoundProgress, b: RoundProgress | undefined): boolean {
  return a.round === b?.round && a.disagreement === b.disagreement;
}

function gapTo(objective: Objective, agents: Kpis, optimum: Kpis | undefined): number | null {
  const ours = agents[objective.name];
  const best = optimum?.[objective.name];
  if (ours === undefined || best === undefined) return null;
  const worse = objective.sense === 'min' ? ours - best : best - ours;
  return best === 0 ? (worse === 0 ? 0 : null) : worse / Math.abs(best);
}
