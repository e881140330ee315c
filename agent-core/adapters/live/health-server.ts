import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { HaggleError } from '../../errors.ts';
import { METRICS_TYPE } from './metrics.ts';

/** What a {@link startHealthServer} tells. Each is asked anew for every request. */
export interface HealthReport {
  /** Why this process should be replaced; empty while it lives. Never what it depends on: a restart mends nothing there. */
  readonly notLive: () => readonly string[];
  /** Why it should get no work; empty where it is ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => string;
  /** Facts for people and `haggle ps`. */
  readonly status: () => Readonly<Record<string, unknown>>;
}

/** Where a {@link startHealthServer} listens. */
export interface HealthAddress {
  /** 127.0.0.1 if left out: whoever wants to be reached from elsewhere says so. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A server that listens. */
export interface HealthServer {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** A probe that takes longer is none, and more of them at a time than a few are not probes. */
const REQUEST_MILLIS = 5_000;
const CONNECTIONS_MAX = 64;

/**
 * Serves `/livez`, `/readyz` (200, or 503 with a reason a line), `/metrics` (Prometheus text) and `/status` (JSON).
 *
 * @throws HaggleError `cannot-listen` where the address is taken or not ours.
 */
export async function startHealthServer(
  report: HealthReport,
  { host = '127.0.0.1', port }: HealthAddress,
): Promise<HealthServer> {
  const server = createServer({ requestTimeout: REQUEST_MILLIS, headersTimeout: REQUEST_MILLIS }, (request, response) =>
    write(response, answerTo(report, request)),
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, host, port);
  // Probes must not keep alive a process that has nothing else to do.
  server.unref();
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    host,
    port: bound,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is taken' : cause.message;
      reject(new HaggleError('cannot-listen', `cannot serve health on ${host}:${port}: ${why}`, { cause }));
    });
    server.listen(port, host, () => resolve());
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Content type; plain text if left out. */
  readonly type?: string;
}

function answerTo(report: HealthReport, { method, url = '' }: IncomingMessage): Answer {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'only GET and HEAD\n' };
  const [path = ''] = url.split('?');
  switch (path) {
    case '/livez':
      return probe(report.notLive());
    case '/readyz':
      return probe(report.notReady());
    case '/metrics':
      return { status: 200, body: report.metrics(), type: METRICS_TYPE };
    case '/status':
      return { status: 200, body: `${JSON.stringify(report.status())}\n`, type: 'application/json' };
    default:
      return { status: 404, body: 'there is: /livez /readyz /metrics /status\n' };
  }
}

function probe(reasons: readonly string[]): Answer {
  return reasons.length === 0 ? { status: 200, body: 'ok\n' } : { status: 503, body: `${reasons.join('\n')}\n` };
}

function write(response: ServerResponse, { status, body, type = 'text/plain; charset=utf-8' }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' });
  response.end(body);
}
