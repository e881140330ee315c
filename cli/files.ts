import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { HaggleError } from '../agent-core/errors.ts';

/** Largest input file that a command reads. */
const INPUT_BYTES = 1_073_741_824;

/** Reads a text file. @throws HaggleError `no-input` naming the file and the reason. */
export function readInput(path: string): string {
  try {
    const size = statSync(path).size;
    if (size > INPUT_BYTES) {
      throw new HaggleError('no-input', `cannot read ${path}: it has ${size} bytes, the limit is ${INPUT_BYTES}`);
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    throw new HaggleError('no-input', `cannot read ${path}: ${reason(cause)}`, { cause });
  }
}

/** Writes a file whole or not at all: to a neighbour first, then renamed. @throws HaggleError `cannot-write` */
export function writeOutput(path: string, text: string): void {
  const draft = draftName(path);
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (cause) {
    removeDraft(draft);
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
  const draft = draftName(path);
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
    removeDraft(draft);
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
        renameSync(draft, path);
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
