import type { Bus } from '../bus/bus.ts';
import { micros, type Duration } from '../clock.ts';
import { LIMITS } from '../limits.ts';
import { silentLog, type Log } from '../log.ts';
import { NatsBus } from './nats-bus.ts';
import {
  faultOf,
  type BrokerInfo,
  type LinkConnection,
  type LinkEvent,
  type LinkFault,
  type LinkHeaders,
} from './nats-connection.ts';

/** Bounds of a link, and where it tells what goes wrong. */
export interface LinkSettings {
  /** UTF-8 bytes of one payload; the smaller of this and what the broker takes. `LIMITS.payloadBytes` if left out. */
  readonly maxPayloadBytes?: number;
  /** Bytes published that the broker has not confirmed to have. `LIMITS.busBacklogBytes` if left out. */
  readonly backlogBytes?: number;
  /** How long `drain` waits for a broker that is away or does not answer; `'5 s'` if left out. */
  readonly drainWithin?: Duration;
  readonly log?: Log;
}

/** Options of {@link natsLink}. */
export interface NatsLinkOptions extends LinkSettings {
  /** The `headers` function of the library that the connection comes from. */
  readonly headers: () => LinkHeaders;
}

/** Where a link to the broker stands. */
export type LinkStatus = 'connected' | 'reconnecting' | 'closed';

/** What a link has counted since it was made. */
export interface LinkCounters {
  /** Messages handed to the connection, and messages handed to listeners. */
  readonly sent: number;
  readonly received: number;
  /** Bytes published that the broker has not confirmed to have. */
  readonly backlogBytes: number;
  /** Times that the connection was lost: the broker ended, the network failed, or we were too slow and were cut off. */
  readonly disconnects: number;
  /** Times that the broker refused a subject, and times that it refused our login on reconnecting. */
  readonly forbidden: number;
  readonly loginsRefused: number;
  /** Messages dropped because they were not UTF-8 or had malformed headers. */
  readonly invalidMessages: number;
  /** Errors that listeners threw. */
  readonly listenerFailures: number;
  /** Messages that waited for the broker and never left. */
  readonly lost: number;
  /** Other complaints of the broker. */
  readonly brokerErrors: number;
}

/** A connection to a NATS broker. */
export interface NatsLink<Connection extends LinkConnection = LinkConnection> {
  readonly bus: Bus;
  readonly status: LinkStatus;
  /** Calls `listener` at each change of {@link NatsLink.status}. Returns what ends it. */
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** Calls `listener` with everything that goes wrong and does not end the link. Returns what ends it. */
  onFault(listener: (fault: LinkFault) => void): () => void;
  readonly counters: LinkCounters;
  /** Version of the broker, such as `2.12.15`; of the last one while there is none. */
  readonly brokerVersion: string;
  /** True where the broker offers JetStream to us. */
  readonly jetstream: boolean;
  /** Largest payload in UTF-8 bytes of a message without headers: ours or the broker's limit. */
  readonly maxPayloadBytes: number;
  /** The connection itself, for adapters that speak JetStream. */
  readonly connection: Connection;
}

/**
 * A link over a connection that is there already, of `nats` 2.29 or `@nats-io/transport-node` 3.3. The connection should be
 * made with `maxReconnectAttempts: -1`, or it gives up after a while. Draining the bus closes it.
 */
export function natsLink<Connection extends LinkConnection>(
  connection: Connection,
  options: NatsLinkOptions,
): NatsLink<Connection> {
  return new Link(connection, options);
}

type Counts = { -readonly [name in Exclude<keyof LinkCounters, 'sent' | 'received' | 'backlogBytes'>]: number };

class Link<Connection extends LinkConnection> implements NatsLink<Connection> {
  readonly connection: Connection;
  readonly #bus: NatsBus;
  readonly #log: Log;
  readonly #statusListeners = new Set<(status: LinkStatus) => void>();
  readonly #faultListeners = new Set<(fault: LinkFault) => void>();
  readonly #counts: Counts = {
    disconnects: 0,
    forbidden: 0,
    loginsRefused: 0,
    invalidMessages: 0,
    listenerFailures: 0,
    lost: 0,
    brokerErrors: 0,
  };
  #info: BrokerInfo | undefined;
  #status: LinkStatus;

  constructor(connection: Connection, options: NatsLinkOptions) {
    this.connection = connection;
    this.#log = options.log ?? silentLog;
    this.#info = connection.info;
    this.#status = connection.info === undefined ? 'reconnecting' : 'connected';
    this.#bus = new NatsBus({
      connection,
      headers: options.headers,
      maxPayloadBytes: options.maxPayloadBytes ?? LIMITS.payloadBytes,
      backlogBytes: options.backlogBytes ?? LIMITS.busBacklogBytes,
      drainMillis: Math.ceil(micros(options.drainWithin ?? '5 s') / 1_000),
      report: (fault) => this.#report(fault),
    });
    void this.#follow();
    void this.#awaitEnd();
  }

  get bus(): Bus {
    return this.#bus;
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get counters(): LinkCounters {
    const { sent, received, backlogBytes } = this.#bus;
    return { sent, received, backlogBytes, ...this.#counts };
  }

  get brokerVersion(): string {
    return this.#broker?.version ?? '';
  }

  get jetstream(): boolean {
    return this.#broker?.jetstream ?? false;
  }

  get maxPayloadBytes(): number {
    return this.#bus.maxPayloadBytes;
  }

  onStatus(listener: (status: LinkStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => void this.#statusListeners.delete(listener);
  }

  onFault(listener: (fault: LinkFault) => void): () => void {
    this.#faultListeners.add(listener);
    return () => void this.#faultListeners.delete(listener);
  }

  get #broker(): BrokerInfo | undefined {
    this.#info = this.connection.info ?? this.#info;
    return this.#info;
  }

  async #follow(): Promise<void> {
    for await (const event of this.connection.status()) {
      if (this.#status !== 'closed') this.#hear(event);
    }
  }

  /** Not left to the events: version 2 of the library never ends them. */
  async #awaitEnd(): Promise<void> {
    await this.connection.closed();
    this.#bus.linkClosed();
    this.#become('closed');
  }

  #hear(event: LinkEvent): void {
    if (event.type === 'error') this.#report(faultOf(event));
    if (event.type === 'disconnect' && this.#status === 'connected') {
      this.#counts.disconnects += 1;
      this.#bus.brokerLeft();
      this.#log.warn({ event: 'broker-left' });
      this.#become('reconnecting');
    }
    if (event.type === 'reconnect') {
      this.#bus.brokerCameBack();
      this.#log.info({ event: 'broker-came-back', version: this.brokerVersion });
      this.#become('connected');
    }
  }

  #become(next: LinkStatus): void {
    if (next === this.#status) return;
    this.#status = next;
    this.#tell(this.#statusListeners, next);
  }

  #report(fault: LinkFault): void {
    const count = this.#count(fault);
    // A peer can cause some of these as often as it likes: the 1st, 2nd, 4th, 8th … is enough for the log.
    if ((count & (count - 1)) === 0) this.#log.warn({ event: 'link-fault', count, ...loggable(fault) });
    this.#tell(this.#faultListeners, fault);
  }

  /** A listener that throws must not end the reading of the connection, in which it may be called. */
  #tell<News>(listeners: ReadonlySet<(news: News) => void>, news: News): void {
    for (const listener of listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#log.error({ event: 'link-listener-failed', error: textOf(error) });
      }
    }
  }

  #count(fault: LinkFault): number {
    this.#counts[COUNTER_OF[fault.type]] += fault.type === 'lost' ? fault.messages : 1;
    return this.#counts[COUNTER_OF[fault.type]];
  }
}

const COUNTER_OF = {
  forbidden: 'forbidden',
  'login-refused': 'loginsRefused',
  'invalid-message': 'invalidMessages',
  'listener-failed': 'listenerFailures',
  lost: 'lost',
  'broker-error': 'brokerErrors',
} as const satisfies Readonly<Record<LinkFault['type'], keyof Counts>>;

/** A fault as the fields of a log line. */
function loggable(fault: LinkFault): Readonly<Record<string, string | number>> {
  if (fault.type !== 'listener-failed') return fault;
  const { type, subject, error } = fault;
  return { type, subject, error: textOf(error) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
