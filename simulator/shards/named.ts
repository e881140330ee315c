import { HaggleError } from '../../agent-core/errors.ts';

/** An error as it can be told to other processes: what is no error of ours becomes `run-failed`. */
export function named(error: unknown): HaggleError {
  if (error instanceof HaggleError) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HaggleError('run-failed', text, { cause: error });
}
