import { TOKEN } from '../../agent-core/ledger/operation.ts';
import { timeOf } from './calendar.ts';
import { demandSummary } from './demand-forecast.ts';
import { DemandReport, type ToldDemand } from './demand-report.ts';
import {
  book,
  microTokens,
  type FirmBuilder,
  type FirmContext,
  type FirmParams,
  type ReportBook,
  type SoldReport,
} from './firm-state.ts';
import type { LocalView } from './local-rule.ts';
import { localViewOf } from './shadow.ts';
import { addUp, sharedByReports, sharedByRetailer, toldTo } from './told-demand.ts';

/** What is set aside for a report outlives its dialogue, which ends when orders are placed. */
const RESERVED_WITHIN =
  timeOf({ opensAt: 0, period: 0, phase: 'sell' }) - timeOf({ opensAt: 0, period: 0, phase: 'report' });

/** However deep the network is, as customers say: whoever waits for them leaves its own suppliers a twentieth of the time. */
const TIERS_PATIENT = 19;

/** A firm that has told and heard nothing yet. */
export function startReports({ customers, periods }: Pick<FirmParams, 'customers' | 'periods'>): ReportBook {
  return {
    told: customers.map(() => null),
    heard: customers.map(() => Array.from({ length: periods }, () => 0)),
    tiers: customers.map(() => 0),
    awaited: customers.length,
    named: new Map(),
    owed: new Map(),
  };
}

/** Last period's reports are void. */
export function beginReports({ params, state }: FirmContext): void {
  const { reports } = state;
  if (reports === null) return;
  reports.told.fill(null);
  reports.awaited = params.customers.length;
  reports.named.clear();
  reports.owed.clear();
}

/** Takes both roles in {@link DemandReport}. */
export function reporting(agent: FirmBuilder): { readonly begin: (ctx: FirmContext) => Promise<void> } {
  telling(agent);
  agent.play(DemandReport, 'supplier', {
    offer() {
      // Heard where it was asked for, as are the others.
    },
    report() {},
    decline() {},
  });
  const giveUp = agent.timer<{ period: number }>('give-up-reports', async (ctx, { period }) => {
    const { reports } = ctx.state;
    if (reports === null || ctx.state.period !== period) return;
    reports.awaited = 0;
    await tell(ctx);
  });
  return {
    async begin(ctx) {
      const { params, state } = ctx;
      const { reports, period } = state;
      if (reports === null || params.customers.length === 0) return;
      const until = timeOf({ opensAt: params.opensAt, period, phase: 'order' });
      // Who has more tiers below waits longer: its customers still answer in time when theirs did not.
      const tiers = Math.min(TIERS_PATIENT, tiersOf(reports));
      const patience = Math.floor(((until - ctx.now()) * tiers) / (tiers + 1));
      if (patience > 0) ctx.schedule(giveUp, patience, { period });
      await Promise.all(
        params.customers.map(async (_, customer) => {
          await buy(ctx, customer, until);
          if (state.period !== period) return;
          reports.awaited -= 1;
          await tell(ctx);
        }),
      );
    },
  };
}

function telling(agent: FirmBuilder): void {
  agent.play(DemandReport, 'customer', {
    inquire(ctx, m) {
      const { params, state } = ctx;
      const { reports } = state;
      const fee = params.reports?.fee ?? null;
      if (laneOf(params, m.from) < 0) return m.reply('decline', { reason: 'no supplier' });
      if (reports === null || fee === null) return m.reply('decline', { reason: 'not for sale' });
      if (m.body.period !== state.period || state.isShipped) return m.reply('decline', { reason: 'another period' });
      reports.named.set(m.dialogue.key, microTokens(fee));
      m.reply('offer', { fee: microTokens(fee), tiers: tiersOf(reports) });
    },
    async accept(ctx, m) {
      const { params, state } = ctx;
      const { reports } = state;
      const fee = reports?.named.get(m.dialogue.key);
      if (reports === null || fee === undefined || state.isShipped) return m.reply('decline', { reason: 'too late' });
      reports.named.delete(m.dialogue.key);
      const sold = { peer: m.from, dialogue: m.dialogue.id, escrow: m.body.escrow, fee };
      reports.owed.set(laneOf(params, m.from), sold);
      await tell(ctx);
    },
    reject(ctx, m) {
      ctx.state.reports?.named.delete(m.dialogue.key);
    },
  });
}

/** Tells all who have set the fee aside, once the firm has heard of its own customers, or has given them up. */
async function tell(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  const { reports } = state;
  if (reports === null || reports.awaited > 0 || state.isShipped) return;
  const owed = [...reports.owed];
  reports.owed.clear();
  for (const [lane, sold] of owed) {
    const name = { peer: sold.peer, id: sold.dialogue };
    const report = toldTo(params, ruleViewOf(ctx), lane);
    if (ctx.dialogue(DemandReport, 'customer', name)?.state !== 'accepted') continue;
    const isPaid = await takeFee(ctx, sold);
    const dialogue = ctx.dialogue(DemandReport, 'customer', name);
    if (dialogue?.state !== 'accepted') continue;
    if (isPaid) dialogue.send('report', report);
    else dialogue.send('decline', { reason: 'not secured' });
  }
}

async function takeFee(ctx: FirmContext, { escrow, fee, peer }: SoldReport): Promise<boolean> {
  if (fee === 0n) return true;
  const held = escrow === null ? null : await ctx.ledger.reservation(escrow, peer);
  if (held === null || held.to !== ctx.self || held.asset !== TOKEN || held.remaining < fee) return false;
  const receipt = await ctx.ledger.post({ reservation: held.id, payer: peer, amount: fee });
  if (receipt.type !== 'applied') return false;
  bookFee(ctx, peer, fee);
  return true;
}

/** Has a customer report, for what it asks, and keeps what it tells in time. */
async function buy(ctx: FirmContext, customer: number, until: number): Promise<void> {
  const { params, state } = ctx;
  const { reports, period } = state;
  const peer = params.customers[customer]?.agent;
  const within = until - ctx.now();
  const most = params.reports?.feeMost ?? null;
  if (reports === null || most === null || peer === undefined || within <= 0) return;
  const answer = await ctx.ask(DemandReport, 'supplier', peer, 'inquire', { period }, { within });
  if (answer.type !== 'offer') return;
  const { fee, tiers } = answer.body;
  reports.tiers[customer] = tiers;
  if (fee > microTokens(most)) return answer.reply('reject', { reason: 'too dear' });
  const id = `report/${period}/${customer}`;
  if (fee > 0n) {
    const hold = { id, to: peer, amount: fee, release: 'payee', within: RESERVED_WITHIN } as const;
    const receipt = await ctx.ledger.reserve(hold);
    if (!answer.dialogue.open) return;
    if (receipt.type !== 'applied') return answer.reply('reject', { reason: 'no funds' });
  }
  const told = await answer.dialogue.ask('accept', { escrow: fee > 0n ? id : null });
  // The fee may have been taken for a report that was lost.
  const left = fee > 0n ? ((await ctx.ledger.reservation(id))?.remaining ?? 0n) : 0n;
  if (fee > left) bookFee(ctx, peer, left - fee);
  if (told.type !== 'report' || told.body.period !== period || ctx.now() >= until) return;
  note(reports, customer, told.body);
}

function note(reports: ReportBook, customer: number, report: ToldDemand): void {
  reports.told[customer] = report;
  const heard = reports.heard[customer];
  if (heard !== undefined && report.period > 0) heard[report.period - 1] = report.asked;
}

/** Fees are paid alone too: by them the rule was told what it orders by. */
function bookFee({ state }: FirmContext, partner: FirmContext['self'], amount: bigint): void {
  book(state, { partner, what: 'forecast', amount });
  if (state.shadow !== null) state.shadow.profit += Number(amount) / 1e6;
}

/** What the firm's rule is shown: of the firm where it plays by the rule, otherwise of its shadow; with what it was told. */
export function ruleViewOf({ params, state }: FirmContext): LocalView {
  const { period, reports } = state;
  const view = localViewOf(params, { period, situation: state.shadow ?? state });
  if (params.reports?.forecasts === true && state.forecasts.length > 0) {
    const forecast = addUp(state.forecasts.map(demandSummary));
    return { ...view, shared: sharedByRetailer(params, { asked: view.asked, forecast }) };
  }
  const shared = reports === null ? undefined : sharedByReports(params, reports, period);
  return shared === undefined ? view : { ...view, shared };
}

function laneOf({ suppliers }: FirmParams, peer: FirmContext['self']): number {
  return suppliers.findIndex(({ agent, listed }) => agent === peer && !listed);
}

/** Firms one behind the other below this one. */
function tiersOf({ tiers }: ReportBook): number {
  return tiers.length === 0 ? 0 : 1 + Math.max(...tiers);
}
