import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Dialogue } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Program, type Run } from '../agent/program.ts';
import { micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { takePart, type Contractor } from './contract-net-participant.ts';
import { contractNetProtocol, type ContractNetSpec, type Net } from './contract-net-protocol.ts';
import { Tender, type CallTerms, type Proposal, type TenderResult } from './contract-net-tender.ts';
import type { BodyOf } from './conversation-types.ts';

export type { Answers, Disputed, Fulfilled, Proposal, Unfulfilled } from './contract-net-tender.ts';

/** What the initiator of a contract net wants. */
export interface Call<Task, Bid, Result = unknown> extends CallTerms<Task, Bid, Result> {
  /** Decides: one proposal, several, or none. Proposals come in the order of `to`. */
  choose(proposals: readonly Proposal<Bid>[]): Proposal<Bid> | readonly Proposal<Bid>[] | null;
}

/** How a contract net ended for its initiator. */
export type ContractNetResult<Bid, Result> = TenderResult<Bid, Result, 'none-chosen'>;

/** A contract net: the protocol, the initiator's program for `ctx.run`, and a participant ready to be played. */
export type ContractNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = Net<
  Task,
  Bid,
  Result
> & {
  readonly initiator: Program<
    Call<z.output<Task>, z.output<Bid>, z.output<Result>>,
    ContractNetResult<z.output<Bid>, z.output<Result>>
  >;
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
    initiator: defineProgram(protocol, 'initiator', initiate<Task, Bid, Result>),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      contractor: Contractor<z.output<Task>, z.output<Bid>, z.output<Result>, Params, State>,
    ) => takePart(protocol, agent, contractor),
  });
}

/** The initiator: one call, one decision, and then the settlement of what was awarded. */
function initiate<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
  run: Run<Net<Task, Bid, Result>, 'initiator', ContractNetResult<z.output<Bid>, z.output<Result>>>,
  call: Call<z.output<Task>, z.output<Bid>, z.output<Result>>,
): Following<Net<Task, Bid, Result>, 'initiator'> {
  const by = run.now() + micros(call.resultWithin);
  const bidsBy = run.now() + micros(call.bidsWithin);
  if (!(by > bidsBy)) {
    throw new HaggleError(
      'bad-duration',
      `calling for proposals: resultWithin must be longer than bidsWithin, it is ${bidsBy - by} us shorter`,
    );
  }
  const decide = (): void => {
    if (tender.decided) return;
    const proposals = tender.close();
    if (proposals.length === 0) return tender.end('no-proposals');
    const choice = call.choose(proposals) ?? [];
    const chosen = 'peer' in choice ? [choice] : choice;
    if (chosen.length === 0) tender.end('none-chosen');
    else tender.award(chosen);
  };
  const tender = new Tender<
    z.output<Bid>,
    z.output<Result>,
    'none-chosen',
    Dialogue<Net<Task, Bid, Result>, 'initiator'>
  >({
    run,
    call,
    answered: decide,
    over: (result) => run.finish(result),
  });
  const body = { task: call.task, bidsBy } as BodyOf<Net<Task, Bid, Result>, 'cfp'>;
  tender.start((peer) => run.open(peer, 'cfp', { body, by }));
  run.at(bidsBy, decide);
  return tender;
}
