import type { Schedule } from '../../learning/schedule.ts';
import {
  checkSettings,
  aCount,
  oneOf,
  optional,
  aPositive,
  said,
  aSchedule,
  aShare,
  someWidths,
  type ChecksOf,
} from './settings.ts';

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

/** The net of every way to learn, where nothing is said. */
const USUAL_NET = { hidden: [64, 64], activation: 'tanh' } as const;

const NET_CHECKS = { hidden: optional(someWidths), activation: optional(oneOf('relu', 'tanh')) };

const PPO_CHECKS: ChecksOf<PpoTraining> = {
  kind: oneOf('ppo'),
  ...NET_CHECKS,
  gamma: optional(aShare),
  lambda: optional(aShare),
  decisionsPerUpdate: optional(aCount),
  epochs: optional(aCount),
  minibatch: optional(aCount),
  clip: optional(aPositive),
  entropy: optional(aSchedule),
  policyRate: optional(aSchedule),
  valueRate: optional(aSchedule),
  norm: optional(aPositive),
  divergence: optional(aPositive),
  deviation: optional(aPositive),
};

const DQN_CHECKS: ChecksOf<DqnTraining> = {
  kind: oneOf('dqn'),
  ...NET_CHECKS,
  gamma: optional(aShare),
  steps: optional(aCount),
  decisionsPerUpdate: optional(aCount),
  gradientsPerDecision: optional(aPositive),
  minibatch: optional(aCount),
  replay: optional(aCount),
  warmUp: optional(aCount),
  rate: optional(aSchedule),
  exploration: optional(aSchedule),
  targetEvery: optional(aCount),
  norm: optional(aPositive),
  rewardScale: optional(aPositive),
};

const EVOLUTION_CHECKS: ChecksOf<EvolutionTraining> = {
  kind: oneOf('evolution'),
  ...NET_CHECKS,
  population: optional(aCount),
  episodes: optional(aCount),
  deviation: optional(aPositive),
};

const CHECKS = { ppo: PPO_CHECKS, dqn: DQN_CHECKS, evolution: EVOLUTION_CHECKS } as const;

/** Refuses an algorithm that is none, also one that no compiler has seen. @throws as {@link settledPpo} */
export function checkAlgorithm(what: string, algorithm: unknown): void {
  const kind: unknown =
    typeof algorithm === 'object' && algorithm !== null && 'kind' in algorithm ? algorithm.kind : undefined;
  oneOf(...Object.keys(CHECKS))(`${what}.kind`, kind);
  const checks = Object.entries(CHECKS).find(([name]) => name === kind)?.[1];
  if (checks !== undefined) checkSettings(String(kind), algorithm, checks);
}

/** PPO with its defaults filled in. @throws HaggleError `bad-training` naming the setting, its value and its bound */
export function settledPpo(training: PpoTraining): Settled<PpoTraining> {
  checkSettings('ppo', training, PPO_CHECKS);
  return {
    ...USUAL_NET,
    gamma: 0.99,
    lambda: 0.95,
    decisionsPerUpdate: 2_048,
    epochs: 6,
    minibatch: 256,
    clip: 0.2,
    entropy: 0,
    policyRate: { from: 5e-4, to: 5e-5 },
    valueRate: 1e-3,
    norm: 0.5,
    divergence: 0.03,
    deviation: 0.5,
    ...said(training),
  };
}

/** DQN with its defaults filled in. @throws as {@link settledPpo} */
export function settledDqn(training: DqnTraining): Settled<DqnTraining> {
  checkSettings('dqn', training, DQN_CHECKS);
  return {
    ...USUAL_NET,
    gamma: 0.99,
    steps: 1,
    decisionsPerUpdate: 256,
    gradientsPerDecision: 0.25,
    minibatch: 64,
    replay: 50_000,
    warmUp: 1_000,
    rate: 1e-3,
    exploration: { from: 1, to: 0.05, over: 0.5 },
    targetEvery: 250,
    norm: 10,
    rewardScale: 1,
    ...said(training),
  };
}

/** An evolution with its defaults filled in; a population of 0 stands for that of the parameters. @throws as {@link settledPpo} */
export function settledEvolution(training: EvolutionTraining): Settled<EvolutionTraining> {
  checkSettings('evolution', training, EVOLUTION_CHECKS);
  return { ...USUAL_NET, population: 0, episodes: 4, deviation: 0.5, ...said(training) };
}
