import type { Kpis } from '../scenario.ts';
import { replay, type Replay } from './score.ts';
import type { SupplySolution } from './solution.ts';

const MICROS = 1_000_000n;

/**
 * By rule, how far a solution breaks it; 0 where it holds. `negativeUnits`: the largest order below zero; `profitTokens`: by how much what
 * is claimed differs from what the orders earn; `unbookedTokens`: by how much what all firms have in their books does; `unequalMicros`: the most by which a firm's profit differs from what it was paid and paid; `settledMicros`: what settlements make or lose in all;
 * `badPayments`: those that are no whole number of micro-tokens.
 */
export function supplyViolations({ environment, history }: Replay, solution: SupplySolution): Kpis {
  const negative = history.ordered.reduce((most, asked) => Math.max(most, -asked), 0);
  const profit = Math.abs(solution.profit - environment.profit);
  return {
    negativeUnits: negative,
    profitTokens: profit > PROFIT_TOLERANCE ? profit : 0,
    unbookedTokens: unbooked(environment, solution),
    ...accountFaults(solution),
  };
}

/** Below this a difference comes from rounding. */
const PROFIT_TOLERANCE = 1e-6;

/** Books are kept without the discount, and each payment in them is rounded to a micro-token: a few by lane, market and firm and period. */
function unbooked({ instance, profit }: Replay['environment'], { orders, firms }: SupplySolution): number {
  const accounts = Object.values(firms);
  if (accounts.length === 0) return 0;
  const { nodes, lanes, markets } = instance.network;
  const booked = accounts.reduce((sum, one) => sum + one.profit, 0);
  const earned = instance.discount === 1 ? profit : replay({ ...instance, discount: 1 }, { orders }).environment.profit;
  const payments = (nodes.length + lanes.length + markets.length) * instance.periods;
  const far = Math.abs(booked - earned);
  return far <= 3e-6 * payments + 1e-9 * Math.abs(earned) ? 0 : far;
}

function accountFaults({ firms, payments }: SupplySolution): Kpis {
  const balance = new Map<string, bigint>();
  let bad = 0;
  for (const { from, to, amount } of payments) {
    if (!/^\d{1,30}$/.test(amount)) {
      bad++;
      continue;
    }
    balance.set(from, (balance.get(from) ?? 0n) - BigInt(amount));
    balance.set(to, (balance.get(to) ?? 0n) + BigInt(amount));
  }
  let [unequal, settled] = [0n, 0n];
  for (const [id, { profit, settlement }] of Object.entries(firms)) {
    const difference = magnitude((balance.get(id) ?? 0n) - micros(profit));
    if (difference > unequal) unequal = difference;
    settled += micros(settlement);
  }
  return { unequalMicros: Number(unequal), settledMicros: Number(magnitude(settled)), badPayments: bad };
}

/** Tokens as whole micro-tokens. */
function micros(tokens: number): bigint {
  if (!Number.isFinite(tokens)) return MICROS * MICROS * MICROS;
  return BigInt(Math.round(tokens * Number(MICROS)));
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
