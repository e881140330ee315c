import { z } from 'zod';
import type { Bus } from '../agent-core/bus/bus.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';
import type { JsonValue } from '../agent-core/message/canonical.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { coordinate, type Coordination, type ShardedSummary } from '../simulator/shards/coordinator.ts';
import type { Wall, WallMillis } from '../simulator/shards/wall.ts';
import { work, type WorkerPart } from '../simulator/shards/worker.ts';
import type { World } from '../simulator/world.ts';
import { scenarioName, withScenario } from './registry.ts';
import type { RoundProgress, Scenario } from './scenario.ts';
import { instanceSourceSchema, loadInstance, sourceJson, type InstanceSource } from './instance-source.ts';
import { settle } from './settle.ts';

/** What processes of a split run share: the way to each other. */
export interface Meeting {
  readonly bus: Bus;
  readonly wall: Wall;
  /** Name of the run, one subject token. */
  readonly run: string;
  /** UTF-8 bytes of one payload that the bus takes. */
  readonly maxPayloadBytes: number;
  readonly millis?: WallMillis;
}

/** A run over several processes, as the one that starts it sees it. */
export interface SplitRun extends Meeting {
  readonly kind: 'memory' | 'nats';
  readonly workers: number;
  readonly instance: InstanceSource;
  /** Gets hold of the run, to tell it of workers that ended. */
  readonly onStart?: (coordination: Coordination) => void;
  readonly onJoin?: (joined: number) => void;
}

const aboutSchema = z.strictObject({
  scenario: z.string(),
  seed: z.number().int(),
  sign: z.enum(['each', 'batch', 'off']),
  instance: instanceSourceSchema,
});

const progressSchema = z.strictObject({ round: z.number().int(), disagreement: z.number().nullable() });

interface Watching {
  readonly description: { readonly scenario: string; readonly seed: number; readonly sign: SigningMode };
  readonly trace: boolean;
  readonly note: (progress: RoundProgress) => void;
}

/** Lets workers run a world that was made as their coordinator's part. @throws HaggleError what stopped the run */
export async function runOnWorkers(
  { shard }: World,
  split: SplitRun,
  { description, trace, note }: Watching,
): Promise<ShardedSummary> {
  assert(shard !== null, 'the world of a split run is one part of it');
  const { instance } = split;
  const coordination = coordinate({
    ...split,
    shard,
    trace,
    about: { ...description, instance: sourceJson(instance) },
    onProgress: (told) => note(mergeProgress(told)),
  });
  split.onStart?.(coordination);
  return await coordination.done;
}

/** Of several groups of agents, the largest numbers stand for all; null is infinite. */
function mergeProgress(told: readonly JsonValue[]): RoundProgress {
  const known = told.filter((progress) => progress !== null).map((progress) => progressSchema.parse(progress));
  return {
    round: Math.max(0, ...known.map(({ round }) => round)),
    disagreement: Math.max(0, ...known.map(({ disagreement }) => disagreement ?? Infinity)),
  };
}

/** Options of {@link workOn}. */
export interface WorkOptions extends Meeting {
  /** This worker's name in the run, one subject token that no other worker has. */
  readonly token: string;
  readonly cpuSeconds?: () => number;
}

/**
 * Takes part in a split run of a scenario, by the coordinator's description, until it is over.
 *
 * @throws HaggleError what stopped the run; `bad-wire` for a description that is none
 */
export async function workOn(options: WorkOptions): Promise<void> {
  await work({
    ...options,
    populate: (about, shard) => {
      const description = aboutSchema.safeParse(about);
      if (!description.success) {
        throw new HaggleError(
          'bad-wire',
          `reading what to simulate: ${description.error.issues[0]?.message ?? 'invalid'}`,
        );
      }
      const { data } = description;
      return withScenario(scenarioName(data.scenario), (scenario) => partOf(scenario, data, shard));
    },
  });
}

function partOf<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  { seed, sign, instance }: z.output<typeof aboutSchema>,
  shard: Parameters<Parameters<typeof work>[0]['populate']>[1],
): WorkerPart {
  const made = loadInstance(scenario, instance, seed);
  const { place, population } = settle(scenario, made, { seed, sign, shard });
  assert(place.shard !== null, 'a worker makes one part of a world');
  return {
    shard: place.shard,
    progress: () => {
      const { round, disagreement } = population.progress();
      return { round, disagreement: Number.isFinite(disagreement) ? disagreement : null };
    },
  };
}
