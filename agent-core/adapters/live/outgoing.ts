import type { Bus } from '../../bus/bus.ts';
import type { Micros } from '../../clock.ts';
import { HaggleError } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { LiveLink } from './live-agent.ts';
import type { Meter } from './meter.ts';
import type { Leaving } from './said.ts';
import type { Timing } from './timing.ts';

/**
 * What was said, may leave, and is not known to have reached the broker. In order; each message once in a session of the link,
 * and again in the next one where nothing says that it arrived: receivers take no number twice.
 */
export interface Outgoing {
  /** Messages that wait. */
  readonly size: number;
  /** When the oldest of them was handed over, by the wall clock; null where none waits. */
  readonly oldest: Micros | null;
  /** True where a good part of the room is taken: nothing new should begin. */
  readonly crowded: boolean;
  /** Takes the flush of this number; numbers count up. */
  push(flush: number, messages: readonly Leaving[]): void;
  /** Resolves when nothing waits any more. */
  empty(): Promise<void>;
  /** Sends nothing more. */
  close(): void;
}

/** Bounds of {@link createOutgoing}; the defaults are those of `LIMITS`. */
export interface OutgoingLimits {
  readonly liveOutboxMessages: number;
  readonly liveOutboxChars: number;
}

/** What {@link createOutgoing} needs. */
export interface OutgoingParts {
  readonly link: LiveLink;
  readonly timing: Timing;
  readonly log: Log;
  readonly meter: Meter;
  /** Everything up to this flush has reached the broker, or was given up. */
  readonly confirmed: (flush: number) => void;
  readonly limits?: OutgoingLimits;
}

interface Waiting {
  readonly flush: number;
  readonly messages: readonly Leaving[];
  readonly chars: number;
  readonly since: Micros;
}

/** After an error that a new session does not explain, the next try comes so much later. */
const RETRY_MICROS = 1_000_000;

/** An empty one. */
export function createOutgoing(parts: OutgoingParts): Outgoing {
  return new OutgoingQueue(parts);
}

class OutgoingQueue implements Outgoing {
  readonly #parts: OutgoingParts;
  readonly #bus: Bus;
  readonly #limits: OutgoingLimits;
  readonly #unlisten: () => void;
  #waiting: Waiting[] = [];
  #size = 0;
  #chars = 0;
  /** How many of the waiting flushes were published in this session. */
  #published = 0;
  #session = 0;
  #confirming = false;
  #retry: (() => void) | null = null;
  #closed = false;
  readonly #whenEmpty: (() => void)[] = [];

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
    this.#bus = parts.link.bus;
    this.#limits = parts.limits ?? LIMITS;
    this.#unlisten = parts.link.onStatus((status) => {
      if (status === 'connected') this.#newSession();
    });
  }

  get size(): number {
    return this.#size;
  }

  get oldest(): Micros | null {
    return this.#waiting[0]?.since ?? null;
  }

  get crowded(): boolean {
    return this.#size * 2 > this.#limits.liveOutboxMessages || this.#chars * 2 > this.#limits.liveOutboxChars;
  }

  push(flush: number, messages: readonly Leaving[]): void {
    if (this.#closed) return;
    const chars = messages.reduce((sum, { payload }) => sum + payload.length, 0);
    if (this.#overflows(messages.length, chars)) this.#giveUpExpired();
    if (this.#overflows(messages.length, chars)) {
      this.#parts.meter.add('haggle_outbox_overflow_total', messages.length);
      this.#parts.log.error({ event: 'outbox-overflow', messages: messages.length, waiting: this.#size });
      return;
    }
    this.#waiting.push({ flush, messages, chars, since: this.#parts.timing.wall() });
    this.#size += messages.length;
    this.#chars += chars;
    this.#send();
  }

  empty(): Promise<void> {
    if (this.#size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
    });
  }

  close(): void {
    this.#closed = true;
    this.#retry?.();
    this.#unlisten();
  }

  #overflows(messages: number, chars: number): boolean {
    return (
      this.#size + messages > this.#limits.liveOutboxMessages || this.#chars + chars > this.#limits.liveOutboxChars
    );
  }

  #newSession(): void {
    this.#session += 1;
    this.#published = 0;
    this.#confirming = false;
    this.#send();
  }

  #send(): void {
    if (this.#closed || this.#parts.link.status !== 'connected') return;
    const now = this.#parts.timing.wall();
    while (this.#published < this.#waiting.length) {
      const next = this.#waiting[this.#published];
      if (next === undefined || !this.#publish(next.messages, now)) break;
      this.#published += 1;
    }
    if (this.#published > 0 && !this.#confirming) void this.#confirm();
  }

  /** False where the link does not take it now. A flush that failed half-way is sent again from its start. */
  #publish(messages: readonly Leaving[], now: Micros): boolean {
    const { meter, log } = this.#parts;
    for (const { subject, payload, headers, reply } of messages) {
      if (expiryOf(payload) < now) {
        meter.add('haggle_outbox_expired_total', 1);
        continue;
      }
      try {
        this.#bus.publish(subject, payload, { headers, ...(reply === undefined ? {} : { reply }) });
        meter.add('messaging_client_sent_messages_total', 1);
      } catch (error) {
        if (!(error instanceof HaggleError)) throw error;
        log.error({ event: 'not-sent', code: error.code, error: error.message });
        // The broker will never take it: nothing is gained by another try.
        if (error.code === 'payload-too-large' || error.code === 'bad-subject') continue;
        this.#tryLater();
        return false;
      }
    }
    return true;
  }

  #tryLater(): void {
    this.#retry ??= this.#parts.timing.after(RETRY_MICROS, () => {
      this.#retry = null;
      this.#send();
    });
  }

  /** A flush of the bus that resolves says that the broker has everything before it. */
  async #confirm(): Promise<void> {
    const session = this.#session;
    this.#confirming = true;
    while (this.#published > 0 && session === this.#session && !this.#closed) {
      const sent = this.#published;
      const arrived = await this.#hasArrived();
      if (session !== this.#session) return;
      if (!arrived) {
        this.#published = 0;
        this.#tryLater();
        break;
      }
      this.#drop(sent);
    }
    this.#confirming = false;
  }

  async #hasArrived(): Promise<boolean> {
    const { timing } = this.#parts;
    const from = timing.steady();
    try {
      await this.#bus.flush();
      this.#parts.meter.observe('messaging_client_operation_duration_seconds', (timing.steady() - from) / 1_000_000);
      return true;
    } catch (error) {
      // A link that goes down says so by its status; the messages leave again in its next session.
      this.#parts.log.debug({ event: 'not-confirmed', error: String(error) });
      return false;
    }
  }

  #drop(flushes: number): void {
    const gone = this.#waiting.splice(0, flushes);
    this.#published -= gone.length;
    for (const { messages, chars } of gone) {
      this.#size -= messages.length;
      this.#chars -= chars;
    }
    const last = gone.at(-1);
    if (last !== undefined) this.#parts.confirmed(last.flush);
    if (this.#size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  #giveUpExpired(): void {
    const now = this.#parts.timing.wall();
    const kept: Waiting[] = [];
    for (const [index, entry] of this.#waiting.entries()) {
      const messages =
        index < this.#published ? entry.messages : entry.messages.filter((m) => expiryOf(m.payload) >= now);
      const chars = messages.reduce((sum, { payload }) => sum + payload.length, 0);
      this.#parts.meter.add('haggle_outbox_expired_total', entry.messages.length - messages.length);
      this.#size -= entry.messages.length - messages.length;
      this.#chars -= entry.chars - chars;
      kept.push({ ...entry, messages, chars });
    }
    this.#waiting = kept;
  }
}

const EXPIRY = '"exp":';

/** The expiry of a payload of ours. Its form is canonical: `exp` comes after `body`, which may hold anything, and before plain fields. */
function expiryOf(payload: string): Micros {
  const start = payload.lastIndexOf(EXPIRY);
  return start < 0 ? 0 : Number.parseInt(payload.slice(start + EXPIRY.length, start + EXPIRY.length + 20), 10);
}
