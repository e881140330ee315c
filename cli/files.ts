import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { HaggleError } from '../agent-core/errors.ts';

/** Largest input file that a command reads. */
const INPUT_BYTES = 500_000_000;

const CHUNK_BYTES = 1 << 20;

/** Reads a text file. @throws HaggleError `no-input` naming the file and the reason. */
export function readInput(path: string): string {
  try {
    return isPlain(path) ? readFileSync(path, 'utf8') : readStream(path);
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    throw new HaggleError('no-input', `cannot read ${path}: ${reason(cause)}`, { cause });
  }
}

/** Files of a folder that is one instance, and their size together, at most. */
const FOLDER_FILES = 256;
const FOLDER_BYTES = 32_000_000;

/** Whether there is a folder of this name. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Reads all files of a folder and of those in it, by their paths in it.
 *
 * @throws HaggleError `no-input` naming what cannot be read, or the bound that the folder is beyond
 */
export function readFolder(path: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let bytes = 0;
  try {
    for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      bytes += statSync(file).size;
      if (texts.size === FOLDER_FILES || bytes > FOLDER_BYTES) {
        const limits = `${FOLDER_FILES} files and ${FOLDER_BYTES} bytes`;
        throw new HaggleError('no-input', `cannot read ${path}: an instance has at most ${limits}`);
      }
      texts.set(relative(path, file).split(sep).join('/'), readFileSync(file, 'utf8'));
    }
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    throw new HaggleError('no-input', `cannot read ${path}: ${reason(cause)}`, { cause });
  }
  return texts;
}

/** True for a file that can be read at once; false for a pipe or a device, which have no size. */
function isPlain(path: string): boolean {
  const found = statSync(path);
  if (found.size > INPUT_BYTES) throw tooLarge(path, `it has ${found.size} bytes`);
  return found.isFile();
}

function readStream(path: string): string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks).toString('utf8');
      bytes += read;
      if (bytes > INPUT_BYTES) throw tooLarge(path, 'it goes on');
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function tooLarge(path: string, size: string): HaggleError {
  return new HaggleError('no-input', `cannot read ${path}: ${size}, the limit is ${INPUT_BYTES} bytes`);
}

/**
 * Checks the files that one command is to write, before it spends time on them.
 *
 * @throws HaggleError `bad-flag` where two are the same file or one is also the input.
 */
export function checkOutputs(outputs: ReadonlyMap<string, string>, input: string | undefined): void {
  const seen = new Map<string, string>();
  if (input !== undefined) seen.set(resolved(input), 'the input');
  for (const [flag, path] of outputs) {
    const other = seen.get(resolved(path));
    if (other !== undefined) throw new HaggleError('bad-flag', `${flag} ${path} is the same file as ${other}`);
    seen.set(resolved(path), flag);
  }
}

/**
 * Checks that a file can be written, before hours are spent on what it is to hold. What is no file is left alone: whoever
 * reads a pipe would take the check for its end.
 *
 * @throws HaggleError `cannot-write`
 */
export function checkWritable(path: string): void {
  if (!existsSync(path) || statSync(path).isFile() || isFolder(path)) openLineFile(path).discard();
}

/** The file that a path leads to, links followed as far as they exist. */
export function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet: its folder decides.
    return join(existsSync(dirname(path)) ? realpathSync(dirname(path)) : dirname(path), basename(path));
  }
}

/**
 * A file that is written line by line and takes its name only once it is complete. Links are followed; what is no regular
 * file (a pipe, a device) is written directly, because it cannot be replaced.
 */
export interface LineFile {
  /** Adds a line, or a whole text that ends in one. */
  write(line: string): void;
  /** Completes the file. */
  commit(): void;
  /** Throws away what was written, unless it is complete. */
  discard(): void;
}

const BUFFER_CHARS = 1 << 20;

/** Opens a {@link LineFile}. @throws HaggleError `cannot-write`, as do its methods. */
export function openLineFile(path: string): LineFile {
  const target = resolved(path);
  const direct = existsSync(target) && !statSync(target).isFile() && !statSync(target).isDirectory();
  const draft = direct ? target : `${target}.${process.pid}.part`;
  const fail = (cause: unknown): never => {
    throw new HaggleError('cannot-write', `cannot write ${path}: ${reason(cause)}`, { cause });
  };
  if (existsSync(target) && statSync(target).isDirectory()) {
    throw new HaggleError('cannot-write', `cannot write ${path}: it is a folder`);
  }
  let file = -1;
  try {
    file = openSync(draft, 'w');
  } catch (cause) {
    fail(cause);
  }
  let buffer: string[] = [];
  let chars = 0;
  let open = true;
  const flush = (): void => {
    try {
      writeFileSync(file, buffer.join(''));
    } catch (cause) {
      fail(cause);
    }
    buffer = [];
    chars = 0;
  };
  const discard = (): void => {
    if (open) closeSync(file);
    open = false;
    drafts.delete(discard);
    if (!direct) removeDraft(draft);
  };
  drafts.add(discard);
  return {
    write(line) {
      buffer.push(line, line.endsWith('\n') ? '' : '\n');
      chars += line.length;
      if (chars >= BUFFER_CHARS) flush();
    },
    commit() {
      flush();
      closeSync(file);
      open = false;
      drafts.delete(discard);
      if (direct) return;
      try {
        renameSync(draft, target);
      } catch (cause) {
        discard();
        fail(cause);
      }
    },
    discard,
  };
}

/**
 * Makes a folder with these files, by path with forward slashes: it takes its name only once all are written. An empty
 * folder of that name is replaced.
 *
 * @throws HaggleError `cannot-write` where the name is taken or the place is not writable; nothing is left behind then.
 */
export function writeFolder(path: string, files: ReadonlyMap<string, string>): void {
  const folder = draftFolder(path);
  try {
    for (const [name, text] of files) {
      mkdirSync(dirname(join(folder.draft, name)), { recursive: true });
      writeFileSync(join(folder.draft, name), text, { flag: 'wx' });
    }
    folder.commit();
  } catch (cause) {
    folder.fail(cause);
  }
}

/**
 * As {@link writeFolder}, where `fill` writes what is in the folder. Nobody else can read a folder made so.
 *
 * @throws HaggleError `cannot-write`, and whatever `fill` throws
 */
export async function makeFolder<T>(path: string, fill: (draft: string) => Promise<T>): Promise<T> {
  const folder = draftFolder(path, 0o700);
  try {
    const made = await fill(folder.draft);
    folder.commit();
    return made;
  } catch (cause) {
    return folder.fail(cause);
  }
}

/** A folder under another name, until it is complete. */
interface DraftFolder {
  readonly draft: string;
  commit(): void;
  fail(cause: unknown): never;
}

function draftFolder(path: string, mode = 0o777): DraftFolder {
  const refuse = (why: string, cause?: unknown): never => {
    throw new HaggleError('cannot-write', `cannot make ${path}: ${why}`, { cause });
  };
  const draft = `${path}.${process.pid}.part`;
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isDirectory()) refuse('a file of this name is there');
    if (found !== undefined && readdirSync(path).length > 0) refuse('the folder is there and is not empty');
    mkdirSync(draft, { mode });
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    refuse(reason(cause), cause);
  }
  const discard = (): void => {
    drafts.delete(discard);
    removeDraft(draft);
  };
  // Not before: a folder that was there already is not ours to throw away.
  drafts.add(discard);
  return {
    draft,
    commit() {
      renameSync(draft, path);
      drafts.delete(discard);
    },
    fail(cause) {
      discard();
      if (cause instanceof HaggleError) throw cause;
      return refuse(reason(cause), cause);
    },
  };
}

/** What would be left behind if the process ended now. */
const drafts = new Set<() => void>();

/** Throws away all files that are not complete: for whoever ends the process. */
export function discardDrafts(): void {
  for (const discard of drafts) discard();
}

/** Where the draft could not be made there is nothing to remove, and what failed is told already. */
function removeDraft(draft: string): void {
  if (existsSync(draft)) rmSync(draft, { recursive: true, force: true });
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is no folder';
  if (code === 'EACCES') return 'permission denied';
  return cause instanceof Error ? cause.message : String(cause);
}
