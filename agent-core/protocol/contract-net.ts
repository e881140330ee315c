import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Cancellation } from './cancellation.ts';
import type { BodyOf } from './conversation-types.ts';
import { contractNetProtocol, type ContractNetSpec, type Net } from './contract-net-protocol.ts';
import { takePart, type Contractor } from './contract-net-participant.ts';
import { lockEscrow, type Escrow, type EscrowTerms } from './escrow.ts';

/** A proposal that is open to be accepted. */
export interface Proposal<Bid> {
  readonly peer: Did;
  readonly bid: Bid;
}

/** What the initiator of a contract net wants. */
export interface Call<Task, Bid> {
  readonly task: Task;
  /** Whom to call. */
  readonly to: readonly Did[];
  /** How long bids are waited for. Once everybody has answered, the award is made at once. */
  readonly bidsWithin: Duration;
  /** How long, from the call on, until the result is due. */
  readonly resultWithin: Duration;
  /** Decides: one proposal, several, or none. Proposals come in the order of `to`. */
  choose(proposals: readonly Proposal<Bid>[]): Proposal<Bid> | readonly Proposal<Bid>[] | null;
  /** What is set aside for a winner before it is told, paid on its result, and back on its failure or after the deadline. */
  escrow?(proposal: Proposal<Bid>): EscrowTerms;
  /** Withdraws the call. After the award, what was locked for it is back once its reservation ends, or when the winner voids it. */
  readonly cancellation?: Cancellation;
}

/** How everybody who was called answered by `bidsWithin`. */
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
  readonly recorded: RecordedMessage;
}

/** An award that was not delivered: `deadline-passed`, `cancelled`, a ledger's refusal, or the code of the winner's failure. */
export interface Unfulfilled<Bid> extends Proposal<Bid> {
  readonly type: 'unfulfilled';
  readonly code: string;
  /** The winner's signed `failure` or `not-understood`, where that was the end. */
  readonly recorded?: RecordedMessage;
}

/** How a contract net ended for its initiator. */
export type ContractNetResult<Bid, Result> =
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
      readonly awards: readonly (Fulfilled<Bid, Result> | Unfulfilled<Bid>)[];
      readonly answers: Answers<Bid>;
    }
  | {
      readonly type: 'not-awarded';
      readonly reason: 'no-proposals' | 'none-chosen' | 'cancelled';
      readonly answers: Answers<Bid>;
    };

type InitiatorRun<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = Run<
  Net<Task, Bid, Result>,
  'initiator',
  ContractNetResult<z.output<Bid>, z.output<Result>>
>;

/** A contract net: the protocol, the initiator's program for `ctx.run`, and a participant ready to be played. */
export type ContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = Net<
  Task,
  Bid,
  Result
> & {
  readonly initiator: Program<Call<z.output<Task>, z.output<Bid>>, ContractNetResult<z.output<Bid>, z.output<Result>>>;
  /** Takes the participant's role in an agent's setup; `agent.play` with handlers does it by hand. */
  participant<Params, State>(
    agent: AgentBuilder<Params, State>,
    contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
  ): void;
};

/**
 * Makes a contract net (Smith 1980; FIPA 00029, "Contract Net Interaction Protocol"): an initiator calls many participants
 * for proposals, accepts some, rejects the others, and gets the results of those it accepted.
 *
 * With `escrow`, money is locked before the award is said, released when the result comes, and refunded on the winner's signed
 * failure; where nothing comes at all it is back `SETTLEMENT_MICROS` after the deadline.
 *
 * Every answer has a time: proposals by `bidsBy`, the result by the dialogue's deadline. Who has not answered in time is told
 * `cancel`; a proposal that crosses it on the way is answered `not-understood`, and that ends the bidder's side too.
 *
 * @throws HaggleError `bad-protocol`
 */
export function contractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  spec: ContractNetSpec<Task, Bid, Result>,
): ContractNet<Task, Bid, Result> {
  const protocol = contractNetProtocol(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: InitiatorRun<Task, Bid, Result>, call: Call<z.output<Task>, z.output<Bid>>) =>
        new Initiator<Task, Bid, Result>(run, call),
    ),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
    ) => takePart(protocol, agent, contractor),
  });
}

/** One participant as the initiator sees it. */
interface Called<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> {
  readonly peer: Did;
  readonly dialogue: Dialogue<Net<Task, Bid, Result>, 'initiator'>;
  answer:
    | { readonly type: 'none' }
    | { readonly type: 'proposed'; readonly proposal: Proposal<z.output<Bid>> }
    | { readonly type: 'refused'; readonly reason: string }
    | { readonly type: 'silent'; readonly code: string };
  award: null | 'open' | Fulfilled<z.output<Bid>, z.output<Result>> | Unfulfilled<z.output<Bid>>;
  escrow: Escrow | null;
  /** True while the ledger is locking its escrow; who fails meanwhile is dealt with once it has. */
  locking: boolean;
  gone: DialogueEnd | null;
}

class Initiator<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> implements Following<
  Net<Task, Bid, Result>,
  'initiator'
> {
  readonly #run: InitiatorRun<Task, Bid, Result>;
  readonly #call: Call<z.output<Task>, z.output<Bid>>;
  readonly #called = new Map<Did, Called<Task, Bid, Result>>();
  /** Participants of whom an answer is still waited for. */
  #unanswered = 0;
  #decided = false;

  constructor(run: InitiatorRun<Task, Bid, Result>, call: Call<z.output<Task>, z.output<Bid>>) {
    this.#run = run;
    this.#call = call;
    const now = run.now();
    const bidsBy = now + micros(call.bidsWithin);
    const by = now + micros(call.resultWithin);
    checkCall(call.to, by - bidsBy);
    const body = { task: call.task, bidsBy } as BodyOf<Net<Task, Bid, Result>, 'cfp'>;
    for (const peer of call.to) {
      const dialogue = run.open(peer, 'cfp', { body, by });
      this.#called.set(peer, {
        peer,
        dialogue,
        answer: { type: 'none' },
        award: null,
        escrow: null,
        locking: false,
        gone: null,
      });
    }
    this.#unanswered = this.#called.size;
    run.at(bidsBy, () => this.#decide());
    call.cancellation?.onCancel(() => run.at(run.now(), () => this.#cancel()));
    if (this.#unanswered === 0) this.#decide();
  }

  heard(message: Heard<Net<Task, Bid, Result>, 'initiator'>): void {
    const called = this.#called.get(message.from);
    if (called === undefined) return;
    switch (message.type) {
      case 'propose':
        return this.#answered(called, { type: 'proposed', proposal: { peer: called.peer, bid: message.body } });
      case 'refuse':
        return this.#answered(called, { type: 'refused', reason: message.body.reason });
      case 'inform':
        if (called.answer.type !== 'proposed') return;
        return this.#delivered(called, called.answer.proposal, message);
    }
  }

  ended(end: DialogueEnd): void {
    const { peer, outcome, code, recorded } = end;
    const called = this.#called.get(peer);
    if (called === undefined) return;
    // A proposal whose bidder has gone cannot be accepted any more.
    const withdrawn = called.answer.type === 'proposed' && !this.#decided;
    if (withdrawn) called.answer = { type: 'silent', code };
    else if (called.answer.type === 'none') this.#answered(called, { type: 'silent', code });
    if (called.locking) called.gone = end;
    else if (called.award === 'open' && outcome !== 'done') return this.#undelivered(called, code, recorded);
    if (this.#decided) this.#finishIfDelivered();
  }

  #delivered(
    called: Called<Task, Bid, Result>,
    proposal: Proposal<z.output<Bid>>,
    { body: result, recorded }: { readonly body: z.output<Result>; readonly recorded: RecordedMessage },
  ): void {
    const settled = (paid: boolean): void => {
      called.award = { ...proposal, type: 'fulfilled', result, paid, recorded };
      this.#finishIfDelivered();
    };
    if (called.escrow === null) settled(false);
    else called.escrow.release((refused) => settled(refused === null));
  }

  #undelivered(called: Called<Task, Bid, Result>, code: string, evidence?: RecordedMessage): void {
    const { answer, escrow } = called;
    if (answer.type !== 'proposed') return;
    const settled = (): void => {
      const recorded = evidence === undefined ? {} : { recorded: evidence };
      called.award = { ...answer.proposal, type: 'unfulfilled', code, ...recorded };
      this.#finishIfDelivered();
    };
    if (escrow === null || evidence === undefined) settled();
    else escrow.refund(evidence, settled);
  }

  #answered(called: Called<Task, Bid, Result>, answer: Called<Task, Bid, Result>['answer']): void {
    called.answer = answer;
    this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#decide();
  }

  /** Awards, and tells everybody else; what was chosen is done before anything is said. */
  #decide(): void {
    if (this.#decided) return;
    const proposals = [...this.#called.values()].flatMap(({ answer }) =>
      answer.type === 'proposed' ? [answer.proposal] : [],
    );
    const chosen = proposals.length === 0 ? [] : chosenOf(proposals, this.#call.choose(proposals));
    this.#decided = true;
    for (const called of this.#called.values()) this.#tell(called, chosen);
    if (chosen.length > 0) return this.#finishIfDelivered();
    const reason = proposals.length === 0 ? 'no-proposals' : 'none-chosen';
    this.#run.finish({ type: 'not-awarded', reason, answers: this.#answers() });
  }

  #tell(called: Called<Task, Bid, Result>, chosen: readonly Proposal<z.output<Bid>>[]): void {
    const { answer, dialogue } = called;
    if (answer.type === 'none') {
      called.answer = { type: 'silent', code: 'late' };
      if (dialogue.open) dialogue.send('cancel', { reason: 'no answer in time' });
    } else if (answer.type === 'proposed') {
      if (chosen.includes(answer.proposal)) this.#award(called, answer.proposal);
      else dialogue.send('reject-proposal', {});
    }
  }

  #award(called: Called<Task, Bid, Result>, proposal: Proposal<z.output<Bid>>): void {
    const { dialogue } = called;
    called.award = 'open';
    const terms = this.#call.escrow?.(proposal);
    if (terms === undefined) {
      dialogue.send('accept-proposal', { escrow: null });
      return;
    }
    const party = { to: called.peer, dialogue: dialogue.id, deadline: dialogue.deadline };
    called.locking = true;
    lockEscrow(this.#run.ledger, { ...terms, ...party }, (locked) => {
      called.locking = false;
      if (typeof locked !== 'string') called.escrow = locked;
      const { gone } = called;
      if (gone !== null) this.#undelivered(called, gone.code, gone.recorded);
      else if (typeof locked === 'string') {
        dialogue.send('reject-proposal', {});
        this.#undelivered(called, locked);
      } else dialogue.send('accept-proposal', { escrow: locked.notice });
    });
  }

  #cancel(): void {
    const reason = this.#call.cancellation?.reason ?? '';
    for (const called of this.#called.values()) {
      const { answer, award, dialogue } = called;
      // What was delivered or failed already is being settled: it is too late to withdraw it.
      if (!dialogue.open) continue;
      if (award === 'open' && answer.type === 'proposed') {
        called.award = { ...answer.proposal, type: 'unfulfilled', code: 'cancelled' };
      }
      dialogue.send('cancel', { reason });
    }
    if (this.#decided) return this.#finishIfDelivered();
    this.#run.finish({ type: 'not-awarded', reason: 'cancelled', answers: this.#answers() });
  }

  #finishIfDelivered(): void {
    const awards: (Fulfilled<z.output<Bid>, z.output<Result>> | Unfulfilled<z.output<Bid>>)[] = [];
    for (const { award } of this.#called.values()) {
      if (award === 'open') return;
      if (award !== null) awards.push(award);
    }
    const answers = this.#answers();
    const fulfilled = awards.filter((award) => award.type === 'fulfilled');
    const [award] = fulfilled;
    if (award !== undefined && fulfilled.length === awards.length) {
      this.#run.finish({ type: 'done', award, awards: fulfilled, answers });
    } else this.#run.finish({ type: 'failed', awards, answers });
  }

  #answers(): Answers<z.output<Bid>> {
    const all = [...this.#called.values()];
    return {
      proposals: all.flatMap(({ answer }) => (answer.type === 'proposed' ? [answer.proposal] : [])),
      refusals: all.flatMap(({ peer, answer }) => (answer.type === 'refused' ? [{ peer, reason: answer.reason }] : [])),
      silent: all.flatMap(({ peer, answer }) => (answer.type === 'silent' ? [{ peer, code: answer.code }] : [])),
    };
  }
}

function checkCall(to: readonly Did[], resultMicros: number): void {
  if (!(resultMicros > 0)) {
    throw new HaggleError(
      'bad-duration',
      `calling for proposals: resultWithin must be longer than bidsWithin, it is ${-resultMicros} us shorter`,
    );
  }
  if (new Set(to).size < to.length) {
    throw new HaggleError('duplicate-peer', 'calling for proposals: a participant is named twice');
  }
}

/** The choice as a list. Only what was proposed can be accepted. */
function chosenOf<Bid>(
  proposals: readonly Proposal<Bid>[],
  choice: Proposal<Bid> | readonly Proposal<Bid>[] | null,
): readonly Proposal<Bid>[] {
  if (choice === null) return [];
  const chosen: readonly Proposal<Bid>[] = 'peer' in choice ? [choice] : choice;
  if (chosen.every((proposal) => proposals.includes(proposal))) return chosen;
  throw new HaggleError('bad-choice', 'choosing among proposals: what was chosen is none of the proposals given');
}
