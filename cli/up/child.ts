import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EXIT } from '../exit.ts';
import { startOf, type ChildRecord } from './run-folder.ts';

/** The program that runs now: its children are commands of the same one. */
const HAGGLE = process.argv[1] ?? '';

/** What of our environment is not for the agents: settings of one agent, and who supervises us. */
const NOT_HANDED_ON = ['HAGGLE_CONFIG', 'HAGGLE_JWT', 'HAGGLE_KEY', 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

/** A child that failed so often within so long is given up. Time until it is ready does not count: a slow machine mends nothing. */
export const RESTARTS = { times: 5, withinMillis: 10_000 } as const;

/** Exits that a new start cannot mend: wrong settings, data, keys. */
const HOPELESS: ReadonlySet<number> = new Set([
  EXIT.usage,
  EXIT.badData,
  EXIT.noInput,
  EXIT.cannotWrite,
  EXIT.noPermission,
  EXIT.badConfig,
]);

/** What a {@link Child} tells whoever started it. */
export interface ChildEvents {
  /** One line of its log, as it wrote it. */
  readonly line: (text: string) => void;
  /** One line that it wrote for people. */
  readonly complaint: (text: string) => void;
  /** Something about it that the record holds has changed; `said` is what people should know of it, if anything. */
  readonly changed: (said: string | null) => void;
}

/** What a {@link Child} is. */
export interface ChildOptions {
  readonly name: string;
  readonly did: string;
  readonly nkey: string;
  /** Arguments of `haggle`. */
  readonly args: () => readonly string[];
  readonly events: ChildEvents;
}

/** One agent process and its successors: started again where it fails, given up where it fails too often. */
export class Child {
  readonly name: string;
  /** Resolves once none runs and none will. */
  readonly over: Promise<void>;
  readonly #options: ChildOptions;
  /** What its life had lasted by each failure, all lives together. */
  readonly #failures: number[] = [];
  #livedMillis = 0;
  #readyAt: number | null = null;
  #process: ChildProcess | null = null;
  #started = '';
  #state: ChildRecord['state'] = 'starting';
  #health: string | null = null;
  #restarts = 0;
  #endedWell = false;
  #end: () => void = () => undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.name = options.name;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get record(): ChildRecord {
    const { name, did, nkey } = this.#options;
    const pid = this.#process?.pid;
    return {
      name,
      did,
      nkey,
      state: this.#state,
      process: pid === undefined ? null : { pid, started: this.#started },
      health: this.#health,
      restarts: this.#restarts,
    };
  }

  /** True once it has ended as it should: by itself or drained, with code 0. */
  get endedWell(): boolean {
    return this.#endedWell;
  }

  get state(): ChildRecord['state'] {
    return this.#state;
  }

  /** Starts it. */
  start(): void {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_HANDED_ON.includes(name)));
    const child = spawn(process.execPath, [HAGGLE, ...this.#options.args()], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: what a terminal sends to us (^C) must not reach it as a second signal.
      detached: true,
      env: { ...env, HAGGLE_PARENT: 'stdin' },
    });
    this.#process = child;
    this.#started = child.pid === undefined ? '' : startOf(child.pid);
    const { line, complaint } = this.#options.events;
    let lastWords = '';
    createInterface({ input: child.stdout }).on('line', (text) => {
      this.#read(text);
      line(text);
    });
    createInterface({ input: child.stderr }).on('line', (text) => {
      lastWords = text;
      complaint(text);
    });
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => complaint(`cannot start: ${error.message}`));
    child.once('close', (code, signal) => this.#closed(code, signal, lastWords));
    this.#options.events.changed(null);
  }

  /** Asks it to end in good order. */
  drain(): void {
    if (this.#state === 'given-up' || this.#state === 'stopped') return;
    if (this.#process === null) return this.#neverStarted();
    this.#become('stopping', null);
    this.#process.kill('SIGTERM');
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#state === 'given-up' || this.#state === 'stopped') return;
    if (this.#process === null) return this.#neverStarted();
    this.#state = 'stopping';
    this.#process.kill('SIGKILL');
  }

  #neverStarted(): void {
    this.#endedWell = true;
    this.#become('stopped', null);
    this.#end();
  }

  /** The line by which it says that it is ready says where its health can be asked. */
  #read(text: string): void {
    if (!text.includes('"event":"ready"')) return;
    const [, health = null] = /"health":"(http:[^"]+)"/.exec(text) ?? [];
    this.#health = health;
    this.#readyAt = performance.now();
    if (this.#state !== 'stopping') this.#become('running', null);
  }

  #closed(code: number | null, signal: NodeJS.Signals | null, lastWords: string): void {
    this.#process = null;
    this.#health = null;
    this.#endedWell = code === EXIT.ok;
    if (this.#state === 'stopping' || code === EXIT.ok) {
      this.#become('stopped', code === EXIT.ok ? null : `ended ${how(code, signal)}`);
      return this.#end();
    }
    if (this.#readyAt !== null) this.#livedMillis += performance.now() - this.#readyAt;
    this.#readyAt = null;
    this.#failures.push(this.#livedMillis);
    while ((this.#failures[0] ?? 0) < this.#livedMillis - RESTARTS.withinMillis) this.#failures.shift();
    const isHopeless = HOPELESS.has(code ?? -1);
    if (isHopeless || this.#failures.length > RESTARTS.times) {
      const seconds = RESTARTS.withinMillis / 1_000;
      const why = isHopeless ? 'a new start would not mend that' : `${RESTARTS.times} restarts in ${seconds} s`;
      this.#become(
        'given-up',
        `given up: ended ${how(code, signal)}, ${why}${lastWords === '' ? '' : ` (${lastWords})`}`,
      );
      return this.#end();
    }
    this.#restarts += 1;
    this.#become('restarting', `ended ${how(code, signal)}, restarted (${this.#restarts})`);
    this.start();
  }

  #become(state: ChildRecord['state'], said: string | null): void {
    this.#state = state;
    this.#options.events.changed(said);
  }
}

function how(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `with code ${code}` : `by ${signal}`;
}
