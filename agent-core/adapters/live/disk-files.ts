import { constants } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { HaggleError } from '../../errors.ts';
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
  const mine = join(folder, `${LOCK}.${process.pid}`);
  const me = await ownerText(process.pid);
  return await writing(path, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(mine, me, { mode: 0o600 });
    try {
      if (!(await linked(mine, path))) await takeOver(folder, mine, path);
    } finally {
      await rm(mine, { force: true });
    }
    return () => rm(path, { force: true });
  });
}

/** A link is made or not, and never half: whoever makes it has the folder. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function takeOver(folder: string, mine: string, path: string): Promise<void> {
  await refuseIfAlive(folder, path);
  // Renamed before it is looked at again: of two who take over, one finds what the other has put there and puts it back.
  const aside = join(folder, `${LOCK}.taken-by-${process.pid}`);
  await rename(path, aside);
  try {
    await refuseIfAlive(folder, aside);
  } catch (error) {
    await linked(aside, path);
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
  if (!(await linked(mine, path))) throw taken(folder, 'another process that started at this moment');
}

async function refuseIfAlive(folder: string, path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const pid = Number.parseInt(text, 10);
  if (Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) && (await ownerText(pid)) === text) {
    throw taken(folder, `process ${pid}`);
  }
}

function taken(folder: string, owner: string): HaggleError {
  return new HaggleError('agent-running', `taking ${folder}: ${owner} runs this agent`, { fields: { folder } });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** A process by its number and, where the system tells, when it began: numbers come again. */
async function ownerText(pid: number): Promise<string> {
  let began = '';
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted from behind the name, which may hold anything but ends at the last bracket.
    began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ESRCH'].includes(codeOf(error))) throw error;
  }
  return `${pid} ${began}\n`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
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
