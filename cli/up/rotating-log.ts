import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A file that lines are added to. When it is full it becomes `.1` and a new one begins; `.1` that was there is gone. */
export interface RotatingLog {
  /** Adds a line without its end. */
  add(line: string): void;
  close(): void;
}

/** Bytes of one file: two of them keep the last hours of a busy agent. */
const FILE_BYTES = 8_388_608;

/** Opens a log, which goes on where it was. @throws the errors of `node:fs` */
export function openRotatingLog(path: string, fileBytes = FILE_BYTES): RotatingLog {
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  return {
    add(line) {
      const bytes = Buffer.from(`${line}\n`);
      if (size > 0 && size + bytes.length > fileBytes) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a', 0o600);
        size = 0;
      }
      writeSync(file, bytes);
      size += bytes.length;
    },
    close: () => closeSync(file),
  };
}
