/** What a number that an update says of itself is called, and what it tells. */
export interface LossWords {
  readonly words: string;
  readonly note?: string;
}

/** By the names that ways to learn give them; others stand by their own. */
export const LOSS_WORDS: Readonly<Record<string, LossWords>> = {
  policy: { words: 'Policy loss', note: 'Policy loss: the clipped objective, lower is better within an update.' },
  value: {
    words: 'Value loss',
    note: 'Value loss: squared error of expected returns, in squared deviations of these.',
  },
  entropy: { words: 'Entropy of decisions', note: 'Entropy: how much the policy still explores.' },
  divergence: { words: 'KL divergence of an update', note: 'KL divergence: how far an update moved the policy.' },
  clipped: {
    words: 'Share of ratios clipped',
    note: 'Clipped: the part of decisions that moved further than an update may move them.',
  },
  steps: { words: 'Gradient steps of the policy' },
  loss: {
    words: 'Loss of expected returns',
    note: 'Loss: squared or Huber error of what decisions are expected to return.',
  },
  gradients: { words: 'Gradient steps' },
  best: { words: 'Best candidate', note: 'Best candidate: the greatest reward among those that an update tried.' },
};
