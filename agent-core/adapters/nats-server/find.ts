import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HaggleError } from '../../errors.ts';

/** A nats-server program on this machine. */
export interface NatsProgram {
  readonly path: string;
  /** As the program tells it, such as `2.12.15`. */
  readonly version: string;
  /** What led to it: the variable `HAGGLE_NATS_SERVER`, the PATH, or the cache of `installNatsServer`. */
  readonly source: 'HAGGLE_NATS_SERVER' | 'PATH' | 'cache';
}

/** What a search reads; for tests. */
export interface NatsSearch {
  /** `process.env` if left out. */
  readonly env?: NodeJS.ProcessEnv;
}

const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const VERSION_DEADLINE_MILLIS = 10_000;
const BUSY_PAUSE_MILLIS = 20;
const BUSY_TRIES = 100;

const execute = promisify(execFile);

/** The folder where this project keeps what it fetched: `$XDG_CACHE_HOME/haggle`, or `~/.cache/haggle`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'haggle');
}

/** Where the cache holds the nats-server of a version. */
export function cachedProgram(version: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'nats-server', version, PROGRAM);
}

/**
 * Looks for a nats-server: `HAGGLE_NATS_SERVER`, then the PATH, then the cache (its newest). Null where there is none.
 *
 * @throws HaggleError `bad-broker-program` where `HAGGLE_NATS_SERVER` names something else: what was asked for by name is
 * never replaced silently.
 */
export async function findNatsServer(search: NatsSearch = {}): Promise<NatsProgram | null> {
  for await (const program of programs(search)) return program;
  return null;
}

/** Every nats-server that can be found, in the order of {@link findNatsServer}, one of each version. */
export async function findNatsServers(search: NatsSearch = {}): Promise<readonly NatsProgram[]> {
  const found = new Map<string, NatsProgram>();
  for await (const program of programs(search)) {
    if (!found.has(program.version)) found.set(program.version, program);
  }
  return [...found.values()];
}

async function* programs({ env = process.env }: NatsSearch): AsyncGenerator<NatsProgram> {
  const named = env['HAGGLE_NATS_SERVER'];
  if (named !== undefined && named !== '') {
    const version = await versionOf(named);
    if (version === null) {
      throw new HaggleError(
        'bad-broker-program',
        `HAGGLE_NATS_SERVER names ${named}, which does not run as a nats-server`,
        { fields: { path: named } },
      );
    }
    yield { path: named, version, source: 'HAGGLE_NATS_SERVER' };
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, PROGRAM);
    if (folder === '' || !isProgram(path)) continue;
    const version = await versionOf(path);
    if (version !== null) yield { path: realpathSync(path), version, source: 'PATH' };
  }
  for (const folder of cachedVersions(env)) {
    const path = cachedProgram(folder, env);
    const version = isProgram(path) ? await versionOf(path) : null;
    if (version !== null) yield { path, version, source: 'cache' };
  }
}

/** Folders of the cache, newest version first. */
function cachedVersions(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    return readdirSync(join(cacheFolder(env), 'nats-server')).toSorted((a, b) => compareVersions(b, a));
  } catch {
    // No cache yet: nothing was ever installed.
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there or not ours to run, which is all that is asked.
    return false;
  }
}

/** The version that a program tells of itself; null where it is no nats-server. */
export async function versionOf(path: string): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      const { stdout } = await execute(path, ['--version'], { timeout: VERSION_DEADLINE_MILLIS });
      return /^nats-server: v(\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1] ?? null;
    } catch (error) {
      if (!isBusy(error) || tries === BUSY_TRIES) return null;
      await pause(BUSY_PAUSE_MILLIS);
    }
  }
}

/** A program that was just written cannot run while anybody has it open for writing, as has a child that another thread started meanwhile. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ETXTBSY';
}

/** Orders versions: negative where `a` is older than `b`. What follows a `-` (a pre-release) is not looked at. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let part = 0; part < 3; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  return (version.split('-')[0] ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0);
}
