/** What the initiators of both contract nets share: who was called, how each answered, awards and their settlement. */
import type { DialogueEnd } from '../agent/dialogue.ts';
import type { Duration, Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { LedgerCode } from '../ledger/operation.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Cancellation } from './cancellation.ts';
import { lockEscrow, type Escrow, type EscrowNotice, type EscrowTerms } from './escrow.ts';

/** A proposal that is open to be accepted. */
export interface Proposal<Bid> {
  readonly peer: Did;
  readonly bid: Bid;
  /** The bidder's signed proposal. */
  readonly recorded: RecordedMessage;
}

/** What the initiator of any contract net wants, besides how it decides. */
export interface CallTerms<Task, Bid, Result = unknown> {
  readonly task: Task;
  /** Whom to call. */
  readonly to: readonly Did[];
  /** How long the bids of one call are waited for. Once everybody has answered, it is decided at once. */
  readonly bidsWithin: Duration;
  /** How long, from the first call on, until the result is due. */
  readonly resultWithin: Duration;
  /** What is set aside for a winner before it is told, paid on its result, and back on its failure or after the deadline. */
  escrow?(proposal: Proposal<Bid>): EscrowTerms;
  /**
   * Whether a result is what was called for; left out, every result that fits its schema is. Where it is not, nothing is paid: what
   * was locked is back after the deadline, and the award is `disputed`, with the winner's signed result.
   */
  accepts?(result: Result, proposal: Proposal<Bid>): boolean;
  /**
   * Withdraws the call. A winner's money that is locked, or is just being locked, is back once the winner voids it, which the
   * ready participant does where it checks its security, else when its reservation ends: nobody else may take it back.
   */
  readonly cancellation?: Cancellation;
}

/** How everybody who was called answered in time; where there are rounds, each participant's last answer. */
export interface Answers<Bid> {
  readonly proposals: readonly Proposal<Bid>[];
  readonly refusals: readonly { readonly peer: Did; readonly reason: string }[];
  /** Who gave no proper answer in time, and why: `late`, `no-such-agent`, a failure or misunderstanding code. */
  readonly silent: readonly { readonly peer: Did; readonly code: string }[];
}

/** An award that was delivered. */
export interface Fulfilled<Bid, Result> extends Proposal<Bid> {
  readonly type: 'fulfilled';
  readonly result: Result;
  /** True where an escrow was paid out for it. */
  readonly paid: boolean;
  /** The winner's signed result. */
  readonly evidence: RecordedMessage;
}

/** An award whose result was not what was called for: nothing was paid for it. */
export interface Disputed<Bid, Result> extends Proposal<Bid> {
  readonly type: 'disputed';
  readonly result: Result;
  /** The winner's signed result. */
  readonly evidence: RecordedMessage;
}

/** An award that was not delivered: `deadline-passed`, `cancelled`, a ledger's refusal, or the code of the winner's failure. */
export interface Unfulfilled<Bid> extends Proposal<Bid> {
  readonly type: 'unfulfilled';
  readonly code: string;
  /** What the winner said about it, for people; empty where it said nothing. */
  readonly reason: string;
}

/** How a call for proposals ended for its initiator. */
export type TenderResult<Bid, Result, Reason extends string> =
  /** Every award was delivered; `award` is the first. */
  | {
      readonly type: 'done';
      readonly award: Fulfilled<Bid, Result>;
      readonly awards: readonly Fulfilled<Bid, Result>[];
      readonly answers: Answers<Bid>;
    }
  /** At least one award was not delivered. */
  | {
      readonly type: 'failed';
      readonly awards: readonly (Fulfilled<Bid, Result> | Disputed<Bid, Result> | Unfulfilled<Bid>)[];
      readonly answers: Answers<Bid>;
    }
  | {
      readonly type: 'not-awarded';
      readonly reason: 'no-proposals' | 'cancelled' | Reason;
      readonly answers: Answers<Bid>;
    };

/** What a tender says in the dialogue with one participant. */
interface TenderDialogue {
  readonly id: string;
  readonly peer: Did;
  readonly deadline: Micros;
  readonly open: boolean;
  send(type: 'accept-proposal', body: { readonly escrow: EscrowNotice }): unknown;
  send(type: 'reject-proposal', body: Readonly<Record<string, never>>): unknown;
  send(type: 'cancel', body: { readonly reason: string }): unknown;
}

/** What a participant says. */
type Answer<Bid, Result> = { readonly from: Did; readonly recorded: RecordedMessage } & (
  | { readonly type: 'propose'; readonly body: Bid }
  | { readonly type: 'refuse'; readonly body: { readonly reason: string } }
  | { readonly type: 'inform'; readonly body: Result }
);

/** What a tender needs of the program that it is part of. */
interface TenderParts<Bid, Result, Reason extends string> {
  readonly run: {
    readonly ledger: LedgerPort;
    onCancel(cancellation: Cancellation | undefined, call: () => void): void;
  };
  readonly call: Pick<CallTerms<unknown, Bid, Result>, 'to' | 'escrow' | 'accepts' | 'cancellation'>;
  /** Nobody is waited for any more, and nothing has been decided. */
  answered(): void;
  /** Called once. */
  over(result: TenderResult<Bid, Result, Reason>): void;
}

/** Where one participant stands. */
type Standing<Bid, Result> =
  | { readonly type: 'called' }
  | { readonly type: 'proposed' | 'rejected'; readonly proposal: Proposal<Bid> }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'silent'; readonly code: string }
  /** Chosen, and the ledger is setting its escrow aside: it has not been told. Who fails or is cancelled now, is dealt with then. */
  | { readonly type: 'locking'; readonly proposal: Proposal<Bid>; readonly gone: Gone | null }
  | { readonly type: 'awarded'; readonly proposal: Proposal<Bid>; readonly escrow: Escrow | null }
  /** The ledger is paying it, or paying it back: only its word ends that. */
  | { readonly type: 'settling'; readonly proposal: Proposal<Bid> }
  | Fulfilled<Bid, Result>
  | Disputed<Bid, Result>
  | Unfulfilled<Bid>;

type Gone = Pick<DialogueEnd, 'code' | 'reason' | 'recorded'>;

interface Called<Bid, Result, Talk> {
  readonly dialogue: Talk;
  standing: Standing<Bid, Result>;
}

const CANCELLED: Gone = { code: 'cancelled' };

/** One call for proposals, from the first message until everything that was awarded is settled. */
export class Tender<Bid, Result, Reason extends string, Talk extends TenderDialogue> {
  readonly #parts: TenderParts<Bid, Result, Reason>;
  readonly #called = new Map<Did, Called<Bid, Result, Talk>>();
  #decided = false;

  constructor(parts: TenderParts<Bid, Result, Reason>) {
    this.#parts = parts;
  }

  /** True once something was awarded, or never will be. */
  get decided(): boolean {
    return this.#decided;
  }

  /**
   * Calls everybody.
   *
   * @throws HaggleError `duplicate-peer`; whatever `open` throws
   */
  start(open: (peer: Did) => Talk): void {
    const { call, run } = this.#parts;
    if (new Set(call.to).size < call.to.length) {
      throw new HaggleError('duplicate-peer', 'calling for proposals: a participant is named twice');
    }
    for (const peer of call.to) this.#called.set(peer, { dialogue: open(peer), standing: { type: 'called' } });
    run.onCancel(call.cancellation, () => this.#cancel());
    this.#proceed();
  }

  heard(message: Answer<Bid, Result>): void {
    const called = this.#called.get(message.from);
    if (called === undefined) return;
    const { from: peer, type, body, recorded } = message;
    if (type === 'propose') called.standing = { type: 'proposed', proposal: { peer, bid: body, recorded } };
    else if (type === 'refuse') called.standing = { type: 'refused', reason: body.reason };
    else return this.#delivered(called, { result: body, evidence: recorded });
    this.#proceed();
  }

  ended(end: DialogueEnd): void {
    const called = this.#called.get(end.peer);
    if (called === undefined) return;
    const { standing } = called;
    // A proposal whose bidder has gone cannot be accepted any more.
    if (standing.type === 'called' || standing.type === 'proposed') {
      called.standing = { type: 'silent', code: end.code };
      this.#proceed();
    } else if (standing.type === 'locking' && end.recorded !== undefined) called.standing = { ...standing, gone: end };
    else if (standing.type === 'locking') this.#unfulfilled(called, standing.proposal, end);
    else if (standing.type === 'awarded') this.#undelivered(called, standing, end);
  }

  /** Ends the waiting: who has not answered is told `cancel`, and is out. Gives the proposals that are open to be accepted. */
  close(): readonly Proposal<Bid>[] {
    for (const called of this.#called.values()) {
      if (called.standing.type !== 'called') continue;
      called.standing = { type: 'silent', code: 'late' };
      if (called.dialogue.open) called.dialogue.send('cancel', { reason: 'no answer in time' });
    }
    return this.#proposals();
  }

  /**
   * Awards what was chosen, and rejects the rest.
   *
   * @throws HaggleError `bad-choice`
   */
  award(chosen: readonly Proposal<Bid>[]): void {
    const winners = this.#chosen(chosen);
    this.#decided = true;
    for (const called of winners) this.#award(called);
    this.#reject();
    this.#proceed();
  }

  /**
   * Waits for other answers of those whose proposals were chosen, and rejects the rest.
   *
   * @throws HaggleError `bad-choice`; whatever `ask` throws
   */
  again(chosen: readonly Proposal<Bid>[], ask: (dialogue: Talk) => void): void {
    for (const called of this.#chosen(chosen)) {
      called.standing = { type: 'called' };
      ask(called.dialogue);
    }
    this.#reject();
  }

  /** Ends without an award: rejects every proposal. */
  end(reason: 'no-proposals' | 'cancelled' | Reason): void {
    this.#decided = true;
    this.#reject();
    this.#parts.over({ type: 'not-awarded', reason, answers: this.#answers() });
  }

  #award(called: Called<Bid, Result, Talk>): void {
    const { dialogue, standing } = called;
    const { call, run } = this.#parts;
    if (standing.type !== 'proposed') return;
    const { proposal } = standing;
    const terms = call.escrow?.(proposal);
    if (terms === undefined) {
      called.standing = { type: 'awarded', proposal, escrow: null };
      dialogue.send('accept-proposal', { escrow: null });
      return;
    }
    called.standing = { type: 'locking', proposal, gone: null };
    const party = { to: dialogue.peer, dialogue: dialogue.id, deadline: dialogue.deadline };
    lockEscrow(run.ledger, { ...terms, ...party }, (locked) => this.#locked(called, locked));
  }

  /** Tells a winner, now that its money is set aside, unless one of the two has thought better of it meanwhile. */
  #locked(called: Called<Bid, Result, Talk>, locked: Escrow | LedgerCode): void {
    const { dialogue, standing } = called;
    if (standing.type !== 'locking') return;
    const { gone, proposal } = standing;
    if (typeof locked === 'string') {
      if (dialogue.open) dialogue.send('reject-proposal', {});
      this.#unfulfilled(called, proposal, gone ?? { code: locked });
    } else if (gone === null) {
      called.standing = { type: 'awarded', proposal, escrow: locked };
      dialogue.send('accept-proposal', { escrow: locked.notice });
    } else {
      // Who hears `cancel` only now finds what was locked for it in the ledger, and can void it.
      if (dialogue.open) this.#sayCancel(called);
      this.#undelivered(called, { proposal, escrow: locked }, gone);
    }
  }

  #delivered(
    called: Called<Bid, Result, Talk>,
    delivered: { readonly result: Result; readonly evidence: RecordedMessage },
  ): void {
    const { standing } = called;
    if (standing.type !== 'awarded') return;
    const { proposal, escrow } = standing;
    if (this.#parts.call.accepts?.(delivered.result, proposal) === false) {
      called.standing = { ...proposal, ...delivered, type: 'disputed' };
      return this.#proceed();
    }
    const settled = (paid: boolean): void => {
      called.standing = { ...proposal, ...delivered, type: 'fulfilled', paid };
      this.#proceed();
    };
    called.standing = { type: 'settling', proposal };
    if (escrow === null) settled(false);
    else escrow.release((refused) => settled(refused === null));
  }

  #undelivered(
    called: Called<Bid, Result, Talk>,
    { proposal, escrow }: { readonly proposal: Proposal<Bid>; readonly escrow: Escrow | null },
    gone: Gone,
  ): void {
    const { recorded } = gone;
    if (escrow === null || recorded === undefined) return this.#unfulfilled(called, proposal, gone);
    called.standing = { type: 'settling', proposal };
    escrow.refund(recorded, () => this.#unfulfilled(called, proposal, gone));
  }

  #unfulfilled(called: Called<Bid, Result, Talk>, proposal: Proposal<Bid>, { code, reason = '' }: Gone): void {
    called.standing = { ...proposal, type: 'unfulfilled', code, reason };
    this.#proceed();
  }

  #cancel(): void {
    for (const called of this.#called.values()) {
      const { dialogue, standing } = called;
      if (standing.type === 'locking') called.standing = { ...standing, gone: standing.gone ?? CANCELLED };
      else if (dialogue.open) {
        if (standing.type === 'awarded') {
          called.standing = { ...standing.proposal, type: 'unfulfilled', code: CANCELLED.code, reason: '' };
        }
        this.#sayCancel(called);
      }
    }
    if (this.#decided) this.#proceed();
    else this.end('cancelled');
  }

  #sayCancel({ dialogue }: Called<Bid, Result, Talk>): void {
    dialogue.send('cancel', { reason: this.#parts.call.cancellation?.reason ?? '' });
  }

  #reject(): void {
    for (const called of this.#called.values()) {
      const { standing, dialogue } = called;
      if (standing.type !== 'proposed') continue;
      called.standing = { type: 'rejected', proposal: standing.proposal };
      if (dialogue.open) dialogue.send('reject-proposal', {});
    }
  }

  /** Goes on once nobody is waited for: to decide, or to the end. */
  #proceed(): void {
    const standings = [...this.#called.values()].map(({ standing }) => standing);
    if (!this.#decided) {
      if (standings.every(({ type }) => type !== 'called')) this.#parts.answered();
      return;
    }
    if (standings.some(({ type }) => type === 'locking' || type === 'awarded' || type === 'settling')) return;
    const awards = standings.filter(
      (standing) => standing.type === 'fulfilled' || standing.type === 'disputed' || standing.type === 'unfulfilled',
    );
    const fulfilled = awards.filter((award) => award.type === 'fulfilled');
    const [award] = fulfilled;
    const answers = this.#answers();
    if (award !== undefined && fulfilled.length === awards.length) {
      this.#parts.over({ type: 'done', award, awards: fulfilled, answers });
    } else this.#parts.over({ type: 'failed', awards, answers });
  }

  /** Whose proposals were chosen. Only what was proposed can be, and is still open. */
  #chosen(chosen: readonly Proposal<Bid>[]): readonly Called<Bid, Result, Talk>[] {
    const open = this.#proposals();
    if (chosen.length > 0 && chosen.every((proposal) => open.includes(proposal))) {
      return chosen.flatMap(({ peer }) => this.#called.get(peer) ?? []);
    }
    throw new HaggleError('bad-choice', 'choosing among proposals: nothing was chosen, or none of the proposals given');
  }

  #proposals(): readonly Proposal<Bid>[] {
    return [...this.#called.values()].flatMap(({ standing }) =>
      standing.type === 'proposed' ? [standing.proposal] : [],
    );
  }

  #answers(): Answers<Bid> {
    const all = [...this.#called].map(([peer, { standing }]) => ({ peer, standing }));
    return {
      proposals: all.flatMap(({ standing }) => proposalOf(standing) ?? []),
      refusals: all.flatMap(({ peer, standing }) =>
        standing.type === 'refused' ? [{ peer, reason: standing.reason }] : [],
      ),
      silent: all.flatMap(({ peer, standing }) => (standing.type === 'silent' ? [{ peer, code: standing.code }] : [])),
    };
  }
}

function proposalOf<Bid, Result>(standing: Standing<Bid, Result>): Proposal<Bid> | null {
  if ('proposal' in standing) return standing.proposal;
  return 'bid' in standing ? { peer: standing.peer, bid: standing.bid, recorded: standing.recorded } : null;
}
