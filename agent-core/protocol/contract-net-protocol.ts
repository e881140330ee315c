import { z } from 'zod';
import { escrowNotice } from './escrow.ts';
import { reasonBody } from './failed.ts';
import { defineProtocol } from './protocol.ts';

/** What makes one contract net, iterated or not: its name and the schemas of what is called for, bid and delivered. */
export interface ContractNetSpec<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly task: Task;
  readonly bid: Bid;
  readonly result: Result;
}

/** The messages that follow a call for proposals. */
function answerMessages<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>({
  bid,
  result,
}: ContractNetSpec<Task, Bid, Result>) {
  return {
    propose: { from: 'participant', as: 'propose', body: bid },
    refuse: { from: 'participant', as: 'refuse', body: reasonBody },
    'accept-proposal': { from: 'initiator', as: 'accept-proposal', body: z.object({ escrow: escrowNotice }) },
    'reject-proposal': { from: 'initiator', as: 'reject-proposal', body: z.object({}) },
    /** The result. */
    inform: { from: 'participant', as: 'inform', body: result },
    /** The call, or the award, is withdrawn; also said to who has not answered in time. */
    cancel: { from: 'initiator', as: 'cancel', body: reasonBody },
  } as const;
}

const answered = { 'accept-proposal': 'awarded', 'reject-proposal': 'rejected', cancel: 'cancelled' } as const;

/** The states of a dialogue; the two nets differ in what may follow a proposal. */
function dialogueOf<const On extends typeof answered>(proposed: On) {
  return {
    initial: 'idle',
    states: {
      idle: { on: { cfp: 'called' } },
      called: { on: { propose: 'proposed', refuse: 'refused', cancel: 'cancelled' } },
      proposed: { on: proposed },
      awarded: { on: { inform: 'fulfilled', cancel: 'cancelled' } },
      refused: { type: 'final' },
      rejected: { type: 'final' },
      cancelled: { type: 'final' },
      fulfilled: { type: 'final' },
    },
  } as const;
}

/** The protocol of one contract net, without the programs that play it. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is the protocol value itself
export function contractNetProtocol<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
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
        /** `bidsBy`: absolute time, microseconds; an answer that comes later does not count. */
        body: z.object({ task: spec.task, bidsBy: z.int().nonnegative() }),
      },
      ...answerMessages(spec),
    },
    dialogue: dialogueOf(answered),
  });
}

/** What {@link contractNetProtocol} makes. */
export type Net<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = ReturnType<
  typeof contractNetProtocol<Task, Bid, Result>
>;

/** The protocol of one iterated contract net: as that of a contract net, but a proposal may be answered by another call. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the type is the protocol value itself
export function iteratedContractNetProtocol<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType>(
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
      ...answerMessages(spec),
    },
    dialogue: dialogueOf({ ...answered, cfp: 'called' }),
  });
}

/** What {@link iteratedContractNetProtocol} makes. */
export type IteratedNet<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = ReturnType<
  typeof iteratedContractNetProtocol<Task, Bid, Result>
>;
