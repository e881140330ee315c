import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { HaggleError } from '../errors.ts';
import { syncFolder } from './keys/private-file.ts';
import { reasonOf } from './system-error.ts';

/**
 * Writes a file, or replaces it at once: who reads meanwhile sees the old or the new one, whole. It is on disk when this returns.
 *
 * @throws HaggleError `cannot-write`, also for what is there and is no file; what was there is untouched then
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  checkReplaceable(path);
  const draft = `${path}.${process.pid}.part`;
  try {
    writeFileSync(draft, content, { flush: true });
    renameSync(draft, path);
  } catch (cause) {
    if (existsSync(draft)) rmSync(draft);
    throw new HaggleError('cannot-write', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
  syncFolder(path);
}

/**
 * Refuses what is there and is no file: a rename would put one in its place, for everybody where it is a device such as /dev/null.
 *
 * @throws HaggleError `cannot-write`
 */
export function checkReplaceable(path: string): void {
  if (!existsSync(path) || statSync(path).isFile()) return;
  throw new HaggleError('cannot-write', `cannot write ${path}: it is no regular file`);
}
