import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Dialogue } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Program, type Run } from '../agent/program.ts';
import { micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { takePart, type Contractor } from './contract-net-participant.ts';
import { iteratedContractNetProtocol, type ContractNetSpec, type IteratedNet } from './contract-net-protocol.ts';
import { Tender, type CallTerms, type Proposal, type TenderResult } from './contract-net-tender.ts';
import type { BodyOf } from './conversation-types.ts';

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

/** What the initiator of an iterated contract net wants: `resultWithin` more than `roundsMax` times `bidsWithin`. */
export interface IteratedCall<Task, Bid, Result = unknown> extends CallTerms<Task, Bid, Result> {
  /** Rounds at most, up to {@link CALL_ROUNDS_MAX}. */
  readonly roundsMax: number;
  /** Decides about a round in which at least one proposal came. */
  readonly decide: (round: Round<Task, Bid>) => RoundDecision<Task, Bid>;
}

/** How an iterated contract net ended for its initiator. */
export type IteratedResult<Bid, Result> = TenderResult<Bid, Result, 'stopped'> & {
  /** Rounds that were called. */
  readonly rounds: number;
};

/** An iterated contract net: the protocol, the initiator's program for `ctx.run`, and a participant ready to be played. */
export type IteratedContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = IteratedNet<
  Task,
  Bid,
  Result
> & {
  readonly initiator: Program<
    IteratedCall<z.output<Task>, z.output<Bid>, z.output<Result>>,
    IteratedResult<z.output<Bid>, z.output<Result>>
  >;
  /** Takes the participant's role in an agent's setup; `agent.play` with handlers does it by hand. */
  participant<Params, State>(
    agent: AgentBuilder<Params, State>,
    contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
  ): void;
};

/**
 * Makes an iterated contract net (FIPA 00030, "Iterated Contract Net Interaction Protocol"): as the contract net, with its
 * escrow, but after each round of proposals the initiator may accept some, or call some of their bidders again with a revised
 * task.
 *
 * Rounds are bounded in number and in time. A second `cfp` in a dialogue rejects the proposal before it; who has not answered
 * a round in time is told `cancel`, and is out.
 *
 * @throws HaggleError `bad-protocol`
 */
export function iteratedContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  spec: ContractNetSpec<Task, Bid, Result>,
): IteratedContractNet<Task, Bid, Result> {
  const protocol = iteratedContractNetProtocol(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(protocol, 'initiator', initiate<Task, Bid, Result>),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
    ) => takePart(protocol, agent, contractor),
  });
}

/** The initiator: calls and decides until it awards or stops, and then the settlement of what was awarded. */
function initiate<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  run: Run<IteratedNet<Task, Bid, Result>, 'initiator', IteratedResult<z.output<Bid>, z.output<Result>>>,
  call: IteratedCall<z.output<Task>, z.output<Bid>, z.output<Result>>,
): Following<IteratedNet<Task, Bid, Result>, 'initiator'> {
  checkRounds(call);
  const by = run.now() + micros(call.resultWithin);
  let round = 1;
  let { task } = call;
  /** The body of this round's call; sets the time at which the round is over. */
  const cfp = (): BodyOf<IteratedNet<Task, Bid, Result>, 'cfp'> => {
    const bidsBy = run.now() + micros(call.bidsWithin);
    const number = round;
    run.at(bidsBy, () => {
      if (round === number) decide();
    });
    return { task, round, bidsBy } as BodyOf<IteratedNet<Task, Bid, Result>, 'cfp'>;
  };
  const decide = (): void => {
    if (tender.decided) return;
    const proposals = tender.close();
    if (proposals.length === 0) return tender.end('no-proposals');
    const last = round >= call.roundsMax;
    const decision = call.decide({ number: round, task, proposals, last });
    switch (decision.type) {
      case 'award':
        return tender.award('peer' in decision.to ? [decision.to] : decision.to);
      case 'iterate':
        return iterate(decision.task, decision.to);
      case 'stop':
        return tender.end('stopped');
    }
  };
  const iterate = (revised: z.output<Task>, to: readonly Proposal<z.output<Bid>>[]): void => {
    if (round >= call.roundsMax) {
      throw new HaggleError('bad-choice', `iterating: ${round} rounds are over, which are all that there may be`);
    }
    task = revised;
    round += 1;
    const body = cfp();
    tender.again(to, (dialogue) => dialogue.send('cfp', body));
  };
  const tender = new Tender<
    z.output<Bid>,
    z.output<Result>,
    'stopped',
    Dialogue<IteratedNet<Task, Bid, Result>, 'initiator'>
  >({
    run,
    call,
    answered: decide,
    over: (result) => run.finish({ ...result, rounds: round }),
  });
  const body = cfp();
  tender.start((peer) => run.open(peer, 'cfp', { body, by }));
  return tender;
}

type Bounds = Pick<IteratedCall<unknown, unknown>, 'roundsMax' | 'bidsWithin' | 'resultWithin'>;

function checkRounds({ roundsMax, bidsWithin, resultWithin }: Bounds): void {
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
}
