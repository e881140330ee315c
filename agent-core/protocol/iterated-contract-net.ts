import { z } from 'zod';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { Cancellation } from './cancellation.ts';
import type { Answers, Fulfilled, Proposal, Unfulfilled } from './contract-net.ts';
import type { ContractNetSpec } from './contract-net-protocol.ts';
import type { BodyOf } from './conversation-types.ts';
import { reasonBody } from './failed.ts';
import { defineProtocol } from './protocol.ts';

/** Rounds of one iterated contract net at most: more is a bargaining without end. */
export const CALL_ROUNDS_MAX = 1_000;

/** One round as its initiator judges it. */
export interface Round<Task, Bid> {
  /** From 1. */
  readonly number: number;
  /** What was called for in this round. */
  readonly task: Task;
  /** The proposals of this round, in the order of `to`. */
  readonly proposals: readonly Proposal<Bid>[];
  /** Whether there may be another round. */
  readonly last: boolean;
}

/** What an initiator does after a round. Whoever is not named is rejected. */
export type RoundDecision<Task, Bid> =
  /** Accepts proposals of this round. */
  | { readonly type: 'award'; readonly to: Proposal<Bid> | readonly Proposal<Bid>[] }
  /** Calls again those whose proposals these are. */
  | { readonly type: 'iterate'; readonly task: Task; readonly to: readonly Proposal<Bid>[] }
  /** Rejects them all. */
  | { readonly type: 'stop' };

/** What the initiator of an iterated contract net wants. */
export interface IteratedCall<Task, Bid> {
  readonly task: Task;
  /** Whom to call in the first round. */
  readonly to: readonly Did[];
  /** How long the bids of one round are waited for. Once everybody has answered, the round is over at once. */
  readonly bidsWithin: Duration;
  /** Rounds at most, up to {@link CALL_ROUNDS_MAX}. */
  readonly roundsMax: number;
  /** How long, from the first call on, until the result is due: more than `roundsMax` times `bidsWithin`. */
  readonly resultWithin: Duration;
  /** Decides about a round in which at least one proposal came. */
  readonly decide: (round: Round<Task, Bid>) => RoundDecision<Task, Bid>;
  readonly cancellation?: Cancellation;
}

/** How an iterated contract net ended for its initiator. `answers` are each participant's last. */
export type IteratedResult<Bid, Result> = {
  /** Rounds that were called. */
  readonly rounds: number;
  readonly answers: Answers<Bid>;
} & (
  | {
      readonly type: 'done';
      readonly award: Fulfilled<Bid, Result>;
      readonly awards: readonly Fulfilled<Bid, Result>[];
    }
  /** At least one award was not delivered. */
  | { readonly type: 'failed'; readonly awards: readonly (Fulfilled<Bid, Result> | Unfulfilled<Bid>)[] }
  | { readonly type: 'not-awarded'; readonly reason: 'no-proposals' | 'stopped' | 'cancelled' }
);

function protocolOf<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  spec: ContractNetSpec<Task, Bid, Result>,
) {
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      cfp: {
        from: 'initiator',
        as: 'cfp',
        /** `round` counts from 1; `bidsBy`: absolute time, microseconds; an answer that comes later does not count. */
        body: z.object({ task: spec.task, round: z.int().positive(), bidsBy: z.int().nonnegative() }),
      },
      propose: { from: 'participant', as: 'propose', body: spec.bid },
      refuse: { from: 'participant', as: 'refuse', body: reasonBody },
      'accept-proposal': { from: 'initiator', as: 'accept-proposal', body: z.object({}) },
      'reject-proposal': { from: 'initiator', as: 'reject-proposal', body: z.object({}) },
      /** The result. */
      inform: { from: 'participant', as: 'inform', body: spec.result },
      /** The call, or the award, is withdrawn; also said to who has not answered in time. */
      cancel: { from: 'initiator', as: 'cancel', body: reasonBody },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { cfp: 'called' } },
        called: { on: { propose: 'proposed', refuse: 'refused', cancel: 'cancelled' } },
        proposed: {
          on: { 'accept-proposal': 'awarded', 'reject-proposal': 'rejected', cfp: 'called', cancel: 'cancelled' },
        },
        awarded: { on: { inform: 'fulfilled', cancel: 'cancelled' } },
        refused: { type: 'final' },
        rejected: { type: 'final' },
        cancelled: { type: 'final' },
        fulfilled: { type: 'final' },
      },
    },
  });
}

type Net<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = ReturnType<
  typeof protocolOf<Task, Bid, Result>
>;

type InitiatorRun<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = Run<
  Net<Task, Bid, Result>,
  'initiator',
  IteratedResult<z.output<Bid>, z.output<Result>>
>;

/** An iterated contract net: the protocol, and the initiator's program for `ctx.run`. */
export type IteratedContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = Net<
  Task,
  Bid,
  Result
> & {
  readonly initiator: Program<
    IteratedCall<z.output<Task>, z.output<Bid>>,
    IteratedResult<z.output<Bid>, z.output<Result>>
  >;
};

/**
 * Makes an iterated contract net (FIPA 00030, "Iterated Contract Net Interaction Protocol"): as the contract net, but after
 * each round of proposals the initiator may accept some, or call some of their bidders again with a revised task.
 *
 * Rounds are bounded in number and in time. A second `cfp` in a dialogue rejects the proposal before it; who has not answered
 * a round in time is told `cancel`, and is out.
 *
 * @throws HaggleError `bad-protocol`
 */
export function iteratedContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  spec: ContractNetSpec<Task, Bid, Result>,
): IteratedContractNet<Task, Bid, Result> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: InitiatorRun<Task, Bid, Result>, call: IteratedCall<z.output<Task>, z.output<Bid>>) =>
        new Initiator<Task, Bid, Result>(run, call),
    ),
  });
}

/** Where one participant stands, as the initiator sees it. */
type Standing<Bid, Result> =
  | { readonly type: 'called' }
  | { readonly type: 'proposed'; readonly proposal: Proposal<Bid> }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'silent'; readonly code: string }
  | { readonly type: 'rejected' | 'awarded'; readonly proposal: Proposal<Bid> }
  | Fulfilled<Bid, Result>
  | Unfulfilled<Bid>;

interface Called<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> {
  readonly peer: Did;
  readonly dialogue: Dialogue<Net<Task, Bid, Result>, 'initiator'>;
  standing: Standing<z.output<Bid>, z.output<Result>>;
}

class Initiator<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> implements Following<
  Net<Task, Bid, Result>,
  'initiator'
> {
  readonly #run: InitiatorRun<Task, Bid, Result>;
  readonly #call: IteratedCall<z.output<Task>, z.output<Bid>>;
  readonly #called = new Map<Did, Called<Task, Bid, Result>>();
  #task: z.output<Task>;
  #round = 1;
  /** No round is open any more. */
  #decided = false;

  constructor(run: InitiatorRun<Task, Bid, Result>, call: IteratedCall<z.output<Task>, z.output<Bid>>) {
    this.#run = run;
    this.#call = call;
    this.#task = call.task;
    checkCall(call);
    const by = run.now() + micros(call.resultWithin);
    const body = this.#cfp();
    for (const peer of call.to) {
      const dialogue = run.open(peer, 'cfp', { body, by });
      this.#called.set(peer, { peer, dialogue, standing: { type: 'called' } });
    }
    call.cancellation?.onCancel(() => run.at(run.now(), () => this.#cancel()));
    this.#endRoundIfAnswered();
  }

  heard(message: Heard<Net<Task, Bid, Result>, 'initiator'>): void {
    const called = this.#called.get(message.from);
    if (called === undefined) return;
    const { peer, standing } = called;
    if (message.type === 'propose') called.standing = { type: 'proposed', proposal: { peer, bid: message.body } };
    else if (message.type === 'refuse') called.standing = { type: 'refused', reason: message.body.reason };
    else if (standing.type === 'awarded') {
      const { body: result, recorded } = message;
      called.standing = { ...standing.proposal, type: 'fulfilled', result, paid: false, recorded };
    }
    this.#endRoundIfAnswered();
  }

  ended({ peer, code, recorded }: DialogueEnd): void {
    const called = this.#called.get(peer);
    if (called === undefined) return;
    const { standing } = called;
    // A proposal whose bidder has gone cannot be accepted any more.
    if (standing.type === 'called' || standing.type === 'proposed') called.standing = { type: 'silent', code };
    else if (standing.type === 'awarded') {
      const proof = recorded === undefined ? {} : { recorded };
      called.standing = { ...standing.proposal, type: 'unfulfilled', code, ...proof };
    }
    if (this.#decided) this.#finishIfDelivered();
    else this.#endRoundIfAnswered();
  }

  /** The body of this round's call; sets the time at which the round is over. */
  #cfp(): BodyOf<Net<Task, Bid, Result>, 'cfp'> {
    const round = this.#round;
    const bidsBy: Micros = this.#run.now() + micros(this.#call.bidsWithin);
    this.#run.at(bidsBy, () => {
      if (this.#round === round) this.#endRound();
    });
    return { task: this.#task, round, bidsBy } as BodyOf<Net<Task, Bid, Result>, 'cfp'>;
  }

  #endRoundIfAnswered(): void {
    for (const { standing } of this.#called.values()) if (standing.type === 'called') return;
    this.#endRound();
  }

  #endRound(): void {
    if (this.#decided) return;
    for (const called of this.#called.values()) {
      if (called.standing.type !== 'called') continue;
      called.standing = { type: 'silent', code: 'late' };
      called.dialogue.send('cancel', { reason: 'no answer in time' });
    }
    const proposals = this.#proposals();
    if (proposals.length === 0) return this.#end('no-proposals');
    const last = this.#round >= this.#call.roundsMax;
    const decision = this.#call.decide({ number: this.#round, task: this.#task, proposals, last });
    switch (decision.type) {
      case 'award':
        return this.#award(chosenOf(proposals, 'peer' in decision.to ? [decision.to] : decision.to));
      case 'iterate':
        return this.#iterate(decision.task, chosenOf(proposals, decision.to), last);
      case 'stop':
        this.#reject([]);
        return this.#end('stopped');
    }
  }

  #award(chosen: readonly Proposal<z.output<Bid>>[]): void {
    this.#decided = true;
    for (const called of this.#named(chosen)) {
      const { standing, dialogue } = called;
      if (standing.type !== 'proposed') continue;
      called.standing = { type: 'awarded', proposal: standing.proposal };
      dialogue.send('accept-proposal', {});
    }
    this.#reject(chosen);
    this.#finishIfDelivered();
  }

  #iterate(task: z.output<Task>, chosen: readonly Proposal<z.output<Bid>>[], last: boolean): void {
    if (last) {
      throw new HaggleError('bad-choice', `iterating: ${this.#round} rounds are over, which are all that there may be`);
    }
    this.#task = task;
    this.#round += 1;
    const body = this.#cfp();
    for (const called of this.#named(chosen)) {
      if (called.standing.type !== 'proposed') continue;
      called.standing = { type: 'called' };
      called.dialogue.send('cfp', body);
    }
    this.#reject(chosen);
  }

  #named(chosen: readonly Proposal<z.output<Bid>>[]): readonly Called<Task, Bid, Result>[] {
    return chosen.flatMap(({ peer }) => this.#called.get(peer) ?? []);
  }

  #reject(chosen: readonly Proposal<z.output<Bid>>[]): void {
    for (const called of this.#called.values()) {
      const { standing, dialogue } = called;
      if (standing.type !== 'proposed' || chosen.includes(standing.proposal)) continue;
      called.standing = { type: 'rejected', proposal: standing.proposal };
      dialogue.send('reject-proposal', {});
    }
  }

  #cancel(): void {
    const reason = this.#call.cancellation?.reason ?? '';
    for (const called of this.#called.values()) {
      const { standing, dialogue } = called;
      if (!dialogue.open) continue;
      if (standing.type === 'awarded') {
        called.standing = { ...standing.proposal, type: 'unfulfilled', code: 'cancelled' };
      }
      dialogue.send('cancel', { reason });
    }
    if (this.#decided) this.#finishIfDelivered();
    else this.#end('cancelled');
  }

  #end(reason: 'no-proposals' | 'stopped' | 'cancelled'): void {
    this.#decided = true;
    this.#run.finish({ type: 'not-awarded', reason, rounds: this.#round, answers: this.#answers() });
  }

  #finishIfDelivered(): void {
    const standings = [...this.#called.values()].map(({ standing }) => standing);
    if (standings.some(({ type }) => type === 'awarded')) return;
    const rounds = this.#round;
    const answers = this.#answers();
    const awards = standings.filter((standing) => standing.type === 'fulfilled' || standing.type === 'unfulfilled');
    const fulfilled = awards.filter((award) => award.type === 'fulfilled');
    const [award] = fulfilled;
    if (award !== undefined && fulfilled.length === awards.length) {
      this.#run.finish({ type: 'done', award, awards: fulfilled, rounds, answers });
    } else this.#run.finish({ type: 'failed', awards, rounds, answers });
  }

  /** The proposals that are open to be accepted. */
  #proposals(): readonly Proposal<z.output<Bid>>[] {
    return [...this.#called.values()].flatMap(({ standing }) =>
      standing.type === 'proposed' ? [standing.proposal] : [],
    );
  }

  #answers(): Answers<z.output<Bid>> {
    const all = [...this.#called.values()];
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
  return 'bid' in standing ? { peer: standing.peer, bid: standing.bid } : null;
}

type Bounds = Pick<IteratedCall<unknown, unknown>, 'to' | 'roundsMax' | 'bidsWithin' | 'resultWithin'>;

function checkCall({ to, roundsMax, bidsWithin, resultWithin }: Bounds): void {
  if (!Number.isSafeInteger(roundsMax) || roundsMax < 1 || roundsMax > CALL_ROUNDS_MAX) {
    throw new HaggleError(
      'bad-rounds',
      `calling for proposals: roundsMax must be a whole number from 1 to ${CALL_ROUNDS_MAX}, got ${roundsMax}`,
    );
  }
  const rounds = roundsMax * micros(bidsWithin);
  if (!(micros(resultWithin) > rounds)) {
    throw new HaggleError(
      'bad-duration',
      `calling for proposals: resultWithin must be longer than the ${rounds} us of all rounds, got ${micros(resultWithin)}`,
    );
  }
  if (new Set(to).size < to.length) {
    throw new HaggleError('duplicate-peer', 'calling for proposals: a participant is named twice');
  }
}

/** Only what was proposed in this round can be chosen, and at least one of it. */
function chosenOf<Bid>(
  proposals: readonly Proposal<Bid>[],
  chosen: readonly Proposal<Bid>[],
): readonly Proposal<Bid>[] {
  if (chosen.length > 0 && chosen.every((proposal) => proposals.includes(proposal))) return chosen;
  throw new HaggleError('bad-choice', 'choosing among proposals: nothing was chosen, or none of the proposals given');
}
