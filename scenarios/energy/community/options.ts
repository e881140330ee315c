import { HaggleError } from '../../../agent-core/errors.ts';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { rollingPlan } from '../../../agents/energy/community/value-policy.ts';
import { COMMUNITY_LIMITS, type CommunityInstance } from './community.ts';

/** How the homes of a community behave. */
export interface CommunityOptions {
  /** They know their load and sun ahead and agree on plans, or decide each hour by a policy on what they have seen so far. */
  readonly plan: 'foresight' | 'policy';
  /** What a stored Wh is worth to a home that has no foresight; of the features of `VALUE_FEATURES`. */
  readonly policy: Policy;
  /** Nobody pays more than alone, as long as together they gain: who gained most makes up for it at the end. */
  readonly share: boolean;
}

/** Foresight, and gains shared. */
export const DEFAULT_COMMUNITY: CommunityOptions = { plan: 'foresight', policy: rollingPlan(), share: true };

/** A community, which part of it is meant, and how its homes behave. */
export interface CommunityProblem {
  readonly instance: CommunityInstance;
  /** With all homes and hours. */
  readonly whole: CommunityInstance;
  readonly choice: CommunityChoice;
  readonly options: CommunityOptions;
}

/** Which homes and hours, null: all; and what was said of plans, null: nothing. */
export interface CommunityChoice {
  readonly homes: string | null;
  readonly start: number;
  readonly hours: number | null;
  readonly plan: CommunityOptions['plan'] | null;
}

/** A community with all of its homes and hours under the usual options. */
export function wholeCommunity(whole: CommunityInstance): CommunityProblem {
  return chosen({ whole, choice: { homes: null, start: 0, hours: null, plan: null }, options: DEFAULT_COMMUNITY });
}

const KEYS = ['homes', 'hours', 'start', 'plan', 'share'];

/**
 * A problem under settings: `homes` by the numbers at the end of their names, such as `1-5` or `1-3+7`; `start` and `hours`, a part of the
 * time; `plan` (`foresight`, `policy`); `share` (`yes`, `no`).
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function configureCommunity(problem: CommunityProblem, settings: ReadonlyMap<string, string>): CommunityProblem {
  let { choice, options } = problem;
  const { whole } = problem;
  for (const [key, value] of settings) {
    switch (key) {
      case 'homes':
        choice = { ...choice, homes: value };
        break;
      case 'start':
        choice = { ...choice, start: wholeNumber(key, value, [0, whole.hours - 1]) };
        break;
      case 'hours':
        choice = { ...choice, hours: wholeNumber(key, value, [1, COMMUNITY_LIMITS.hours]) };
        break;
      case 'plan':
        if (value !== 'foresight' && value !== 'policy')
          throw bad(key, `must be foresight or policy, got ${quoted(value)}`);
        options = { ...options, plan: value };
        choice = { ...choice, plan: value };
        break;
      case 'share':
        if (value !== 'yes' && value !== 'no') throw bad(key, `must be yes or no, got ${quoted(value)}`);
        options = { ...options, share: value === 'yes' };
        break;
      default:
        throw bad(key, `is no setting of a community; there is ${KEYS.join(', ')}`);
    }
  }
  return chosen({ whole, choice, options });
}

function chosen({ whole, choice, options }: Omit<CommunityProblem, 'instance'>): CommunityProblem {
  const { start } = choice;
  const left = whole.hours - start;
  const hours = choice.hours ?? Math.min(left, COMMUNITY_LIMITS.hours);
  if (hours > left) throw bad('hours', `must be at most the ${left} from hour ${start} on, got ${hours}`);
  const homes = choice.homes === null ? whole.homes : homesOf(whole, choice.homes);
  const isWhole = homes.length === whole.homes.length && hours === whole.hours;
  const cut = <T>(list: readonly T[]): T[] => list.slice(start, start + hours);
  const { calendar, carbonKgPerKwh, tariff } = whole;
  const instance: CommunityInstance = isWhole
    ? whole
    : {
        name: whole.name,
        hours,
        homes: homes.map((home) => ({ ...home, loadWh: cut(home.loadWh), sunWh: cut(home.sunWh) })),
        calendar: { hourOfDay: cut(calendar.hourOfDay), dayType: cut(calendar.dayType), month: cut(calendar.month) },
        tariff: cut(tariff),
        carbonKgPerKwh: carbonKgPerKwh === null ? null : cut(carbonKgPerKwh),
      };
  return { whole, choice, options, instance };
}

const HOME_RANGE = /^(\d{1,4})(?:-(\d{1,4}))?$/;

/** Homes whose number is in one of the ranges. */
function homesOf({ homes }: CommunityInstance, text: string): CommunityInstance['homes'] {
  const numberOf = ({ name }: { readonly name: string }): number => Number(/(\d{1,9})$/.exec(name)?.[1] ?? Number.NaN);
  const numbers = new Set(homes.map(numberOf));
  const wanted = new Set<number>();
  for (const part of text.split('+')) {
    const found = HOME_RANGE.exec(part);
    if (found === null) throw bad('homes', `must be numbers and ranges such as 1-3+7, got ${quoted(text)}`);
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (to < from) throw bad('homes', `must have ranges in order, got ${quoted(text)}`);
    for (let number = from; number <= to; number++) wanted.add(number);
  }
  const missing = [...wanted].find((number) => !numbers.has(number));
  if (missing !== undefined) {
    const known = [...numbers].slice(0, 40).join(', ');
    throw bad('homes', `there is no home ${missing}; there is ${known}`);
  }
  return homes.filter((home) => wanted.has(numberOf(home)));
}

function wholeNumber(key: string, value: string, [min, max]: readonly [number, number]): number {
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw bad(key, `must be a whole number from ${min} to ${max}, got ${quoted(value)}`);
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}

function bad(key: string, problem: string): HaggleError {
  return new HaggleError('bad-parameter', `${key} ${problem}`, { fields: { key } });
}
