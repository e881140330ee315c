import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Cancellation } from './cancellation.ts';
import { dialogueKey } from './dialogue-key.ts';
import { failedBy, reasonBody, type Failed } from './failed.ts';
import { defineProtocol } from './protocol.ts';

/** What makes one kind of subscription: its name and the schemas of what is subscribed to and of each notice. */
export interface SubscribeSpec<Topic extends z.ZodType, Notice extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly topic: Topic;
  readonly notice: Notice;
}

/** One notice as a subscriber hears it. */
export interface Informed<Notice> {
  readonly notice: Notice;
  /** Counts the publisher's notices of this subscription, from 1: a number left out was lost, a lower one came late. */
  readonly number: number;
  /** The publisher's clock when it was said. */
  readonly sent: Micros;
  readonly recorded: RecordedMessage;
}

/** What a subscriber wants. */
export interface Subscribing<Topic, Notice> {
  readonly to: Did;
  readonly topic: Topic;
  /** How long the subscription lasts. */
  readonly within: Duration;
  /** How long the first answer is waited for, be it a refusal, an agreement or a notice; as long as `within` if left out. */
  readonly answerWithin?: Duration;
  /** Called with each notice, in the order in which they come. `'enough'` cancels the subscription. */
  readonly onInform: (informed: Informed<Notice>) => 'enough' | void;
  readonly cancellation?: Cancellation;
}

/** How a subscription ended for its initiator. `informs` counts the notices that came. */
export type SubscribeResult =
  /** By the initiator's will, by the publisher's, or because its time was over. */
  | {
      readonly type: 'ended';
      readonly by: 'initiator' | 'participant' | 'deadline';
      readonly reason: string;
      readonly informs: number;
    }
  | { readonly type: 'refused'; readonly reason: string }
  | (Failed & { readonly informs: number });

/** A notice on the wire. `number` counts the notices of this subscription, from 1. */
interface Numbered<Notice> {
  readonly number: number;
  readonly notice: Notice;
}

function numbered<Notice extends z.ZodType>(
  notice: Notice,
): z.ZodType<Numbered<z.output<Notice>>, Numbered<z.input<Notice>>> {
  const schema = z.object({ number: z.int().positive(), notice });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod cannot tell yet whether `notice` may be left out
  return schema as unknown as z.ZodType<Numbered<z.output<Notice>>, Numbered<z.input<Notice>>>;
}

function protocolOf<Topic extends z.ZodType, Notice extends z.ZodType>(spec: SubscribeSpec<Topic, Notice>) {
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      subscribe: { from: 'initiator', as: 'subscribe', body: spec.topic },
      refuse: { from: 'participant', as: 'refuse', body: reasonBody },
      agree: { from: 'participant', as: 'agree', body: z.object({}) },
      inform: {
        from: 'participant',
        as: 'inform',
        body: numbered(spec.notice),
      },
      /** There will be no more notices. */
      end: { from: 'participant', as: 'inform', body: reasonBody },
      cancel: { from: 'initiator', as: 'cancel', body: reasonBody },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { subscribe: 'subscribed' } },
        // A notice says that the publisher agreed, should its agreement have been lost.
        subscribed: { on: { refuse: 'refused', agree: 'active', inform: 'active', end: 'ended', cancel: 'cancelled' } },
        active: { on: { inform: 'active', end: 'ended', cancel: 'cancelled' } },
        refused: { type: 'final' },
        cancelled: { type: 'final' },
        ended: { type: 'final' },
      },
    },
  });
}

type Subscribed<Topic extends z.ZodType, Notice extends z.ZodType> = ReturnType<typeof protocolOf<Topic, Notice>>;

/** A subscription as its publisher hears it. */
export type SubscribeHeard<Topic extends z.ZodType, Notice extends z.ZodType> = Received<
  Subscribed<Topic, Notice>,
  'participant',
  'subscribe'
>;

/** How a ready publisher takes part. */
export interface PublisherPolicy<Topic extends z.ZodType, Notice extends z.ZodType, Params, State> {
  /** Whether to take a subscriber; everybody is taken if left out. */
  readonly decide?: (
    ctx: Context<Params, State>,
    message: SubscribeHeard<Topic, Notice>,
  ) => { readonly type: 'agree' } | { readonly type: 'refuse'; readonly reason: string };
  /** A subscriber was taken: the place for what it must know first, by the publisher's `inform`. */
  readonly subscribed?: (ctx: Context<Params, State>, subscriber: Subscriber<z.output<Topic>>) => void;
  /** A subscription is over, however it ended. */
  readonly ended?: (ctx: Context<Params, State>, end: DialogueEnd) => void;
  /** Subscriptions at a time; the next is refused. {@link SUBSCRIBERS_MAX} if left out. */
  readonly subscribersMax?: number;
  /** Subscriptions of one peer at a time, so that none takes all. {@link SUBSCRIPTIONS_OF_PEER_MAX} if left out. */
  readonly ofPeerMax?: number;
}

/** Subscriptions of one publisher, unless it says otherwise. */
export const SUBSCRIBERS_MAX = 4_096;

/** Subscriptions of one peer with one publisher, unless it says otherwise. */
export const SUBSCRIPTIONS_OF_PEER_MAX = 16;

/** A running subscription, as its publisher sees it. */
export interface Subscriber<Topic> {
  readonly peer: Did;
  /** Name of the dialogue. */
  readonly id: string;
  readonly topic: Topic;
  /** Absolute time at which the subscription ends. */
  readonly deadline: Micros;
}

/** The subscribers of one agent. To be used in the agent's own turns. */
export interface Publisher<Topic, Notice> {
  /** The subscribers of now, in the order in which they came. */
  readonly subscribers: readonly Subscriber<Topic>[];
  /**
   * Tells all subscribers, or those whose topic `concerns` it; how many were told.
   *
   * @throws HaggleError `invalid-body`, `payload-too-large`
   */
  publish(notice: Notice, concerns?: (topic: Topic) => boolean): number;
  /** Tells one subscriber; false where it has gone. @throws HaggleError as `publish` does */
  inform(subscriber: Subscriber<Topic>, notice: Notice): boolean;
  /** Ends every subscription; how many there were. */
  end(reason: string): number;
}

/** A kind of subscription: the protocol, the subscriber's program for `ctx.run`, and a ready publisher. */
export type SubscribeProtocol<Topic extends z.ZodType, Notice extends z.ZodType> = Subscribed<Topic, Notice> & {
  /** The subscriber, for `ctx.run`: hears notices until it is over, and ends as a {@link SubscribeResult}. */
  readonly initiator: Program<Subscribing<z.output<Topic>, z.output<Notice>>, SubscribeResult>;
  /** Plays the participant; called in an agent's `setup`. @throws HaggleError `bad-publisher` for a bound that is no count */
  readonly publisher: <Params, State>(
    agent: AgentBuilder<Params, State>,
    policy?: PublisherPolicy<Topic, Notice, Params, State>,
  ) => Publisher<z.output<Topic>, z.output<Notice>>;
};

/**
 * Makes a kind of subscription (FIPA 00035, "Subscribe Interaction Protocol"): one agent asks another to tell it of a topic,
 * again and again, until the one cancels, the other ends it, or its time is over.
 *
 * Beyond FIPA, the participant may end it without a failure (`end`), and notices are numbered, so that a loss shows.
 * A notice that crosses `cancel` is answered `not-understood` and changes nothing.
 *
 * @throws HaggleError `bad-protocol`
 */
export function subscribe<Topic extends z.ZodType, Notice extends z.ZodType>(
  spec: SubscribeSpec<Topic, Notice>,
): SubscribeProtocol<Topic, Notice> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: InitiatorRun<Topic, Notice>, call: Subscribing<z.output<Topic>, z.output<Notice>>) =>
        new Initiator<Topic, Notice>(run, call),
    ),
    publisher: <Params, State>(
      agent: AgentBuilder<Params, State>,
      policy: PublisherPolicy<Topic, Notice, Params, State> = {},
    ) => playPublisher({ protocol, agent, policy }),
  });
}

interface Playing<Topic extends z.ZodType, Notice extends z.ZodType, Params, State> {
  readonly protocol: Subscribed<Topic, Notice>;
  readonly agent: AgentBuilder<Params, State>;
  readonly policy: PublisherPolicy<Topic, Notice, Params, State>;
}

function playPublisher<Topic extends z.ZodType, Notice extends z.ZodType, Params, State>({
  protocol,
  agent,
  policy,
}: Playing<Topic, Notice, Params, State>): Publisher<z.output<Topic>, z.output<Notice>> {
  const book = new SubscriberBook<Topic, Notice>(policy);
  agent.play(
    protocol,
    'participant',
    {
      subscribe: (ctx, message) => {
        const full = book.fullFor(message.from);
        const decision = full === null ? policy.decide?.(ctx, message) : { type: 'refuse' as const, reason: full };
        if (decision?.type === 'refuse') return message.reply('refuse', { reason: decision.reason });
        message.reply('agree', {});
        const subscriber = book.add(message);
        policy.subscribed?.(ctx, subscriber);
      },
      cancel: () => undefined,
    },
    {
      ended: (ctx, end) => {
        book.remove(end);
        policy.ended?.(ctx, end);
      },
    },
  );
  return book;
}

interface Entry<Topic extends z.ZodType, Notice extends z.ZodType> {
  readonly subscriber: Subscriber<z.output<Topic>>;
  readonly dialogue: Dialogue<Subscribed<Topic, Notice>, 'participant'>;
  told: number;
}

class SubscriberBook<Topic extends z.ZodType, Notice extends z.ZodType> implements Publisher<
  z.output<Topic>,
  z.output<Notice>
> {
  readonly #subscribersMax: number;
  readonly #ofPeerMax: number;
  readonly #entries = new Map<string, Entry<Topic, Notice>>();
  readonly #ofPeer = new Map<Did, number>();

  constructor({ subscribersMax = SUBSCRIBERS_MAX, ofPeerMax = SUBSCRIPTIONS_OF_PEER_MAX }: Bounds) {
    this.#subscribersMax = checkBound('subscribersMax', subscribersMax, LIMITS.dialoguesForOthers);
    this.#ofPeerMax = checkBound('ofPeerMax', ofPeerMax, LIMITS.dialoguesWithPeer);
  }

  get subscribers(): readonly Subscriber<z.output<Topic>>[] {
    return [...this.#entries.values()].map(({ subscriber }) => subscriber);
  }

  publish(notice: z.output<Notice>, concerns: (topic: z.output<Topic>) => boolean = () => true): number {
    let told = 0;
    for (const entry of this.#entries.values()) {
      if (concerns(entry.subscriber.topic) && tell(entry, notice)) told += 1;
    }
    return told;
  }

  inform(subscriber: Subscriber<z.output<Topic>>, notice: z.output<Notice>): boolean {
    const entry = this.#entries.get(dialogueKey(subscriber.peer, subscriber.id));
    return entry !== undefined && tell(entry, notice);
  }

  end(reason: string): number {
    const running = [...this.#entries.values()].filter(({ dialogue }) => dialogue.open);
    for (const { dialogue } of running) dialogue.send('end', { reason });
    return running.length;
  }

  /** Why a peer cannot be taken, or null. */
  fullFor(peer: Did): string | null {
    if (this.#entries.size >= this.#subscribersMax) return 'there are as many subscribers as there may be';
    const many = (this.#ofPeer.get(peer) ?? 0) >= this.#ofPeerMax;
    return many ? 'this subscriber has as many subscriptions as it may have' : null;
  }

  add({ from, body, dialogue }: SubscribeHeard<Topic, Notice>): Subscriber<z.output<Topic>> {
    const { id, deadline } = dialogue;
    const subscriber = { peer: from, id, topic: body, deadline };
    this.#entries.set(dialogueKey(from, id), { subscriber, dialogue, told: 0 });
    this.#ofPeer.set(from, (this.#ofPeer.get(from) ?? 0) + 1);
    return subscriber;
  }

  remove({ peer, dialogue }: DialogueEnd): void {
    if (!this.#entries.delete(dialogueKey(peer, dialogue))) return;
    const left = (this.#ofPeer.get(peer) ?? 0) - 1;
    if (left > 0) this.#ofPeer.set(peer, left);
    else this.#ofPeer.delete(peer);
  }
}

interface Bounds {
  readonly subscribersMax?: number;
  readonly ofPeerMax?: number;
}

function tell<Topic extends z.ZodType, Notice extends z.ZodType>(
  entry: Entry<Topic, Notice>,
  notice: z.output<Notice>,
): boolean {
  if (!entry.dialogue.open) return false;
  entry.dialogue.send('inform', { number: entry.told + 1, notice });
  entry.told += 1;
  return true;
}

function checkBound(name: string, bound: number, max: number): number {
  if (Number.isSafeInteger(bound) && bound >= 1 && bound <= max) return bound;
  throw new HaggleError('bad-publisher', `publishing: ${name} must be a whole number from 1 to ${max}, got ${bound}`);
}

type InitiatorRun<Topic extends z.ZodType, Notice extends z.ZodType> = Run<
  Subscribed<Topic, Notice>,
  'initiator',
  SubscribeResult
>;

class Initiator<Topic extends z.ZodType, Notice extends z.ZodType> implements Following<
  Subscribed<Topic, Notice>,
  'initiator'
> {
  readonly #run: InitiatorRun<Topic, Notice>;
  readonly #call: Subscribing<z.output<Topic>, z.output<Notice>>;
  readonly #dialogue: Dialogue<Subscribed<Topic, Notice>, 'initiator'>;
  #answered = false;
  #informs = 0;
  /** Known before the dialogue has ended. */
  #result: ((informs: number) => SubscribeResult) | null = null;

  constructor(run: InitiatorRun<Topic, Notice>, call: Subscribing<z.output<Topic>, z.output<Notice>>) {
    this.#run = run;
    this.#call = call;
    const now = run.now();
    this.#dialogue = run.open(call.to, 'subscribe', { body: call.topic, by: now + micros(call.within) });
    if (call.answerWithin !== undefined) run.at(now + micros(call.answerWithin), () => this.#late());
    run.onCancel(call.cancellation, () => this.#cancel(call.cancellation?.reason ?? ''));
  }

  heard(message: Heard<Subscribed<Topic, Notice>, 'initiator'>): void {
    this.#answered = true;
    switch (message.type) {
      case 'refuse':
        this.#result = () => ({ type: 'refused', reason: message.body.reason });
        return;
      case 'agree':
        return;
      case 'end':
        this.#result = (informs) => ({ type: 'ended', by: 'participant', reason: message.body.reason, informs });
        return;
      case 'inform': {
        this.#informs += 1;
        const { sent, recorded } = message;
        const { number, notice } = message.body;
        if (this.#call.onInform({ notice, number, sent, recorded }) === 'enough') this.#cancel('enough');
      }
    }
  }

  ended(end: DialogueEnd): void {
    const informs = this.#informs;
    if (this.#result !== null) this.#run.finish(this.#result(informs));
    else if (end.outcome === 'expired' && end.state === 'active') {
      this.#run.finish({ type: 'ended', by: 'deadline', reason: '', informs });
    } else this.#run.finish({ ...failedBy(end), informs });
  }

  #late(): void {
    if (this.#answered || !this.#dialogue.open) return;
    this.#result = (informs) => ({ type: 'failed', code: 'late', informs });
    this.#dialogue.send('cancel', { reason: 'no answer in time' });
  }

  #cancel(reason: string): void {
    if (!this.#dialogue.open) return;
    this.#result = (informs) => ({ type: 'ended', by: 'initiator', reason, informs });
    this.#dialogue.send('cancel', { reason });
  }
}
