import { z } from 'zod';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { assert } from '../../../agent-core/errors.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import type { LatticeLaw } from './lattice-law.ts';
import { baseStock } from './order-policies.ts';
import type { PenaltySchedule } from './penalty-schedule.ts';

const whole = z.int().nonnegative();
const amounts = z.number().nonnegative();

/** What a stage of a serial chain knows from the start. Money is in tokens per unit and period, units may be broken. */
export const stageParams = z.object({
  supplier: did().nullable(),
  customer: did(),
  /** Periods that its orders are under way to its supplier, and goods from there. */
  orderDelay: whole,
  shipDelay: z.int().positive(),
  /** Storage here; what of it the supplier's storage does not cost; what it owes at the end of a period. */
  holding: amounts,
  echelonHolding: z.number(),
  backlog: amounts,
  /** What it pays for goods under way to its customer, and for how many periods they are. */
  underWay: amounts,
  customerShipDelay: whole,
  /** Law of what end customers want in a period: the retailer's secret; null for all others. */
  demand: z.custom<LatticeLaw>().nullable(),
  /** In stock at first; what arrives, what its own orders on the way are, and what it has under way to its customer, for each period of delay. */
  start: z.object({ stock: z.number(), arriving: amounts, ordered: amounts, sent: amounts }),
  /** Micro-tokens that it pays for a unit of its supplier's. */
  purchasePrice: z.bigint().nonnegative(),
  /** How it orders; null: base stock at the level that is negotiated. */
  policy: z.custom<Policy>().nullable(),
});

/** Parameters of a stage. */
export type StageParams = z.output<typeof stageParams>;

/** What a stage knows while it plays. */
export interface StageState {
  /** Points of the lattice of the talk, units; 0 before there was any. */
  step: number;
  /** Echelon levels, in points, of itself and its customer; null before they are agreed. */
  level: number | null;
  customerLevel: number;
  /** What it owes its customer for falling short: the contract. */
  contract: PenaltySchedule | null;
  /** Money per period that the chain is expected to cost, as the retailer heard it; null elsewhere. */
  quoted: number | null;
  turns: number;
  agreed: boolean;
  period: number;
  stock: number;
  onOrder: number;
  readonly orders: number[];
  readonly stocks: number[];
  /** Of each period, with those before the first where there were any. */
  readonly shipped: number[];
  readonly arrivals: number[];
  /** Orders that are on their way to the supplier, by period of arrival. */
  readonly letters: number[];
  /** Orders of the customer that were not handled yet, from `period` on. */
  readonly waiting: number[];
  readonly costs: number[];
  /** Micro-tokens that it paid its supplier, and its customer for falling short. */
  goodsPaid: bigint;
  compensationPaid: bigint;
  over: boolean;
}

/** As it begins. */
export function stageState({
  orderDelay,
  shipDelay,
  customerShipDelay,
  start,
  supplier,
  policy,
}: StageParams): StageState {
  const letters = supplier === null ? [] : Array.from({ length: orderDelay }, () => start.ordered);
  const arrivals = Array.from({ length: supplier === null ? orderDelay + shipDelay : shipDelay }, () => start.arriving);
  const onOrder = [...letters, ...arrivals].reduce((sum, units) => sum + units, 0);
  return {
    step: 0,
    level: null,
    customerLevel: 0,
    contract: null,
    quoted: null,
    turns: 0,
    agreed: policy !== null,
    period: 0,
    stock: start.stock,
    onOrder,
    orders: [],
    stocks: [],
    shipped: Array.from({ length: customerShipDelay }, () => start.sent),
    arrivals,
    letters,
    waiting: [],
    costs: [],
    goodsPaid: 0n,
    compensationPaid: 0n,
    over: false,
  };
}

/** How a stage orders: by its own rule, or up to the level that was agreed. */
export function policyOf({ policy }: StageParams, { level, customerLevel, step }: StageState): Policy {
  if (policy !== null) return policy;
  assert(level !== null, 'a stage without a rule of its own has agreed on a level before it plays');
  return baseStock((level - customerLevel) * step);
}

/** The door of a stage. */
export type StageContext = Context<StageParams, StageState>;
