import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { HaggleError } from '../errors.ts';
import { formatPolicyFile, parsePolicyFile, POLICY_FILE_LIMITS, type PolicyFile } from '../policy/policy-file.ts';
import { reasonOf } from './system-error.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Reads a policy file.
 *
 * @throws HaggleError `no-input` where it cannot be read; `bad-policy-file`, also for what is no regular file or beyond 16 MiB,
 * which is not read at all
 */
export function readPolicyFile(path: string): PolicyFile {
  const bytes = bytesOf(path);
  if (!isUtf8(bytes)) throw badFile(path, 'it is not UTF-8');
  return parsePolicyFile(bytes.toString('utf8'), path);
}

function bytesOf(path: string): Buffer {
  try {
    // Without O_NONBLOCK the open of a pipe waits for its writer.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw badFile(path, 'it is not a regular file');
      // The line end is not part of the document.
      const most = POLICY_FILE_LIMITS.bytes + 1;
      if (stats.size > most) throw badFile(path, `it has ${stats.size} bytes, the limit is ${most}`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    throw new HaggleError('no-input', `cannot read policy file ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function badFile(path: string, problem: string): HaggleError {
  return new HaggleError('bad-policy-file', `reading policy file ${path}: ${problem}`, { fields: { file: path } });
}

/**
 * Writes a policy file whole, or not at all.
 *
 * @throws HaggleError `bad-policy-file` for what {@link readPolicyFile} would not read, `cannot-write`
 */
export function writePolicyFile(path: string, policy: PolicyFile): void {
  replaceFile(path, formatPolicyFile(policy));
}
