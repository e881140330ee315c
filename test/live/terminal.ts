import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** A command that goes on in a terminal of its own. */
export interface Terminal {
  /** Both outputs so far. */
  readonly shown: string;
  /** What it wrote to standard output, line by line. */
  readonly lines: readonly string[];
  readonly pid: number;
  /** Resolves once a line shows what is looked for; fails with everything shown where the command ends, or half a minute passes, before. */
  until(text: string | RegExp): Promise<string>;
  /** Resolves with its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Sends a signal to everything in the terminal, as ^C does; and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
  /** Sends a signal to the command alone. */
  signal(signal: NodeJS.Signals): void;
  /** Writes to its standard input. */
  type(text: string): void;
}

/** What runs in a {@link Terminal}. */
export interface TerminalCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const PATIENCE_MILLIS = 30_000;

/** Starts a command; what is left of it ends with the test. */
export function terminal(t: ExecutionContext, { command, args, cwd, env = process.env }: TerminalCommand): Terminal {
  t.timeout(PATIENCE_MILLIS * 3);
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let shown = '';
  let out = '';
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const call of waiting) call();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    out += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    look();
  });
  child.stdin.on('error', () => undefined);
  let over = false;
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => {
    over = true;
    look();
    return (code ?? signal) as number | string;
  });
  const pid = child.pid ?? 0;
  const signalAll = (signal: NodeJS.Signals): void => {
    if (!over) process.kill(-pid, signal);
  };
  t.teardown(async () => {
    signalAll('SIGKILL');
    await ended;
  });
  return {
    get shown() {
      return shown;
    },
    get lines() {
      return out.split('\n').slice(0, -1);
    },
    pid,
    until: (text) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(check);
          clearTimeout(late);
        };
        const fail = (why: string): void => {
          stop();
          reject(new Error(`${why} before it showed ${String(text)}:\n${shown}`));
        };
        const late = setTimeout(() => fail('half a minute passed'), PATIENCE_MILLIS);
        const check = (): void => {
          const line = shown
            .split('\n')
            .find((each) => (typeof text === 'string' ? each.includes(text) : text.test(each)));
          if (line !== undefined) {
            stop();
            resolve(line);
          } else if (over) fail('it ended');
        };
        waiting.add(check);
        check();
      }),
    ended,
    end(signal = 'SIGINT') {
      signalAll(signal);
      return ended;
    },
    signal: (signal) => void child.kill(signal),
    type: (text) => void child.stdin.write(text),
  };
}
