import type { Bus, BusMessage, PublishOptions, SubscribeOptions, Subscription } from '../bus/bus.ts';
import { checkSubject } from '../bus/subjects.ts';
import { HaggleError } from '../errors.ts';
import {
  busMessage,
  headerBytes,
  linkHeaders,
  type LinkConnection,
  type LinkFault,
  type LinkHeaders,
  type LinkMessage,
} from './nats-connection.ts';

/** What a {@link NatsBus} is made of. */
export interface NatsBusParts {
  readonly connection: LinkConnection;
  readonly headers: () => LinkHeaders;
  /** UTF-8 bytes of one payload; the broker may take less. */
  readonly maxPayloadBytes: number;
  /** Bytes published that the broker has not confirmed to have. */
  readonly backlogBytes: number;
  /** How long `drain` waits for a broker that is away. */
  readonly drainMillis: number;
  readonly report: (fault: LinkFault) => void;
}

/** A message that waits for the broker to come back. */
interface Waiting {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly options: PublishOptions;
  readonly bytes: number;
}

/** Someone who waits for the next change of the connection. */
type Waiter = () => void;

/** The broker is asked to confirm what it has after so many bytes: 4,000 messages of 64 bytes, or 4 of the largest. */
const CONFIRM_BYTES = 262_144;

/** Subjects that were checked and found good; an agent says most to few. */
const CHECKED_SUBJECTS = 4_096;

/** The Bus port over one connection to a NATS broker. */
export class NatsBus implements Bus {
  readonly #parts: NatsBusParts;
  readonly #confirmEvery: number;
  #state: 'open' | 'draining' = 'open';
  #connected: boolean;
  #drained: Promise<void> | null = null;
  /** Most that the broker takes in one message, headers included; the last word of the last broker. */
  #brokerPayloadBytes: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Bytes handed to the connection since it was made or made again, how many of them a PING has followed, and a PONG. */
  #sentBytes = 0;
  #askedBytes = 0;
  #confirmedBytes = 0;
  readonly #checked = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #sent = 0;
  #received = 0;

  constructor(parts: NatsBusParts) {
    this.#parts = parts;
    this.#confirmEvery = Math.min(CONFIRM_BYTES, Math.ceil(parts.backlogBytes / 4));
    this.#connected = parts.connection.info !== undefined;
    this.#brokerPayloadBytes = parts.connection.info?.max_payload ?? parts.maxPayloadBytes;
  }

  /** Messages handed to the connection. */
  get sent(): number {
    return this.#sent;
  }

  /** Messages handed to listeners. */
  get received(): number {
    return this.#received;
  }

  /** Bytes published that the broker has not confirmed to have: waiting for it, or on their way. */
  get backlogBytes(): number {
    return this.#waitingBytes + this.#sentBytes - this.#confirmedBytes;
  }

  /** Largest payload in UTF-8 bytes, of a message without headers. */
  get maxPayloadBytes(): number {
    return Math.min(this.#parts.maxPayloadBytes, this.#brokerPayloadBytes);
  }

  publish(subject: string, payload: string, options: PublishOptions = {}): void {
    this.#checkOpen('publish');
    this.#checkLiteral(subject);
    if (options.reply !== undefined) checkSubject(options.reply, 'literal');
    const data = Buffer.from(payload, 'utf8');
    const bytes = data.length + headerBytes(options.headers);
    if (data.length > this.#parts.maxPayloadBytes) throw tooLarge(subject, data.length, this.#parts.maxPayloadBytes);
    if (bytes > this.#brokerPayloadBytes) throw tooLarge(subject, bytes, this.#brokerPayloadBytes);
    if (this.backlogBytes + bytes > this.#parts.backlogBytes) throw this.#backlogFull(subject);
    const message = { subject, data, options, bytes };
    if (this.#connected) {
      this.#send(message);
      return;
    }
    // Checked now: where it waits, nobody would hear the error.
    if (options.headers !== undefined) linkHeaders(options.headers, this.#parts.headers);
    this.#waiting.push(message);
    this.#waitingBytes += bytes;
  }

  subscribe(subject: string, listener: (message: BusMessage) => void, options: SubscribeOptions = {}): Subscription {
    this.#checkOpen('subscribe');
    checkSubject(subject, 'pattern');
    if (options.queue !== undefined) checkSubject(options.queue, 'literal');
    const running = this.#parts.connection.subscribe(subject, {
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, message) => {
        // With an error there is no message; the link reports it.
        if (error === null) this.#deliver(message, listener);
      },
    });
    return { subject, unsubscribe: () => running.unsubscribe() };
  }

  async flush(): Promise<void> {
    for (;;) {
      this.#checkConnection('flush');
      if (!this.#connected) await this.#change();
      else if (await this.#confirm()) return;
    }
  }

  async drain(): Promise<void> {
    this.#drained ??= this.#end();
    await this.#drained;
  }

  /** The broker is away: what is published from now on waits. */
  brokerLeft(): void {
    this.#connected = false;
    // What was on its way is lost or delivered, and nobody can tell: it is no longer ours to hold.
    this.#sentBytes = 0;
    this.#askedBytes = 0;
    this.#confirmedBytes = 0;
    this.#wake();
  }

  /** The broker is back: what waited leaves, in its order and before anything newer. */
  brokerCameBack(): void {
    this.#brokerPayloadBytes = this.#parts.connection.info?.max_payload ?? this.#brokerPayloadBytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const message of waiting) {
      const { subject, bytes } = message;
      try {
        if (bytes > this.#brokerPayloadBytes) throw tooLarge(subject, bytes, this.#brokerPayloadBytes);
        this.#send(message);
      } catch (error) {
        this.#parts.report({
          type: 'lost',
          messages: 1,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    this.#connected = true;
    this.#wake();
  }

  /** The connection is over for good. */
  linkClosed(): void {
    this.#connected = false;
    const messages = this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (messages > 0)
      this.#parts.report({ type: 'lost', messages, reason: 'the link closed before the broker was back' });
    this.#wake();
  }

  #send({ subject, data, options, bytes }: Waiting): void {
    this.#parts.connection.publish(subject, data, {
      ...(options.reply === undefined ? {} : { reply: options.reply }),
      ...(options.headers === undefined ? {} : { headers: linkHeaders(options.headers, this.#parts.headers) }),
    });
    this.#sent += 1;
    this.#sentBytes += bytes;
    if (this.#sentBytes - this.#askedBytes >= this.#confirmEvery) void this.#confirm();
  }

  /** Asks the broker whether it has everything sent so far; false where it left before it could answer. */
  async #confirm(): Promise<boolean> {
    const asked = this.#sentBytes;
    this.#askedBytes = asked;
    return await new Promise((resolve) => {
      const left = (): void => resolve(false);
      this.#waiters.add(left);
      void this.#answered().then((answered) => {
        // After a change the numbers count from 0 again, and this answer is about others.
        const here = this.#waiters.delete(left);
        if (here && answered) this.#confirmedBytes = Math.max(this.#confirmedBytes, asked);
        return resolve(here && answered);
      });
    });
  }

  async #answered(): Promise<boolean> {
    try {
      await this.#parts.connection.flush();
      return true;
    } catch {
      // The connection broke; the link hears of it by itself.
      return false;
    }
  }

  #deliver(message: LinkMessage, listener: (message: BusMessage) => void): void {
    const read = busMessage(message);
    if (read === null) {
      this.#parts.report({ type: 'invalid-message', subject: message.subject });
      return;
    }
    this.#received += 1;
    try {
      listener(read);
    } catch (error) {
      // Thrown into the client library it would end its reading, and with it every other subscription.
      this.#parts.report({ type: 'listener-failed', subject: read.subject, error });
    }
  }

  async #end(): Promise<void> {
    const { connection, drainMillis } = this.#parts;
    this.#state = 'draining';
    if (connection.isClosed()) return;
    let patience: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, drainMillis);
    });
    if (!this.#connected && this.#waiting.length > 0) await Promise.race([this.#change(), late]);
    // A connection that breaks while it drains has nothing more to give.
    const emptied = this.#connected && !connection.isDraining() ? connection.drain().catch(() => undefined) : null;
    if (emptied !== null) await Promise.race([emptied, this.#change(), late]);
    clearTimeout(patience);
    if (!connection.isClosed()) await connection.close();
  }

  /** Resolves when the broker leaves or comes back, or the link closes. */
  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter();
  }

  #checkLiteral(subject: string): void {
    if (this.#checked.has(subject)) return;
    checkSubject(subject, 'literal');
    if (this.#checked.size >= CHECKED_SUBJECTS) this.#checked.clear();
    this.#checked.add(subject);
  }

  #checkOpen(action: string): void {
    if (this.#state !== 'open') throw closed(action);
    this.#checkConnection(action);
  }

  #checkConnection(action: string): void {
    if (this.#parts.connection.isClosed()) throw closed(action);
  }

  #backlogFull(subject: string): HaggleError {
    const { backlogBytes } = this.#parts;
    const why = this.#connected ? 'the broker is too slow to take them' : 'the broker is away';
    return new HaggleError(
      'bus-backlog-full',
      `cannot publish: ${this.backlogBytes} of ${backlogBytes} bytes wait, ${why}`,
      {
        fields: { subject, backlogBytes: this.backlogBytes, maxBacklogBytes: backlogBytes },
      },
    );
  }
}

function closed(action: string): HaggleError {
  return new HaggleError('bus-closed', `cannot ${action}: the connection to the broker is closed`);
}

function tooLarge(subject: string, bytes: number, maxPayloadBytes: number): HaggleError {
  return new HaggleError('payload-too-large', `publish of ${bytes} bytes exceeds ${maxPayloadBytes} bytes`, {
    fields: { subject, bytes, maxPayloadBytes },
  });
}
