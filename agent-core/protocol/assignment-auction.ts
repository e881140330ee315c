import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { DialogueEnd } from '../agent/dialogue.ts';
import type { Did } from '../identity/did-key.ts';
import { assignmentBidder } from './assignment-bidder.ts';
import { assignmentClerk } from './assignment-clerk.ts';
import { ASSIGNMENT_PHASES, ASSIGNMENT_SALE } from './assignment-messages.ts';
import {
  failSale,
  takeBid,
  takeClose,
  takePhase,
  takeSettle,
  type AssignmentSale,
  type SaleResult,
  type SaleSay,
} from './assignment-sale.ts';

/** What a seller's agent gives to {@link AssignmentAuction}`.seller`. */
export interface SellerOptions<Params, State> {
  /** Where the agent keeps its sale, as `createSale` made it. */
  sale(ctx: Context<Params, State>): AssignmentSale;
  clerk(ctx: Context<Params, State>): Did;
  /** Whose bids are taken. */
  isBidder(ctx: Context<Params, State>, did: Did): boolean;
  /** Called once, when the auction is over for this seller. */
  ended?(ctx: Context<Params, State>, result: SaleResult): void;
}

/**
 * The auction algorithm for the assignment problem (Bertsekas 1979, 1988; "Auction algorithms for network flow problems",
 * 1992) as talk between n persons, who each want one of n objects, and the sellers of these. It finds an assignment of least
 * total cost, although no cost is ever said: a person knows its own costs and what it has learnt of prices, a seller its
 * price and who holds its object, the clerk only how many objects are sold. So do Zavlanos, Spesivtsev and Pappas ("A
 * distributed auction algorithm for the assignment problem", 2008) without the clerk, whom epsilon scaling needs.
 *
 * A person bids for the object that is cheapest to it, cost plus price, and bids so much that it becomes epsilon dearer than
 * the second. A seller takes a bid that raises its price by epsilon at least and tells whoever it outbids; any other it
 * rejects and says its price. In mode `synchronous` (Jacobi) all persons without an object bid once a round and the highest
 * bid wins; in mode `asynchronous` (Gauss-Seidel) every bid is answered as it comes.
 *
 * Bids rest on old prices in both modes: a person learns a price when it is rejected or outbid. The assignment is right all the
 * same (Bertsekas and Castanon 1991). Prices only rise, so the prices that a person knows are never above the true
 * ones. When it is awarded object j at price b, every other object k costs it in truth at least what it believed, that is at
 * least (cost of j + b) - epsilon: epsilon complementary slackness. Later it still does, as the others only become dearer. An
 * object that was sold once in a phase stays sold; so a phase ends when all were, and every person holds one. Each award
 * raises a price by epsilon and each rejection makes a person wiser, so it does end. An assignment with epsilon complementary
 * slackness costs at most n * epsilon more than the best one. Costs are multiplied by n + 1 and the last epsilon is 1:
 * n * 1 < n + 1, and as costs are whole numbers, the assignment is the best one.
 *
 * Early phases have a larger epsilon, and the next begins at the prices they leave. All bid again then, so that
 * slackness holds anew.
 *
 * Whoever fails, falls silent until the deadline or breaks a rule ends the auction for all: sellers tell the clerk and
 * their bidders, the clerk tells the sellers. What a rule cannot show, as a bid above what the object is worth, hurts the
 * assignment and not the protocol.
 *
 * The value is the protocol between bidder and seller. `bidder` and `clerk` are programs for `ctx.run`; `seller`, called in
 * `setup`, takes the seller's part in both protocols; `phases` is the protocol between clerk and seller.
 */
export const AssignmentAuction = Object.freeze({
  ...ASSIGNMENT_SALE,
  /** The protocol between clerk and seller. */
  phases: ASSIGNMENT_PHASES,
  /** A person, for `ctx.run`: bids until it holds an object for good, and ends as a `BidderResult`. */
  bidder: assignmentBidder,
  /** Who counts sales and ends phases, for `ctx.run`; ends as a `ClerkResult`. */
  clerk: assignmentClerk,
  /** Takes the seller's part in both protocols in an agent's setup. */
  seller: playSeller,
});

function playSeller<Params, State>(agent: AgentBuilder<Params, State>, options: SellerOptions<Params, State>): void {
  type Ctx = Context<Params, State>;
  /** Lets the sale take what came, says what it wants said, and ends all if that was the end. */
  const step = (ctx: Ctx, change: (sale: AssignmentSale) => readonly SaleSay[]): void => {
    const sale = options.sale(ctx);
    if (sale.result !== null) return;
    for (const say of change(sale)) speak(ctx, { say, sale, clerk: options.clerk(ctx) });
    const { result } = options.sale(ctx);
    if (result === null) return;
    if (result.type === 'failed') giveUp(ctx, sale, options.clerk(ctx));
    options.ended?.(ctx, result);
  };
  const lost = (ctx: Ctx, { peer, dialogue, outcome, code }: DialogueEnd): void => {
    const { holder, waiting, clerk } = options.sale(ctx);
    const bids = holder === null ? waiting : [holder, ...waiting];
    // Ids are the peers' choice: a stranger may have named its dialogue as one of these.
    const isTalk = dialogue === clerk && peer === options.clerk(ctx);
    const isOurs = isTalk || bids.some((bid) => bid.dialogue === dialogue && bid.peer === peer);
    if (isOurs && outcome !== 'done') step(ctx, (sale) => failSale(sale, code));
  };
  agent.play(
    ASSIGNMENT_SALE,
    'seller',
    {
      bid: (ctx, m) => {
        if (!options.isBidder(ctx, m.from)) return m.fail('not a bidder of this auction');
        if (options.sale(ctx).result !== null) return m.fail('the auction is over');
        const bid = { peer: m.from, dialogue: m.dialogue.id, ...m.body };
        step(ctx, (sale) => takeBid(sale, bid));
        if (options.sale(ctx).result !== null) m.fail('the auction is over');
      },
    },
    { ended: lost },
  );
  agent.play(
    ASSIGNMENT_PHASES,
    'seller',
    {
      phase: (ctx, m) => {
        const sale = options.sale(ctx);
        if (m.from !== options.clerk(ctx)) return m.fail('not the clerk of this auction');
        if (sale.result !== null) return m.fail('the auction is over');
        sale.clerk ??= m.dialogue.id;
        if (sale.clerk !== m.dialogue.id) return m.fail('we are talking already');
        step(ctx, () => takePhase(sale, m.body));
      },
      close: (ctx, m) => step(ctx, (sale) => takeClose(sale, m.body.round)),
      settle: (ctx) => step(ctx, takeSettle),
    },
    { ended: lost },
  );
}

function speak<Params, State>(
  ctx: Context<Params, State>,
  { say, sale, clerk }: { readonly say: SaleSay; readonly sale: AssignmentSale; readonly clerk: Did },
): void {
  if ('bid' in say) {
    const { peer, dialogue: id } = say.bid;
    ctx.dialogue(ASSIGNMENT_SALE, 'seller', { peer, id })?.send(say.type, say.body);
  } else if (sale.clerk !== null) {
    ctx.dialogue(ASSIGNMENT_PHASES, 'seller', { peer: clerk, id: sale.clerk })?.send(say.type, say.body);
  }
}

/** Ends whatever is open, so that the others learn that there is no assignment. */
function giveUp<Params, State>(ctx: Context<Params, State>, sale: AssignmentSale, clerk: Did): void {
  const reason = sale.result?.type === 'failed' ? sale.result.code : '';
  for (const { peer, dialogue: id } of [...sale.waiting, ...(sale.holder === null ? [] : [sale.holder])]) {
    ctx.dialogue(ASSIGNMENT_SALE, 'seller', { peer, id })?.fail(reason);
  }
  if (sale.clerk === null) return;
  ctx.dialogue(ASSIGNMENT_PHASES, 'seller', { peer: clerk, id: sale.clerk })?.fail(reason);
}
