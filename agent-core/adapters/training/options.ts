import { z } from 'zod';
import type { Schedule } from '../../learning/schedule.ts';
import { count, positive, settings, type SchemasOf } from './settings.ts';

/** The shape of the nets that are learnt. */
export interface NetSettings {
  /** Widths of the hidden layers. Default 64 and 64. */
  readonly hidden?: readonly number[];
  /** Of the hidden layers. Default `tanh`. */
  readonly activation?: 'relu' | 'tanh';
}

/** Proximal policy optimisation; the defaults are those that hold up in Andrychowicz and others (2021). */
export interface PpoTraining extends NetSettings {
  readonly kind: 'ppo';
  /** How much less a reward counts that comes one unit of the environment's time later. Default 0.99. */
  readonly gamma?: number;
  /** Default 0.95. */
  readonly lambda?: number;
  /** Decisions gathered, in whole episodes, before each update. Default 2,048. */
  readonly decisionsPerUpdate?: number;
  /** Default 6. */
  readonly epochs?: number;
  /** Default 256. */
  readonly minibatch?: number;
  /** Default 0.2. */
  readonly clip?: number;
  /** Default 0. */
  readonly entropy?: Schedule;
  /** Default from 5e-4 down to 5e-5. */
  readonly policyRate?: Schedule;
  /** Default 1e-3. */
  readonly valueRate?: Schedule;
  /** Default 0.5. */
  readonly norm?: number;
  /** Default 0.03. */
  readonly divergence?: number;
  /** Of actions in a box, in halves of its bounds, at first. Default 0.5. */
  readonly deviation?: number;
}

/** Q-learning with double and target nets; for choices only. */
export interface DqnTraining extends NetSettings {
  readonly kind: 'dqn';
  /** How much less a reward counts that comes one unit of the environment's time later. Default 0.99. */
  readonly gamma?: number;
  /** Decisions between a transition's two ends. Default 1. */
  readonly steps?: number;
  /** Default 256. */
  readonly decisionsPerUpdate?: number;
  /** Gradients a decision. Default 0.25. */
  readonly gradientsPerDecision?: number;
  /** Default 64. */
  readonly minibatch?: number;
  /** Transitions kept. Default 50,000. */
  readonly replay?: number;
  /** Transitions gathered before the first gradient. Default 1,000. */
  readonly warmUp?: number;
  /** Default 1e-3. */
  readonly rate?: Schedule;
  /** Share of random choices. Default from 1 to 0.05 over half the training. */
  readonly exploration?: Schedule;
  /** Gradients after which the target net is made equal. Default 250. */
  readonly targetEvery?: number;
  /** Default 10. */
  readonly norm?: number;
  /** What rewards are multiplied by before they are learnt from: the loss bends at 1. Default 1. */
  readonly rewardScale?: number;
}

/** Evolution strategy on the policy's parameters: for rewards that say little about single decisions. */
export interface EvolutionTraining extends NetSettings {
  readonly kind: 'evolution';
  /** Candidates a generation; default by the number of parameters. */
  readonly population?: number;
  /** Episodes a candidate, the same for all of a generation. Default 4. */
  readonly episodes?: number;
  /** Of parameters at first. Default 0.5. */
  readonly deviation?: number;
}

/** How to learn. */
export type Algorithm = PpoTraining | DqnTraining | EvolutionTraining;

/** Every setting said. */
export type Settled<Training> = { readonly [Name in keyof Training]-?: Exclude<Training[Name], undefined> };

const share = z.number().min(0).max(1);
const rate = z.number().min(0);
const schedule = z.union(
  [rate, settings({ from: rate, to: rate, over: positive.max(1).default(1) })],
  'expected a number from 0, or an object with from, to and over',
);

const net = {
  hidden: z.array(count).default([64, 64]),
  activation: z.enum(['relu', 'tanh']).default('tanh'),
} satisfies SchemasOf<NetSettings>;

const ppo = settings({
  kind: z.literal('ppo'),
  ...net,
  gamma: share.default(0.99),
  lambda: share.default(0.95),
  decisionsPerUpdate: count.default(2_048),
  epochs: count.default(6),
  minibatch: count.default(256),
  clip: positive.default(0.2),
  entropy: schedule.default(0),
  policyRate: schedule.default({ from: 5e-4, to: 5e-5, over: 1 }),
  valueRate: schedule.default(1e-3),
  norm: positive.default(0.5),
  divergence: positive.default(0.03),
  deviation: positive.default(0.5),
} satisfies SchemasOf<PpoTraining>);

const dqn = settings({
  kind: z.literal('dqn'),
  ...net,
  gamma: share.default(0.99),
  steps: count.default(1),
  decisionsPerUpdate: count.default(256),
  gradientsPerDecision: positive.default(0.25),
  minibatch: count.default(64),
  replay: count.default(50_000),
  warmUp: count.default(1_000),
  rate: schedule.default(1e-3),
  exploration: schedule.default({ from: 1, to: 0.05, over: 0.5 }),
  targetEvery: count.default(250),
  norm: positive.default(10),
  rewardScale: positive.default(1),
} satisfies SchemasOf<DqnTraining>);

const evolution = settings({
  kind: z.literal('evolution'),
  ...net,
  // 0 stands for that of the parameters.
  population: count.default(0),
  episodes: count.default(4),
  deviation: positive.default(0.5),
} satisfies SchemasOf<EvolutionTraining>);

/** Schema of an {@link Algorithm}, which it settles. */
export const algorithmSchema = z.discriminatedUnion('kind', [ppo, dqn, evolution]);
