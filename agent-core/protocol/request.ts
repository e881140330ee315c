import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Cancellation } from './cancellation.ts';
import type { BodyOf } from './conversation-types.ts';
import { failedBy, reasonBody, type Failed } from './failed.ts';
import { defineProtocol } from './protocol.ts';
import { whenKnown } from './when-known.ts';

/** What makes one kind of request: its name and the schemas of what is asked for and of what comes of it. */
export interface RequestSpec<Task extends z.ZodType, Result extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly task: Task;
  readonly result: Result;
}

/** What the initiator of a request wants. */
export interface RequestCall<Task> {
  readonly to: Did;
  readonly task: Task;
  /** How long the result is waited for. */
  readonly within: Duration;
  /** How long the first answer (refusal, agreement or the result itself) is waited for; as long as `within` if left out. */
  readonly answerWithin?: Duration;
  /** Called when the participant agrees, where it says so before it has the result. */
  readonly onAgreed?: () => void;
  readonly cancellation?: Cancellation;
}

/** How a request ended for its initiator. */
export type RequestResult<Result> =
  /** It was done. `recorded` is the participant's signed result. */
  | {
      readonly type: 'done';
      readonly result: Result;
      /** Whether the participant had agreed first. */
      readonly agreed: boolean;
      readonly recorded: RecordedMessage;
    }
  | { readonly type: 'refused'; readonly reason: string }
  | Failed;

function protocolOf<Task extends z.ZodType, Result extends z.ZodType>(spec: RequestSpec<Task, Result>) {
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      request: { from: 'initiator', as: 'request', body: spec.task },
      refuse: { from: 'participant', as: 'refuse', body: reasonBody },
      /** The participant binds itself; the result follows. */
      agree: { from: 'participant', as: 'agree', body: z.object({}) },
      /** The result. */
      inform: { from: 'participant', as: 'inform', body: spec.result },
      /** It is not wanted any more. */
      cancel: { from: 'initiator', as: 'cancel', body: reasonBody },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { request: 'requested' } },
        requested: { on: { refuse: 'refused', agree: 'agreed', inform: 'informed', cancel: 'cancelled' } },
        agreed: { on: { inform: 'informed', cancel: 'cancelled' } },
        refused: { type: 'final' },
        cancelled: { type: 'final' },
        informed: { type: 'final' },
      },
    },
  });
}

type Asked<Task extends z.ZodType, Result extends z.ZodType> = ReturnType<typeof protocolOf<Task, Result>>;

/** A request as its participant hears it. */
export type RequestHeard<Task extends z.ZodType, Result extends z.ZodType> = Received<
  Asked<Task, Result>,
  'participant',
  'request'
>;

/** What becomes of a request that a participant works on. Whatever it throws is a failure too. */
export type Performed<Result> =
  { readonly type: 'inform'; readonly result: Result } | { readonly type: 'failure'; readonly reason: string };

/** How a ready participant takes part in a request. */
export interface RequestPolicy<Task extends z.ZodType, Result extends z.ZodType, Params, State> {
  /** Whether to bind oneself before the work. Left out, the result is the first answer. */
  readonly decide?: (
    ctx: Context<Params, State>,
    message: RequestHeard<Task, Result>,
  ) => { readonly type: 'agree' } | { readonly type: 'refuse'; readonly reason: string };
  /** Does it. What comes after the initiator has cancelled, or after the deadline, is not sent. */
  readonly perform: (
    ctx: Context<Params, State>,
    message: RequestHeard<Task, Result>,
  ) => Performed<z.output<Result>> | Promise<Performed<z.output<Result>>>;
  /** The dialogue is over, however it ended. */
  readonly ended?: (ctx: Context<Params, State>, end: DialogueEnd) => void;
}

/** A kind of request: the protocol, the initiator's program for `ctx.run`, and a ready participant. */
export type RequestProtocol<Task extends z.ZodType, Result extends z.ZodType> = Asked<Task, Result> & {
  /** The asking side, for `ctx.run`: asks one peer and ends as a {@link RequestResult}. */
  readonly initiator: Program<RequestCall<z.output<Task>>, RequestResult<z.output<Result>>>;
  /** Plays the participant; called in an agent's `setup`. */
  readonly participant: <Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: RequestPolicy<Task, Result, Params, State>,
  ) => void;
};

/**
 * Makes a kind of request (FIPA 00026, "Request Interaction Protocol"): one agent asks another to do something. The
 * participant refuses, or agrees and later says the result, or says the result at once; `failure` is the runtime's own.
 *
 * As in FIPA an agreement may be left out. `cancel` ends the dialogue on both sides as soon as it is heard (FIPA's cancel
 * meta-protocol without its answer): a result that crosses it is answered `not-understood`.
 *
 * @throws HaggleError `bad-protocol`
 */
export function request<Task extends z.ZodType, Result extends z.ZodType>(
  spec: RequestSpec<Task, Result>,
): RequestProtocol<Task, Result> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: InitiatorRun<Task, Result>, call: RequestCall<z.output<Task>>) => new Initiator<Task, Result>(run, call),
    ),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      policy: RequestPolicy<Task, Result, Params, State>,
    ) => playParticipant({ protocol, agent, policy }),
  });
}

interface Playing<Task extends z.ZodType, Result extends z.ZodType, Params, State> {
  readonly protocol: Asked<Task, Result>;
  readonly agent: AgentBuilder<Params, State>;
  readonly policy: RequestPolicy<Task, Result, Params, State>;
}

function playParticipant<Task extends z.ZodType, Result extends z.ZodType, Params, State>({
  protocol,
  agent,
  policy,
}: Playing<Task, Result, Params, State>): void {
  agent.play(
    protocol,
    'participant',
    {
      request: (ctx, message) => {
        const decision = policy.decide?.(ctx, message);
        if (decision?.type === 'refuse') return message.reply('refuse', { reason: decision.reason });
        if (decision?.type === 'agree') message.reply('agree', {});
        return whenKnown(policy.perform(ctx, message), (performed) => tell(message, performed));
      },
      cancel: () => undefined,
    },
    policy.ended === undefined ? {} : { ended: policy.ended },
  );
}

function tell<Task extends z.ZodType, Result extends z.ZodType>(
  message: RequestHeard<Task, Result>,
  performed: Performed<z.output<Result>>,
): void {
  if (!message.dialogue.open) return;
  if (performed.type === 'failure') return message.fail(performed.reason);
  message.reply('inform', performed.result);
}

type InitiatorRun<Task extends z.ZodType, Result extends z.ZodType> = Run<
  Asked<Task, Result>,
  'initiator',
  RequestResult<z.output<Result>>
>;

class Initiator<Task extends z.ZodType, Result extends z.ZodType> implements Following<
  Asked<Task, Result>,
  'initiator'
> {
  readonly #run: InitiatorRun<Task, Result>;
  readonly #call: RequestCall<z.output<Task>>;
  readonly #dialogue: Dialogue<Asked<Task, Result>, 'initiator'>;
  #agreed = false;
  /** Known before the dialogue has ended. */
  #result: RequestResult<z.output<Result>> | null = null;

  constructor(run: InitiatorRun<Task, Result>, call: RequestCall<z.output<Task>>) {
    this.#run = run;
    this.#call = call;
    const now = run.now();
    const body = call.task as BodyOf<Asked<Task, Result>, 'request'>;
    this.#dialogue = run.open(call.to, 'request', { body, by: now + micros(call.within) });
    if (call.answerWithin !== undefined) run.at(now + micros(call.answerWithin), () => this.#late());
    run.onCancel(call.cancellation, () => this.#cancel());
  }

  heard(message: Heard<Asked<Task, Result>, 'initiator'>): void {
    switch (message.type) {
      case 'refuse':
        this.#result = { type: 'refused', reason: message.body.reason };
        return;
      case 'agree':
        this.#agreed = true;
        this.#call.onAgreed?.();
        return;
      case 'inform':
        this.#result = { type: 'done', result: message.body, agreed: this.#agreed, recorded: message.recorded };
    }
  }

  ended(end: DialogueEnd): void {
    this.#run.finish(this.#result ?? failedBy(end));
  }

  #late(): void {
    if (!this.#agreed) this.#withdraw('late', 'no answer in time');
  }

  #cancel(): void {
    this.#withdraw('cancelled', this.#call.cancellation?.reason ?? '');
  }

  #withdraw(code: string, reason: string): void {
    if (!this.#dialogue.open) return;
    this.#result = { type: 'failed', code };
    this.#dialogue.send('cancel', { reason });
  }
}
