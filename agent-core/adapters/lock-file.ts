import { rmSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { HaggleError } from '../errors.ts';
import { codeOf } from './system-error.ts';

/** A file that says which process has something, as long as that process runs. */
export interface LockFile {
  /** Whose lock was taken over, for the log: `process 12`; null where there was none. */
  readonly tookOverFrom: string | null;
  /** Gives it back. */
  release(): void;
}

/**
 * Takes a lock: a file with the number of this process. That of a process that is gone is taken over.
 *
 * @param taken - the error where another process has it, which is named: `process 12`
 * @throws what `taken` makes, and errors of the file system as they are
 */
export async function takeLockFile(path: string, taken: (owner: string) => HaggleError): Promise<LockFile> {
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, await ownerText(process.pid), { mode: 0o600 });
  try {
    const tookOverFrom = (await linked(mine, path)) ? null : await takeOver({ path, mine, taken });
    return { tookOverFrom, release: () => rmSync(path, { force: true }) };
  } finally {
    await rm(mine, { force: true });
  }
}

/** A link is made or not, and never half: whoever makes it has the lock. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

interface Taking {
  readonly path: string;
  readonly mine: string;
  readonly taken: (owner: string) => HaggleError;
}

async function takeOver({ path, mine, taken }: Taking): Promise<string> {
  await refuseIfAlive(path, taken);
  // Renamed before it is looked at again: of two who take over, one finds what the other has put there and puts it back.
  const aside = `${path}.taken-by-${process.pid}`;
  await rename(path, aside);
  let gone: string;
  try {
    gone = await refuseIfAlive(aside, taken);
  } catch (error) {
    await linked(aside, path);
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
  if (!(await linked(mine, path))) throw taken('another process that started at this moment');
  return gone;
}

/** Who had the lock, and is gone. */
async function refuseIfAlive(path: string, taken: (owner: string) => HaggleError): Promise<string> {
  const text = await readFile(path, 'utf8');
  const pid = Number.parseInt(text, 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return 'a process that it does not name';
  if (isAlive(pid) && (await ownerText(pid)) === text) throw taken(`process ${pid}`);
  return `process ${pid}`;
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
