import type { Did } from '../identity/did-key.ts';
import type { AssignmentTerms } from './assignment-terms.ts';

/** A bid that a seller has taken. */
export interface TakenBid {
  readonly peer: Did;
  readonly dialogue: string;
  readonly price: number;
  readonly phase: number;
  readonly round: number;
}

/** One object on sale, as its seller sees it. Plain data; the functions below are the only things that change it. */
export interface AssignmentSale {
  readonly terms: AssignmentTerms;
  /** -1 before the clerk has begun. */
  phase: number;
  /** In scaled units. It never falls. */
  price: number;
  holder: TakenBid | null;
  /** Bids without an answer yet: of this round, or early for what the clerk has not announced here yet. */
  readonly waiting: TakenBid[];
  /** Dialogues in `waiting` of which the clerk was told. */
  readonly noted: string[];
  /** The dialogue with the clerk. */
  clerk: string | null;
  /** How it ended; null while it goes on. */
  result: SaleResult | null;
}

/** How the auction ended for a seller. */
export type SaleResult =
  | { readonly type: 'sold'; readonly to: Did; readonly price: number }
  | { readonly type: 'failed'; readonly code: string };

/** What a seller says: to a bidder in the dialogue of a bid, or to the clerk. */
export type SaleSay =
  | { readonly type: 'award' | 'settle'; readonly bid: TakenBid; readonly body: Readonly<Record<string, never>> }
  | { readonly type: 'reject' | 'outbid'; readonly bid: TakenBid; readonly body: { price: number; round: number } }
  | { readonly type: 'release'; readonly bid: TakenBid; readonly body: { phase: number; round: number } }
  | { readonly type: 'sold'; readonly body: { phase: number } }
  | { readonly type: 'noted'; readonly body: { round: number; acceptable: boolean } };

/** An object that nobody has bid for. */
export function createSale(terms: AssignmentTerms): AssignmentSale {
  return { terms, phase: -1, price: 0, holder: null, waiting: [], noted: [], clerk: null, result: null };
}

/** A bid came: answered at once where there are no rounds, noted where there are; one of a later phase waits. */
export function takeBid(sale: AssignmentSale, bid: TakenBid): readonly SaleSay[] {
  const known = [...sale.waiting, ...(sale.holder === null ? [] : [sale.holder])];
  if (bid.phase < sale.phase || bid.phase >= sale.terms.epsilons.length) return failSale(sale, 'bid-out-of-phase');
  if (known.some(({ peer }) => peer === bid.peer)) return failSale(sale, 'two-bids-of-one');
  sale.waiting.push(bid);
  return serve(sale);
}

/** The clerk begins a phase: whoever holds the object must bid again, at the price as it is. */
export function takePhase(
  sale: AssignmentSale,
  { phase, round }: { readonly phase: number; readonly round: number },
): readonly SaleSay[] {
  const { holder } = sale;
  const inOrder = phase === sale.phase + 1 && phase < sale.terms.epsilons.length;
  if (!inOrder || (phase > 0 && holder === null)) return failSale(sale, 'phase-out-of-turn');
  sale.phase = phase;
  sale.holder = null;
  const released: SaleSay[] = holder === null ? [] : [{ type: 'release', bid: holder, body: { phase, round } }];
  return [...released, ...serve(sale)];
}

/** The clerk says that everybody has bid in a round: the highest bid gets the object, if it is high enough. */
export function takeClose(sale: AssignmentSale, round: number): readonly SaleSay[] {
  const bids = sale.waiting.filter((bid) => bid.round === round && sale.noted.includes(bid.dialogue));
  // Of equal bids the name decides, not who came first: a round is the same whatever the latencies.
  const best = bids.toSorted((a, b) => b.price - a.price || (a.peer < b.peer ? -1 : 1))[0];
  if (best === undefined) return failSale(sale, 'close-out-of-turn');
  const said = decide(sale, best);
  for (const bid of bids) {
    if (bid !== best) said.push({ type: 'reject', bid, body: { price: sale.price, round: round + 1 } });
    remove(sale, bid);
  }
  return [...said, ...serve(sale)];
}

/** The clerk ends the auction. */
export function takeSettle(sale: AssignmentSale): readonly SaleSay[] {
  const { holder, phase, terms, waiting } = sale;
  const last = phase === terms.epsilons.length - 1;
  if (holder === null || !last || waiting.length > 0) return failSale(sale, 'settle-out-of-turn');
  sale.result = { type: 'sold', to: holder.peer, price: sale.price };
  return [{ type: 'settle', bid: holder, body: {} }];
}

/** Ends the sale without a buyer. @returns nothing to say */
export function failSale(sale: AssignmentSale, code: string): readonly SaleSay[] {
  sale.result ??= { type: 'failed', code };
  return [];
}

/** Does with the bids that wait what can be done now. */
function serve(sale: AssignmentSale): SaleSay[] {
  const due = sale.waiting.filter(({ phase }) => phase === sale.phase);
  if (sale.terms.mode === 'asynchronous') {
    return due.flatMap((bid) => {
      remove(sale, bid);
      const first = sale.holder === null;
      const said = decide(sale, bid);
      return first && said[0]?.type === 'award' ? [...said, { type: 'sold', body: { phase: sale.phase } }] : said;
    });
  }
  // A bid for the next round can come before this one is closed here: it is noted at the price that the close leaves.
  const round = Math.min(...due.map((bid) => bid.round));
  const fresh = due.filter((bid) => bid.round === round && !sale.noted.includes(bid.dialogue));
  return fresh.map((bid) => {
    sale.noted.push(bid.dialogue);
    return { type: 'noted', body: { round, acceptable: isAcceptable(sale, bid) } };
  });
}

/** Awards the object to a bid that raises its price by epsilon, and rejects any other. */
function decide(sale: AssignmentSale, bid: TakenBid): SaleSay[] {
  const round = sale.terms.mode === 'synchronous' ? bid.round + 1 : 0;
  if (!isAcceptable(sale, bid)) return [{ type: 'reject', bid, body: { price: sale.price, round } }];
  const { holder } = sale;
  sale.holder = bid;
  sale.price = bid.price;
  const evicted: SaleSay[] =
    holder === null ? [] : [{ type: 'outbid', bid: holder, body: { price: bid.price, round } }];
  return [{ type: 'award', bid, body: {} }, ...evicted];
}

function isAcceptable({ price, phase, terms }: AssignmentSale, bid: TakenBid): boolean {
  return bid.price >= price + (terms.epsilons[phase] ?? 1);
}

function remove(sale: AssignmentSale, bid: TakenBid): void {
  sale.waiting.splice(sale.waiting.indexOf(bid), 1);
  const at = sale.noted.indexOf(bid.dialogue);
  if (at >= 0) sale.noted.splice(at, 1);
}
