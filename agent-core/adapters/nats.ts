import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  connect,
  headers,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Auth,
  type Authenticator,
  type NatsConnection,
} from 'nats';
import { micros, type Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { silentLog, type Log } from '../log.ts';
import { brokerAddress, type BrokerAddress } from './nats-address.ts';
import { isLoginError } from './nats-connection.ts';
import { dialledSockets } from './dialled-sockets.ts';
import { natsLink, type LinkSettings, type NatsLink as AnyNatsLink } from './nats-link.ts';
import { codeOf } from './system-error.ts';

export type { LinkCounters, LinkStatus } from './nats-link.ts';

/** A link to a broker over the client library that Haggle brings along. */
export type NatsLink = AnyNatsLink<NatsConnection>;

/** Options of {@link connectNats}. */
export interface NatsOptions extends LinkSettings {
  /**
   * One address or several of one cluster, `nats://host:port` or `tls://host:port`. `nats://user:password@host` and
   * `nats://token@host` log in so; the login is taken off before anything is told.
   */
  readonly servers: string | readonly string[];
  /** Shown in the broker's list of connections. */
  readonly name?: string;
  /** Proves to the broker who we are; a broker without accounts needs none. */
  readonly authenticator?: Authenticator;
  /** Limit for each address on connecting; `'5 s'` if left out. */
  readonly connectWithin?: Duration;
  /** Start of the reply subjects that the client library makes for JetStream and requests; `_INBOX` if left out. */
  readonly inboxPrefix?: string;
  /** Certificates, as paths of PEM files. One address with `tls://` asks for TLS as well. */
  readonly tls?: {
    /** Who may have signed the broker's certificate; the system's list if left out. */
    readonly caFile?: string;
    /** Our own certificate and its key, for a broker that asks for one. */
    readonly certFile?: string;
    readonly keyFile?: string;
    /** TLS from the first byte, for a broker that is configured so (nats-server 2.10.4 or newer). */
    readonly handshakeFirst?: boolean;
  };
}

/**
 * Connects to a broker. Once connected the link comes back by itself, however long the broker is away and also where it
 * refuses our login for a while.
 *
 * @throws HaggleError `broker-unreachable`, `broker-refused` (login), `bad-broker-address`; their messages name the address,
 * never a login
 */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const addresses = (typeof options.servers === 'string' ? [options.servers] : options.servers).map(brokerAddress);
  if (addresses.length === 0) throw new HaggleError('bad-broker-address', 'no address of a broker was given');
  const log = options.log ?? silentLog;
  const authenticator = guarded(options.authenticator ?? loginOf(addresses), log);
  const { name, inboxPrefix } = options;
  const sockets = dialledSockets();
  let connection: NatsConnection;
  try {
    const settings = {
      servers: addresses.map(({ text }) => text),
      ...(name === undefined ? {} : { name }),
      ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
      ...(authenticator === undefined ? {} : { authenticator }),
      ...tlsOf(options, addresses),
      timeout: Math.max(1, Math.ceil(micros(options.connectWithin ?? '5 s') / 1_000)),
      maxReconnectAttempts: -1,
      // A broker that restarts may know its users a little later than it knows us.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      reconnectJitterTLS: 250,
      // A broker that fell silent is given up after 6 s; the library's own default is 6 minutes.
      pingInterval: 2_000,
      maxPingOut: 2,
    };
    connection = await sockets.run(() => connect(settings));
  } catch (error) {
    sockets.abandon();
    throw connectError(error, addresses);
  }
  // Closed while it was dialling: what it dialled is nobody's any more.
  void connection.closed().then(() => sockets.abandon());
  return natsLink(connection, { ...options, headers });
}

/** What we ask of TLS; nothing leaves it to the broker whether there is any. */
function tlsOf({ tls }: NatsOptions, addresses: readonly BrokerAddress[]): { tls?: TlsSettings } {
  if (tls === undefined && !addresses.some((address) => address.tls)) return {};
  const ips = addresses.map(({ host }) => host).filter((host) => isIP(host) !== 0);
  const identity = (host: string, certificate: PeerCertificate): Error | undefined => {
    const fault = checkServerIdentity(host, certificate);
    // For an address that is a number the library does not say which, and Node then asks for "localhost".
    const asked = fault !== undefined && host === 'localhost';
    return asked && ips.some((ip) => checkServerIdentity(ip, certificate) === undefined) ? undefined : fault;
  };
  const settings = { ...tls, checkServerIdentity: identity };
  return { tls: settings };
}

type TlsSettings = NonNullable<NatsOptions['tls']>;

function loginOf(addresses: readonly BrokerAddress[]): Authenticator | undefined {
  const login = addresses.find((address) => address.login !== null)?.login ?? null;
  if (login === null) return undefined;
  if (login.password === null) return tokenAuthenticator(login.user);
  return usernamePasswordAuthenticator(login.user, login.password);
}

/** An authenticator that throws would end the connection for good; without proof the broker refuses us, and we come again. */
function guarded(authenticator: Authenticator | undefined, log: Log): Authenticator | undefined {
  if (authenticator === undefined) return undefined;
  return (nonce?: string): Auth => {
    try {
      return authenticator(nonce);
    } catch (error) {
      log.error({ event: 'no-proof-for-broker', error: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
}

function connectError(error: unknown, addresses: readonly BrokerAddress[]): HaggleError {
  const where = addresses.map(({ text }) => text).join(', ');
  const code = codeOf(error);
  const fields = { servers: where, reason: code };
  if (isLoginError(error)) {
    return new HaggleError('broker-refused', `the broker at ${where} refused our login: ${plain(error)}`, { fields });
  }
  return new HaggleError('broker-unreachable', `cannot reach a broker at ${where}: ${reasonOf(code, error)}`, {
    fields,
  });
}

function plain(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll("'", '') : String(error);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['CONNECTION_REFUSED', 'nothing listens there'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['TIMEOUT', 'it did not answer in time'],
  ['CONNECTION_TIMEOUT', 'it did not answer in time'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the name of the host cannot be resolved now'],
  ['ECONNRESET', 'it closed the connection'],
  ['SERVER_OPT_NA', 'it offers no TLS'],
]);

function reasonOf(code: string, error: unknown): string {
  // The library takes every end without a reason for a refusal; a true one has the system's error inside.
  const inner = error instanceof Error && 'chainedError' in error ? codeOf(error.chainedError) : '';
  if (code === 'CONNECTION_REFUSED' && inner !== 'ECONNREFUSED') return 'it closed the connection';
  const reason = REASONS.get(code);
  if (reason !== undefined) return reason;
  const text = plain(error);
  return text === 'unexpected response from server' ? 'what answers there is no NATS broker' : text;
}
