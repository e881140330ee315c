import { findNatsServer } from '../../agent-core/adapters/nats-server/find.ts';
import { installNatsServer, INSTALL_METHODS } from '../../agent-core/adapters/nats-server/install.ts';
import { startNatsServer, type NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { drainOnSignals } from '../signals.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

const DEFAULT_PORT = 4222;
const HIGHEST_PORT = 65_535;

/** `haggle broker path`. */
export async function brokerPathCommand(flags: Flags): Promise<ExitCode> {
  const program = await findNatsServer();
  if (program === null) throw noBroker();
  process.stdout.write(flags['json'] === true ? `${JSON.stringify(program)}\n` : `${program.path}\n`);
  return EXIT.ok;
}

/** `haggle broker install`. */
export async function brokerInstallCommand(flags: Flags): Promise<ExitCode> {
  const method = INSTALL_METHODS.find((name) => name === flags['method']);
  const onStep = (step: string): void => void process.stderr.write(`${step}\n`);
  const installed = await installNatsServer({ onStep, ...(method === undefined ? {} : { method }) });
  const how = installed.method === 'cache' ? 'was there already' : `by ${installed.method}`;
  process.stdout.write(
    flags['json'] === true
      ? `${JSON.stringify(installed)}\n`
      : `nats-server ${installed.version} at ${installed.path} (${how})\n`,
  );
  return EXIT.ok;
}

/** `haggle broker start`: runs until a signal ends it. */
export async function brokerStartCommand(flags: Flags): Promise<ExitCode> {
  const program = await findNatsServer();
  if (program === null) throw noBroker();
  const [configFile, storeDir, port] = [text(flags, 'config'), text(flags, 'store'), portOf(flags)];
  const server = await startNatsServer({
    program,
    jetstream: flags['jetstream'] === true,
    ...(storeDir === undefined ? {} : { storeDir }),
    ...(configFile === undefined ? { port: port ?? DEFAULT_PORT } : { configFile }),
    ...(port === undefined ? {} : { port }),
    onLog: (line) => process.stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    // Its log stands above already.
    if (!(error instanceof HaggleError) || error.code !== 'broker-not-started') throw error;
    const [what = ''] = error.message.split('\n');
    const isTaken = error.message.includes('address already in use');
    const why = isTaken ? ': the port is taken, choose another with --port' : ' (its log stands above)';
    throw new HaggleError(error.code, `${what.replace(/:$/, '')}${why}`, { cause: error });
  });
  process.stdout.write(`${describe(server, flags)}\n`);
  let asked = false;
  drainOnSignals(() => {
    asked = true;
    void server.stop();
  });
  await server.exited;
  await server.stop();
  if (asked) return EXIT.ok;
  throw new HaggleError('broker-not-started', `nats-server ${server.version} at ${server.url} ended by itself`);
}

function describe({ version, url, storeDir }: NatsServer, flags: Flags): string {
  const kept = flags['store'] === undefined ? ', forgotten at the end' : '';
  const jetstream = storeDir === null ? '' : `, JetStream in ${storeDir}${kept}`;
  return `nats-server ${version} at ${url}${jetstream}; ^C ends it`;
}

function noBroker(): HaggleError {
  return new HaggleError(
    'no-broker-program',
    'found no nats-server in HAGGLE_NATS_SERVER, PATH or the cache; `haggle broker install` fetches one',
  );
}

function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

function portOf(flags: Flags): number | undefined {
  const value = text(flags, 'port');
  if (value === undefined) return undefined;
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= HIGHEST_PORT) return port;
  throw new HaggleError('bad-flag', `--port must be a number from 1 to ${HIGHEST_PORT}, got "${value}"`);
}
