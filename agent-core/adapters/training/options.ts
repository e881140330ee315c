import { HaggleError } from '../../errors.ts';
import { checkSchedule, type Schedule } from '../../learning/schedule.ts';

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

/** PPO with its defaults filled in. @throws HaggleError `bad-training` naming the setting, its value and its bound */
export function settledPpo(training: PpoTraining): Settled<PpoTraining> {
  const settled = {
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
    ...training,
  };
  checkNet(settled);
  checkShares({ gamma: settled.gamma, lambda: settled.lambda });
  checkCounts({ decisionsPerUpdate: settled.decisionsPerUpdate, epochs: settled.epochs, minibatch: settled.minibatch });
  checkPositive({
    clip: settled.clip,
    norm: settled.norm,
    divergence: settled.divergence,
    deviation: settled.deviation,
  });
  checkSchedule('entropy', settled.entropy, 0);
  checkSchedule('policyRate', settled.policyRate, 0);
  checkSchedule('valueRate', settled.valueRate, 0);
  return settled;
}

/** DQN with its defaults filled in. @throws as {@link settledPpo} */
export function settledDqn(training: DqnTraining): Settled<DqnTraining> {
  const settled = {
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
    ...training,
  };
  checkNet(settled);
  checkShares({ gamma: settled.gamma });
  const { steps, decisionsPerUpdate, minibatch, replay, warmUp, targetEvery } = settled;
  checkCounts({ steps, decisionsPerUpdate, minibatch, replay, warmUp, targetEvery });
  const { gradientsPerDecision, norm, rewardScale } = settled;
  checkPositive({ gradientsPerDecision, norm, rewardScale });
  checkSchedule('rate', settled.rate, 0);
  checkSchedule('exploration', settled.exploration, 0);
  return settled;
}

/** An evolution with its defaults filled in; a population of 0 stands for that of the parameters. @throws as {@link settledPpo} */
export function settledEvolution(training: EvolutionTraining): Settled<EvolutionTraining> {
  const settled = {
    ...USUAL_NET,
    population: 0,
    episodes: 4,
    deviation: 0.5,
    ...training,
  };
  checkNet(settled);
  checkCounts({ episodes: settled.episodes });
  checkPositive({ deviation: settled.deviation });
  return settled;
}

/** Refuses numbers that are not whole or below 1. @throws HaggleError `bad-training` */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    throw new HaggleError('bad-training', `${name} must be a whole number from 1, got ${count}`);
  }
}

function checkNet({ hidden }: { readonly hidden: readonly number[] }): void {
  checkCounts(Object.fromEntries(hidden.map((width, k) => [`hidden layer ${k}`, width])));
}

function checkShares(shares: Readonly<Record<string, number>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (share >= 0 && share <= 1) continue;
    throw new HaggleError('bad-training', `${name} must be from 0 to 1, got ${share}`);
  }
}

function checkPositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value > 0 && value < Infinity) continue;
    throw new HaggleError('bad-training', `${name} must be finite and above 0, got ${value}`);
  }
}
