import { HaggleError } from '../agent-core/errors.ts';
import { advised } from './advice.ts';

/** Exit codes of `haggle`, after sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** The command ran and the answer is no: a trace that does not verify, agents that did not agree. */
  negative: 1,
  /** Wrong flags or arguments. */
  usage: 2,
  /** The input file is malformed, or its problem has no solution. */
  badData: 65,
  /** The input file cannot be read. */
  noInput: 66,
  /** A broker cannot be reached, an address not be served, another process of a run or a training thread is lost, or tfjs does not load. */
  unavailable: 69,
  /** A defect of Haggle. */
  internal: 70,
  /** The output file cannot be written. */
  cannotWrite: 73,
  /** A key that may not be used, or a login that the broker refuses. */
  noPermission: 77,
  /** A configuration file is malformed. */
  badConfig: 78,
} as const;

/** A process exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: ReadonlyMap<string, ExitCode> = new Map<string, ExitCode>([
  ['bad-flag', EXIT.usage],
  ['bad-parameter', EXIT.usage],
  ['bad-body', EXIT.usage],
  ['bad-evaluation', EXIT.usage],
  ['no-such-role', EXIT.usage],
  ['bad-training', EXIT.usage],
  ['bad-env', EXIT.usage],
  ['policy-not-asked', EXIT.usage],
  ['no-tensorflow', EXIT.unavailable],
  ['training-worker-died', EXIT.unavailable],
  ['training-diverged', EXIT.negative],
  ['checkpoint-mismatch', EXIT.badData],
  ['bad-checkpoint', EXIT.badData],
  ['bad-policy-file', EXIT.badData],
  ['no-learned-policy', EXIT.noInput],
  ['no-input', EXIT.noInput],
  ['bad-agent-module', EXIT.badData],
  ['bad-agent', EXIT.badData],
  ['bad-token', EXIT.badData],
  ['bad-config', EXIT.badConfig],
  ['bad-broker-address', EXIT.usage],
  ['bad-broker-program', EXIT.usage],
  ['broker-unreachable', EXIT.unavailable],
  ['broker-not-started', EXIT.unavailable],
  ['no-broker-program', EXIT.unavailable],
  ['install-failed', EXIT.unavailable],
  ['realm-not-prepared', EXIT.unavailable],
  ['no-free-port', EXIT.unavailable],
  ['cannot-listen', EXIT.unavailable],
  ['missing-messages', EXIT.unavailable],
  ['worker-lost', EXIT.unavailable],
  ['workers-missing', EXIT.unavailable],
  ['no-coordinator', EXIT.unavailable],
  ['coordinator-lost', EXIT.unavailable],
  ['run-full', EXIT.usage],
  ['world-mismatch', EXIT.badData],
  ['journal-corrupt', EXIT.badData],
  ['journal-diverged', EXIT.badData],
  ['journal-of-another', EXIT.badData],
  ['cannot-read', EXIT.noInput],
  ['cannot-write', EXIT.cannotWrite],
  ['agent-running', EXIT.cannotWrite],
  ['already-up', EXIT.cannotWrite],
  ['training-running', EXIT.cannotWrite],
  ['checkpoint-exists', EXIT.cannotWrite],
  ['no-checkpoint', EXIT.noInput],
  ['not-up', EXIT.noInput],
  ['key-exists', EXIT.cannotWrite],
  ['bad-passphrase', EXIT.usage],
  ['bad-key-file', EXIT.badData],
  ['wrong-key-kind', EXIT.badData],
  ['bad-realm', EXIT.usage],
  ['key-permissions', EXIT.noPermission],
  ['key-owner', EXIT.noPermission],
  ['key-symlink', EXIT.noPermission],
  ['passphrase-needed', EXIT.noPermission],
  ['wrong-passphrase', EXIT.noPermission],
  ['odd-nonce', EXIT.noPermission],
  ['broker-refused', EXIT.noPermission],
  ['no-agreement', EXIT.negative],
  ['bad-trace', EXIT.badData],
  ['bad-matpower', EXIT.badData],
  ['bad-grid', EXIT.badData],
  ['bad-ride-file', EXIT.badData],
  ['bad-ride-folder', EXIT.badData],
  ['bad-topology', EXIT.badData],
  ['bad-supply-folder', EXIT.badData],
  ['bad-serial-file', EXIT.badData],
  ['bad-community', EXIT.badData],
  ['missing-ride-file', EXIT.noInput],
  ['too-many-places', EXIT.badData],
  ['bad-params', EXIT.badData],
  ['solver-failed', EXIT.badData],
  ['program-infeasible', EXIT.badData],
  ['program-unbounded', EXIT.badData],
]);

/** Says on standard error what went wrong, in one line, and gives the exit code. A defect of ours shows its stack. */
export function reportError(error: unknown): ExitCode {
  if (error instanceof HaggleError) {
    process.stderr.write(`haggle: ${advised(error.code, error.message)}\n`);
    return BY_CODE.get(error.code) ?? EXIT.internal;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`haggle: internal error, please report it:\n${text}\n`);
  return EXIT.internal;
}
