import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { startNatsServer, type NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { spanOf } from '../flag-values.ts';
import { Child, RESTARTS } from './child.ts';
import { makeRealmStreams } from '../realm-streams.ts';
import type { HaggleFile } from './haggle-file.ts';
import type { LogView } from './log-view.ts';
import { hasAccounts, prepareBroker, type PreparedAgent } from './prepare.ts';
import { openRotatingLog, type RotatingLog } from './rotating-log.ts';
import { runPaths, startOf, writeRecord } from './run-folder.ts';

/** What a {@link Fleet} is made of. */
export interface FleetOptions {
  readonly file: HaggleFile;
  /** The run folder. */
  readonly folder: string;
  readonly agents: readonly PreparedAgent[];
  readonly view: LogView;
  /** Takes a line for people. */
  readonly write: (line: string) => void;
}

/** An agent that ends later than its drain allows, by this, is ended. */
const GRACE_MILLIS = 10_000;

/** The agents of one file and their broker, while they run. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #children: readonly Child[];
  readonly #logs: readonly RotatingLog[];
  #broker: NatsServer | null = null;
  #brokerFailures: number[] = [];
  #brokerLost = false;
  #draining = false;
  #announced = false;
  /** Those that wait until whoever they are told of listens. */
  readonly #waiting = new Set<Child>();

  constructor(options: FleetOptions) {
    this.#options = options;
    const { agents, folder } = options;
    this.#logs = agents.map(({ entry }) => openRotatingLog(runPaths.log(folder, entry.name)));
    this.#children = agents.map((agent, index) => this.#childOf(agent, index));
  }

  /** Starts the broker, if it is ours, then all agents. @throws HaggleError `broker-not-started`, `no-broker-program` */
  async start(): Promise<void> {
    const { file, write, agents } = this.#options;
    this.#broker = await this.#startBroker();
    if (this.#broker !== null) void this.#watchBroker(this.#broker);
    const at = this.#broker === null ? file.nats : `${this.#broker.url} (nats-server ${this.#broker.version})`;
    write(`${count(agents.length, 'agent')} in realm ${file.realm} on ${at}; ^C ends them in good order`);
    for (const child of this.#children) this.#waiting.add(child);
    this.#startNext();
    this.#record();
  }

  /** Starts everybody who is told of nobody that is not up yet; all who are left, where they wait for each other. */
  #startNext(): void {
    if (this.#draining || this.#waiting.size === 0) return;
    const { agents } = this.#options;
    const notUp = agents.filter((_, index) => {
      const child = this.#children[index];
      return child !== undefined && (this.#waiting.has(child) || child.state === 'starting');
    });
    const free = [...this.#waiting].filter((child) => {
      const { after } = agents[this.#children.indexOf(child)] ?? { after: new Set<string>() };
      return !notUp.some(({ entry }) => entry.name !== child.name && (after.has(entry.name) || after.has(entry.entry)));
    });
    const next = free.length === 0 && notUp.length === this.#waiting.size ? [...this.#waiting] : free;
    for (const child of next) this.#waiting.delete(child);
    for (const child of next) child.start();
  }

  /** Resolves once no agent runs and none will. True where all ended as they should. */
  async over(): Promise<boolean> {
    await Promise.all(this.#children.map((child) => child.over));
    const broker = this.#broker;
    this.#broker = null;
    await broker?.stop();
    for (const log of this.#logs) log.close();
    return !this.#brokerLost && this.#children.every((child) => child.endedWell);
  }

  /** Lets every agent end in good order; those that do not in time are ended. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#options.write(
      `draining ${count(this.#running.length, 'agent')} (at most ${this.#options.file.drain}); ^C again ends them at once`,
    );
    for (const child of this.#children) child.drain();
    const late = setTimeout(() => this.kill(), spanOf(this.#options.file.drain, 'drain') / 1_000 + GRACE_MILLIS);
    late.unref();
  }

  /** Ends every agent at once. */
  kill(): void {
    this.#draining = true;
    for (const child of this.#children) child.kill();
  }

  get #running(): readonly Child[] {
    return this.#children.filter(({ state }) => state !== 'stopped' && state !== 'given-up');
  }

  #childOf(agent: PreparedAgent, index: number): Child {
    const { view, write } = this.#options;
    const { name } = agent.entry;
    const log = this.#logs[index];
    const note = (level: string, msg: string): string => {
      const line = JSON.stringify({ ts: new Date().toISOString(), level, agent: name, msg });
      log?.add(line);
      return view.line(name, line);
    };
    return new Child({
      name,
      did: agent.did,
      nkey: agent.nkey,
      args: () => agent.args(this.#broker?.url ?? this.#options.file.nats),
      events: {
        line: (text) => {
          log?.add(text);
          write(view.line(name, text));
        },
        complaint: (text) => write(note('warn', text)),
        changed: (said) => {
          if (said !== null) write(note('error', said));
          this.#record();
          this.#announce();
          this.#startNext();
        },
      },
    });
  }

  /** Says once that all are ready. */
  #announce(): void {
    if (this.#announced || !this.#children.every(({ state }) => state === 'running')) return;
    this.#announced = true;
    const those = this.#children.length === 1 ? 'the agent is' : `all ${this.#children.length} agents are`;
    this.#options.write(`${those} ready; haggle ps shows them`);
  }

  #record(): void {
    const { file, folder } = this.#options;
    const broker = this.#broker;
    writeRecord(folder, {
      haggleUp: 1,
      process: { pid: process.pid, started: startOf(process.pid) },
      file: file.path,
      realm: file.realm,
      nats: broker?.url ?? file.nats,
      broker: broker === null ? null : { version: broker.version, pid: broker.pid },
      agents: this.#children.map((child) => child.record),
    });
  }

  async #startBroker(): Promise<NatsServer | null> {
    const { file, folder, agents } = this.#options;
    const { broker: entry } = file;
    if (entry === null) return null;
    const configFile = hasAccounts(file) ? await prepareBroker(file, folder, agents) : undefined;
    try {
      const server = await startNatsServer({
        // Said even where any will do: left out, the configuration would decide, for other programs too.
        port: entry.port === 0 ? await freePort() : entry.port,
        host: '127.0.0.1',
        ...(configFile === undefined ? {} : { configFile }),
        ...(entry.jetstream ? { storeDir: `${runPaths.broker(folder)}/jetstream` } : {}),
      });
      if (configFile !== undefined && entry.jetstream) await this.#makeStreams(server);
      return server;
    } catch (error) {
      if (!(error instanceof HaggleError) || !error.message.includes('address already in use')) throw error;
      throw file.fault(
        ['broker'],
        `port ${entry.port} is taken: choose another with broker: { port: ... }, 0 takes any`,
      );
    }
  }

  /** Agents with logins of their own may not make what the realm keeps in JetStream. */
  async #makeStreams(server: NatsServer): Promise<void> {
    try {
      await makeRealmStreams({ folder: runPaths.broker(this.#options.folder), servers: [server.url], replicas: 1 });
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** A broker that ends by itself is started again, as an agent is; the agents wait for it meanwhile. */
  async #watchBroker(server: NatsServer): Promise<void> {
    await server.exited;
    // Taken out of our hands before it was stopped.
    if (this.#broker !== server) return;
    const now = performance.now();
    this.#brokerFailures = [...this.#brokerFailures.filter((at) => at >= now - RESTARTS.withinMillis), now];
    if (this.#brokerFailures.length > RESTARTS.times) return this.#loseBroker(server);
    this.#options.write('the broker ended, restarted; the agents wait for it');
    try {
      await server.restart();
    } catch {
      return this.#loseBroker(server);
    }
    this.#record();
    return this.#watchBroker(server);
  }

  #loseBroker({ logs }: NatsServer): void {
    this.#brokerLost = true;
    this.#options.write(`the broker is given up:\n${logs.slice(-3).join('\n')}`);
    this.drain();
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
