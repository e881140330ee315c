import { assert } from '../errors.ts';
import { exp, ln } from '../float-math.ts';

/** How much less a reward counts that comes `elapsed` later: `rate ^ elapsed`, with fixed bits. `rate` from 0 to 1, `elapsed` from 0. */
export function discount(rate: number, elapsed: number): number {
  if (rate === 1 || elapsed === 0) return 1;
  if (rate === 0) return 0;
  return elapsed === 1 ? rate : exp(elapsed * ln(rate));
}

/** One agent's way through an episode, as far as its worth goes. */
export interface RewardPath {
  /** After each decision, until the agent's next turn. */
  readonly rewards: ArrayLike<number>;
  /** Time from each decision to the agent's next turn. */
  readonly elapsed: ArrayLike<number>;
  /** Expected worth at each decision, and one more: at the end, 0 where the path terminated, the value there where it was truncated. */
  readonly values: ArrayLike<number>;
}

/** What {@link advantagesOf} makes: one number a decision. */
export interface Advantages {
  readonly advantages: Float64Array;
  /** Advantage and value together: what a value function is fitted to. */
  readonly returns: Float64Array;
}

/**
 * Generalised advantage estimates (Schulman, Moritz, Levine, Jordan and Abbeel 2016, equation 16) of a semi-Markov decision
 * process (Sutton, Precup and Singh 1999): what follows a decision is discounted by `gamma ^ elapsed`, not by one gamma a step.
 *
 *     delta(t) = r(t) + gamma^elapsed(t) V(t + 1) - V(t)
 *     A(t)     = delta(t) + gamma^elapsed(t) lambda A(t + 1)
 *
 * @param rates - `gamma` a unit of time, `lambda` a decision
 */
export function advantagesOf(path: RewardPath, rates: { readonly gamma: number; readonly lambda: number }): Advantages {
  const { rewards, elapsed, values } = path;
  const count = rewards.length;
  assert(elapsed.length === count && values.length === count + 1, 'a path has a time each reward and a value more');
  const advantages = new Float64Array(count);
  const returns = new Float64Array(count);
  let ahead = 0;
  for (let t = count - 1; t >= 0; t--) {
    const fade = discount(rates.gamma, elapsed[t] as number);
    const value = values[t] as number;
    ahead = (rewards[t] as number) + fade * (values[t + 1] as number) - value + fade * rates.lambda * ahead;
    advantages[t] = ahead;
    returns[t] = ahead + value;
  }
  return { advantages, returns };
}

/** What {@link lookAhead} makes of one decision: `reward + discount * worth of decision next`. */
export interface LookAhead {
  /** Of the decisions from this one to before `next`, discounted to this one. */
  readonly reward: number;
  /** `gamma ^` (time from this decision to `next`). */
  readonly discount: number;
  /** Index of the decision, or the number of decisions for the end. */
  readonly next: number;
}

/** The rewards of up to `steps` decisions from `from` on, over irregular times (Sutton and Barto 2018, 7.1, with gamma^elapsed). */
export function lookAhead(
  path: Pick<RewardPath, 'rewards' | 'elapsed'>,
  { from, steps, gamma }: { readonly from: number; readonly steps: number; readonly gamma: number },
): LookAhead {
  const next = Math.min(from + steps, path.rewards.length);
  let reward = 0;
  let fade = 1;
  for (let t = from; t < next; t++) {
    reward += fade * (path.rewards[t] as number);
    fade *= discount(gamma, path.elapsed[t] as number);
  }
  return { reward, discount: fade, next };
}

/** Shifts and scales in place to mean 0 and deviation 1; numbers that are all alike become 0. */
export function standardise(values: Float32Array): void {
  if (values.length === 0) return;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  const deviation = Math.sqrt(squares / values.length) + 1e-8;
  for (let k = 0; k < values.length; k++) values[k] = ((values[k] as number) - mean) / deviation;
}
