import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { RandomStream } from '../agent-core/random.ts';
import type { PlannedFault } from './fault-plan.ts';
import type { LinkFaults } from './link.ts';

/** What {@link randomFaults} may do. */
export interface RandomFaultsOptions {
  /** Names of the agents that faults may hit; others are never crashed nor cut off. */
  readonly agents: readonly string[];
  /** Time after which nothing fails any more, links neither: what must then come right can be asserted. */
  readonly horizon: Duration;
  /** Agents that crash, at most; a third of them, rounded up, if left out. */
  readonly maxCrashes?: number;
  /** Partitions at most; 2 if left out. */
  readonly maxPartitions?: number;
  /** Whether a crashed agent may come back; true if left out. */
  readonly restarts?: boolean;
}

/** Faults of one run: spread them into the options of `world`. */
export interface RandomFaults {
  readonly faults: LinkFaults;
  readonly faultPlan: readonly PlannedFault[];
}

/** Beyond this a run teaches nothing but that nothing arrives. */
const MAX_PROBABILITY = 0.3;

/**
 * Faults drawn for one run, the same for the same stream. Swarm testing (Groce et al., ISSTA 2012): a coin first decides for
 * each kind of fault whether it occurs at all, then its strength is drawn, since a run with some kinds absent reaches states
 * that a run with a little of everything does not.
 *
 * @throws HaggleError `bad-random-faults` for a horizon of 0 or a bound that is no count; `bad-duration`
 */
export function randomFaults(random: RandomStream, options: RandomFaultsOptions): RandomFaults {
  const { agents, maxPartitions = 2, restarts = true, maxCrashes = Math.ceil(agents.length / 3) } = options;
  const horizon = micros(options.horizon);
  for (const bound of [maxCrashes, maxPartitions]) {
    if (!Number.isSafeInteger(bound) || bound < 0) throw bad(`a bound must be a whole number from 0, got ${bound}`);
  }
  if (horizon === 0) throw bad('the horizon must be more than 0');
  const faults: LinkFaults = {
    loss: coin(random) ? random.between(0, MAX_PROBABILITY) : 0,
    duplicate: coin(random) ? random.between(0, MAX_PROBABILITY) : 0,
    reorder: coin(random),
    until: horizon,
  };
  const crashes = coin(random) ? random.integer(0, Math.min(maxCrashes, agents.length)) : 0;
  const victims = random.shuffle(agents).slice(0, crashes);
  const lives = victims.flatMap((agent) => crashOf(random, { agent, horizon, restarts }));
  const cuts = coin(random) && agents.length > 1 ? random.integer(0, maxPartitions) : 0;
  const partitions = Array.from({ length: cuts }, () => partitionOf(random, agents, horizon));
  return { faults, faultPlan: [...lives, ...partitions] };
}

function crashOf(
  random: RandomStream,
  { agent, horizon, restarts }: { readonly agent: string; readonly horizon: Micros; readonly restarts: boolean },
): PlannedFault[] {
  const at = random.integer(0, horizon - 1);
  const crash: PlannedFault = { type: 'crash', agent, at };
  return restarts && coin(random) ? [crash, { type: 'restart', agent, at: random.integer(at + 1, horizon) }] : [crash];
}

function partitionOf(random: RandomStream, agents: readonly string[], horizon: Micros): PlannedFault {
  const mixed = random.shuffle(agents);
  const cut = random.integer(1, mixed.length - 1);
  const from = random.integer(0, horizon - 1);
  const until = random.integer(from + 1, horizon);
  return { type: 'partition', groups: [mixed.slice(0, cut), mixed.slice(cut)], from, until, oneWay: coin(random) };
}

function coin(random: RandomStream): boolean {
  return random.uniform() < 0.5;
}

function bad(problem: string): HaggleError {
  return new HaggleError('bad-random-faults', `drawing faults: ${problem}`);
}
