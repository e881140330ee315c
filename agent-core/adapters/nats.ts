import {
  connect,
  Events,
  headers as makeHeaders,
  Match,
  type Authenticator,
  type Msg,
  type NatsConnection,
} from 'nats';
import type { Bus, BusMessage, Headers, PublishOptions, SubscribeOptions, Subscription } from '../bus/bus.ts';
import { checkSubject } from '../bus/subjects.ts';
import { HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';

/** Options of {@link connectNats}. */
export interface NatsOptions {
  /** One address or several of one cluster, `nats://host:port` or `tls://host:port`. */
  readonly servers: string | readonly string[];
  /** Shown in the broker's list of connections. */
  readonly name?: string;
  /** Proves to the broker who we are; a broker without accounts needs none. */
  readonly authenticator?: Authenticator;
  /** UTF-8 bytes of one payload; the smaller of this and what the broker takes. `LIMITS.payloadBytes` if left out. */
  readonly maxPayloadBytes?: number;
  readonly log?: Log;
}

/** Where a link to the broker stands. */
export type LinkStatus = 'connected' | 'reconnecting' | 'closed';

/** A connection to a NATS broker. */
export interface NatsLink {
  readonly bus: Bus;
  readonly status: LinkStatus;
  /** Calls `listener` at each change of {@link NatsLink.status}. Returns what ends it. */
  onStatus(listener: (status: LinkStatus) => void): () => void;
  /** The connection itself, for adapters that speak JetStream. */
  readonly connection: NatsConnection;
}

/**
 * Connects to a broker.
 *
 * @throws HaggleError `broker-unreachable`, `broker-refused` (login), `bad-broker-address`
 */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const { servers, name, authenticator } = options;
  const list = typeof servers === 'string' ? [servers] : [...servers];
  const connection = await connect({
    servers: list,
    ...(name === undefined ? {} : { name }),
    ...(authenticator === undefined ? {} : { authenticator }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 2_000,
    maxPingOut: 2,
  });
  return natsLink(connection, options);
}

function natsLink(connection: NatsConnection, { maxPayloadBytes = LIMITS.payloadBytes }: NatsOptions): NatsLink {
  let status: LinkStatus = 'connected';
  const listeners = new Set<(status: LinkStatus) => void>();
  const become = (next: LinkStatus): void => {
    if (next === status) return;
    status = next;
    for (const listener of listeners) listener(next);
  };
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === Events.Disconnect) become('reconnecting');
      if (type === Events.Reconnect) become('connected');
    }
  })();
  void connection.closed().then(() => become('closed'));
  const limit = Math.min(maxPayloadBytes, connection.info?.max_payload ?? maxPayloadBytes);
  return {
    bus: new NatsBus(connection, limit),
    get status() {
      return status;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection,
  };
}

const NO_HEADERS: Headers = Object.freeze({});
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The Bus port over one NATS connection. */
class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #maxPayloadBytes: number;

  constructor(connection: NatsConnection, maxPayloadBytes: number) {
    this.#connection = connection;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  publish(subject: string, payload: string, options: PublishOptions = {}): void {
    this.#checkOpen('publish');
    checkSubject(subject, 'literal');
    if (options.reply !== undefined) checkSubject(options.reply, 'literal');
    const bytes = encoder.encode(payload);
    if (bytes.length > this.#maxPayloadBytes) {
      throw new HaggleError(
        'payload-too-large',
        `publish of ${bytes.length} bytes exceeds ${this.#maxPayloadBytes} bytes`,
        { fields: { subject, bytes: bytes.length, maxPayloadBytes: this.#maxPayloadBytes } },
      );
    }
    this.#connection.publish(subject, bytes, {
      ...(options.reply === undefined ? {} : { reply: options.reply }),
      ...(options.headers === undefined ? {} : { headers: natsHeaders(options.headers) }),
    });
  }

  subscribe(subject: string, listener: (message: BusMessage) => void, options: SubscribeOptions = {}): Subscription {
    this.#checkOpen('subscribe');
    checkSubject(subject, 'pattern');
    if (options.queue !== undefined) checkSubject(options.queue, 'literal');
    const running = this.#connection.subscribe(subject, {
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, message) => {
        const read = error === null ? busMessage(message) : null;
        if (read !== null) listener(read);
      },
    });
    return { subject, unsubscribe: () => running.unsubscribe() };
  }

  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  async drain(): Promise<void> {
    if (this.#connection.isClosed() || this.#connection.isDraining()) return;
    await this.#connection.drain();
  }

  #checkOpen(action: string): void {
    if (!this.#connection.isClosed() && !this.#connection.isDraining()) return;
    throw new HaggleError('bus-closed', `cannot ${action}: the connection to the broker is closed`);
  }
}

function natsHeaders(plain: Headers): ReturnType<typeof makeHeaders> {
  const headers = makeHeaders();
  for (const [name, value] of Object.entries(plain)) headers.set(name, value, Match.Exact);
  return headers;
}

/** A message as our port has it; null where its payload is not UTF-8. */
function busMessage(message: Msg): BusMessage | null {
  const { subject, headers, data } = message;
  let payload: string;
  try {
    payload = decoder.decode(data);
  } catch {
    return null;
  }
  const noResponders = headers?.code === 503 && data.length === 0;
  const plain: Record<string, string> = {};
  if (headers !== undefined) for (const [name] of headers) plain[name] = headers.get(name, Match.Exact);
  return { subject, payload, headers: headers === undefined ? NO_HEADERS : plain, reply: message.reply, noResponders };
}
