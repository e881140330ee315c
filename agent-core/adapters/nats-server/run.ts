import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { HaggleError } from '../../errors.ts';
import { findNatsServer, type NatsProgram } from './find.ts';
import { freePort } from './free-port.ts';

/** Options of {@link startNatsServer}. */
export interface NatsServerOptions {
  /** The program to run; what {@link findNatsServer} finds if left out. */
  readonly program?: Pick<NatsProgram, 'path' | 'version'>;
  /** Text of a configuration file; its address and port give way to ours. */
  readonly config?: string;
  /** A configuration file that is there already, so that what it includes stands beside it. Without `port` and `host` it says where the server listens. */
  readonly configFile?: string;
  /** A free port if left out, or that of `configFile`. */
  readonly port?: number;
  /** `127.0.0.1` if left out: nobody else can reach it. */
  readonly host?: string;
  readonly jetstream?: boolean;
  /** Folder of JetStream, which it switches on; kept when the server stops. With `jetstream` alone a temporary one. */
  readonly storeDir?: string;
  /** Hears every line that it logs. */
  readonly onLog?: (line: string) => void;
}

/** A nats-server of our own: it never outlives this process. */
export interface NatsServer {
  /** `nats://host:port` for clients. */
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Process id of the running or last run. */
  readonly pid: number;
  /** False between {@link NatsServer.kill} or a crash and {@link NatsServer.restart}. */
  readonly running: boolean;
  /** Folder of JetStream; null without. */
  readonly storeDir: string | null;
  /** The last lines that it logged, over all its runs. */
  readonly logs: readonly string[];
  /** Sends a signal (`SIGKILL` if left out). Resolves once it is gone, or at once for a signal that does not end it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same port, configuration and JetStream folder; stops it before where it runs. */
  restart(): Promise<void>;
  /** Ends it in good order and removes its temporary files. May be called twice. */
  stop(): Promise<void>;
  /** Resolves when the current run ends, however it ends. */
  readonly exited: Promise<void>;
}

const READY_MILLIS = 20_000;
const STOP_MILLIS = 10_000;
const POLL_MILLIS = 5;
const LOG_LINES = 2_000;
/** A chosen port can be taken by another before the server has it. */
const PORT_TRIES = 5;

/**
 * Starts a nats-server and waits until it takes connections.
 *
 * @throws HaggleError `no-broker-program` where none is installed, `broker-not-started` with what it logged.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = options.program ?? (await findNatsServer());
  if (program === null) {
    throw new HaggleError(
      'no-broker-program',
      'found no nats-server in HAGGLE_NATS_SERVER, PATH or the cache; `haggle broker install` fetches one',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'haggle-nats-'));
  try {
    for (let tries = 1; ; tries++) {
      const port = options.port ?? (options.configFile === undefined ? await freePort() : null);
      const server = new ServerProcess({ ...options, program, port, folder });
      try {
        await server.start();
        return server;
      } catch (error) {
        const taken = server.logs.some((line) => line.includes('address already in use'));
        if (!taken || options.port !== undefined || port === null || tries === PORT_TRIES) throw error;
      }
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Settings extends Omit<NatsServerOptions, 'port'> {
  readonly program: Pick<NatsProgram, 'path' | 'version'>;
  /** Null leaves it to the configuration file. */
  readonly port: number | null;
  /** Ours: configuration, the file of ports, and the JetStream folder where none was given. Removed at the end. */
  readonly folder: string;
}

/** What one run of the program consists of. */
interface Run {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<void>;
}

class ServerProcess implements NatsServer {
  readonly version: string;
  readonly storeDir: string | null;
  readonly #settings: Settings;
  readonly #args: readonly string[];
  readonly #logs: string[] = [];
  #run: Run | null = null;
  #url: string;

  constructor(settings: Settings) {
    const { program, port, host = '127.0.0.1', jetstream = false, storeDir, folder } = settings;
    this.#settings = settings;
    this.#url = `nats://${host.includes(':') ? `[${host}]` : host}:${port ?? 0}`;
    this.version = program.version;
    this.storeDir = storeDir ?? (jetstream ? join(folder, 'jetstream') : null);
    if (this.storeDir !== null) mkdirSync(this.storeDir, { recursive: true });
    if (settings.config !== undefined) writeFileSync(join(folder, 'nats.conf'), settings.config, { mode: 0o600 });
    const configFile = settings.configFile ?? (settings.config === undefined ? null : join(folder, 'nats.conf'));
    this.#args = [
      ...(configFile === null ? [] : ['-c', configFile]),
      ...(settings.host === undefined && port === null ? [] : ['-a', host]),
      ...(port === null ? [] : ['-p', String(port)]),
      '--ports_file_dir',
      folder,
      ...(this.storeDir === null ? [] : ['-js', '-sd', this.storeDir]),
    ];
  }

  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  get pid(): number {
    return this.#run?.pid ?? 0;
  }

  get running(): boolean {
    return this.#run !== null && isAlive(this.#run.child);
  }

  get logs(): readonly string[] {
    return this.#logs;
  }

  get exited(): Promise<void> {
    return this.#run?.exited ?? Promise.resolve();
  }

  async start(): Promise<void> {
    this.#forgetPorts();
    const run = this.#spawn();
    this.#run = run;
    const deadline = performance.now() + READY_MILLIS;
    while (!this.#isReady()) {
      if (isAlive(run.child) && performance.now() < deadline) {
        await pause(POLL_MILLIS);
        continue;
      }
      const why = isAlive(run.child) ? `was not ready after ${READY_MILLIS} ms` : 'ended at once';
      await this.kill();
      const tail = this.#logs.slice(-5).join('\n');
      throw new HaggleError('broker-not-started', `nats-server ${this.version} at ${this.url} ${why}:\n${tail}`);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const run = this.#run;
    if (run === null || !isAlive(run.child)) return await this.exited;
    run.child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') await run.exited;
  }

  async restart(): Promise<void> {
    await this.#end();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#settings.folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const run = this.#run;
    if (run === null || !isAlive(run.child)) return await this.exited;
    // A stopped process (SIGSTOP) hears nothing else before it continues.
    run.child.kill('SIGCONT');
    run.child.kill('SIGTERM');
    const patience = new AbortController();
    const late = pause(STOP_MILLIS, undefined, { signal: patience.signal }).then(
      () => run.child.kill('SIGKILL'),
      () => false,
    );
    await run.exited;
    patience.abort();
    await late;
  }

  #spawn(): Run {
    const { program, folder } = this.#settings;
    // A group of its own: ^C is for us, who may have words to say before the server ends. The guard sees to it that it does.
    const child = spawn(program.path, this.#args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const guard = child.pid === undefined ? null : guardOf(child.pid, folder);
    const closed = Promise.all([this.#follow(child.stdout), this.#follow(child.stderr)]);
    const gone = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        this.#note(`${program.path} does not run: ${error.message}`);
        resolve();
      });
      child.once('exit', () => resolve());
    });
    const exited = (async (): Promise<void> => {
      await gone;
      guard?.kill('SIGKILL');
      await closed;
    })();
    return { child, pid: child.pid ?? 0, exited };
  }

  async #follow(stream: NodeJS.ReadableStream): Promise<void> {
    for await (const line of createInterface({ input: stream })) this.#note(line);
  }

  #note(line: string): void {
    if (this.#logs.length >= LOG_LINES) this.#logs.shift();
    this.#logs.push(line);
    this.#settings.onLog?.(line);
  }

  /** The server writes its file of ports once it takes connections. */
  #isReady(): boolean {
    const [file] = readdirSync(this.#settings.folder).filter((name) => name.endsWith('.ports'));
    if (file === undefined) return false;
    const address = /"nats":\["([^"]+)"/.exec(readFileSync(join(this.#settings.folder, file), 'utf8'))?.[1];
    if (address === undefined) return false;
    if (this.#settings.port === null) this.#url = address;
    return true;
  }

  #forgetPorts(): void {
    for (const name of readdirSync(this.#settings.folder)) {
      if (name.endsWith('.ports')) rmSync(join(this.#settings.folder, name), { force: true });
    }
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/**
 * A shell that waits for the end of our process, however it ends (even by SIGKILL): then its standard input closes, and it
 * ends the server and removes the folder. Windows has no such shell; there only an orderly end takes the server along.
 */
function guardOf(pid: number, folder: string): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -KILL "$1"; rm -rf -- "$2"', 'sh', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own: what a terminal sends to all of ours (^C) must not end the guard before the server.
    detached: true,
  });
  // Without a shell there is no guard; the server still ends with an orderly end of ours.
  guard.once('error', () => undefined);
  guard.unref();
  return guard;
}
