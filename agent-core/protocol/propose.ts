import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import { failedBy, reasonBody, type Failed } from './failed.ts';
import { defineProtocol } from './protocol.ts';
import { whenKnown } from './when-known.ts';

/** What makes one kind of proposal: its name and the schema of what is proposed. */
export interface ProposeSpec<Offer extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly offer: Offer;
}

/** What an initiator offers to do. */
export interface Offering<Offer> {
  readonly to: Did;
  readonly offer: Offer;
  /** How long the offer stands. It cannot be withdrawn before. */
  readonly within: Duration;
}

/** How a proposal ended for its initiator. `recorded` is the participant's signed acceptance. */
export type ProposeResult =
  | { readonly type: 'accepted'; readonly recorded: RecordedMessage }
  | { readonly type: 'rejected'; readonly reason: string }
  | Failed;

function protocolOf<Offer extends z.ZodType>(spec: ProposeSpec<Offer>) {
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      propose: { from: 'initiator', as: 'propose', body: spec.offer },
      'accept-proposal': { from: 'participant', as: 'accept-proposal', body: z.object({}) },
      'reject-proposal': { from: 'participant', as: 'reject-proposal', body: reasonBody },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { propose: 'proposed' } },
        proposed: { on: { 'accept-proposal': 'accepted', 'reject-proposal': 'rejected' } },
        accepted: { type: 'final' },
        rejected: { type: 'final' },
      },
    },
  });
}

type Proposed<Offer extends z.ZodType> = ReturnType<typeof protocolOf<Offer>>;

/** A proposal as its participant hears it. */
export type ProposeHeard<Offer extends z.ZodType> = Received<Proposed<Offer>, 'participant', 'propose'>;

/** A participant's decision about an offer. */
export type ProposeDecision = { readonly type: 'accept' } | { readonly type: 'reject'; readonly reason: string };

/** How a ready participant decides, at once or later. Whatever it throws is a failure. */
export interface ProposePolicy<Offer extends z.ZodType, Params, State> {
  readonly decide: (
    ctx: Context<Params, State>,
    message: ProposeHeard<Offer>,
  ) => ProposeDecision | Promise<ProposeDecision>;
  /** The dialogue is over, however it ended. */
  readonly ended?: (ctx: Context<Params, State>, end: DialogueEnd) => void;
}

/** A kind of proposal: the protocol, the initiator's program for `ctx.run`, and a ready participant. */
export type ProposeProtocol<Offer extends z.ZodType> = Proposed<Offer> & {
  /** The offering side, for `ctx.run`: makes one offer and ends as a {@link ProposeResult}. */
  readonly initiator: Program<Offering<z.output<Offer>>, ProposeResult>;
  /** Plays the participant; called in an agent's `setup`. */
  readonly participant: <Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: ProposePolicy<Offer, Params, State>,
  ) => void;
};

/**
 * Makes a kind of proposal (FIPA 00036, "Propose Interaction Protocol"): one agent offers to do something, another accepts or
 * rejects.
 *
 * An offer stands until the dialogue's deadline and has no `cancel`: an acceptance that crosses a withdrawal would leave the
 * two sides with different outcomes. The acceptance counts once the initiator has heard it; an acceptor that must know asks
 * for its `outcome()`.
 *
 * @throws HaggleError `bad-protocol`
 */
export function propose<Offer extends z.ZodType>(spec: ProposeSpec<Offer>): ProposeProtocol<Offer> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: InitiatorRun<Offer>, { to, offer, within }: Offering<z.output<Offer>>) => {
        run.open(to, 'propose', { body: offer, by: run.now() + micros(within) });
        return followOffer(run);
      },
    ),
    participant: <Params, State>(agent: AgentBuilder<Params, State>, policy: ProposePolicy<Offer, Params, State>) =>
      agent.play(
        protocol,
        'participant',
        {
          propose: (ctx, message) =>
            whenKnown(policy.decide(ctx, message), (decision) => {
              if (!message.dialogue.open) return;
              if (decision.type === 'accept') message.reply('accept-proposal', {});
              else message.reply('reject-proposal', { reason: decision.reason });
            }),
        },
        policy.ended === undefined ? {} : { ended: policy.ended },
      ),
  });
}

type InitiatorRun<Offer extends z.ZodType> = Run<Proposed<Offer>, 'initiator', ProposeResult>;

function followOffer<Offer extends z.ZodType>(run: InitiatorRun<Offer>): Following<Proposed<Offer>, 'initiator'> {
  let result: ProposeResult | null = null;
  return {
    heard: (message: Heard<Proposed<Offer>, 'initiator'>) => {
      result =
        message.type === 'accept-proposal'
          ? { type: 'accepted', recorded: message.recorded }
          : { type: 'rejected', reason: message.body.reason };
    },
    ended: (end) => run.finish(result ?? failedBy(end)),
  };
}
