import { z } from 'zod';
import { micros } from '../../agent-core/clock.ts';
import { amount } from '../../agent-core/protocol/amount.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { equalGains, type Stake } from '../market/equal-gains.ts';
import { book, microTokens, type FirmBuilder, type FirmContext } from './firm-state.ts';

/** Firms of one sharing at most. */
const MEMBERS_MAX = 2_000;

const payments = z.array(z.object({ party: did(), amount: amount() })).max(MEMBERS_MAX);

/**
 * At the end each firm tells what it has gained over its local rule, and whoever gained more than an equal share pays those who
 * gained less: nobody ends poorer than alone, as long as together they gained. The figures are each firm's own word.
 */
export const GainSharing = defineProtocol({
  name: 'gain-sharing',
  version: '1.0.0',
  roles: ['member', 'convenor'],
  messages: {
    /** Micro-tokens, below zero for a loss. */
    gain: { from: 'member', as: 'inform', body: z.object({ gain: z.string().regex(/^(?:0|-?[1-9]\d{0,27})$/) }) },
    share: { from: 'convenor', as: 'propose', body: z.object({ pays: payments, receives: payments }) },
    decline: { from: 'convenor', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
    paid: { from: 'member', as: 'accept-proposal', body: z.object({}) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { gain: 'told' } },
      told: { on: { share: 'shared', decline: 'over' } },
      shared: { on: { paid: 'over' } },
      over: { type: 'final' },
    },
  },
});

/** Members tell their gains within this time after the last period; whoever does not is left out. */
const TOLD_MICROS = micros('2 min');
const SHARED_WITHIN = micros('10 min');

/** Takes the convenor's role in {@link GainSharing}: shares out what was told in time. */
export function sharing(agent: FirmBuilder): { readonly convene: (ctx: FirmContext) => void } {
  const close = agent.timer<null>('share', (ctx) => shareOut(ctx));
  agent.play(GainSharing, 'convenor', {
    gain(ctx, m) {
      const { gains, period, isShared } = ctx.state;
      const isTime = period === ctx.params.periods - 1 && !isShared;
      if (!isTime || !ctx.params.members.includes(m.from) || gains.has(m.from)) {
        return m.reply('decline', { reason: 'not a member, or too late' });
      }
      gains.set(m.from, { gain: BigInt(m.body.gain), dialogue: m.dialogue.id });
    },
    paid() {
      // The book of who was paid has it.
    },
  });
  return {
    convene(ctx) {
      ctx.schedule(close, TOLD_MICROS, null);
    },
  };
}

async function shareOut(ctx: FirmContext): Promise<void> {
  const { self, state } = ctx;
  state.isShared = true;
  const told = [...state.gains].map(([party, { gain }]): Stake => ({ party, gain }));
  const own = await gainOf(ctx);
  const stakes = [...told, { party: self, gain: own }];
  const transfers = equalGains(bearable(stakes.toSorted((a, b) => (a.party < b.party ? -1 : 1))));
  const termsOf = (party: Did): GainTerms => ({
    pays: transfers.filter(({ from }) => from === party).map(({ to, amount: owed }) => ({ party: to, amount: owed })),
    receives: transfers.filter(({ to }) => to === party).map(({ from, amount: got }) => ({ party: from, amount: got })),
  });
  for (const [party, { dialogue: id }] of state.gains) {
    ctx.dialogue(GainSharing, 'convenor', { peer: party, id })?.send('share', termsOf(party));
  }
  await settle(ctx, termsOf(self), { gain: own, reference: `gains-${state.period}` });
}

/**
 * Where all together have lost, what some have gained goes to those who lost, in proportion to what they lost: nobody pays more
 * than it gained.
 */
export function bearable(stakes: readonly Stake[]): readonly Stake[] {
  const total = (sign: bigint): bigint =>
    stakes.reduce((sum, { gain }) => sum + (gain * sign > 0n ? gain * sign : 0n), 0n);
  const [gained, lost] = [total(1n), total(-1n)];
  if (lost <= gained) return stakes;
  return stakes.map(({ party, gain }) => ({ party, gain: gain < 0n ? (gain * gained) / lost : gain }));
}

/** Tells the convenor what the firm has gained, and pays what it owes by that. The convenor itself does when all have told. */
export async function shareGains(ctx: FirmContext): Promise<void> {
  const { params, state, self } = ctx;
  const convenor = params.trade?.convenor ?? null;
  if (convenor === null || state.shadow === null || convenor === self) return;
  const gain = await gainOf(ctx);
  const body = { gain: gain.toString() };
  const answer = await ctx.ask(GainSharing, 'member', convenor, 'gain', body, { within: SHARED_WITHIN });
  if (answer.type !== 'share') return;
  await settle(ctx, answer.body, { gain, reference: answer.dialogue.id });
  if (answer.dialogue.open) answer.reply('paid', {});
}

/** What the firm's money has changed by, beyond what its rule would have earned: by the ledger, for what partners say was paid may not have been. */
async function gainOf(ctx: FirmContext): Promise<bigint> {
  const earned = (await wealth(ctx)) - ctx.state.opening;
  return earned - microTokens(ctx.state.shadow?.profit ?? 0);
}

/** Micro-tokens that a firm has, with what it has set aside. */
export async function wealth({ ledger }: FirmContext): Promise<bigint> {
  const { available, reserved } = await ledger.balance();
  return available + reserved;
}

/** What one firm pays, and gets. */
interface GainTerms {
  readonly pays: { readonly party: Did; readonly amount: bigint }[];
  readonly receives: { readonly party: Did; readonly amount: bigint }[];
}

async function settle(
  ctx: FirmContext,
  { pays, receives }: GainTerms,
  { gain, reference }: { readonly gain: bigint; readonly reference: string },
): Promise<void> {
  const owed = pays.reduce((sum, { amount: one }) => sum + one, 0n);
  if (owed > (gain > 0n ? gain : 0n)) {
    ctx.log.warn(
      `a share of ${owed} micro-tokens is not paid: it would leave the firm, which gained ${gain}, poorer than alone`,
    );
    return;
  }
  for (const { party, amount: paid } of pays) {
    const receipt = await ctx.ledger.transfer({ to: party, amount: paid, reference });
    if (receipt.type === 'applied') book(ctx.state, { partner: party, what: 'settlement', amount: -paid });
  }
  for (const { party, amount: got } of receives) {
    book(ctx.state, { partner: party, what: 'settlement', amount: got });
  }
}
