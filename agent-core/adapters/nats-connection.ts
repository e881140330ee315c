import { isUtf8 } from 'node:buffer';
import type { BusMessage, Headers } from '../bus/bus.ts';
import { HaggleError } from '../errors.ts';

/**
 * What the bus uses of a connection to a broker, and nothing else. A connection of `nats` 2.29 fits it and so does one of
 * `@nats-io/transport-node` 3.3, so that an application that has one can share it with its agents.
 */
export interface LinkConnection {
  /** What the broker said of itself; undefined while there is none. */
  readonly info?: BrokerInfo | undefined;
  publish(subject: string, payload: Uint8Array, options?: LinkPublish): void;
  subscribe(subject: string, options: LinkSubscribe): { unsubscribe(): void };
  flush(): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
  isClosed(): boolean;
  isDraining(): boolean;
  status(): AsyncIterable<LinkEvent>;
  closed(): Promise<unknown>;
}

/** What a broker tells of itself when a client connects. */
export interface BrokerInfo {
  readonly version: string;
  readonly max_payload: number;
  readonly jetstream?: boolean;
  readonly headers?: boolean;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
  readonly tls_available?: boolean;
  readonly server_name?: string;
  readonly cluster?: string;
}

/** Headers as the client libraries have them. */
export interface LinkHeaders extends Iterable<readonly [string, readonly string[]]> {
  /** Status of a message that the broker itself sent; 0 where it has none. */
  readonly code: number;
  set(name: string, value: string): void;
}

/** A message as the client libraries have it. */
export interface LinkMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: LinkHeaders | undefined;
}

/** Something that happened to a connection: `disconnect`, `reconnect`, `error` and others that we do not need. */
export interface LinkEvent {
  readonly type: string;
}

interface LinkPublish {
  reply?: string;
  headers?: LinkHeaders;
}

interface LinkSubscribe {
  queue?: string;
  callback(error: Error | null, message: LinkMessage): void;
}

const NO_HEADERS: Headers = Object.freeze({});

/** A message as our port has it; null where it is none: its payload is not UTF-8 or its headers are malformed. */
export function busMessage(message: LinkMessage): BusMessage | null {
  try {
    const { subject, headers, data } = message;
    // The libraries have an empty text where there is none.
    const reply = message.reply === '' ? undefined : message.reply;
    if (!isUtf8(data)) return null;
    const payload = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    if (headers === undefined) return { subject, payload, headers: NO_HEADERS, reply, noResponders: false };
    const plain: Record<string, string> = {};
    for (const [name, [value = '']] of headers) plain[name] = value;
    // Not where a stream was asked to say it: what it keeps, and its status, is somebody's choice.
    const noResponders = headers.code === 503 && data.length === 0 && plain['Nats-Stream'] === undefined;
    return { subject, payload, headers: plain, reply, noResponders };
  } catch {
    // The bytes are a peer's, and a peer that sends rubbish is no failure of ours: the caller counts it.
    return null;
  }
}

/**
 * Headers for the client library.
 *
 * @throws HaggleError `bad-header` where a name or value cannot be a header, as with a line break in it
 */
export function linkHeaders(plain: Headers, make: () => LinkHeaders): LinkHeaders {
  const headers = make();
  for (const [name, value] of Object.entries(plain)) {
    try {
      headers.set(name, value);
    } catch (cause) {
      throw new HaggleError(
        'bad-header',
        `header ${JSON.stringify(name.slice(0, 80))} has a character it may not have`,
        {
          cause,
        },
      );
    }
  }
  return headers;
}

/** UTF-8 bytes that headers take on the wire: a broker cuts off who sends more than it takes. */
export function headerBytes(plain: Headers | undefined): number {
  if (plain === undefined) return 0;
  // "NATS/1.0", each "name: value", an empty line; all with CR LF.
  let bytes = 12;
  for (const name of Object.keys(plain)) bytes += Buffer.byteLength(`${name}${plain[name] ?? ''}`) + 4;
  return bytes;
}

/** Something that went wrong on a link, and the link goes on. */
export type LinkFault =
  /** The broker refused to let us publish or subscribe there. A refused subscription is over. */
  | { readonly type: 'forbidden'; readonly operation: 'publish' | 'subscribe'; readonly subject: string }
  /** The broker refused our login on reconnecting; the link tries again. */
  | { readonly type: 'login-refused'; readonly reason: string }
  /** A message was dropped: not UTF-8, or malformed headers. */
  | { readonly type: 'invalid-message'; readonly subject: string }
  /** A listener threw. */
  | { readonly type: 'listener-failed'; readonly subject: string; readonly error: unknown }
  /** Messages that waited for the broker and never left: the link closed, or the new broker takes none so large. */
  | { readonly type: 'lost'; readonly messages: number; readonly reason: string }
  /** The broker complained of something else. */
  | { readonly type: 'broker-error'; readonly reason: string };

const LOGIN_CODES: ReadonlySet<string> = new Set([
  'AUTHORIZATION_VIOLATION',
  'BAD_AUTHENTICATION',
  'AUTHENTICATION_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'ACCOUNT_EXPIRED',
]);
const LOGIN_NAMES: ReadonlySet<string> = new Set(['AuthorizationError', 'UserAuthenticationExpiredError']);

/** True for an error, or a code of one, that says: the broker does not take our login. */
export function isLoginError(error: unknown): boolean {
  if (typeof error === 'string') return LOGIN_CODES.has(error);
  if (!(error instanceof Error)) return false;
  return LOGIN_NAMES.has(error.name) || ('code' in error && LOGIN_CODES.has(String(error.code)));
}

/** The fault that an event of type `error` tells; version 2 of the client gives a code, version 3 an error. */
export function faultOf(event: LinkEvent): LinkFault {
  const error: unknown = 'error' in event ? event.error : 'data' in event ? event.data : null;
  const context: unknown = 'permissionContext' in event ? event.permissionContext : error;
  if (isPermission(context)) {
    const operation = context.operation === 'publish' ? 'publish' : 'subscribe';
    return { type: 'forbidden', operation, subject: context.subject };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return isLoginError(error) ? { type: 'login-refused', reason } : { type: 'broker-error', reason };
}

function isPermission(value: unknown): value is { readonly operation: string; readonly subject: string } {
  if (typeof value !== 'object' || value === null) return false;
  return 'operation' in value && 'subject' in value && typeof value.subject === 'string';
}
