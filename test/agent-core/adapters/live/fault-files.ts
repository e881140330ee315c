import type { AppendFile, Files } from '../../../../agent-core/adapters/live/files.ts';
import { HaggleError } from '../../../../agent-core/errors.ts';

interface Stored {
  /** What a cut of power leaves for certain. */
  safe: Buffer;
  /** Appended since. */
  fresh: Buffer;
}

/** A folder in memory that fails and is cut off where a test says so. */
export interface FaultFiles extends Files {
  /** Counts appends and syncs; the call with this number never returns, and nothing after it does. 0 for never. */
  cutAt: number;
  /** Calls so far. */
  readonly calls: number;
  /** The next calls fail with this error; `short` leaves half of what was appended. */
  failing: null | { readonly calls: 'append' | 'sync'; readonly why: string; readonly short?: boolean };
  /** The process is gone: what was safe stays, and of the rest `kept` bytes of each file. */
  crash(kept?: number): FaultFiles;
  content(name: string): Buffer;
  put(name: string, content: Buffer): void;
}

/** An empty folder. */
export function faultFiles(stored: Map<string, Stored> = new Map()): FaultFiles {
  let locked = false;
  let calls = 0;
  const never = new Promise<never>(() => undefined);
  const failed = (why: string): HaggleError => new HaggleError('cannot-write', `writing in memory: ${why}`);
  const need = (name: string): Stored => {
    const found = stored.get(name);
    if (found === undefined) throw new HaggleError('cannot-read', `${name} is not there`);
    return found;
  };
  const step = async (): Promise<void> => {
    calls += 1;
    if (files.cutAt > 0 && calls >= files.cutAt) await never;
    await Promise.resolve();
  };
  const appendFile = (name: string): AppendFile => ({
    async append(bytes) {
      await step();
      const file = need(name);
      const failure = files.failing?.calls === 'append' ? files.failing : null;
      if (failure !== null && failure.short !== true) throw failed(failure.why);
      const all = Buffer.from(bytes);
      file.fresh = Buffer.concat([file.fresh, failure === null ? all : all.subarray(0, all.length >> 1)]);
      if (failure !== null) throw failed(failure.why);
    },
    async sync() {
      await step();
      const file = need(name);
      if (files.failing?.calls === 'sync') throw failed(files.failing.why);
      file.safe = Buffer.concat([file.safe, file.fresh]);
      file.fresh = Buffer.alloc(0);
    },
    close: () => Promise.resolve(),
  });
  const files: FaultFiles = {
    cutAt: 0,
    failing: null,
    get calls() {
      return calls;
    },
    lock() {
      if (locked) return Promise.reject(new HaggleError('agent-running', 'it is taken'));
      locked = true;
      return Promise.resolve(() => {
        locked = false;
        return Promise.resolve();
      });
    },
    list: () => Promise.resolve([...stored.keys()]),
    read(name) {
      const { safe, fresh } = need(name);
      return Promise.resolve(Buffer.concat([safe, fresh]));
    },
    async create(name) {
      await step();
      if (stored.has(name)) throw failed('EEXIST');
      stored.set(name, { safe: Buffer.alloc(0), fresh: Buffer.alloc(0) });
      return appendFile(name);
    },
    async reopen(name, bytes) {
      await Promise.resolve();
      const file = need(name);
      file.safe = Buffer.concat([file.safe, file.fresh]).subarray(0, bytes);
      file.fresh = Buffer.alloc(0);
      return appendFile(name);
    },
    remove(name) {
      stored.delete(name);
      return Promise.resolve();
    },
    rename(name, to) {
      stored.set(to, need(name));
      stored.delete(name);
      return Promise.resolve();
    },
    crash(kept = 0) {
      const left = [...stored].map(([name, { safe, fresh }]): readonly [string, Stored] => [
        name,
        { safe: Buffer.concat([safe, fresh.subarray(0, kept)]), fresh: Buffer.alloc(0) },
      ]);
      return faultFiles(new Map(left));
    },
    content: (name) => Buffer.concat([need(name).safe, need(name).fresh]),
    put: (name, content) => void stored.set(name, { safe: content, fresh: Buffer.alloc(0) }),
  };
  return files;
}
