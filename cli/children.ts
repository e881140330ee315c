import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Our processes, so that none outlives us. */
const children = new Set<ChildProcess>();

/** Ends all processes that were started here, at once. */
export function endChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** A process of ours that runs a command of `haggle`. */
export interface HaggleProcess {
  readonly pid: number | undefined;
  /** Resolves with what became of it: `code 70`, `signal SIGKILL`; what it last said on standard error is behind it. */
  readonly ended: Promise<string>;
  /** Ends it at once; resolves when it is gone. */
  end(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const LAST_CHARS = 2_000;

/**
 * Starts a command of `haggle` in a process of its own. It holds a channel to us, so that it can see our end whatever ends us;
 * what it says on standard output is nobody's business.
 */
export function startHaggle(args: readonly string[]): HaggleProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  children.add(child);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-LAST_CHARS);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
      resolve(said.trim() === '' ? how : `${how} and said: ${said.trim()}`);
    });
  }).finally(() => children.delete(child));
  return {
    pid: child.pid,
    ended,
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
