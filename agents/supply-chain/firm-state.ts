import { z } from 'zod';
import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Context } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import { did } from '../../agent-core/protocol/did.ts';
import type { DemandForecast } from './demand-forecast.ts';
import type { ToldDemand } from './demand-report.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';
import { TINY, type StockPlan } from './stock-plan.ts';

const money = z.number().nonnegative().max(SUPPLY_LIMITS.price);
const units = z.number().nonnegative().max(SUPPLY_LIMITS.units);
const boundedUnits = z.custom<number>((value) => typeof value === 'number' && value >= 0);

const supplier = z.object({
  agent: did(),
  /** Which of the firm's items it supplies. */
  item: z.int().nonnegative(),
  leadTime: z.int().nonnegative().max(SUPPLY_LIMITS.periods),
  /** List price of a unit. */
  price: money,
  pipelineCost: money,
  orderCost: money,
  /** It takes its list price from everybody, and no other. */
  listed: z.boolean(),
});

/** How a firm negotiates. */
export interface TradeTerms {
  /** Lots in which the firm contracts for what it ships, in units, largest first; none: those that its customers call for. */
  readonly lots: readonly number[];
  /** What a retailer's change of contracts must be worth, as a share of what its units bring: forecasts waver by more. */
  readonly worthwhile: number;
  /** Tokens for each unit that is contracted and not delivered. */
  readonly penalty: number;
  /** Periods, with the present one, for which firms contract: what comes after is nobody's business yet. */
  readonly window: number;
  /** Demand paths by which a retailer judges what arrives when. */
  readonly paths: number;
  /** How a retailer takes its forecast when it buys: as in `policies/anticipation.ts`. */
  readonly anticipate: Policy;
  /** What share of a gain goes to the supplier: feature and bounds as in `policies/gain-share.ts`. */
  readonly share: Policy;
  /** Contracts may be called off. */
  readonly renegotiate: boolean;
  /** Who cannot deliver says so at once, so that its customers can look elsewhere. Otherwise it just does not deliver. */
  readonly notices: boolean;
  /** By whom gains over the local rule are shared out at the end; null: everybody keeps what it has. */
  readonly convenor: Did | null;
}

/** How a firm trades reports of demand. */
export interface ReportTerms {
  /** Tokens for which it reports to a supplier once; null: it keeps its numbers to itself. */
  readonly fee: number | null;
  /** Tokens that it pays a customer for one report, at most; null: it asks for none. */
  readonly feeMost: number | null;
  /** What retailers expect is told too. */
  readonly forecasts: boolean;
}

/** A time in which a firm, or the lane to one customer (its number), ships at most this share of its capacity. */
export interface Outage {
  readonly customer: number | null;
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** Schema of what a firm knows when it starts: itself, its costs, and its partners. */
export const firmParams = z.object({
  /** When the first period begins. */
  opensAt: z.int().nonnegative().default(0),
  periods: z.int().positive().max(SUPPLY_LIMITS.periods),
  /** Demand that is not served waits; otherwise it is lost. */
  backlog: z.boolean(),
  items: z.array(z.object({ stock: units, holding: money, perOutput: z.number().positive() })).min(1),
  operatingCost: money,
  /** Units that can be shipped in a period; `Infinity` where nothing bounds it. */
  capacity: boundedUnits,
  suppliers: z.array(supplier),
  /** In the order in which they are served; `price` is the list price. */
  customers: z.array(z.object({ agent: did(), price: money })),
  markets: z.array(z.object({ agent: did(), price: money, penalty: money })),
  /** Learned of at the beginning of the period in which they begin. */
  outages: z.array(z.custom<Outage>()),
  /** Who is paid for storage, transport, operation and what is not served. */
  costsTo: did(),
  /** The rule by which the firm orders alone. */
  rule: z.custom<Policy>(),
  /** Whose gains this firm shares out at the end. */
  members: z.array(did()),
  /** Null: it does not negotiate, and orders by its rule. */
  trade: z.custom<TradeTerms>().nullable(),
  /** Null: it neither tells nor asks for what its rule alone could use. */
  reports: z.custom<ReportTerms>().nullable().default(null),
});

/** Parameters of a firm. */
export type FirmParams = z.output<typeof firmParams>;

/** What a firm would have by its rule alone, all others keeping to theirs. */
export interface Shadow {
  readonly stock: number[];
  /** Units by supplier and arrival period. */
  readonly underWay: number[][];
  readonly waiting: number[];
  /** What was asked of it, by period. */
  readonly asked: number[];
  /** Units of this period: shipped, and by supplier shipped to the firm. */
  shipped: number;
  readonly received: number[];
  /** Tokens. */
  profit: number;
}

/** What a supplier quoted, until it changes; periods count from 0. */
export interface KeptQuote {
  readonly more: readonly (number | null)[];
  readonly fewer: readonly (number | null)[];
  /** What the supplier says counts from this time on. */
  readonly asOf: Micros;
  /** The dialogue in which it can be accepted; null once it was. */
  dialogue: string | null;
}

/** A call, or an acceptance, that waits for its answer. */
export interface Errand {
  readonly peer: Did;
  readonly dialogue: string;
}

/** Payments of one kind, as the book of one side has it. */
export interface Booked {
  readonly partner: Did;
  readonly what: 'goods' | 'sales' | 'costs' | 'settlement' | 'forecast' | 'penalty';
  /** Micro-tokens; below zero where the firm paid. */
  amount: bigint;
}

/** A report that a supplier has set the fee aside for, micro-tokens. */
export interface SoldReport extends Errand {
  readonly escrow: string | null;
  readonly fee: bigint;
}

/** What a firm has of the reports that it buys and sells; lists are by customer. */
export interface ReportBook {
  /** Of this period; null where there is none. */
  readonly told: (ToldDemand | null)[];
  /** By past period: what the markets behind a customer asked for, or else what it ordered itself. */
  readonly heard: number[][];
  /** Firms one behind the other that each said to have below it. */
  readonly tiers: number[];
  /** Customers that were not heard of yet in this period. */
  awaited: number;
  /** Fees that were named in this period, micro-tokens, by dialogue. */
  readonly named: Map<string, bigint>;
  /** By supplier: what waits for the reports of others. */
  readonly owed: Map<number, SoldReport>;
}

/** What a firm remembers. Lists by supplier and by customer are in the order of the parameters. */
export interface FirmState {
  period: number;
  /** Units of each item. */
  readonly stock: number[];
  /** Units under way, by supplier and arrival period. */
  readonly underWay: number[][];
  /** Contracted with each supplier by ship period: units, and tokens to pay for them. */
  readonly planned: number[][];
  readonly dues: number[][];
  /** Contracted with each customer by ship period: units, and tokens to be paid. */
  readonly promised: number[][];
  readonly claims: number[][];
  /** Tokens of all that was bought or called off, by ship period: offered to each supplier, and agreed with each customer. */
  readonly tradedIn: number[][];
  readonly tradedOut: number[][];
  /** Tokens of penalty owed to each customer, by ship period, for what was cut by notice. */
  readonly fines: number[][];
  /** Units that were cut by notice. */
  cutUnits: number;
  /** Suppliers whose book of contracts may differ from the firm's own: messages were lost. */
  readonly doubts: Set<number>;
  /** Of this period's orders, those that were not answered yet; by supplier. */
  readonly unanswered: (number | null)[];
  /** Of the last order of each supplier: micro-tokens that were set aside, and units that the local rule would have ordered. */
  readonly secured: bigint[];
  readonly orderedAlone: number[];
  /** By supplier, in this period and in a row: calls that it did not answer, and acceptances that it turned down. */
  readonly silences: number[];
  readonly letdowns: number[];
  /** Customers that have compared books in this period. */
  readonly compared: Set<number>;
  /** What was shipped to each customer last. */
  readonly lastShipped: (ShippedOrder | null)[];
  /** Lots that customers have called for, largest first. */
  readonly lots: number[];
  /** Contracts may be broken that were kept before; and they are being mended. */
  isBroken: boolean;
  mending: boolean;
  /** Units that can be shipped, by period, as far as the firm knows. */
  readonly capacity: number[];
  /** Units that were asked for, by period. */
  readonly asked: number[];
  /** Demand that waits, by market. */
  readonly waiting: number[];
  /** Retailers: of each market. */
  readonly forecasts: DemandForecast[];
  /** Units ordered, by supplier and period. */
  readonly ordered: number[][];
  /** Of this period: units shipped, and by supplier units that were shipped to the firm. */
  shipped: number;
  readonly received: number[];
  /** Orders of this period that were not answered yet, by customer. */
  readonly orders: (OpenOrder | null)[];
  /** Orders of this period come too late. */
  isShipped: boolean;
  /** Outages that the firm knows of. */
  readonly outages: Outage[];
  /** What the firm's money changed by, micro-tokens, by what it and its partners say. */
  profit: bigint;
  /** Micro-tokens that it began with, by the ledger. */
  opening: bigint;
  readonly book: Map<string, Booked>;
  /** Null where the firm plays by its rule. */
  readonly shadow: Shadow | null;
  /** Null where no reports are traded. */
  readonly reports: ReportBook | null;
  /** By supplier, a space, and the lot. */
  readonly quotes: Map<string, KeptQuote>;
  readonly calls: (Errand & {
    readonly lot: number;
    readonly asOf: Micros;
    readonly from: number;
    readonly customer: number;
    readonly by: Micros;
  })[];
  /** Lots of quotes that a customer can accept, by dialogue. */
  readonly quoted: Map<string, number>;
  readonly amendments: (Errand & {
    readonly customer: number;
    readonly kind: 'buy' | 'call-off';
    readonly period: number;
    readonly lot: number;
    readonly price: number;
  })[];
  quoting: boolean;
  amending: boolean;
  /** Contracts made and called off, for the account of the run. */
  trades: number;
  /** Retailers: periods in which they have negotiated. */
  rounds: number;
  /** Retailers: what each market asked for in this period; null where it has not yet. */
  readonly demanded: (Demanded | null)[];
  /** What is owed in open dialogues with markets, micro-tokens. */
  readonly invoiced: Map<string, bigint>;
  /** Convenors: what members have told of their gains. */
  readonly gains: Map<Did, { readonly gain: bigint; readonly dialogue: string }>;
  /** Convenors: gains are shared out. */
  isShared: boolean;
  isOver: boolean;
}

/** What a market asks for. */
export interface Demanded extends Errand {
  readonly quantity: number;
}

/** What came of an order: units, and micro-tokens taken from the buyer or paid to it, of which so much is penalty. */
export interface ShippedOrder {
  readonly period: number;
  readonly quantity: number;
  readonly due: bigint;
  readonly credit: bigint;
  readonly penalty: bigint;
  /** Units that the order of the local rule would have brought. */
  readonly alone: number;
}

/** An order that waits for its shipment. */
export interface OpenOrder extends Errand {
  readonly quantity: number;
  readonly alone: number;
  readonly escrow: string | null;
}

/** What parts of a firm are given. */
export type FirmContext = Context<FirmParams, FirmState>;
/** Where parts of a firm declare what they do. */
export type FirmBuilder = AgentBuilder<FirmParams, FirmState>;

/** Tokens as micro-tokens, rounded. */
export function microTokens(tokens: number): bigint {
  return BigInt(Math.round(tokens * 1e6));
}

/** The first period for which nobody contracts yet. */
export function horizonOf({ params, state }: Pick<FirmContext, 'params' | 'state'>): number {
  return Math.min(params.periods, state.period + (params.trade?.window ?? 0));
}

/** The firm's plan of its stock, with what its suppliers quote for a lot of each item that `lot` units of its product take. */
export function planOf({ params, state }: FirmContext, lot: number): StockPlan {
  const shipping = Array.from({ length: params.periods }, (_, t) =>
    state.promised.reduce(
      (sum, promised, customer) => sum + (isClosed(state, customer, t) ? 0 : (promised[t] ?? 0)),
      0,
    ),
  );
  return {
    now: state.period,
    periods: horizonOf({ params, state }),
    operatingCost: params.operatingCost,
    capacity: state.capacity,
    shipping,
    worth: shipping.map((_, t) => worthOf({ params, state }, t)),
    items: params.items.map(({ holding, perOutput }, item) => {
      const lanes = lanesOf(params, item);
      return {
        stock: state.stock[item] ?? 0,
        holding,
        perOutput,
        arriving: Array.from({ length: params.periods }, (_, t) =>
          lanes.reduce((sum, lane) => sum + (state.underWay[lane]?.[t] ?? 0), 0),
        ),
        inbound: lanes.map((lane) => ({
          leadTime: params.suppliers[lane]?.leadTime ?? 0,
          pipelineCost: params.suppliers[lane]?.pipelineCost ?? 0,
          planned: state.planned[lane] ?? [],
          prices: state.quotes.get(quoteName(lane, lot * perOutput)) ?? null,
        })),
      };
    }),
  };
}

/** What the firm loses at least for a unit that it has contracted for a period and does not ship. */
function worthOf({ params, state }: Pick<FirmContext, 'params' | 'state'>, period: number): number {
  let least = Infinity;
  for (const [customer, promised] of state.promised.entries()) {
    const contracted = promised[period] ?? 0;
    if (contracted > TINY) least = Math.min(least, (state.claims[customer]?.[period] ?? 0) / contracted);
  }
  return least + (params.trade?.penalty ?? 0);
}

/** Whether the lane to a customer is cut in a period, as far as the firm knows. */
export function isClosed({ outages }: FirmState, customer: number, period: number): boolean {
  return outages.some((one) => one.customer === customer && one.from <= period && period < one.to);
}

/** Lots of its own product in which a firm contracts, largest first. */
export function lotsOf({ params, state }: Pick<FirmContext, 'params' | 'state'>): readonly number[] {
  const own = params.trade?.lots ?? [];
  if (own.length > 0) return own;
  return state.lots.length > 0 ? state.lots : [LOT_MIN];
}

/** Customers may call for whatever they like; a firm itself follows the smallest of their lots, few of them, and from one unit on. */
const LOTS_KEPT = 4;
const LOT_MIN = 1;

/** Remembers a lot for which a customer calls. */
export function noteLot({ lots }: FirmState, lot: number): void {
  if (lot < LOT_MIN || lots.includes(lot)) return;
  const kept = [...lots, lot].toSorted((a, b) => b - a).slice(-LOTS_KEPT);
  lots.splice(0, lots.length, ...kept);
}

/** The suppliers of an item, by their numbers. */
export function lanesOf({ suppliers }: FirmParams, item: number): readonly number[] {
  return suppliers.flatMap((one, lane) => (one.item === item ? [lane] : []));
}

/** What {@link FirmState.quotes} calls a quote. */
export function quoteName(lane: number, lot: number): string {
  return `${lane} ${lot}`;
}

/** Adds to a list by period. */
export function addTo(list: number[] | undefined, period: number, amount: number): void {
  if (list !== undefined) list[period] = (list[period] ?? 0) + amount;
}

/** Books a payment that was made (below zero) or received. */
export function book(state: FirmState, { partner, what, amount }: Booked): void {
  state.profit += amount;
  const name = `${what} ${partner}`;
  const known = state.book.get(name);
  if (known === undefined) state.book.set(name, { partner, what, amount });
  else known.amount += amount;
}
