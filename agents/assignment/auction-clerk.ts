import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Duration } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { AssignmentAuction } from '../../agent-core/protocol/assignment-auction.ts';
import type { ClerkResult } from '../../agent-core/protocol/assignment-clerk.ts';
import type { AssignmentTerms } from '../../agent-core/protocol/assignment-terms.ts';

const params = z.object({
  terms: z.custom<AssignmentTerms>(),
  sellers: z.custom<readonly Did[]>(),
  within: z.custom<Duration>(),
});

/** Says when a phase or a round of the auction is over. It learns no cost and no price. */
export const auctionClerk = defineAgent({
  name: 'auction-clerk',
  params,
  state: (): { result: ClerkResult | null } => ({ result: null }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      ctx.state.result = await ctx.run(AssignmentAuction.clerk, ctx.params);
    }),
});
