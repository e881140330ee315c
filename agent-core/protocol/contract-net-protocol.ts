import { z } from 'zod';
import { escrowNotice } from './escrow.ts';
import { defineProtocol } from './protocol.ts';

/** What makes one contract net: its name and the schemas of what is called for, bid and delivered. */
export interface ContractNetSpec<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly task: Task;
  readonly bid: Bid;
  readonly result: Result;
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
      propose: { from: 'participant', as: 'propose', body: spec.bid },
      refuse: { from: 'participant', as: 'refuse', body: z.object({ reason: z.string().max(1_024) }) },
      'accept-proposal': {
        from: 'initiator',
        as: 'accept-proposal',
        body: z.object({ escrow: escrowNotice }),
      },
      'reject-proposal': { from: 'initiator', as: 'reject-proposal', body: z.object({}) },
      /** The result. */
      inform: { from: 'participant', as: 'inform', body: spec.result },
      /** The call, or the award, is withdrawn; also said to who has not answered in time. */
      cancel: { from: 'initiator', as: 'cancel', body: z.object({ reason: z.string().max(1_024) }) },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { cfp: 'called' } },
        called: { on: { propose: 'proposed', refuse: 'refused', cancel: 'cancelled' } },
        proposed: { on: { 'accept-proposal': 'awarded', 'reject-proposal': 'rejected', cancel: 'cancelled' } },
        awarded: { on: { inform: 'fulfilled', cancel: 'cancelled' } },
        refused: { type: 'final' },
        rejected: { type: 'final' },
        cancelled: { type: 'final' },
        fulfilled: { type: 'final' },
      },
    },
  });
}

/** What {@link contractNetProtocol} makes. */
export type Net<Task extends z.ZodType, Bid extends z.ZodType, Result extends z.ZodType> = ReturnType<
  typeof contractNetProtocol<Task, Bid, Result>
>;
