import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { AssignmentAuction } from '../../agent-core/protocol/assignment-auction.ts';
import { createSale, type AssignmentSale } from '../../agent-core/protocol/assignment-sale.ts';
import type { AssignmentTerms } from '../../agent-core/protocol/assignment-terms.ts';

const params = z.object({
  terms: z.custom<AssignmentTerms>(),
  clerk: z.custom<Did>(),
  /** Who may bid. */
  bidders: z.custom<ReadonlySet<Did>>(),
});

/** Sells one object. It knows its price and who holds it. */
export const objectSeller = defineAgent({
  name: 'object-seller',
  params,
  state: ({ terms }): { readonly sale: AssignmentSale } => ({ sale: createSale(terms) }),
  setup: (agent) =>
    AssignmentAuction.seller(agent, {
      sale: ({ state }) => state.sale,
      clerk: (ctx) => ctx.params.clerk,
      isBidder: (ctx, did) => ctx.params.bidders.has(did),
    }),
});
