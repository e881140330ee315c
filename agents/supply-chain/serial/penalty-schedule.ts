import { meanOf, type LatticeLaw } from './lattice-law.ts';

/**
 * What a firm asks of its supplier: to be kept at a level, and so much for every period in which it falls short of it. Positions
 * are echelon stock: what the firm and all who come after it have, with what is under way to them, less what waits. All in points
 * of one lattice, money per period.
 */
export interface PenaltySchedule {
  /** The echelon stock that the firm orders up to. */
  readonly level: number;
  /** What the firm and those after it cost, expected, where it never falls short. */
  readonly base: number;
  /** What a shortfall of 1, 2, … points adds to that. */
  readonly shortfall: readonly number[];
  /** What every further point adds. */
  readonly tail: number;
  /** What every point above the level adds: 0, or less where stock is cheaper with the firm than with its supplier and it takes all. */
  readonly surplus: number;
}

/** What a stage knows of its own costs: money per unit and period. */
export interface StageCosts {
  /** Echelon holding cost: what storage costs here above what it costs at the supplier. */
  readonly holding: number;
  /** For each unit that it owes its customer at the end of a period; 0 for all but the retailer in Clark and Scarf's model. */
  readonly backlog: number;
}

/** A stage's answer to a schedule: its own level, what the chain up to here costs, and what it asks of its own supplier. */
export interface StagePlan {
  readonly schedule: PenaltySchedule;
  /** Money per period, expected: this stage and all after it, with a supplier that never falls short. */
  readonly cost: number;
}

/** Values of one schedule at most. */
export const SCHEDULE_POINTS_MAX = 2_048;
/** A schedule ends where its slope is as near to that of the tail: relative. */
const TAIL_TOLERANCE = 1e-8;
/** Slopes this small count as none: relative to the tail. */
const FLAT = 1e-12;
/** Digits that are told. */
const DIGITS = 12;

/** What end customers ask of the retailer: served at once, or `perUnit` for each unit and period, in points of `step` units. */
export function customersSchedule(perUnit: number, step: number): PenaltySchedule {
  return { level: 0, base: 0, shortfall: [], tail: perUnit * step, surplus: 0 };
}

/** What a firm of a schedule costs where its echelon stock is at `position`. */
export function scheduleCost({ level, base, shortfall, tail, surplus }: PenaltySchedule, position: number): number {
  return position >= level
    ? base + surplus * (position - level)
    : base + shortfallCost({ shortfall, tail }, level - position);
}

/** What falling short by so many points costs. */
export function shortfallCost({ shortfall, tail }: Pick<PenaltySchedule, 'shortfall' | 'tail'>, short: number): number {
  const known = shortfall.length;
  if (short <= known) return short <= 0 ? 0 : (shortfall[short - 1] ?? 0);
  return (known === 0 ? 0 : (shortfall[known - 1] ?? 0)) + (short - known) * tail;
}

/**
 * Plans a stage behind the schedule of its customer: one step of the recursion of Clark and Scarf (1960) as Chen and Zheng (1994)
 * write it. The stage's expected cost at echelon position y is C(y) = E[h x + b (S - x)+ + customer(x)] with x = y - D, D the demand of
 * its lead time and S the customer's level; its level is where C is least, or the one given, and what it asks of its own supplier is
 * C(level - u) - C(level) for a shortfall of u.
 */
export function planStage(
  customer: PenaltySchedule,
  costs: StageCosts,
  { leadTimeDemand, level }: { readonly leadTimeDemand: LatticeLaw; readonly level: number | null },
): StagePlan {
  const { step } = leadTimeDemand;
  const cost = expectedCost(customer, costs, leadTimeDemand);
  const slopeAbove = costs.holding * step + customer.surplus;
  const tail = customer.tail + (costs.backlog - costs.holding) * step;
  const isBottomless = slopeAbove < -FLAT * Math.abs(customer.tail);
  const all = customer.level + leadTimeDemand.first + leadTimeDemand.masses.length - 1;
  const start = Math.round(customer.level + meanOf(leadTimeDemand) / step);
  const own = level ?? (isBottomless ? all : leastCost(cost, start, FLAT * Math.abs(customer.tail)));
  const base = cost(own);
  const shortfall: number[] = [];
  for (let u = 1, before = base; u <= SCHEDULE_POINTS_MAX; u++) {
    const here = cost(own - u);
    if (Math.abs(here - before - tail) < TAIL_TOLERANCE * Math.abs(tail)) break;
    shortfall.push(rounded(here - base));
    before = here;
  }
  const surplus = level === null && isBottomless ? slopeAbove : 0;
  return { schedule: { level: own, base: rounded(base), shortfall, tail: rounded(tail), surplus }, cost: base };
}

/** C(y), each point computed once. */
function expectedCost(
  customer: PenaltySchedule,
  { holding, backlog }: StageCosts,
  { step, first, masses }: LatticeLaw,
): (position: number) => number {
  const after = memo(
    (x) => holding * x * step + backlog * step * Math.max(0, customer.level - x) + scheduleCost(customer, x),
  );
  return memo((y) => {
    let sum = 0;
    for (let k = 0; k < masses.length; k++) sum += (masses[k] ?? 0) * after(y - first - k);
    return sum;
  });
}

/** The lowest point of a convex function. */
function leastCost(cost: (position: number) => number, start: number, flat: number): number {
  let at = start;
  while (cost(at + 1) < cost(at) - flat) at++;
  while (cost(at - 1) <= cost(at) + flat) at--;
  return at;
}

function memo(compute: (position: number) => number): (position: number) => number {
  const known = new Map<number, number>();
  return (position) => {
    let value = known.get(position);
    if (value === undefined) known.set(position, (value = compute(position)));
    return value;
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
