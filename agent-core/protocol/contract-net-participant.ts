import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN } from '../ledger/operation.ts';
import { dialogueKey } from './dialogue-key.ts';
import type { EscrowNotice } from './escrow.ts';
import type { Net } from './contract-net-protocol.ts';

/** A call for proposals as a participant hears it. */
export interface CallHeard<Task> {
  readonly task: Task;
  readonly from: Did;
  /** Absolute time after which a proposal does not count. */
  readonly bidsBy: Micros;
  /** Absolute time at which the result is due. */
  readonly deadline: Micros;
  /** What to return instead of a bid. */
  readonly refuse: (reason: string) => RefusedCall;
}

/** A call that is refused, with the reason that the initiator gets. */
export class RefusedCall {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** An award as its winner hears it. */
export interface Award<Task, Bid> {
  readonly task: Task;
  readonly bid: Bid;
  readonly from: Did;
  readonly deadline: Micros;
  readonly escrow: EscrowNotice;
}

/** How a participant takes part. What any of these throws ends the dialogue as failed. */
export interface Contractor<Task, Bid, Result, Params, State> {
  /** A bid, or `call.refuse(reason)`. */
  bid(ctx: Context<Params, State>, call: CallHeard<Task>): Bid | RefusedCall;
  /** Does the work; its result is what the initiator pays for. Dropped where the dialogue has ended meanwhile. */
  perform(ctx: Context<Params, State>, award: Award<Task, Bid>): Result | Promise<Result>;
  /**
   * The least that must be locked for a bid before the work begins, in tokens, by a reservation whose reference is the
   * dialogue. An award without it is given back as `not secured`. Left out: nothing is checked.
   */
  secured?(bid: Bid): bigint;
  /** Another won, or the call was withdrawn. */
  lost?(ctx: Context<Params, State>, call: { readonly task: Task; readonly bid: Bid | null }): void;
}

/** A call that was answered with a bid, by its dialogue. */
interface Bidding<Task, Bid> {
  readonly task: Task;
  readonly bid: Bid;
}

/** Takes the participant's role of a contract net in an agent's setup. */
export function takePart<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType, Params, State>(
  protocol: Net<Task, Bid, Result>,
  agent: AgentBuilder<Params, State>,
  contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
): void {
  const bids = new Map<string, Bidding<z.output<Task>, z.output<Bid>>>();
  const gone = (ctx: Context<Params, State>, m: From): void => {
    const bidding = bids.get(keyOf(m));
    if (bidding !== undefined) contractor.lost?.(ctx, bidding);
  };
  agent.play(
    protocol,
    'participant',
    {
      cfp(ctx, m) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod leaves the type of an object with a generic member open
        const { task, bidsBy } = m.body as { readonly task: z.output<Task>; readonly bidsBy: Micros };
        const call = { task, bidsBy, from: m.from, deadline: m.dialogue.deadline };
        const bid = contractor.bid(ctx, { ...call, refuse: (reason) => new RefusedCall(reason) });
        if (bid instanceof RefusedCall) return m.reply('refuse', { reason: bid.reason });
        bids.set(keyOf(m), { task, bid });
        m.reply('propose', bid);
      },
      async 'accept-proposal'(ctx, m) {
        const bidding = bids.get(keyOf(m));
        if (bidding === undefined) return;
        const { escrow } = m.body;
        const least = contractor.secured?.(bidding.bid) ?? 0n;
        if (!(await isSecured(ctx, { escrow, least, payer: m.from, dialogue: m.dialogue }))) {
          return m.fail('not secured');
        }
        // It may have been withdrawn meanwhile.
        if (!m.dialogue.open) return;
        const award = { ...bidding, from: m.from, deadline: m.dialogue.deadline, escrow };
        const result = await contractor.perform(ctx, award);
        if (m.dialogue.open) m.reply('inform', result);
      },
      'reject-proposal': gone,
      cancel: gone,
    },
    { ended: (_, end) => void bids.delete(dialogueKey(end.peer, end.dialogue)) },
  );
}

interface From {
  readonly from: Did;
  readonly dialogue: { readonly id: string };
}

function keyOf({ from, dialogue }: From): string {
  return dialogueKey(from, dialogue.id);
}

interface Security {
  readonly escrow: EscrowNotice;
  readonly least: bigint;
  readonly payer: Did;
  readonly dialogue: { readonly id: string; readonly deadline: Micros };
}

/**
 * Looks up what the award says is locked: enough of it, in tokens, for this agent, longer than the dialogue lives, and for this
 * dialogue: else one reservation could secure any number of awards.
 */
async function isSecured<Params, State>(
  ctx: Context<Params, State>,
  { escrow, least, payer, dialogue }: Security,
): Promise<boolean> {
  if (least === 0n) return true;
  if (escrow === null) return false;
  const held = await ctx.ledger.reservation(escrow.reservation, payer);
  return (
    held !== null &&
    held.state === 'pending' &&
    held.asset === TOKEN &&
    held.remaining >= least &&
    held.reference === dialogue.id &&
    held.expires > dialogue.deadline
  );
}
