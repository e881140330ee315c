import type { Decider } from '../agent-core/agent/decision.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { ShardOptions } from '../simulator/shards/shard-options.ts';
import type { TraceRecord } from '../simulator/trace.ts';
import { world, type World } from '../simulator/world.ts';
import type { Population, Scenario } from './scenario.ts';

/** Options of {@link settle}. */
export interface SettleOptions {
  readonly seed: number;
  readonly sign: SigningMode;
  readonly record?: ((record: TraceRecord) => void) | undefined;
  readonly shard?: ShardOptions | undefined;
  /** Answers in the place of the agents' policies. */
  readonly decider?: Decider | undefined;
}

/** The world of a simulation with its agents placed. All processes of a split run make it here, so that it is one world. */
export function settle<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  { seed, sign, record, shard, decider }: SettleOptions,
): { readonly place: World; readonly population: Population<Solution> } {
  const place = world({
    seed,
    sign,
    strict: true,
    shard,
    ...(record === undefined ? {} : { record }),
    ...(decider === undefined ? {} : { decider }),
  });
  return { place, population: scenario.populate(place, instance) };
}
