import type { Context } from '../../agent-core/agent/context.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';

type MarketContext = Context<{ readonly settlement: 'ledger' | 'words' }, unknown>;

/** Gives what is left of a reservation back to its payer. */
export async function giveBack(ctx: MarketContext, payer: Did, reservation: string): Promise<void> {
  if (ctx.params.settlement === 'ledger') await ctx.ledger.void({ reservation, payer });
}

/** As {@link giveBack}, for a name that may be none. */
export async function giveBackIfHeld(ctx: MarketContext, payer: Did, name: string): Promise<void> {
  if (ctx.params.settlement === 'words') return;
  // Looked at first: the ledger remembers every void that it refuses, and a stranger could have it fill up with them.
  const found = await ctx.ledger.reservation(name, payer);
  if (found?.state === 'pending') await giveBack(ctx, payer, name);
}

/** What a call returns, or the code of the {@link HaggleError} that it throws. */
export function codeOf<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof HaggleError) return error.code;
    throw error;
  }
}
