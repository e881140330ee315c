import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Duration } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { AssignmentAuction } from '../../agent-core/protocol/assignment-auction.ts';
import type { BidderResult } from '../../agent-core/protocol/assignment-bidder.ts';
import type { AssignmentTerms } from '../../agent-core/protocol/assignment-terms.ts';

const params = z.object({
  terms: z.custom<AssignmentTerms>(),
  sellers: z.custom<readonly Did[]>(),
  /** Own costs by object, in the order of `sellers`. */
  costs: z.custom<readonly number[]>(),
  within: z.custom<Duration>(),
});

/** Parameters of {@link assignmentPerson}. */
export type AssignmentPersonParams = z.output<typeof params>;

/** A person who wants one of the objects, and knows what each would cost it. */
export const assignmentPerson = defineAgent({
  name: 'assignment-person',
  params,
  state: (): { result: BidderResult | null } => ({ result: null }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      ctx.state.result = await ctx.run(AssignmentAuction.bidder, ctx.params);
    }),
});
