import { HaggleError } from '../agent-core/errors.ts';
import type { Policy } from '../agent-core/policy/policy.ts';
import type { ActionSpace, Feature } from '../agent-core/policy/space.ts';
import type { RandomStream } from '../agent-core/random.ts';
import type { World } from '../simulator/world.ts';

/** Key performance indicators by name; units are part of the names. */
export type Kpis = Readonly<Record<string, number>>;

/** What a scenario is judged by. Every {@link Kpis} block holds it under `name`. */
export interface Objective {
  readonly name: string;
  readonly unit: string;
  readonly sense: 'min' | 'max';
}

/** A dispatch, a plan, a set of routes …: KPIs, hard constraints and the agreement itself in the instance's own terms. */
export interface Assessment<Solution> {
  readonly solution: Solution;
  readonly kpis: Kpis;
  /** By constraint: how far it is broken, in the unit of its name. */
  readonly violations: Kpis;
  /** No violation above the scenario's tolerance. */
  readonly feasible: boolean;
}

/** How far the agents are, for whoever waits. Of several groups of agents, the largest numbers stand for all. */
export interface RoundProgress {
  readonly round: number;
  /** How far they are from agreement, in multiples of the tolerance: at most 1 once they agree, `Infinity` while unknown. */
  readonly disagreement: number;
}

/**
 * Agents placed in a world, and what they will have agreed. It reads states when it is asked, never before: in a world that
 * runs in several processes they come at the end.
 */
export interface Population<Solution> {
  /** True once every agent is through. */
  finished(): boolean;
  /** Of the agents whose state is `here`; zeros where none of them can tell. */
  progress(): RoundProgress;
  rounds(): number;
  /**
   * What the agents agreed.
   *
   * @throws HaggleError `no-agreement` where they did not come to an end.
   */
  agreement(): Solution;
}

/** A place in a scenario where a policy decides, and which one does where nobody says otherwise. */
export interface Role {
  /** Unique in its scenario; what `--role` names, and after the scenario and a slash the `role` of a policy file. */
  readonly name: string;
  /** What is decided, in half a sentence. */
  readonly about: string;
  readonly observes: readonly Feature[];
  readonly acts: ActionSpace;
}

/** Policies by the name of their role. */
export type RolePolicies = ReadonlyMap<string, Policy>;

/**
 * A scenario: how its instances come to be, who takes part, and how an outcome is judged, beside a simple rule and beside
 * the centralised solver.
 */
export interface Scenario<Instance, Solution> {
  readonly name: string;
  readonly objective: Objective;
  /** What an instance is judged by; left out where all are by {@link Scenario.objective}. */
  objectiveOf?(instance: Instance): Objective;
  /** Which variant an instance is, for the result. */
  variant(instance: Instance): string;
  label(instance: Instance): string;
  /** Reads the benchmark's own format; what it leaves to chance is drawn. @throws HaggleError with file, line and column. */
  parse(text: string, file: string, random: RandomStream): Instance;
  /** Reads a folder of files that belong together; left out where no instance is a folder. @throws HaggleError with file and line. */
  parseFolder?(files: ReadonlyMap<string, string>, folder: string, random: RandomStream): Instance;
  /** An instance under other rules, by `key=value`; left out where there are none. @throws HaggleError `bad-parameter` naming key, value and bound. */
  configure?(instance: Instance, settings: ReadonlyMap<string, string>, random: RandomStream): Instance;
  /** Makes an instance from `key=value` parameters. @throws HaggleError `bad-parameter` naming key, value and bound. */
  generate(parameters: ReadonlyMap<string, string>, random: RandomStream): Instance;
  /** Where policies decide; empty where none do. */
  readonly roles: readonly Role[];
  /**
   * An instance whose agents decide by these policies in their roles, and in others as before. The policies' spaces are those of their roles.
   *
   * @throws HaggleError `no-such-role` for a role that agents of this instance do not have; `bad-parameter` for a setting that policies overrule
   */
  withPolicies(instance: Instance, policies: RolePolicies): Instance;
  populate(world: World, instance: Instance): Population<Solution>;
  assess(instance: Instance, solution: Solution, reference: Assessment<Solution> | null): Assessment<Solution>;
  /** The same KPIs for a simple rule. */
  baseline(
    instance: Instance,
    about: { readonly reference: Assessment<Solution> | null; readonly seed: number },
  ): Assessment<Solution> | Promise<Assessment<Solution>>;
  /** The same KPIs for further ways to do without, by name; left out where there are none. */
  references?(instance: Instance): Readonly<Record<string, Kpis>>;
  /** The same KPIs for the centralised optimum. Null where there is none. @throws HaggleError `program-infeasible` */
  optimum(instance: Instance): Promise<Assessment<Solution> | null>;
}

/** An instance whose agents leave nothing to policies. @throws HaggleError `no-such-role` for any policy */
export function withoutRoles<Instance>(instance: Instance, what: string, policies: RolePolicies): Instance {
  const [role] = policies.keys();
  if (role === undefined) return instance;
  throw new HaggleError('no-such-role', `the agents of ${what} leave nothing to policies; there is no role "${role}"`);
}
