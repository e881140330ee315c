import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** The compiled program. */
export const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** What a run of the program left behind. */
export interface Exit {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Processes at a time: more would only wait for each other. */
const AT_ONCE = 2;
const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
let next = 0;

/** Runs `haggle` as a process of its own. */
export function haggle(...args: readonly string[]): Promise<Exit> {
  return haggleIn(process.cwd(), ...args);
}

/** Runs `haggle` in a folder, as a process of its own. */
export function haggleIn(folder: string, ...args: readonly string[]): Promise<Exit> {
  const lane = next++ % AT_ONCE;
  const exit = (lanes[lane] ?? Promise.resolve()).then(() => run(args, folder));
  lanes[lane] = exit.then(() => undefined);
  return exit;
}

function run(args: readonly string[], cwd: string): Promise<Exit> {
  return new Promise((resolve) => {
    const options = { cwd, maxBuffer: 1 << 26, env: { ...process.env, NODE_OPTIONS: '' } };
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** A folder that is gone when the test is over. */
export function scratch(t: ExecutionContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
