import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { HaggleError } from '../../errors.ts';
import { takeLockFile } from '../lock-file.ts';
import { codeOf } from '../system-error.ts';
import type { AppendFile, Files } from './files.ts';

const LOCK = 'lock';

/** A folder of this machine. */
export function diskFiles(folder: string): Files {
  const path = (name: string): string => join(folder, name);
  return {
    lock: () => lockFolder(folder),
    list: () => reading(folder, () => readdir(folder)),
    read: (name) => reading(path(name), () => readFile(path(name))),
    create: (name) =>
      writing(path(name), async () => {
        const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
        const file = appendFile(path(name), await open(path(name), flags, 0o600), 0);
        await syncFolder(folder);
        return file;
      }),
    reopen: (name, bytes) =>
      writing(path(name), async () => {
        const handle = await open(path(name), constants.O_WRONLY);
        await handle.truncate(bytes);
        await handle.sync();
        return appendFile(path(name), handle, bytes);
      }),
    remove: (name) => writing(path(name), () => rm(path(name), { force: true })),
    rename: (name, to) =>
      writing(path(name), async () => {
        await rename(path(name), path(to));
        await syncFolder(folder);
      }),
  };
}

function appendFile(path: string, handle: FileHandle, from: number): AppendFile {
  let at = from;
  return {
    append: (bytes) =>
      writing(path, async () => {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
      }),
    sync: () => writing(path, () => handle.datasync()),
    close: () => handle.close(),
  };
}

/** A new name lasts only when its folder was synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file with the number of the process that has the folder; that of a process that is gone is taken over. */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK);
  return await writing(path, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await takeLockFile(path, (owner) => taken(folder, owner));
    return () => Promise.resolve(lock.release());
  });
}

function taken(folder: string, owner: string): HaggleError {
  return new HaggleError('agent-running', `taking ${folder}: ${owner} runs this agent`, { fields: { folder } });
}

function reading<T>(path: string, call: () => Promise<T>): Promise<T> {
  return named('cannot-read', `reading ${path}`, call);
}

function writing<T>(path: string, call: () => Promise<T>): Promise<T> {
  return named('cannot-write', `writing ${path}`, call);
}

async function named<T>(code: string, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof HaggleError) throw error;
    const why = codeOf(error);
    throw new HaggleError(code, `${action}: ${why === '' ? String(error) : why}`, { cause: error, fields: { why } });
  }
}
