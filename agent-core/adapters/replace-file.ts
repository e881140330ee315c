import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { HaggleError } from '../errors.ts';
import { reasonOf, syncFolder } from './keys/private-file.ts';

/**
 * Writes a file, or replaces it at once: who reads meanwhile sees the old or the new one, whole. It is on disk when this returns.
 *
 * @throws HaggleError `cannot-write`; what was there is untouched then
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
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
