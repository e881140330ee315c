import type {
  Bus,
  BusMessage,
  Headers,
  PublishOptions,
  SubscribeOptions,
  Subscription,
} from '../agent-core/bus/bus.ts';
import { checkSubject } from '../agent-core/bus/subjects.ts';
import type { Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { LIMITS } from '../agent-core/limits.ts';
import type { RandomRoot } from '../agent-core/random.ts';
import type { EventSource, Kernel } from './kernel.ts';
import {
  checkPartition,
  copyLatency,
  drawFate,
  openLink,
  type Fate,
  type FaultModel,
  type LatencyModel,
  type LinkState,
  type Partition,
} from './link.ts';
import { SubjectIndex } from './subject-index.ts';

export type { LatencyModel, LatencyRange, Link } from './link.ts';

/** What an observer sees just before the subscriber does. */
export interface Delivery {
  readonly time: Micros;
  readonly from: string;
  readonly to: string;
  readonly message: BusMessage;
}

/** What an observer sees as a message leaves its sender, whatever becomes of it. */
export interface Sending {
  readonly time: Micros;
  readonly from: string;
  readonly message: BusMessage;
  /** Each subscription that it goes to, and its fate there; empty where nobody listens. */
  readonly fates: readonly { readonly to: string; readonly fate: Fate }[];
}

/** Counts since the network was made. */
export interface NetworkCounters {
  readonly published: number;
  /** Messages handed to subscribers; one publish may be many, or none. */
  readonly delivered: number;
  /** Deliveries that found their subscription cancelled. */
  readonly dropped: number;
  /** UTF-8 bytes of published payloads. */
  readonly bytes: number;
  /** Requests that nobody listened to. */
  readonly noResponders: number;
  /** Messages that a link lost. */
  readonly lost: number;
  /** Copies that a link made. */
  readonly duplicated: number;
  /** Messages that a partition was in the way of. */
  readonly blocked: number;
}

/** A simulated network with core NATS semantics in virtual time. */
export interface Network {
  /**
   * The bus of a new endpoint.
   *
   * @throws HaggleError `duplicate-source`, `source-collision`
   */
  attach(name: string): Bus;
  /** Calls `listener` at each delivery, before the subscriber. Returns what ends it. */
  observe(listener: (delivery: Delivery) => void): () => void;
  /** Calls `listener` at each publish, also of what is lost or heard by nobody. Returns what ends it. */
  observeSent(listener: (sending: Sending) => void): () => void;
  readonly counters: NetworkCounters;
}

/** Options of {@link createNetwork}. */
export interface NetworkOptions {
  readonly kernel: Kernel;
  /**
   * Streams used: `('latency', from, to)` a link whose latency varies, `('queue', publisher)` a publisher to queue groups,
   * `('loss', from, to)`, `('duplicate', from, to)` and `('duplicate-latency', from, to)` a link with such a fault.
   */
  readonly random: RandomRoot;
  readonly latency: LatencyModel;
  /** What goes wrong on links; nothing if left out. */
  readonly faults?: FaultModel | undefined;
  /** Who is cut off from whom, and when. */
  readonly partitions?: readonly Partition[] | undefined;
  /** UTF-8 bytes of one payload; `LIMITS.payloadBytes` if left out. */
  readonly maxPayloadBytes?: number;
}

const NO_HEADERS: Headers = Object.freeze({});

interface Shared {
  readonly options: NetworkOptions & { readonly maxPayloadBytes: number };
  readonly index: SubjectIndex<Listening>;
  readonly observers: Set<(delivery: Delivery) => void>;
  readonly sentObservers: Set<(sending: Sending) => void>;
  readonly counters: { -readonly [K in keyof NetworkCounters]: number };
}

/** One subscription. */
class Listening implements Subscription {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly owner: Endpoint;
  readonly listener: (message: BusMessage) => void;
  open = true;

  constructor(parts: Pick<Listening, 'pattern' | 'queue' | 'owner' | 'listener'>) {
    this.pattern = parts.pattern;
    this.queue = parts.queue;
    this.owner = parts.owner;
    this.listener = parts.listener;
  }

  get subject(): string {
    return this.pattern;
  }

  get ownerName(): string {
    return this.owner.name;
  }

  unsubscribe(): void {
    this.open = false;
    this.owner.forget(this);
  }
}

type SentTo = Sending['fates'][number];

/** A message under way to one subscription. */
interface Passage {
  readonly from: Endpoint;
  readonly to: Listening;
  readonly message: BusMessage;
}

class Endpoint implements Bus {
  readonly name: string;
  readonly #shared: Shared;
  readonly #source: EventSource;
  readonly #links = new Map<Endpoint, LinkState>();
  readonly #listening = new Set<Listening>();
  #state: 'open' | 'draining' | 'closed' = 'open';
  #underWay = 0;
  #drained: (() => void)[] = [];

  constructor(name: string, shared: Shared) {
    this.name = name;
    this.#shared = shared;
    this.#source = shared.options.kernel.source(`bus/${name}`);
  }

  publish(subject: string, payload: string, options?: PublishOptions): void {
    const { index, counters, sentObservers } = this.#shared;
    this.#check('publish', this.#state === 'closed');
    let matches = index.remembered(subject);
    if (matches === undefined) {
      checkSubject(subject, 'literal');
      matches = index.match(subject);
    }
    if (options?.reply !== undefined) checkSubject(options.reply, 'literal');
    const bytes = this.#sized(subject, payload);
    counters.published++;
    counters.bytes += bytes;
    const message: BusMessage = {
      subject,
      payload,
      headers: options?.headers ?? NO_HEADERS,
      reply: options?.reply,
      noResponders: false,
    };
    const fates = sentObservers.size > 0 ? [] : undefined;
    for (const listening of matches.plain) this.#send(listening, message, fates);
    for (const members of matches.groups) this.#send(this.#memberOf(members), message, fates);
    if (fates !== undefined) this.#tell(message, fates);
    if (options?.reply !== undefined && matches.plain.length + matches.groups.length === 0) {
      this.#answerForNobody(options.reply);
    }
  }

  subscribe(subject: string, listener: (message: BusMessage) => void, options?: SubscribeOptions): Subscription {
    this.#check('subscribe', this.#state !== 'open');
    checkSubject(subject, 'pattern');
    if (options?.queue !== undefined) checkSubject(options.queue, 'literal');
    const listening = new Listening({ pattern: subject, queue: options?.queue, owner: this, listener });
    this.#listening.add(listening);
    this.#shared.index.add(listening);
    return listening;
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  drain(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#state = 'draining';
    // Out of the index, so that nothing new comes, but open for what is under way.
    for (const listening of this.#listening) this.#shared.index.remove(listening);
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#closeWhenEmpty();
    });
  }

  forget(listening: Listening): void {
    this.#listening.delete(listening);
    this.#shared.index.remove(listening);
  }

  #check(action: string, refused: boolean): void {
    if (refused) throw new HaggleError('bus-closed', `cannot ${action}: the bus of "${this.name}" is ${this.#state}`);
  }

  #sized(subject: string, payload: string): number {
    const { maxPayloadBytes } = this.#shared.options;
    const bytes = utf8Bytes(payload);
    if (bytes > maxPayloadBytes) {
      throw new HaggleError('payload-too-large', `publish of ${bytes} bytes exceeds ${maxPayloadBytes} bytes`, {
        fields: { subject, bytes, maxPayloadBytes },
      });
    }
    return bytes;
  }

  #memberOf(members: readonly Listening[]): Listening {
    const [only] = members;
    if (members.length === 1 && only !== undefined) return only;
    return this.#shared.options.random.stream('queue', this.name).pick(members);
  }

  /** The bus itself tells the publisher, and nobody else, that nobody listens (NATS: status 503). */
  #answerForNobody(reply: string): void {
    this.#shared.counters.noResponders++;
    const message: BusMessage = {
      subject: reply,
      payload: '',
      headers: NO_HEADERS,
      reply: undefined,
      noResponders: true,
    };
    const { plain, groups } = this.#shared.index.match(reply);
    const own = [...plain, ...groups.flat()].filter((listening) => listening.owner === this);
    for (const listening of own) this.#send(listening, message);
  }

  #send(to: Listening, message: BusMessage, fates?: SentTo[]): void {
    const link = this.#links.get(to.owner) ?? this.#openLink(to.owner);
    const now = this.#shared.options.kernel.now();
    const passage: Passage = { from: this, to, message };
    const arrival = now + (link.latency === undefined ? link.min : link.latency.integer(link.min, link.max));
    const fate = link.faults === undefined ? 'sent' : drawFate(link.faults, now);
    if (fate === 'sent' || fate === 'duplicated') this.#carry(link, arrival, passage);
    if (fate === 'duplicated') this.#carry(link, now + copyLatency(link), passage);
    if (fate !== 'sent') this.#shared.counters[fate]++;
    fates?.push({ to: to.owner.name, fate });
  }

  /** Puts a message on its way. Unless the link reorders, it arrives no earlier than what was sent before. */
  #carry(link: LinkState, arrival: Micros, passage: Passage): void {
    const { faults, last } = link;
    const overtakes = faults?.reorder === true && this.#shared.options.kernel.now() < faults.until;
    this.#source.at<Passage>(overtakes || arrival > last ? arrival : last, arrive, passage);
    if (arrival > last) link.last = arrival;
    passage.to.owner.#underWay++;
  }

  #tell(message: BusMessage, fates: readonly SentTo[]): void {
    const sending = { time: this.#shared.options.kernel.now(), from: this.name, message, fates };
    for (const observer of this.#shared.sentObservers) observer(sending);
  }

  #openLink(to: Endpoint): LinkState {
    const link = openLink({ from: this.name, to: to.name }, this.#shared.options);
    this.#links.set(to, link);
    return link;
  }

  receive({ from, to, message }: Passage): void {
    const { counters, observers, options } = this.#shared;
    this.#underWay--;
    if (to.open) {
      counters.delivered++;
      if (observers.size > 0) {
        const delivery = { time: options.kernel.now(), from: from.name, to: this.name, message };
        for (const observer of observers) observer(delivery);
      }
      try {
        to.listener(message);
      } finally {
        this.#closeWhenEmpty();
      }
    } else {
      counters.dropped++;
      this.#closeWhenEmpty();
    }
  }

  #closeWhenEmpty(): void {
    if (this.#state !== 'draining' || this.#underWay > 0) return;
    this.#state = 'closed';
    for (const listening of this.#listening) listening.open = false;
    this.#listening.clear();
    for (const resolve of this.#drained) resolve();
    this.#drained = [];
  }
}

function arrive(passage: Passage): void {
  passage.to.owner.receive(passage);
}

/** Anything but ASCII. Most payloads have none, and a regular expression finds that out twice as fast as a loop. */
const WIDE = /[^\0-\x7f]/;

/** Bytes of a text in UTF-8; an unpaired surrogate counts 3, as its replacement character does. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  if (!WIDE.test(text)) return bytes;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else bytes += isPair(code, text.charCodeAt(i + 1)) ? 1 : 2;
    if (isPair(code, text.charCodeAt(i + 1))) {
      bytes += 1;
      i++;
    }
  }
  return bytes;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

/**
 * A network on a kernel. Every endpoint is an event source of the kernel, named `bus/<endpoint>`; a publish schedules one
 * delivery for each matched subscription, a latency later, unless a fault of the link decides otherwise. Subscriptions take effect at once.
 *
 * @throws HaggleError `bad-partition`
 */
export function createNetwork(options: NetworkOptions): Network {
  for (const partition of options.partitions ?? []) checkPartition(partition);
  const shared: Shared = {
    options: { maxPayloadBytes: LIMITS.payloadBytes, ...options },
    index: new SubjectIndex(),
    observers: new Set(),
    sentObservers: new Set(),
    counters: { published: 0, delivered: 0, dropped: 0, bytes: 0, noResponders: 0, lost: 0, duplicated: 0, blocked: 0 },
  };
  return {
    attach: (name) => new Endpoint(name, shared),
    observe: (listener) => {
      shared.observers.add(listener);
      return () => void shared.observers.delete(listener);
    },
    observeSent: (listener) => {
      shared.sentObservers.add(listener);
      return () => void shared.sentObservers.delete(listener);
    },
    get counters() {
      return { ...shared.counters };
    },
  };
}
