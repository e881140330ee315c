import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN, type Reservation } from '../ledger/operation.ts';
import type { IteratedNet, Net } from './contract-net-protocol.ts';
import { escrowId, type EscrowNotice } from './escrow.ts';

/** A call for proposals as a participant hears it. */
export interface CallHeard<Task, Bid = unknown> {
  readonly task: Task;
  readonly from: Did;
  /** From 1. Only an iterated contract net has more than one. */
  readonly round: number;
  /** What this participant bid in the round before; null in the first. */
  readonly previous: Bid | null;
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
  /** What to return, or resolve to, instead of a result. */
  readonly giveBack: (reason: string) => AwardGivenBack;
}

/** An award that cannot be kept, with the reason that the initiator gets. What was locked for it goes back at once. */
export class AwardGivenBack {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** How a participant takes part in either contract net. What any of these throws ends the dialogue as failed. */
export interface Contractor<Task, Bid, Result, Params, State> {
  /** A bid, or `call.refuse(reason)`; asked in every round. */
  bid(ctx: Context<Params, State>, call: CallHeard<Task, Bid>): Bid | RefusedCall;
  /** Does the work; its result is what the initiator pays for. Or `award.giveBack(reason)`. Dropped where the dialogue has ended meanwhile. */
  perform(
    ctx: Context<Params, State>,
    award: Award<Task, Bid>,
  ): Result | AwardGivenBack | Promise<Result | AwardGivenBack>;
  /**
   * The least that must be locked for a bid before the work begins, in micro-tokens of the asset `token`. An award without it is given back as
   * `not secured`; what is locked for an award that is cancelled goes back to the initiator at once. Left out: nothing is
   * looked up.
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

/** The body of a call in either net. */
interface CallBody<Task> {
  readonly task: Task;
  readonly round?: number;
  readonly bidsBy: Micros;
}

/** Takes the participant's role of a contract net in an agent's setup. */
export function takePart<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType, Params, State>(
  either: Net<Task, Bid, Result> | IteratedNet<Task, Bid, Result>,
  agent: AgentBuilder<Params, State>,
  contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
): void {
  // But for what `CallBody` says, a participant is the same in both nets.
  const protocol = either as Net<Task, Bid, Result>;
  const bids = new Map<string, Bidding<z.output<Task>, z.output<Bid>>>();
  const gone = (ctx: Context<Params, State>, m: { readonly dialogue: { readonly key: string } }): void => {
    const bidding = bids.get(m.dialogue.key);
    if (bidding !== undefined) contractor.lost?.(ctx, bidding);
  };
  agent.play(
    protocol,
    'participant',
    {
      cfp(ctx, m) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod leaves the type of an object with a generic member open
        const { task, round = 1, bidsBy } = m.body as CallBody<z.output<Task>>;
        const previous = bids.get(m.dialogue.key)?.bid ?? null;
        const call = { task, round, previous, bidsBy, from: m.from, deadline: m.dialogue.deadline };
        const bid = contractor.bid(ctx, { ...call, refuse: (reason) => new RefusedCall(reason) });
        if (bid instanceof RefusedCall) return m.reply('refuse', { reason: bid.reason });
        bids.set(m.dialogue.key, { task, bid });
        m.reply('propose', bid);
      },
      async 'accept-proposal'(ctx, m) {
        const bidding = bids.get(m.dialogue.key);
        if (bidding === undefined) return;
        const { escrow } = m.body;
        const least = contractor.secured?.(bidding.bid) ?? 0n;
        if (least > 0n && !(await isSecured(ctx, { escrow, least, payer: m.from, dialogue: m.dialogue }))) {
          return m.fail('not secured');
        }
        // Cancelled while the ledger was being asked.
        if (!m.dialogue.open) return;
        const award = { ...bidding, from: m.from, deadline: m.dialogue.deadline, escrow };
        const result = await contractor.perform(ctx, { ...award, giveBack: (reason) => new AwardGivenBack(reason) });
        if (!m.dialogue.open) return;
        if (result instanceof AwardGivenBack) m.fail(result.reason);
        else m.reply('inform', result);
      },
      'reject-proposal': gone,
      cancel(ctx, m) {
        gone(ctx, m);
        const isBid = contractor.secured !== undefined && bids.has(m.dialogue.key);
        return isBid ? giveBack(ctx, m.from, m.dialogue.id) : undefined;
      },
    },
    { ended: (_, end) => void bids.delete(end.key) },
  );
}

/** Where to look for what an initiator has locked. */
export interface Security {
  readonly escrow: EscrowNotice;
  readonly least: bigint;
  readonly payer: Did;
  readonly dialogue: { readonly id: string; readonly deadline: Micros };
}

/** Looks up what an award says is locked: for a participant that is played by hand. */
export async function isSecured<Params, State>(
  ctx: Context<Params, State>,
  { escrow, least, payer, dialogue }: Security,
): Promise<boolean> {
  if (escrow === null) return false;
  const held = await ctx.ledger.reservation(escrow.reservation, payer);
  return held !== null && held.to === ctx.self && held.remaining >= least && secures(held, dialogue);
}

/**
 * Whether a reservation is money for one dialogue only, which outlives it. What refers to another dialogue secures that one:
 * a failure that was signed there takes it back.
 */
function secures(held: Reservation, { id, deadline }: Security['dialogue']): boolean {
  return held.state === 'pending' && held.asset === TOKEN && held.reference === id && held.expires > deadline;
}

/** Gives back what was locked for an award that is withdrawn, perhaps before it was said: the payer cannot take it back alone. */
async function giveBack<Params, State>(ctx: Context<Params, State>, payer: Did, dialogue: string): Promise<void> {
  const held = await ctx.ledger.reservation(escrowId(dialogue), payer);
  if (held?.state === 'pending' && held.to === ctx.self) await ctx.ledger.void({ reservation: held.id, payer });
}
