import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { runPaths } from './run-folder.ts';

/** One line of one agent's log. */
export interface LoggedLine {
  readonly name: string;
  readonly text: string;
}

/** The last lines of some agents' logs, in the order of their times. */
export function lastLines(folder: string, names: readonly string[], count: number): readonly LoggedLine[] {
  const lines = names.flatMap((name) => {
    const path = runPaths.log(folder, name);
    const texts = [`${path}.1`, path]
      .filter((file) => existsSync(file))
      .flatMap((file) => linesOf(readFileSync(file, 'utf8')));
    return texts.slice(-count).map((text) => ({ name, text, at: timeOf(text) }));
  });
  return lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-count);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** ISO times sort as texts; a line without one stands before all others. */
function timeOf(text: string): string {
  return /"ts":"([^"]+)"/.exec(text)?.[1] ?? '';
}

/** Reads what is added to a log, also across its rotation. */
export class LogFollower {
  readonly #name: string;
  readonly #path: string;
  #inode = 0;
  #offset = 0;
  #rest = '';

  /** Begins at the end of what is there. */
  constructor(folder: string, name: string) {
    this.#name = name;
    this.#path = runPaths.log(folder, name);
    this.#read(false);
  }

  /** The complete lines that came since last asked. */
  next(): readonly LoggedLine[] {
    return this.#read(true);
  }

  #read(keep: boolean): readonly LoggedLine[] {
    if (!existsSync(this.#path)) return [];
    const file = openSync(this.#path, 'r');
    try {
      const { ino, size } = fstatSync(file);
      if (ino !== this.#inode) {
        this.#inode = ino;
        this.#offset = 0;
      }
      const chunk = Buffer.alloc(Math.max(0, size - this.#offset));
      const read = readSync(file, chunk, 0, chunk.length, this.#offset);
      this.#offset += read;
      if (!keep) return [];
      const parts = (this.#rest + chunk.toString('utf8', 0, read)).split('\n');
      this.#rest = parts.pop() ?? '';
      return parts.filter((text) => text !== '').map((text) => ({ name: this.#name, text }));
    } finally {
      closeSync(file);
    }
  }
}
