import { HaggleError } from '../errors.ts';

/** An address of a broker, checked. */
export interface BrokerAddress {
  /** `nats://host:port` or `tls://host:port`, never with a login in it: fit for messages and logs. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** From `nats://user:password@host`; null where the address has none. */
  readonly login: { readonly user: string; readonly password: string | null } | null;
}

const DEFAULT_PORT = 4222;

/**
 * Reads `nats://host:port`, `tls://host:port` or `host:port`; the port is 4222 if left out.
 *
 * @throws HaggleError `bad-broker-address`; its message shows no login
 */
export function brokerAddress(address: string): BrokerAddress {
  const [, scheme = 'nats', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(address.trim()) ?? [];
  const shown = `${scheme}://${rest.slice(rest.lastIndexOf('@') + 1)}`;
  const refuse = (why: string): HaggleError =>
    new HaggleError('bad-broker-address', `${JSON.stringify(shown.slice(0, 200))} is no address of a broker: ${why}`);
  const kind = scheme.toLowerCase();
  if (kind !== 'nats' && kind !== 'tls') throw refuse(`it must begin with nats:// or tls://`);
  // Of a scheme that URL knows, so that it checks host and port; a port that is the scheme's own would be left out.
  const url = parsed(`ws://${rest}`) ?? null;
  if (url === null || url.hostname === '') throw refuse('it must read like nats://host:4222');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    throw refuse('nothing may follow the port');
  }
  const port = url.port === '' ? (/:80\/?$/.test(rest) ? 80 : DEFAULT_PORT) : Number(url.port);
  if (port === 0) throw refuse('port 0 cannot be dialled');
  const login =
    url.username === ''
      ? null
      : {
          user: decodeURIComponent(url.username),
          password: url.password === '' ? null : decodeURIComponent(url.password),
        };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { text: `${kind}://${url.hostname}:${port}`, host, port, tls: kind === 'tls', login };
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** True where what is sent to a host stays on this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
