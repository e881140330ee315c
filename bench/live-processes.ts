import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a process of `live-haul-process.ts` last said of its agent. */
export interface Report {
  readonly open: number;
  readonly ended: Readonly<Record<string, number>>;
  readonly handlerErrors: number;
  readonly notReady: readonly string[];
}

/** One agent whose process is killed and started again. */
export interface Proc {
  /** The newest report of the present process; null where it has not reported yet. */
  readonly report: Report | null;
  /** Warnings and errors of all its processes, as JSON. */
  readonly complaints: readonly string[];
  /** How it was brought back, one entry a start after the first, in microseconds. */
  readonly resumed: readonly number[];
  kill(): Promise<void>;
  start(): void;
  /** SIGTERM; resolves with the exit code. */
  drain(): Promise<number | null>;
}

const PROGRAM = fileURLToPath(new URL('./live-haul-process.js', import.meta.url));

/** Starts a process with these arguments, again and again. */
export function proc(args: readonly string[]): Proc {
  let child: ChildProcess | null = null;
  let report: Report | null = null;
  const complaints: string[] = [];
  const resumed: number[] = [];
  const start = (): void => {
    report = null;
    const started = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    createInterface({ input: started.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Report & {
        readonly log?: { readonly event?: string; readonly micros?: number };
      };
      if (said.log === undefined) report = said;
      else if (said.log.event === 'resumed') resumed.push(said.log.micros ?? 0);
      else complaints.push(line);
    });
    createInterface({ input: started.stderr }).on('line', (line) => complaints.push(line));
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const over = once(ending, 'exit');
    ending.kill(signal);
    await over;
    return ending.exitCode;
  };
  start();
  return {
    get report() {
      return report;
    },
    complaints,
    resumed,
    start,
    kill: async () => void (await end('SIGKILL')),
    drain: () => end('SIGTERM'),
  };
}

/** Dialogues that ended, however they did. */
export function endedOf({ report }: Proc): number {
  return Object.values(report?.ended ?? {}).reduce((sum, count) => sum + count, 0);
}
