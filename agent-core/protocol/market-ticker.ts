import { z } from 'zod';
import { amount } from './amount.ts';
import { subscribe } from './subscribe.ts';

/**
 * What a continuous market tells everybody who wants to hear it: quotes as they come and trades once they are settled, without a
 * name. The topic is an asset.
 */
export const MarketTicker = subscribe({
  name: 'market-ticker',
  version: '1.0.0',
  topic: z.object({ asset: z.string().min(1).max(64) }),
  /** `accepted`: a trade at this price, on the initiative of `side`; otherwise a quote that has found nobody yet. */
  notice: z.object({
    side: z.enum(['buy', 'sell']),
    price: amount(),
    quantity: z.int().positive(),
    accepted: z.boolean(),
  }),
});

/** One notice of {@link MarketTicker}. */
export interface Tick {
  readonly side: 'buy' | 'sell';
  /** Micro-tokens a unit. */
  readonly price: bigint;
  readonly quantity: number;
  readonly accepted: boolean;
}
