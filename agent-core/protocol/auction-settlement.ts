/** What a winner and its auctioneer say and do after the award, the same in every auction. */
import { z } from 'zod';
import type { Context } from '../agent/context.ts';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN } from '../ledger/operation.ts';
import type { LedgerPort } from '../ledger/port.ts';
import { LIMITS } from '../limits.ts';
import type { MicroTokens } from './amount.ts';
import type { PaymentWay, Sale } from './auction.ts';

/** The messages that follow an award. */
export const settlementMessages = {
  /** The winner: this is paid; by this reservation, where the price is not 0 and payment is by ledger. */
  pay: { from: 'participant', as: 'inform', body: z.object({ reservation: z.string().max(192).nullable() }) },
  /** The auctioneer: the payment has come, the lot is yours. */
  settled: { from: 'initiator', as: 'inform', body: z.object({}) },
} as const;

/** What a settlement needs of the auction that awarded. */
export interface SettlementParts {
  readonly run: {
    readonly self: Did;
    readonly ledger: LedgerPort;
    at(time: Micros, call: () => void): void;
  };
  readonly sale: Sale;
  readonly payment: PaymentWay;
  /** The winner's dialogue, after the award was said in it. */
  readonly dialogue: {
    readonly id: string;
    readonly open: boolean;
    send(type: 'settled', body: object): unknown;
    fail(reason: string): void;
  };
  readonly payBy: Micros;
  /** Called once: with null where the winner paid, else with the code of what went wrong. */
  readonly settled: (fault: string | null) => void;
}

/** An auctioneer's wait for the payment of one award. */
export interface Settlement {
  /** The winner says that it paid. */
  paid(reservation: string | null): void;
  /** The winner's dialogue ended. */
  ended(code: string): void;
}

/** Waits until `payBy` for the payment, takes it, confirms it and says how it went. */
export function startSettlement(parts: SettlementParts): Settlement {
  const { dialogue, payBy, run, sale } = parts;
  let state: 'waiting' | 'taking' | 'over' = 'waiting';
  const end = (fault: string | null): void => {
    if (state === 'over') return;
    state = 'over';
    if (fault !== null && dialogue.open) dialogue.fail(fault);
    if (fault === null && dialogue.open) dialogue.send('settled', {});
    parts.settled(fault);
  };
  run.at(payBy, () => {
    if (state === 'waiting') end('not-paid-in-time');
  });
  return {
    paid: (reservation) => {
      if (state !== 'waiting') return;
      if (parts.payment === 'elsewhere' || sale.price === 0n) return end(null);
      if (reservation === null) return end('no-reservation');
      // From here on money may move, so that only the ledger's word ends it.
      state = 'taking';
      take(parts, reservation, end);
    },
    ended: (code) => {
      if (state === 'waiting') end(code);
    },
  };
}

/** Takes the price out of a reservation that is what it should be. */
function take({ dialogue, run, sale }: SettlementParts, id: string, end: (fault: string | null) => void): void {
  const { ledger, self } = run;
  const { price, winner: payer } = sale;
  ledger.reservation({ payer, id }, (held) => {
    const fits = held?.to === self && held.asset === TOKEN && held.reference === dialogue.id && held.remaining >= price;
    if (!fits) return end('wrong-reservation');
    const post = { type: 'post', id: `auction/${dialogue.id}`, reservation: id, payer, amount: price } as const;
    ledger.submit([post], (outcome) => end(outcome.type === 'applied' ? null : outcome.code));
  });
}

/** A winner's side of an award. */
export interface AwardParts {
  readonly dialogue: {
    readonly id: string;
    readonly peer: Did;
    readonly deadline: Micros;
    readonly open: boolean;
    send(type: 'pay', body: { readonly reservation: string | null }): unknown;
    fail(reason: string): void;
  };
  readonly price: MicroTokens;
  readonly payment: PaymentWay;
}

/**
 * Pays an award: reserves the price for the auctioneer where payment is by ledger, and says so. The reservation lasts as long
 * as the dialogue: an auctioneer that goes away gives the money back by doing nothing.
 */
export function payAward<Params, State>(ctx: Context<Params, State>, award: AwardParts): void | Promise<void> {
  const { dialogue, payment, price } = award;
  if (payment === 'ledger' && price > 0n) return reserveAward(ctx, award);
  dialogue.send('pay', { reservation: null });
}

async function reserveAward<Params, State>(
  ctx: Context<Params, State>,
  { dialogue, price }: AwardParts,
): Promise<void> {
  const held = await ctx.ledger.reserve({
    to: dialogue.peer,
    amount: price,
    release: 'payee',
    within: Math.min(dialogue.deadline - ctx.now(), LIMITS.reservationLifeMicros),
    reference: dialogue.id,
  });
  if (!dialogue.open) return;
  if (held.type === 'applied') dialogue.send('pay', { reservation: held.id });
  else dialogue.fail(`the price cannot be reserved: ${held.code}`);
}
