import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
 * The file to write, behind any links, and whether it may be replaced by a complete one. A device or a pipe may not: a
 * rename would put a file in the place of `/dev/null`.
 */
function target(path: string): { readonly file: string; readonly replaceable: boolean } {
  if (!existsSync(path)) return { file: path, replaceable: true };
  const found = statSync(path);
  return found.isFile() || found.isDirectory()
    ? { file: realpathSync(path), replaceable: true }
    : { file: path, replaceable: false };
}

/** Writes a file whole or not at all: to a neighbour first, then renamed; a device or pipe as it is. @throws HaggleError `cannot-write` */
export function writeOutput(path: string, text: string): void {
  const { file, replaceable } = target(path);
  const draft = replaceable ? draftName(file) : file;
  try {
    writeFileSync(draft, text);
    if (replaceable) renameSync(draft, file);
  } catch (cause) {
    if (replaceable) removeDraft(draft);
    throw new HaggleError('cannot-write', `cannot write ${path}: ${reason(cause)}`, { cause });
  }
}

/** A file that is written line by line and takes its name only once it is complete. */
export interface LineFile {
  write(line: string): void;
  /** Completes the file. */
  commit(): void;
  /** Throws away what was written, unless it is complete. */
  discard(): void;
}

const BUFFER_CHARS = 1 << 20;

/** Opens a {@link LineFile}. @throws HaggleError `cannot-write`, as do its methods. */
export function openLineFile(path: string): LineFile {
  const { file: whole, replaceable } = target(path);
  const draft = replaceable ? draftName(whole) : whole;
  const fail = (cause: unknown): never => {
    throw new HaggleError('cannot-write', `cannot write ${path}: ${reason(cause)}`, { cause });
  };
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
    if (replaceable) removeDraft(draft);
  };
  return {
    write(line) {
      buffer.push(line, '\n');
      chars += line.length;
      if (chars >= BUFFER_CHARS) flush();
    },
    commit() {
      flush();
      closeSync(file);
      open = false;
      try {
        if (replaceable) renameSync(draft, whole);
      } catch (cause) {
        discard();
        fail(cause);
      }
    },
    discard,
  };
}

function draftName(path: string): string {
  return `${path}.${process.pid}.part`;
}

/** Where the draft could not be made there is nothing to remove, and what failed is told already. */
function removeDraft(draft: string): void {
  if (existsSync(draft)) rmSync(draft, { force: true });
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is no folder';
  if (code === 'EACCES') return 'permission denied';
  return cause instanceof Error ? cause.message : String(cause);
}
