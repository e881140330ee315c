import type { Bus, Subscription } from '../../bus/bus.ts';
import { senderToken, subjects } from '../../bus/subjects.ts';
import type { SealedRecord } from '../../directory/record.ts';
import { LIMITS } from '../../limits.ts';
import type { RandomStream } from '../../random.ts';

/** Options of {@link peerRecords}. */
export interface PeerOptions {
  readonly bus: Bus;
  readonly realm: string;
  readonly nkey: string;
  /** When to answer, and what of the others. */
  readonly random: RandomStream;
  /** A peer told this. */
  readonly heard: (text: SealedRecord, via: string) => void;
  /** A peer told more records at once than anybody should. */
  readonly tooMany: (records: number) => void;
  /** The own record; null where there is none to tell. */
  readonly own: () => SealedRecord | null;
  /** Those of others. */
  readonly others: () => readonly SealedRecord[];
}

/** Records among peers: announced to all, and told again to whoever asks. Needs nothing of the broker but subjects. */
export interface PeerRecords {
  /** Tells all. */
  announce(own: SealedRecord): void;
  /** Asks all what they know. */
  ask(): void;
  close(): void;
}

/** Topic of announcements: records, one a line, that of the announcer first. */
const CARD = 'card';
/** Topic of the question. */
const WHO = 'who';

/** Answers are spread over so many milliseconds for each agent that may answer, and over no more than the second. */
const SPREAD_MILLIS_PER_AGENT = 20;
const SPREAD_MILLIS_MAX = 2_000;

/** From one answer of an agent to its next, however many ask. */
const PAUSE_MILLIS = 250;

/** Whoever hears its own record told so often by others need not tell it again. */
const TOLD_ENOUGH = 2;

/** Listens from now on. */
export function peerRecords(options: PeerOptions): PeerRecords {
  return new Peers(options);
}

class Peers implements PeerRecords {
  readonly #options: PeerOptions;
  readonly #subscriptions: readonly Subscription[];
  /** The answer that is due, and how often others have told our record since it was asked for. */
  #due: { readonly timer: NodeJS.Timeout; told: number } | null = null;

  #answeredAt = -Infinity;

  constructor(options: PeerOptions) {
    this.#options = options;
    const { bus, realm } = options;
    this.#subscriptions = [
      bus.subscribe(subjects.event(realm, '*', CARD), ({ subject, payload }) => this.#hear(subject, payload)),
      bus.subscribe(subjects.event(realm, '*', WHO), ({ subject }) => this.#asked(subject)),
    ];
  }

  announce(own: SealedRecord): void {
    this.#publish(CARD, own);
  }

  ask(): void {
    this.#publish(WHO, '');
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    clearTimeout(this.#due?.timer);
    this.#due = null;
  }

  #publish(topic: string, payload: string): void {
    const { bus, realm, nkey } = this.#options;
    bus.publish(subjects.event(realm, nkey, topic), payload);
  }

  #hear(subject: string, payload: string): void {
    const via = announcer(subject);
    if (via === this.#options.nkey) return;
    const lines = payload.split('\n', LIMITS.announcedRecords + 1);
    if (lines.length > LIMITS.announcedRecords) this.#options.tooMany(lines.length);
    const own = this.#options.own();
    for (const line of lines.slice(0, LIMITS.announcedRecords)) {
      if (line === own && this.#due !== null) this.#due.told += 1;
      this.#options.heard(line, via);
    }
  }

  #asked(subject: string): void {
    if (this.#due !== null || announcer(subject) === this.#options.nkey) return;
    const { random, others } = this.#options;
    const spread = Math.min(SPREAD_MILLIS_MAX, (others().length + 1) * SPREAD_MILLIS_PER_AGENT);
    const pause = Math.max(0, this.#answeredAt + PAUSE_MILLIS - performance.now());
    const timer = setTimeout(() => this.#answer(), pause + random.between(0, spread));
    timer.unref();
    this.#due = { timer, told: 0 };
  }

  #answer(): void {
    const told = this.#due?.told ?? 0;
    this.#due = null;
    if (told >= TOLD_ENOUGH) return;
    this.#answeredAt = performance.now();
    const { random } = this.#options;
    const own = this.#options.own();
    const lines: SealedRecord[] = own === null ? [] : [own];
    let chars = lines.reduce((sum, line) => sum + line.length, 0);
    // Everyone tells others of its own choice, so that few answers tell all.
    for (const line of random.shuffle(this.#options.others())) {
      chars += line.length + 1;
      if (lines.length >= LIMITS.announcedRecords || chars * 3 > LIMITS.payloadBytes) break;
      lines.push(line);
    }
    if (lines.length > 0) this.#publish(CARD, lines.join('\n'));
  }
}

/** `haggle.<realm>.ev.<from>.<topic>`: who the broker let publish there. */
function announcer(subject: string): string {
  return senderToken(subject.slice(0, subject.lastIndexOf('.')));
}
