import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { MAIN } from '../cli/haggle.ts';
import { terminal, type Terminal } from './terminal.ts';

/** Agents of the tests, compiled. */
export const AGENTS = fileURLToPath(new URL('../fixtures/live-agents.js', import.meta.url));

/** `haggle` in a terminal of its own, in a folder. Nothing of the environment but what a program needs is handed on. */
export function haggleAt(
  t: ExecutionContext,
  folder: string,
  { args, env = {} }: { readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv },
): Terminal {
  const { PATH, HOME, HAGGLE_NATS_SERVER, XDG_CACHE_HOME } = process.env;
  return terminal(t, {
    command: process.execPath,
    args: [MAIN, ...args],
    cwd: folder,
    env: { PATH, HOME, HAGGLE_NATS_SERVER, XDG_CACHE_HOME, ...env },
  });
}

/** What an agent wrote to its log, event by event. */
export function eventsOf({ lines }: Terminal): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Asks a health server. */
export async function ask(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}
