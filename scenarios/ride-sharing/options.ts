import type { Duration } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import type { RideInstance } from './instance.ts';
import { EXCHANGE_LIMITS } from '../../agents/ride-sharing/exchange-protocol.ts';

/** Sessions in vain that a vehicle may be told to bear. */
const PATIENCE_MAX = 1_000;

/** What a unit of a rider's time may be told to weigh. */
const WEIGHT_MAX = 1_000_000;

/** How the agents of an instance behave. */
export interface RideOptions {
  /** `static`: all riders call before the day begins. `online`: each calls at its request time, while vehicles drive. */
  readonly mode: 'static' | 'online';
  /** Vehicles trade trips; without, contracts stay with those who won them. */
  readonly renegotiate: boolean;
  /** Rounds of one session, and how many sessions in a row may be in vain before a vehicle calls no more; null: by the mode. */
  readonly rounds: number | null;
  readonly patience: number | null;
  /** In online mode vehicles renegotiate after each new contract, and this long after the last session; left out: not then. */
  readonly every?: Duration;
  /** How late vehicles leave, from 0 (as early as is of use, also where left out) to 1 (as late as their plans allow). */
  readonly lateness?: number;
  /**
   * Whom riders choose where several operators compete: the offer that costs least of all (`broker`, also where left out), the earliest
   * arrival among the cheapest offers of each operator (`user`), or the cheapest of the one operator that they call (`independent`).
   */
  readonly market?: 'broker' | 'user' | 'independent';
  /** Policies of all vehicles; none where left out. */
  readonly reposition?: Policy;
  readonly shading?: Policy;
}

/** Static, with renegotiation. */
export const DEFAULT_OPTIONS: RideOptions = { mode: 'static', renegotiate: true, rounds: null, patience: null };

/** An instance with how its agents behave. */
export interface RideProblem {
  readonly instance: RideInstance;
  readonly options: RideOptions;
}

/** A problem under settings such as `mode=online`, `riderTime=0.2`. @throws HaggleError `bad-parameter` naming key, value and bound */
export function withSettings(problem: RideProblem, settings: ReadonlyMap<string, string>): RideProblem {
  let { instance, options } = problem;
  for (const [key, value] of settings) {
    const reader = READERS.get(key);
    if (reader !== undefined) options = { ...options, ...reader(value) };
    else if (key === 'riderTime') {
      instance = { ...instance, costs: { ...instance.costs, perRiderTime: weight(key, value) } };
    } else {
      const known = [...READERS.keys(), 'riderTime'].join(', ');
      throw new HaggleError('bad-parameter', `there is no setting "${key}"; there is: ${known}`);
    }
  }
  return { instance, options };
}

const READERS: ReadonlyMap<string, (value: string) => Partial<RideOptions>> = new Map<
  string,
  (value: string) => Partial<RideOptions>
>([
  ['mode', (value) => ({ mode: oneOf('mode', value, ['static', 'online'] as const) })],
  ['market', (value) => ({ market: oneOf('market', value, ['broker', 'user', 'independent'] as const) })],
  ['renegotiate', (value) => ({ renegotiate: oneOf('renegotiate', value, ['yes', 'no'] as const) === 'yes' })],
  ['rounds', (value) => ({ rounds: wholeNumber('rounds', value, EXCHANGE_LIMITS.rounds) })],
  ['patience', (value) => ({ patience: wholeNumber('patience', value, PATIENCE_MAX) })],
]);

function weight(key: string, value: string): number {
  const number = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && number <= WEIGHT_MAX) return number;
  throw new HaggleError('bad-parameter', `${key} must be a number from 0 to ${WEIGHT_MAX}, got "${value}"`);
}

function wholeNumber(key: string, value: string, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new HaggleError('bad-parameter', `${key} must be a whole number from 1 to ${max}, got "${value}"`);
}

function oneOf<Value extends string>(key: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new HaggleError('bad-parameter', `${key} must be ${allowed.join(' or ')}, got "${value}"`);
}
