import { z } from 'zod';
import type { AgentBuilder } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import { micros, type Duration, type Micros } from '../../../agent-core/clock.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import { noMemory, type HomeMemory } from './home-memory.ts';
import { planStorage } from './storage-plan.ts';
import { costOfNet, netCost } from './pooled-cost.ts';
import { SERIES_LENGTH_MAX } from './series-text.ts';

/** What is traded: one Wh of an hour. */
export const ENERGY_ASSET = 'wh';

/** Wh that a home or a battery moves in an hour at most. */
const HOUR_WH_MAX = 10_000_000;
/** Micro-tokens a Wh at most: 1,000 tokens a kWh. */
export const TARIFF_MAX = 1_000_000;

const hourly = (max: number) => z.array(z.int().nonnegative().max(max)).max(SERIES_LENGTH_MAX);

/** When the market of homes opens, and what it trades by. */
export const marketHours = {
  exchange: did(),
  /** When the first hour begins: a whole number of hours after the exchange started. Before it homes agree on plans. */
  opensAt: z.custom<Duration>().default('1 h'),
  /** By hour, whole micro-tokens a Wh, known to all. */
  tariff: hourly(TARIFF_MAX).min(1),
};

/** How a home decides what its battery does. */
const deciding = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('foresight'),
    /** Who passes plans to it, and to whom it passes them; null for a home that plans alone. */
    ring: z.object({ before: did(), after: did(), leads: z.boolean() }).nullable(),
    /** By how many Wh the kink of the tariff is rounded off, one after the other. */
    smoothingsWh: z.array(z.int().nonnegative().max(1_000_000_000)).min(1).max(16).default([1_000, 300, 100, 30, 0]),
    /** Times that plans go round with each, at most. */
    rounds: z.int().min(1).max(1_000).default(20),
    /** Part of the cost that a round must save for another to follow. */
    worthwhile: z.number().positive().max(1).default(1e-5),
  }),
  z.object({ by: z.literal('policy'), policy: z.custom<Policy>() }),
]);

/** Schema of {@link HomeParams}. */
export const homeParams = z.object({
  ...marketHours,
  utility: did(),
  /** By hour, metered in whole Wh. A home that decides by policy looks at the hours that are over, and the present one. */
  loadWh: hourly(HOUR_WH_MAX),
  sunWh: hourly(HOUR_WH_MAX),
  battery: z.object({
    capacityWh: z.number().nonnegative().max(HOUR_WH_MAX),
    powerW: z.number().nonnegative().max(HOUR_WH_MAX),
    efficiency: z.number().positive().max(1),
  }),
  /** By hour: 0 to 23; 1 (Monday) to 8 (holiday); 1 to 12. */
  hourOfDay: hourly(23),
  dayType: hourly(8),
  month: hourly(12),
  decides: deciding,
  /** Who shares out gains at the end; null where nobody does. */
  convenor: did().nullable(),
  /** Who takes part in that: known to the convenor. */
  members: z.array(did()).max(2_000),
});

/** Parameters of a home. */
export type HomeParams = z.output<typeof homeParams>;

/** Plans as far as they have been agreed on. */
export interface PlanState {
  /** By hour, what the home means to draw, whole Wh. */
  netWh: number[];
  /** By hour, what is to be in store at its end, Wh. */
  storedWh: number[];
  /** By hour, what energy is worth by the plans of all, micro-tokens a Wh. */
  prices: number[];
  /** Of who leads: by what the first sum was hidden. */
  mask: number[];
  /** Of who leads: which rounding is being used, and what the total cost when it last came by. */
  smoothing: number;
  lastCost: number;
  /** Rounds with this rounding so far, and with any. */
  stageRounds: number;
  rounds: number;
  /** Of who leads: the total by which all reckon prices, once it is known; it was rounded off by so many Wh. */
  priced: { readonly smoothingWh: number; readonly total: readonly number[] } | null;
  isSettled: boolean;
}

/** What the home would have paid without a market, deciding in the same way. */
export interface ShadowBook {
  storedWh: number;
  /** Micro-tokens. */
  paid: number;
}

/** State of a home. Plain data. */
export interface HomeState {
  hour: number;
  storedWh: number;
  /** By hour that is over: at the wires of the battery, above zero where it was charged. */
  readonly flowWh: number[];
  /** By hour: bought less sold, whole Wh, with what the utility sold or took by meter. */
  readonly tradedWh: number[];
  /** By hour: micro-tokens a Wh; null where nothing was traded, or the home was not there. */
  readonly prices: (number | null)[];
  /** Micro-tokens paid less received, with what was shared out at the end. */
  paid: bigint;
  /** Of that, shared out: below zero where the home received. */
  shared: bigint;
  /** Wh that no trade covered and the utility sold by meter. */
  meteredWh: number;
  readonly memory: HomeMemory;
  readonly shadow: ShadowBook;
  readonly plan: PlanState | null;
  readonly gains: Map<Did, { readonly gain: bigint; readonly dialogue: string }>;
  isShared: boolean;
  isOver: boolean;
}

/** What handlers of a home work on. */
export type HomeContext = Context<HomeParams, HomeState>;
/** Where parts of a home declare what they do. */
export type HomeBuilder = AgentBuilder<HomeParams, HomeState>;

/** Orders of an hour are sent so long before its end. */
const ORDERS_BEFORE = micros('1 min');
const HOUR = micros('1 h');

/** When an hour's orders are sent. It must be metered by then. */
export function orderTime({ opensAt }: { readonly opensAt: Duration }, hour: number): Micros {
  return micros(opensAt) + (hour + 1) * HOUR - ORDERS_BEFORE;
}

/** The first hour whose orders can still be sent. */
export function nextHour(terms: { readonly opensAt: Duration }, now: Micros): number {
  return Math.max(0, Math.ceil((now - orderTime(terms, 0)) / HOUR));
}

/** By hour, load less sun. */
export function netOf({ loadWh, sunWh }: HomeParams): number[] {
  return loadWh.map((load, hour) => load - (sunWh[hour] ?? 0));
}

const NOT_AGREED = { smoothing: 0, lastCost: Infinity, stageRounds: 0, rounds: 0, priced: null, isSettled: false };

/** A home at the start; one with foresight has planned for itself. */
export function initialHome(params: HomeParams): HomeState {
  const { tariff, battery, decides } = params;
  const net = netOf(params);
  const isAlone = decides.by === 'foresight';
  const alone = isAlone
    ? planStorage({ battery, hours: net.length, cost: netCost({ net, tariff, smoothingWh: 0 }, battery.powerW) })
    : null;
  const drawn = net.map((load, hour) => load + (alone?.flowWh[hour] ?? 0));
  return {
    hour: -1,
    storedWh: 0,
    flowWh: [],
    tradedWh: [],
    prices: [],
    paid: 0n,
    shared: 0n,
    meteredWh: 0,
    memory: noMemory(),
    shadow: { storedWh: 0, paid: alone === null ? 0 : costOfNet({ net: drawn, tariff, smoothingWh: 0 }) },
    plan: alone === null ? null : { ...planOf(params, alone), ...NOT_AGREED, mask: [] },
    gains: new Map(),
    isShared: false,
    isOver: net.length === 0,
  };
}

/** What a plan of the battery comes to: the home's net load, what is stored, and what that says of prices. */
export function planOf(
  { battery, loadWh, sunWh, tariff }: HomeParams,
  { flowWh, value }: ReturnType<typeof planStorage>,
): Pick<PlanState, 'netWh' | 'storedWh' | 'prices'> {
  const { efficiency, capacityWh } = battery;
  let stored = 0;
  const plan: Pick<PlanState, 'netWh' | 'storedWh' | 'prices'> = { netWh: [], storedWh: [], prices: [] };
  for (const [hour, flow] of flowWh.entries()) {
    stored = Math.min(capacityWh, Math.max(0, stored + (flow > 0 ? flow * efficiency : flow / efficiency)));
    const worth = value[hour] ?? 0;
    plan.netWh.push(Math.round((loadWh[hour] ?? 0) - (sunWh[hour] ?? 0) + flow) + 0);
    plan.storedWh.push(stored);
    const drawn = (plan.netWh[hour] ?? 0) > 0;
    const price = Math.round(flow > 0 ? worth * efficiency : worth / efficiency);
    plan.prices.push(drawn ? (tariff[hour] ?? 0) : Math.min(tariff[hour] ?? 0, price));
  }
  return plan;
}
