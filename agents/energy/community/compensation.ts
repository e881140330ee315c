import { micros } from '../../../agent-core/clock.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { GainTransfer, Stake } from '../../market/equal-gains.ts';
import { bearable, GainSharing } from '../../supply-chain/gain-sharing.ts';
import type { HomeBuilder, HomeContext } from './home-state.ts';

/** Everybody gains so much of an equal share at least: one in this many. */
const LEAST_SHARE = 10n;

/** Members tell their gains within this time after the last hour; whoever does not is left out. */
const TOLD_MICROS = micros('5 min');
const SHARED_WITHIN = micros('20 min');

/**
 * Payments by which nobody pays more than alone, where together they gained: who gained less than a tenth of an equal share is paid up to
 * it by the others, in proportion to what these gained above it. Where together they lost, what some have gained goes to those who lost,
 * in proportion.
 */
export function leastGains(stakes: readonly Stake[]): readonly GainTransfer[] {
  const borne = bearable(stakes);
  const total = borne.reduce((sum, { gain }) => sum + gain, 0n);
  const least = total <= 0n || borne.length === 0 ? 0n : total / (BigInt(borne.length) * LEAST_SHARE);
  const above = borne.filter(({ gain }) => gain > least).map(({ party, gain }) => ({ party, left: gain - least }));
  const below = borne.filter(({ gain }) => gain < least).map(({ party, gain }) => ({ party, left: least - gain }));
  return paid(inProportion(above, sumOf(below)), below);
}

interface Part {
  readonly party: Did;
  left: bigint;
}

function sumOf(parts: readonly Part[]): bigint {
  return parts.reduce((sum, { left }) => sum + left, 0n);
}

/** What each gives of a sum, as far as all together have it: whole parts first, then a micro-token each. */
function inProportion(parts: readonly Part[], wanted: bigint): Part[] {
  const all = sumOf(parts);
  const owed = wanted < all ? wanted : all;
  if (owed === 0n) return [];
  const shares = parts.map(({ party, left }) => ({ party, left: (left * owed) / all }));
  let rest = owed - sumOf(shares);
  for (const [at, share] of shares.entries()) {
    if (rest === 0n) break;
    if (share.left >= (parts[at]?.left ?? 0n)) continue;
    share.left++;
    rest--;
  }
  return shares;
}

function paid(givers: readonly Part[], takers: readonly Part[]): GainTransfer[] {
  const transfers: GainTransfer[] = [];
  const claims = takers.map((taker) => ({ ...taker }));
  for (const giver of givers) {
    for (const claim of claims) {
      const amount = claim.left < giver.left ? claim.left : giver.left;
      if (amount === 0n) continue;
      transfers.push({ from: giver.party, to: claim.party, amount });
      claim.left -= amount;
      giver.left -= amount;
    }
  }
  return transfers;
}

/** Takes the convenor's role in {@link GainSharing}: shares out what was told in time. */
export function sharing(agent: HomeBuilder): { readonly convene: (ctx: HomeContext) => void } {
  const close = agent.timer<null>('share', (ctx) => shareOut(ctx));
  agent.play(GainSharing, 'convenor', {
    gain(ctx, m) {
      const { params, state } = ctx;
      const isTime = state.hour === params.loadWh.length - 1 && !state.isShared;
      if (!isTime || !params.members.includes(m.from) || state.gains.has(m.from)) {
        return m.reply('decline', { reason: 'not a member, or not the time' });
      }
      state.gains.set(m.from, { gain: BigInt(m.body.gain), dialogue: m.dialogue.id });
    },
    paid() {
      // What was paid is in the ledger.
    },
  });
  return {
    convene(ctx) {
      ctx.schedule(close, TOLD_MICROS, null);
    },
  };
}

/** What a home has saved by the market, micro-tokens; rounded down. */
function gainOf({ state }: HomeContext): bigint {
  return BigInt(Math.floor(state.shadow.paid)) - state.paid;
}

async function shareOut(ctx: HomeContext): Promise<void> {
  const { self, state } = ctx;
  state.isShared = true;
  const told = [...state.gains].map(([party, { gain }]): Stake => ({ party, gain }));
  const stakes = [...told, { party: self, gain: gainOf(ctx) }];
  const transfers = leastGains(stakes.toSorted((a, b) => (a.party < b.party ? -1 : 1)));
  const termsOf = (party: Did): GainTerms => ({
    pays: transfers.filter(({ from }) => from === party).map(({ to, amount }) => ({ party: to, amount })),
    receives: transfers.filter(({ to }) => to === party).map(({ from, amount }) => ({ party: from, amount })),
  });
  for (const [party, { dialogue: id }] of state.gains) {
    ctx.dialogue(GainSharing, 'convenor', { peer: party, id })?.send('share', termsOf(party));
  }
  await settle(ctx, termsOf(self), `gains-${state.hour}`);
}

/** Tells the convenor what the home has gained, and pays what it owes by that. The convenor itself does when all have told. */
export async function shareGains(ctx: HomeContext): Promise<void> {
  const { convenor } = ctx.params;
  if (convenor === null || convenor === ctx.self) return;
  const body = { gain: gainOf(ctx).toString() };
  const answer = await ctx.ask(GainSharing, 'member', convenor, 'gain', body, { within: SHARED_WITHIN });
  if (answer.type !== 'share') return;
  await settle(ctx, answer.body, answer.dialogue.id);
  if (answer.dialogue.open) answer.reply('paid', {});
}

/** What one home pays, and gets. */
interface GainTerms {
  readonly pays: { readonly party: Did; readonly amount: bigint }[];
  readonly receives: { readonly party: Did; readonly amount: bigint }[];
}

async function settle(ctx: HomeContext, { pays, receives }: GainTerms, reference: string): Promise<void> {
  const { state } = ctx;
  const gain = gainOf(ctx);
  const owed = pays.reduce((sum, { amount }) => sum + amount, 0n);
  if (owed > (gain > 0n ? gain : 0n)) {
    ctx.log.warn(`a share of ${owed} micro-tokens is not paid: the home gained ${gain}`);
    return;
  }
  let moved = -receives.reduce((sum, { amount }) => sum + amount, 0n);
  for (const { party, amount } of pays) {
    const receipt = await ctx.ledger.transfer({ to: party, amount, reference });
    if (receipt.type === 'applied') moved += amount;
  }
  state.shared += moved;
  state.paid += moved;
}
