import { execFile } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, statfsSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readKeyFacts } from '../../agent-core/adapters/keys/key-file.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { nkeyOfKind } from '../../agent-core/identity/nkey.ts';
import { LIMITS } from '../../agent-core/limits.ts';
import { credentials } from '../key.ts';
import { reporter, type Finding } from './finding.ts';

const LEAST_NODE = [20, 19] as const;

/** The Node.js that runs us. */
export function nodeFindings(version: string = process.versions.node): readonly Finding[] {
  const { ok, note, error } = reporter('machine');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return [error(`Node.js ${version} is too old`, `install ${leastMajor}.${leastMinor} or newer`)];
  }
  if (major % 2 === 1) return [note(`Node.js ${version} is of a line without long-term support`, 'take an even one')];
  return [ok(`Node.js ${version}`)];
}

const WATCH_MILLIS = 250;
const JUMP_MILLIS = 25;
const NOT_BEFORE = Date.UTC(2025, 0, 1);
const SKEW_SECONDS = LIMITS.clockSkewMicros / 1_000_000;

/** What the doctor asks of the clocks; for tests. */
export interface Clocks {
  /** Unix time in milliseconds. */
  wall(): number;
  /** Milliseconds that only go forward. */
  steady(): number;
  wait(millis: number): Promise<void>;
  /** `yes` or `no` where the system knows whether its clock follows a time server. */
  synchronised(): Promise<string>;
}

/** The clock: messages carry times, and peers refuse those that are off by more than the skew they allow. */
export async function clockFindings(clocks: Clocks = systemClocks): Promise<readonly Finding[]> {
  const { ok, note, warning, error } = reporter('machine');
  const [wall, steady] = [clocks.wall(), clocks.steady()];
  await clocks.wait(WATCH_MILLIS);
  const drift = clocks.wall() - wall - (clocks.steady() - steady);
  if (clocks.wall() < NOT_BEFORE) {
    return [error(`the clock says ${new Date(clocks.wall()).toISOString()}`, 'set it: every message would be refused')];
  }
  if (Math.abs(drift) > JUMP_MILLIS) {
    return [
      warning(
        `the clock moved by ${drift.toFixed(0)} ms within ${WATCH_MILLIS} ms`,
        'let a time service set it slowly',
      ),
    ];
  }
  const synchronised = await clocks.synchronised();
  if (synchronised === 'no') {
    return [
      warning('the clock follows no time server', `peers refuse messages that are off by more than ${SKEW_SECONDS} s`),
    ];
  }
  if (synchronised !== 'yes')
    return [note('the clock runs evenly; whether it follows a time server cannot be told here')];
  return [ok('the clock runs evenly and follows a time server')];
}

const systemClocks: Clocks = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  wait: async (millis) => await pause(millis),
  synchronised: async () =>
    await new Promise((resolve) => {
      const args = ['show', '--property=NTPSynchronized', '--value'];
      execFile('timedatectl', args, { timeout: 2_000 }, (failure, stdout) =>
        resolve(failure === null ? stdout.trim() : ''),
      );
    }),
};

const SYNCS = 5;
const SLOW_SYNC_MILLIS = 50;
const LOW_SPACE_BYTES = 200_000_000;

/** The folder of an agent's journal: writable, ours alone, and `fsync` works. */
export function dataFindings(folder: string): readonly Finding[] {
  const { ok, warning, error } = reporter('data');
  const findings: Finding[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const millis = syncMillis(folder);
    const took = `${folder} is writable, fsync takes ${millis.toFixed(1)} ms`;
    findings.push(
      millis > SLOW_SYNC_MILLIS ? warning(took, 'every promise waits for one: use a faster disk') : ok(took),
    );
    if ((statSync(folder).mode & 0o022) !== 0) {
      findings.push(warning(`others may write in ${folder}`, `chmod go-w ${folder}`));
    }
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < LOW_SPACE_BYTES) {
      findings.push(warning(`${Math.floor((bavail * bsize) / 1_000_000)} MB are free in ${folder}`, 'make room'));
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return [
      error(`${folder} cannot hold a journal: ${reason}`, 'give the user who runs the agent a folder to write in'),
    ];
  }
  return findings;
}

/** Median time of a small write that reaches the disk, in milliseconds. */
function syncMillis(folder: string): number {
  const path = join(folder, `.doctor-${process.pid}`);
  const file = openSync(path, 'wx', 0o600);
  try {
    const times = Array.from({ length: SYNCS }, () => {
      const start = performance.now();
      writeSync(file, 'haggle doctor\n');
      fsyncSync(file);
      return performance.now() - start;
    });
    return times.toSorted((a, b) => a - b)[SYNCS >> 1] ?? 0;
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}

/** A key file: that it is one, and that nobody else can read it. No passphrase is needed. */
export function keyFindings(path: string): readonly Finding[] {
  const { ok, error } = reporter('key');
  try {
    const { kind, publicKey, protected: sealed } = readKeyFacts(path, credentials());
    const how = sealed ? 'protected by a passphrase' : 'not protected by a passphrase';
    if (kind !== 'agent') return [error(`${path} holds the key of an ${kind}`, 'agents need one of `haggle keys new`')];
    return [ok(`${path} belongs to ${nkeyOfKind(kind, publicKey).slice(0, 12)}…, only you can read it, ${how}`)];
  } catch (cause) {
    if (!(cause instanceof HaggleError)) throw cause;
    return [error(cause.message, 'see docs/keys.md; `haggle keys new FILE` makes a good one')];
  }
}
