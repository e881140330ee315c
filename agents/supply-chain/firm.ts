import { defineAgent } from '../../agent-core/agent/agent.ts';
import { restock } from './buying.ts';
import { nextPeriod, timeOf, type Phase } from './calendar.ts';
import { beginPeriod, closePeriod } from './closing.ts';
import { firmParams, type FirmContext, type FirmParams, type FirmState } from './firm-state.ts';
import { shareGains, sharing, wealth } from './gain-sharing.ts';
import { mend, noticing } from './noticing.ts';
import { ordering, placeOrders } from './ordering.ts';
import { quoting } from './quoting.ts';
import { reporting, startReports } from './reporting.ts';
import { negotiate, startForecasts } from './retailing.ts';
import { review, reviewing } from './reviewing.ts';
import { receive, selling } from './selling.ts';
import { startShadow } from './shadow.ts';
import { shipOrders, shipping } from './shipping.ts';

const PHASES: readonly Phase[] = ['begin', 'negotiate', 'restock', 'report', 'order', 'ship', 'sell', 'close'];

/**
 * A firm of a supply network: a factory, a distributor or a retailer. It knows its own stock and costs, what its partners contract
 * and order, and nothing else. Each period it contracts for what it will need, orders what is due, ships, sells, and pays.
 */
export const firm = defineAgent({
  name: 'firm',
  params: firmParams,
  tags: ({ markets }) => [markets.length > 0 ? 'role:retailer' : 'role:producer'],
  state: initialState,
  setup(agent) {
    quoting(agent);
    ordering(agent);
    shipping(agent);
    selling(agent);
    noticing(agent);
    reviewing(agent);
    const reports = reporting(agent);
    const gains = sharing(agent);
    const turn = agent.timer<{ period: number; phase: number }>('phase', async (ctx, { period, phase }) => {
      setNext(ctx, { period, phase });
      if (PHASES[phase] === 'report') return reports.begin(ctx);
      await enter(ctx, period, PHASES[phase] ?? 'begin');
      if (PHASES[phase] !== 'close' || period + 1 < ctx.params.periods) return;
      if (ctx.params.members.length > 0) gains.convene(ctx);
      await shareGains(ctx);
      ctx.state.isOver = true;
    });
    const setNext = (ctx: FirmContext, { period, phase }: { period: number; phase: number }): void => {
      const next = phase + 1 < PHASES.length ? { period, phase: phase + 1 } : { period: period + 1, phase: 0 };
      const { opensAt, periods } = ctx.params;
      if (next.period >= periods) return;
      const at = timeOf({ opensAt, period: next.period, phase: PHASES[next.phase] ?? 'begin' });
      ctx.schedule(turn, at - ctx.now(), next);
    };
    agent.start(async (ctx) => {
      if (ctx.params.trade !== null || ctx.params.reports?.forecasts === true) startForecasts(ctx);
      // Who comes back after a crash has lost its stock and its books, and takes part from the next period on.
      const { opensAt, periods } = ctx.params;
      const period = nextPeriod({ opensAt, phase: 'begin' }, ctx.now());
      if (period > 0) comeBack(ctx);
      if (period >= periods) ctx.state.isOver = true;
      else ctx.schedule(turn, timeOf({ opensAt, period, phase: 'begin' }) - ctx.now(), { period, phase: 0 });
      ctx.state.opening = await wealth(ctx);
    });
  },
});

/** What is there and what was contracted is not known any more: suppliers are asked, customers will ask. */
function comeBack({ params, state }: FirmContext): void {
  state.stock.fill(0);
  state.shadow?.stock.fill(0);
  for (const lane of params.suppliers.keys()) state.doubts.add(lane);
}

async function enter(ctx: FirmContext, period: number, phase: Exclude<Phase, 'report'>): Promise<void> {
  const { params } = ctx;
  const { opensAt } = params;
  const isRetailer = params.markets.length > 0;
  switch (phase) {
    case 'begin':
      beginPeriod(ctx, period);
      await review(ctx);
      return mend(ctx);
    case 'negotiate':
      return isRetailer ? negotiate(ctx, timeOf({ opensAt, period, phase: 'restock' })) : undefined;
    case 'restock':
      return isRetailer || params.trade === null
        ? undefined
        : restock(ctx, timeOf({ opensAt, period, phase: 'report' }));
    case 'order':
      return placeOrders(ctx);
    case 'ship':
      return shipOrders(ctx);
    case 'sell':
      return receive(ctx);
    case 'close':
      return closePeriod(ctx);
  }
}

function initialState(params: FirmParams): FirmState {
  const { periods, suppliers, customers, markets, items, capacity } = params;
  const zeros = (length: number): number[] => Array.from({ length }, () => 0);
  return {
    period: -1,
    stock: items.map(({ stock }) => stock),
    underWay: suppliers.map(({ leadTime }) => zeros(periods + leadTime)),
    planned: suppliers.map(() => zeros(periods)),
    dues: suppliers.map(() => zeros(periods)),
    promised: customers.map(() => zeros(periods)),
    claims: customers.map(() => zeros(periods)),
    tradedIn: suppliers.map(() => zeros(periods)),
    tradedOut: customers.map(() => zeros(periods)),
    fines: customers.map(() => zeros(periods)),
    cutUnits: 0,
    doubts: new Set(),
    unanswered: suppliers.map(() => null),
    secured: suppliers.map(() => 0n),
    orderedAlone: zeros(suppliers.length),
    silences: zeros(suppliers.length),
    letdowns: zeros(suppliers.length),
    compared: new Set(),
    lastShipped: customers.map(() => null),
    lots: [],
    isBroken: false,
    mending: false,
    capacity: Array.from({ length: periods }, () => capacity),
    asked: [],
    waiting: zeros(markets.length),
    forecasts: [],
    ordered: suppliers.map(() => zeros(periods)),
    shipped: 0,
    received: zeros(suppliers.length),
    orders: [],
    isShipped: false,
    outages: [],
    demanded: [],
    invoiced: new Map(),
    profit: 0n,
    opening: 0n,
    book: new Map(),
    shadow: params.trade === null ? null : startShadow(params),
    reports: params.reports === null ? null : startReports(params),
    quotes: new Map(),
    quoted: new Map(),
    calls: [],
    amendments: [],
    quoting: false,
    amending: false,
    trades: 0,
    rounds: 0,
    gains: new Map(),
    isShared: false,
    isOver: false,
  };
}
