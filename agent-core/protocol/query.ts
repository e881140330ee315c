import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Cancellation } from './cancellation.ts';
import { failedBy, reasonBody, type Failed } from './failed.ts';
import { defineProtocol } from './protocol.ts';
import { whenKnown } from './when-known.ts';

/** What makes one kind of query: its name, and the schemas of what may be asked and of what is answered. */
export interface QuerySpec {
  readonly name: string;
  readonly version: string;
  /** Asked by `query-if`: whether it holds. */
  readonly proposition: z.ZodType;
  /** Asked by `query-ref`: what it stands for. */
  readonly reference: z.ZodType;
  /** What a reference stands for. */
  readonly answer: z.ZodType;
}

/** What both kinds of question need. */
export interface QueryCall {
  readonly to: Did;
  /** How long the answer is waited for. */
  readonly within: Duration;
  readonly cancellation?: Cancellation;
}

/** Asks whether something holds. */
export interface QueryIfCall<Proposition> extends QueryCall {
  readonly proposition: Proposition;
}

/** Asks what something stands for. */
export interface QueryRefCall<Reference> extends QueryCall {
  readonly reference: Reference;
}

/** How a query ended for its initiator. `recorded` is the participant's signed answer. */
export type QueryResult<Answer> =
  | { readonly type: 'done'; readonly answer: Answer; readonly recorded: RecordedMessage }
  | { readonly type: 'refused'; readonly reason: string }
  | Failed;

function protocolOf<Spec extends QuerySpec>(spec: Spec) {
  const { proposition, reference, answer }: Pick<Spec, 'proposition' | 'reference' | 'answer'> = spec;
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      'query-if': { from: 'initiator', as: 'query-if', body: proposition },
      'query-ref': { from: 'initiator', as: 'query-ref', body: reference },
      refuse: { from: 'participant', as: 'refuse', body: reasonBody },
      /** The participant binds itself to answer later. */
      agree: { from: 'participant', as: 'agree', body: z.object({}) },
      'inform-if': { from: 'participant', as: 'inform', body: z.object({ holds: z.boolean() }) },
      'inform-ref': { from: 'participant', as: 'inform', body: answer },
      /** It is not wanted any more. */
      cancel: { from: 'initiator', as: 'cancel', body: reasonBody },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { 'query-if': 'asked-if', 'query-ref': 'asked-ref' } },
        'asked-if': { on: { refuse: 'refused', agree: 'agreed-if', 'inform-if': 'informed', cancel: 'cancelled' } },
        'asked-ref': { on: { refuse: 'refused', agree: 'agreed-ref', 'inform-ref': 'informed', cancel: 'cancelled' } },
        'agreed-if': { on: { 'inform-if': 'informed', cancel: 'cancelled' } },
        'agreed-ref': { on: { 'inform-ref': 'informed', cancel: 'cancelled' } },
        refused: { type: 'final' },
        cancelled: { type: 'final' },
        informed: { type: 'final' },
      },
    },
  });
}

type Asked<Spec extends QuerySpec> = ReturnType<typeof protocolOf<Spec>>;

/** A question as its participant hears it. */
export type QueryHeard<Spec extends QuerySpec, Type extends 'query-if' | 'query-ref'> = Received<
  Asked<Spec>,
  'participant',
  Type
>;

/** A participant's answer. */
export type Answered<Answer> =
  { readonly type: 'inform'; readonly answer: Answer } | { readonly type: 'refuse'; readonly reason: string };

/** How a ready participant answers, at once or later. Whatever it throws is a failure. */
export interface QueryPolicy<Spec extends QuerySpec, Params, State> {
  readonly queryIf: (
    ctx: Context<Params, State>,
    message: QueryHeard<Spec, 'query-if'>,
  ) => Answered<boolean> | Promise<Answered<boolean>>;
  readonly queryRef: (
    ctx: Context<Params, State>,
    message: QueryHeard<Spec, 'query-ref'>,
  ) => Answered<z.output<Spec['answer']>> | Promise<Answered<z.output<Spec['answer']>>>;
  /** The dialogue is over, however it ended. */
  readonly ended?: (ctx: Context<Params, State>, end: DialogueEnd) => void;
}

/** A kind of query: the protocol, a program for `ctx.run` a question, and a ready participant. */
export type QueryProtocol<Spec extends QuerySpec> = Asked<Spec> & {
  /** The asking side, for `ctx.run`: a program for each kind of question, ending as a {@link QueryResult}. */
  readonly initiator: {
    /** Asks whether something holds. */
    readonly queryIf: Program<QueryIfCall<z.output<Spec['proposition']>>, QueryResult<boolean>>;
    /** Asks what something stands for. */
    readonly queryRef: Program<QueryRefCall<z.output<Spec['reference']>>, QueryResult<z.output<Spec['answer']>>>;
  };
  /** Plays the participant; called in an agent's `setup`. */
  readonly participant: <Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: QueryPolicy<Spec, Params, State>,
  ) => void;
};

/**
 * Makes a kind of query (FIPA 00027, "Query Interaction Protocol"): one agent asks another whether a proposition holds
 * (`query-if`), or what a reference stands for (`query-ref`). As in FIPA an agreement may be left out; the two answers, both
 * of the performative `inform`, have types of their own, so that neither answers the other question.
 *
 * @throws HaggleError `bad-protocol`
 */
export function query<Spec extends QuerySpec>(spec: Spec): QueryProtocol<Spec> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: Object.freeze({
      queryIf: defineProgram(
        protocol,
        'initiator',
        (run: InitiatorRun<Spec, boolean>, call: QueryIfCall<z.output<Spec['proposition']>>) =>
          follow<Spec, boolean>(run, {
            call,
            open: (by) => run.open(call.to, 'query-if', { body: call.proposition, by }),
            answerOf: (message) => (message.type === 'inform-if' ? { value: message.body.holds } : null),
          }),
      ),
      queryRef: defineProgram(
        protocol,
        'initiator',
        (run: InitiatorRun<Spec, z.output<Spec['answer']>>, call: QueryRefCall<z.output<Spec['reference']>>) =>
          follow<Spec, z.output<Spec['answer']>>(run, {
            call,
            open: (by) => run.open(call.to, 'query-ref', { body: call.reference, by }),
            answerOf: (message) => (message.type === 'inform-ref' ? { value: message.body } : null),
          }),
      ),
    }),
    participant: <Params, State>(agent: AgentBuilder<Params, State>, policy: QueryPolicy<Spec, Params, State>) =>
      agent.play(
        protocol,
        'participant',
        {
          'query-if': (ctx, message) =>
            whenKnown(policy.queryIf(ctx, message), (answered) => {
              if (!message.dialogue.open) return;
              if (answered.type === 'refuse') message.reply('refuse', { reason: answered.reason });
              else message.reply('inform-if', { holds: answered.answer });
            }),
          'query-ref': (ctx, message) =>
            whenKnown(policy.queryRef(ctx, message), (answered) => {
              if (!message.dialogue.open) return;
              if (answered.type === 'refuse') message.reply('refuse', { reason: answered.reason });
              else message.reply('inform-ref', answered.answer);
            }),
          cancel: () => undefined,
        },
        policy.ended === undefined ? {} : { ended: policy.ended },
      ),
  });
}

type InitiatorRun<Spec extends QuerySpec, Answer> = Run<Asked<Spec>, 'initiator', QueryResult<Answer>>;

/** One of the two questions. */
interface Question<Spec extends QuerySpec, Answer> {
  readonly call: QueryCall;
  readonly open: (by: Micros) => Dialogue<Asked<Spec>, 'initiator'>;
  /** The answer that a message holds, if it is one. */
  readonly answerOf: (message: Heard<Asked<Spec>, 'initiator'>) => { readonly value: Answer } | null;
}

function follow<Spec extends QuerySpec, Answer>(
  run: InitiatorRun<Spec, Answer>,
  { call, open, answerOf }: Question<Spec, Answer>,
): Following<Asked<Spec>, 'initiator'> {
  const { within, cancellation } = call;
  const dialogue = open(run.now() + micros(within));
  let result: QueryResult<Answer> | null = null;
  const cancel = (): void => {
    if (!dialogue.open) return;
    result = { type: 'failed', code: 'cancelled' };
    dialogue.send('cancel', { reason: cancellation?.reason ?? '' });
  };
  run.onCancel(cancellation, cancel);
  return {
    heard: (message) => {
      const answer = answerOf(message);
      if (answer !== null) result = { type: 'done', answer: answer.value, recorded: message.recorded };
      else if (message.type === 'refuse') result = { type: 'refused', reason: message.body.reason };
    },
    ended: (end) => run.finish(result ?? failedBy(end)),
  };
}
