/**
 * The Bus port: NATS subject semantics over any transport.
 *
 * A payload is text. Everything we put on the wire is canonical JSON, and well-formed text and its UTF-8 bytes are one to
 * one, so an in-memory bus passes the text and a network bus encodes it (and refuses bytes that are not UTF-8).
 */

/** Transport headers: signature and proof ride here, so that the payload stays readable. Names are case-sensitive. */
export type Headers = Readonly<Record<string, string>>;

/** One message as the bus delivers it. */
export interface BusMessage {
  readonly subject: string;
  readonly payload: string;
  readonly headers: Headers;
  /** Where the publisher wants the answer, if it said so. */
  readonly reply: string | undefined;
  /** True where the bus itself answers that nobody listens on the subject of a request (NATS status 503). */
  readonly noResponders: boolean;
}

/** Options of {@link Bus.publish}. */
export interface PublishOptions {
  readonly headers?: Headers;
  /** Subject for the answer; if nobody listens on the published subject, a `noResponders` message comes back here. */
  readonly reply?: string;
}

/** Options of {@link Bus.subscribe}. */
export interface SubscribeOptions {
  /** Members of one queue group share the messages: each goes to exactly one member. */
  readonly queue?: string;
}

/** A running subscription. */
export interface Subscription {
  readonly subject: string;
  /** Stops delivery; messages already under way to this subscription are dropped. */
  unsubscribe(): void;
}

/**
 * Publish and subscribe with NATS subject semantics (`*` one token, `>` the rest).
 *
 * A message is delivered at most once to each subscription: what is under way when a connection breaks may be lost, and
 * whoever needs more says it again until it is answered. Messages of one publisher to one subscription keep their order.
 *
 * Where the broker is away, subscriptions come back with it, and what is published meanwhile waits, up to a bound in bytes;
 * then it leaves in its order. A subscriber that takes messages more slowly than they come is cut off by the broker once it
 * holds too much for it (nats-server: `max_pending`, `write_deadline`): it loses what was under way, notices, connects again
 * and goes on; no other subscriber waits for it or misses anything.
 *
 * A listener should not throw: a link to a broker reports the error and goes on, a simulation stops there. What reaches a
 * subscription and is no text is dropped and counted.
 */
export interface Bus {
  /** @throws HaggleError `bad-subject`, `bad-header`, `payload-too-large`, `bus-closed`, `bus-backlog-full`. */
  publish(subject: string, payload: string, options?: PublishOptions): void;
  /** @throws HaggleError `bad-subject`, `bus-closed`. */
  subscribe(subject: string, listener: (message: BusMessage) => void, options?: SubscribeOptions): Subscription;
  /** Resolves once what was published has reached the transport: waits for a broker that is away. @throws HaggleError `bus-closed`. */
  flush(): Promise<void>;
  /** Unsubscribes everything, lets deliveries under way finish, then closes. Waits only so long for a broker that is away. */
  drain(): Promise<void>;
}
