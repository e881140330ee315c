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
import { assert, HaggleError } from '../agent-core/errors.ts';
import type { JsonValue } from '../agent-core/message/canonical.ts';
import type { EventSource, Kernel } from './kernel.ts';
import { copyLatency, drawFate, openLink, type Fate, type LinkParts, type LinkState } from './link.ts';
import type { Delivery, NetworkCounters, Sending } from './delivery.ts';
import type { Notices } from './notices.ts';
import type { MessageCargo, SendElsewhere } from './shards/parcel.ts';
import { subjectMatches, type SubjectIndex } from './subject-index.ts';
import { utf8Bytes } from './utf8-size.ts';

const NO_HEADERS: Headers = Object.freeze({});

/** The kinds of notice by which senders learn who listens. */
const LISTENS = 'listens';
const LISTENS_NO_MORE = 'listens-no-more';

/** What the endpoints of one network have in common. */
export interface Wires {
  readonly kernel: Kernel;
  readonly links: LinkParts;
  readonly maxPayloadBytes: number;
  /** Subscriptions as senders know them. */
  readonly index: SubjectIndex<Listening>;
  readonly notices: Notices;
  readonly sendElsewhere: SendElsewhere | undefined;
  readonly endpoints: Map<string, Endpoint>;
  readonly observers: Set<(delivery: Delivery) => void>;
  readonly sentObservers: Set<(sending: Sending) => void>;
  readonly counters: { -readonly [K in keyof NetworkCounters]: number };
}

/** One subscription. */
export class Listening implements Subscription {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly owner: Endpoint;
  /** The owner's subscriptions before this one. */
  readonly number: number;
  readonly listener: (message: BusMessage) => void;
  open = true;

  constructor(parts: Pick<Listening, 'pattern' | 'queue' | 'owner' | 'number' | 'listener'>) {
    this.pattern = parts.pattern;
    this.queue = parts.queue;
    this.owner = parts.owner;
    this.number = parts.number;
    this.listener = parts.listener;
  }

  get subject(): string {
    return this.pattern;
  }

  get ownerName(): string {
    return this.owner.name;
  }

  unsubscribe(): void {
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

/** One name on a network: what it sends, what it hears. One that is elsewhere only stands for itself in the index. */
export class Endpoint implements Bus {
  readonly name: string;
  readonly here: boolean;
  readonly #wires: Wires;
  readonly #source: EventSource;
  readonly #links = new Map<Endpoint, LinkState>();
  /** Open subscriptions. */
  readonly #listening = new Set<Listening>();
  /** Subscriptions that a sender may know of, by number. */
  readonly #known = new Map<number, Listening>();
  #subscriptions = 0;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #underWay = 0;
  #drained: (() => void)[] = [];

  constructor(name: string, here: boolean, wires: Wires) {
    this.name = name;
    this.here = here;
    this.#wires = wires;
    this.#source = wires.kernel.source(`bus/${name}`);
  }

  publish(subject: string, payload: string, options?: PublishOptions): void {
    const { index, counters, sentObservers, notices, kernel } = this.#wires;
    this.#check('publish', this.#state === 'closed');
    if (notices.nextDue <= kernel.now()) notices.settle();
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
    const queue = options?.queue;
    if (queue !== undefined) checkSubject(queue, 'literal');
    const number = this.#subscriptions++;
    const listening = new Listening({ pattern: subject, queue, owner: this, number, listener });
    this.#listening.add(listening);
    this.#known.set(number, listening);
    this.#wires.notices.post(this.name, LISTENS, [number, subject, queue ?? null]);
    return listening;
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  drain(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    // What is under way from another part of the world is not known here.
    assert(this.#wires.sendElsewhere === undefined, 'no endpoint drains in a world that is split');
    this.#state = 'draining';
    // Senders forget it, so that nothing new comes, but it stays open for what is under way.
    for (const { number } of this.#listening) this.#wires.notices.post(this.name, LISTENS_NO_MORE, number);
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#closeWhenEmpty();
    });
  }

  /** The owner stops hearing at once; senders learn of it as of any notice. */
  forget(listening: Listening): void {
    if (!listening.open) return;
    listening.open = false;
    this.#listening.delete(listening);
    this.#wires.notices.post(this.name, LISTENS_NO_MORE, listening.number);
  }

  /** Senders learn of a subscription: one that ended meanwhile too, as what is sent to it is dropped and not unheard. */
  listens(body: JsonValue): void {
    const [number, pattern, queue] = checkedListening(body);
    if (!this.here && !this.#known.has(number)) {
      const parts = { pattern, queue, owner: this, number, listener: nothing };
      this.#known.set(number, new Listening(parts));
    }
    const listening = this.#known.get(number);
    if (listening !== undefined) this.#wires.index.add(listening);
  }

  listensNoMore(body: JsonValue): void {
    if (typeof body !== 'number') throw badListening(body);
    const listening = this.#known.get(body);
    if (listening === undefined) return;
    this.#known.delete(body);
    this.#wires.index.remove(listening);
  }

  /** A message under way from another part of the world. */
  await({ subscription, subject, payload, headers, reply }: MessageCargo, from: Endpoint): Passage {
    const message = { subject, payload, headers, reply, noResponders: false };
    this.#underWay++;
    return { from, to: this.#known.get(subscription) ?? this.#ended(subscription), message };
  }

  /** Stands for a subscription that has ended and is forgotten. */
  #ended(number: number): Listening {
    const ended = new Listening({ pattern: '>', queue: undefined, owner: this, number, listener: nothing });
    ended.open = false;
    return ended;
  }

  #check(action: string, refused: boolean): void {
    if (refused) throw new HaggleError('bus-closed', `cannot ${action}: the bus of "${this.name}" is ${this.#state}`);
  }

  #sized(subject: string, payload: string): number {
    const { maxPayloadBytes } = this.#wires;
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
    return this.#wires.links.random.stream('queue', this.name).pick(members);
  }

  /** The bus itself tells the publisher, and nobody else, that nobody listens (NATS: status 503). */
  #answerForNobody(reply: string): void {
    this.#wires.counters.noResponders++;
    const message: BusMessage = {
      subject: reply,
      payload: '',
      headers: NO_HEADERS,
      reply: undefined,
      noResponders: true,
    };
    // Whoever publishes knows its own subscriptions, also those of which no other sender has heard yet.
    for (const listening of this.#listening) {
      if (subjectMatches(listening.pattern, reply)) this.#send(listening, message);
    }
  }

  #send(to: Listening, message: BusMessage, fates?: SentTo[]): void {
    const link = this.#links.get(to.owner) ?? this.#openLink(to.owner);
    const now = this.#wires.kernel.now();
    const passage: Passage = { from: this, to, message };
    const arrival = now + (link.latency === undefined ? link.min : link.latency.integer(link.min, link.max));
    const fate: Fate = link.faults === undefined ? 'sent' : drawFate(link.faults, now);
    if (fate === 'sent' || fate === 'duplicated') this.#carry(link, arrival, passage);
    if (fate === 'duplicated') this.#carry(link, now + copyLatency(link), passage);
    if (fate !== 'sent') this.#wires.counters[fate]++;
    fates?.push({ to: to.owner.name, fate });
  }

  /** Puts a message on its way. Unless the link reorders, it arrives no earlier than what was sent before. */
  #carry(link: LinkState, arrival: Micros, passage: Passage): void {
    const { faults, last } = link;
    const overtakes = faults?.reorder === true && this.#wires.kernel.now() < faults.until;
    const time = overtakes || arrival > last ? arrival : last;
    if (arrival > last) link.last = arrival;
    if (passage.to.owner.here) {
      this.#source.at<Passage>(time, arrive, passage);
      passage.to.owner.#underWay++;
    } else this.#carryElsewhere(time, passage);
  }

  #carryElsewhere(time: Micros, { to, message }: Passage): void {
    const { subject, payload, headers, reply } = message;
    const target = { from: this.name, to: to.owner.name, subscription: to.number };
    this.#wires.sendElsewhere?.(
      { agent: to.owner.name },
      { key: this.#source.claim(time), cargo: { type: 'message', ...target, subject, payload, headers, reply } },
    );
  }

  #tell(message: BusMessage, fates: readonly SentTo[]): void {
    const sending = { time: this.#wires.kernel.now(), from: this.name, message, fates };
    for (const observer of this.#wires.sentObservers) observer(sending);
  }

  #openLink(to: Endpoint): LinkState {
    const link = openLink({ from: this.name, to: to.name }, this.#wires.links);
    this.#links.set(to, link);
    return link;
  }

  receive({ from, to, message }: Passage): void {
    const { counters, observers, kernel } = this.#wires;
    this.#underWay--;
    if (to.open) {
      counters.delivered++;
      if (observers.size > 0) {
        const delivery = { time: kernel.now(), from: from.name, to: this.name, message };
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

/** The event of an arrival. */
export function arrive(passage: Passage): void {
  passage.to.owner.receive(passage);
}

/** Lets the endpoints of a network learn from notices who listens to what. */
export function learnListeners({ notices, endpoints }: Wires): void {
  const of = (name: string): Endpoint => {
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) throw new HaggleError('bad-notice', `"${name}" listens, and there is no such endpoint`);
    return endpoint;
  };
  notices.on(LISTENS, (author, body) => of(author).listens(body));
  notices.on(LISTENS_NO_MORE, (author, body) => of(author).listensNoMore(body));
}

function checkedListening(body: JsonValue): [number: number, pattern: string, queue: string | undefined] {
  const items: readonly unknown[] = Array.isArray(body) ? body : [];
  const [number, pattern, queue] = items;
  if (typeof number !== 'number' || typeof pattern !== 'string') throw badListening(body);
  if (queue !== null && typeof queue !== 'string') throw badListening(body);
  return [number, pattern, queue ?? undefined];
}

function badListening(body: JsonValue): HaggleError {
  return new HaggleError('bad-notice', `a notice of who listens reads ${JSON.stringify(body).slice(0, 80)}`);
}

function nothing(): void {
  // Nobody hears here what is heard elsewhere.
}
