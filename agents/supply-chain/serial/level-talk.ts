import type { Duration } from '../../../agent-core/clock.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { BodyOf } from '../../../agent-core/protocol/conversation-types.ts';
import { EchelonLevels, LEVEL_LIMITS } from './echelon-levels.ts';
import { checkLaw, sumOfDraws, type LatticeLaw } from './lattice-law.ts';
import { customersSchedule, planStage, type PenaltySchedule, type StagePlan } from './penalty-schedule.ts';
import type { StageContext } from './stage-state.ts';

/** What is proposed to a stage. */
export type LevelProposal = BodyOf<typeof EchelonLevels, 'propose'>;

/** A stage's answer to a proposal, and how it ends where the answer is accepted. */
export interface LevelAnswer {
  readonly costs: readonly number[];
  readonly objects: boolean;
  readonly firms: number;
  /** The level that the stage has once the customer accepted this schedule, points. */
  settle(choice: number): Promise<number>;
}

/** Life of one proposal: the whole chain answers first. */
const PROPOSAL_LIFE: Duration = '10 min';
/** Changes of its level that a stage asks for when it is its turn, in points; the first keeps it. */
const CHANGES = [0, -1, 1, -2, 2, -4, 4, -8, 8];
/** Points of all schedules of one proposal: a message has 65,536 bytes, and a point up to 20. */
const MENU_POINTS_MAX = 2_400;
/** A gain below this share of the cost is none. */
const LEAST_GAIN = 1e-9;

/** The retailer's talk: all choose for themselves; then, while anybody pays for its own backlog, one after another may ask for a change. */
export async function talkAboutLevels(ctx: StageContext, law: LatticeLaw): Promise<void> {
  const { backlog, holding } = ctx.params;
  const menu = [customersSchedule(backlog + holding, law.step)];
  const first = await considerLevels(ctx, { law, menu, turn: null, follow: false });
  await first.settle(0);
  let [cost = 0] = first.costs;
  ctx.state.turns = 1;
  // Each firm has two turns: for its level alone, and for its own stock.
  const cycle = 2 * first.firms;
  for (let at = 0, inVain = 0; first.objects && inVain < cycle && at < LEVEL_LIMITS.turns; at++) {
    const answer = await considerLevels(ctx, { law, menu, turn: (at >> 1) % first.firms, follow: at % 2 === 1 });
    await answer.settle(0);
    const [now = cost] = answer.costs;
    inVain = now < cost - LEAST_GAIN * Math.abs(cost) ? 0 : inVain + 1;
    cost = now;
    ctx.state.turns++;
  }
  ctx.state.quoted = cost;
}

/** What a stage makes of a proposal: it plans, asks its supplier, and chooses where it is its turn. @throws HaggleError `levels-refused` */
export async function considerLevels(ctx: StageContext, proposal: LevelProposal): Promise<LevelAnswer> {
  const { law, menu, turn, follow } = proposal;
  const isMine = turn === 0;
  if (isMine && menu.length > 1) throw refused('a turn of a stage begins with one schedule');
  const plans = plansFor(ctx, proposal);
  const above = await quoteOf(ctx, {
    law,
    menu: plans.map(({ schedule }) => schedule),
    turn: turn === null ? null : turn - 1,
    follow,
  });
  const costs = above?.costs ?? plans.map(({ cost }) => cost);
  const best = costs.reduce((least, cost, k) => (cost < (costs[least] ?? cost) ? k : least), 0);
  return {
    costs: isMine ? [costs[best] ?? 0] : costs,
    // The retailer's customers pay nobody: what the stock-out costs is in its schedule already.
    objects: (ctx.params.demand === null && ctx.params.backlog > 0) || (above?.objects ?? false),
    firms: 1 + (above?.firms ?? 0),
    async settle(choice) {
      const chosen = isMine ? best : choice;
      const plan = plans[chosen];
      const contract = menu[isMine ? 0 : choice];
      if (plan === undefined || contract === undefined) throw refused(`there is no schedule ${choice}`);
      const most = (await above?.accept(chosen)) ?? plan.schedule.level;
      settleLevels(ctx, { step: law.step, contract, level: Math.min(plan.schedule.level, most) });
      return ctx.state.level ?? 0;
    },
  };
}

function plansFor({ params, state }: StageContext, proposal: LevelProposal): readonly StagePlan[] {
  const { law, menu, turn, follow } = proposal;
  const { orderDelay, shipDelay, echelonHolding, backlog, demand } = params;
  const leadTimeDemand = sumOfDraws(checkLaw(law), orderDelay + shipDelay);
  const costs = { holding: echelonHolding, backlog: demand === null ? backlog : 0 };
  const plan = (customer: PenaltySchedule, level: number | null): StagePlan =>
    planStage(customer, costs, { leadTimeDemand, level });
  const { level, customerLevel } = state;
  const [only] = menu;
  if (turn === null || level === null || only === undefined) return menu.map((schedule) => plan(schedule, null));
  const moved = (schedule: PenaltySchedule): number => (follow && turn < 0 ? schedule.level - customerLevel : 0);
  if (turn !== 0) return menu.map((schedule) => plan(schedule, level + moved(schedule)));
  return whatFits(CHANGES.map((change) => plan(only, level + change)));
}

function whatFits(plans: readonly StagePlan[]): readonly StagePlan[] {
  const longest = plans.reduce((most, { schedule }) => Math.max(most, schedule.shortfall.length), 1);
  return plans.slice(0, Math.max(1, Math.floor(MENU_POINTS_MAX / longest)));
}

function settleLevels(
  { state, params }: StageContext,
  { step, contract, level }: { readonly step: number; readonly contract: PenaltySchedule; readonly level: number },
): void {
  state.step = step;
  state.level = level;
  state.customerLevel = params.demand === null ? Math.min(contract.level, level) : 0;
  state.contract = contract;
}

interface Quote {
  readonly costs: readonly number[];
  readonly objects: boolean;
  readonly firms: number;
  accept(choice: number): Promise<number>;
}

/** The supplier's quote; null where there is no supplier. */
async function quoteOf(ctx: StageContext, proposal: LevelProposal): Promise<Quote | null> {
  const { supplier } = ctx.params;
  if (supplier === null) return null;
  const quote = await ctx.ask(EchelonLevels, 'customer', supplier, 'propose', proposal, { within: PROPOSAL_LIFE });
  if (quote.type !== 'quote') throw refused(quote.type === 'refuse' ? quote.body.reason : quote.code);
  const { costs, objects, firms } = quote.body;
  if (costs.length !== proposal.menu.length) throw refused('it quotes for another menu');
  return {
    costs,
    objects,
    firms,
    async accept(choice) {
      const end = await quote.dialogue.ask('accept', { choice });
      if (end.type !== 'confirm') throw refused(end.code);
      return end.body.level;
    },
  };
}

function refused(reason: string): HaggleError {
  return new HaggleError('levels-refused', `agreeing on levels with a supplier: ${reason}`, { fields: { reason } });
}
