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
import type { RandomRoot, RandomStream } from '../agent-core/random.ts';
import type { EventSource, Kernel } from './kernel.ts';
import { SubjectIndex } from './subject-index.ts';

/** A directed link between two endpoints. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** Latency of a link: `min`, or uniform over the whole microseconds from `min` to `max`. */
export interface LatencyRange {
  readonly min: Micros;
  readonly max?: Micros;
}

/** One range for all links, or a range by link, asked once a link. */
export type LatencyModel = LatencyRange | ((link: Link) => LatencyRange);

/** What an observer sees just before the subscriber does. */
export interface Delivery {
  readonly time: Micros;
  readonly from: string;
  readonly to: string;
  readonly message: BusMessage;
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
  readonly counters: NetworkCounters;
}

/** Options of {@link createNetwork}. */
export interface NetworkOptions {
  readonly kernel: Kernel;
  /** Streams used: `('latency', from, to)` a link whose latency varies, `('queue', publisher)` a publisher to queue groups. */
  readonly random: RandomRoot;
  readonly latency: LatencyModel;
  /** UTF-8 bytes of one payload; `LIMITS.payloadBytes` if left out. */
  readonly maxPayloadBytes?: number;
}

const NO_HEADERS: Headers = Object.freeze({});

/** State of a directed link. Order on it is kept: a message never overtakes an earlier one. */
interface LinkState {
  readonly min: Micros;
  readonly max: Micros;
  /** Undefined where the latency is constant: such a link draws nothing. */
  readonly random: RandomStream | undefined;
  last: Micros;
}

interface Shared {
  readonly options: Required<NetworkOptions>;
  readonly index: SubjectIndex<Listening>;
  readonly observers: Set<(delivery: Delivery) => void>;
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
    const { index, counters } = this.#shared;
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
    for (const listening of matches.plain) this.#send(listening, message);
    for (const members of matches.groups) this.#send(this.#memberOf(members), message);
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

  #send(to: Listening, message: BusMessage): void {
    const link = this.#links.get(to.owner) ?? this.#openLink(to.owner);
    const latency = link.random === undefined ? link.min : link.random.integer(link.min, link.max);
    const time = Math.max(this.#shared.options.kernel.now() + latency, link.last);
    this.#source.at<Passage>(time, arrive, { from: this, to, message });
    link.last = time;
    to.owner.#underWay++;
  }

  #openLink(to: Endpoint): LinkState {
    const { latency, random } = this.#shared.options;
    const names = { from: this.name, to: to.name };
    const { min, max = min } = typeof latency === 'function' ? latency(names) : latency;
    checkLatency(names, min, max);
    const stream = min === max ? undefined : random.stream('latency', this.name, to.name);
    const link = { min, max, random: stream, last: 0 };
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

function checkLatency(link: Link, min: Micros, max: Micros): void {
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && max >= min) return;
  throw new HaggleError(
    'bad-latency',
    `latency of ${link.from} -> ${link.to} must be whole microseconds with 0 <= min <= max, got ${min} to ${max}`,
  );
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
 * delivery for each matched subscription, a latency later. Subscriptions take effect at once.
 */
export function createNetwork(options: NetworkOptions): Network {
  const shared: Shared = {
    options: { maxPayloadBytes: LIMITS.payloadBytes, ...options },
    index: new SubjectIndex(),
    observers: new Set(),
    counters: { published: 0, delivered: 0, dropped: 0, bytes: 0, noResponders: 0 },
  };
  return {
    attach: (name) => new Endpoint(name, shared),
    observe: (listener) => {
      shared.observers.add(listener);
      return () => void shared.observers.delete(listener);
    },
    get counters() {
      return { ...shared.counters };
    },
  };
}
