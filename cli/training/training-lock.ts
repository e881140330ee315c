import { takeLockFile, type LockFile } from '../../agent-core/adapters/lock-file.ts';
import { checkReplaceable } from '../../agent-core/adapters/replace-file.ts';
import { reasonOf } from '../../agent-core/adapters/system-error.ts';
import { HaggleError } from '../../agent-core/errors.ts';

/** The file beside a policy file that says which process trains it. */
export function lockPathOf(file: string): string {
  return `${file}.lock`;
}

/**
 * Takes a policy file for this process, so that no other training replaces it or its checkpoint; says so where one that is gone
 * had it.
 *
 * @throws HaggleError `training-running` naming the process that has it, `cannot-write`
 */
export async function lockTraining(file: string): Promise<LockFile> {
  const path = lockPathOf(file);
  checkReplaceable(path);
  try {
    const lock = await takeLockFile(path, (owner) => running(file, owner));
    const { tookOverFrom } = lock;
    if (tookOverFrom !== null) process.stderr.write(`took over ${path}: ${tookOverFrom} is gone\n`);
    return lock;
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    throw new HaggleError('cannot-write', `cannot make ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function running(file: string, owner: string): HaggleError {
  const problem = `cannot train ${file}: ${owner} trains it; wait for it, or name another file with --out`;
  return new HaggleError('training-running', problem);
}
