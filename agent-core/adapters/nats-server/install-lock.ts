import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { HaggleError } from '../../errors.ts';

const WAIT_MILLIS = 20 * 60_000;
const POLL_MILLIS = 100;
/** A lock without an owner in it is being written; after this it is broken. */
const EMPTY_MILLIS = 5_000;

/**
 * Does `work` while no other process of this machine does what it has a lock on. The lock is a file that names its owner; one
 * whose owner is gone is taken over.
 *
 * @throws HaggleError `install-failed` where another process holds the lock for too long
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + WAIT_MILLIS;
  while (!take(path)) {
    if (performance.now() > deadline) throw new HaggleError('install-failed', `another process holds ${path}`);
    if (isAbandoned(path)) rmSync(path, { force: true });
    else await pause(POLL_MILLIS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(path: string): boolean {
  try {
    const owner = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(owner) || owner <= 0) return Date.now() - statSync(path).mtimeMs > EMPTY_MILLIS;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    // ESRCH: the owner is gone. Anything else (the lock was given back, the owner is another user's) is no reason to take it.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
