import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HaggleError } from '../../agent-core/errors.ts';

/** Where a process of `haggle up` stands. */
export const CHILD_STATES = ['starting', 'running', 'restarting', 'given-up', 'stopping', 'stopped'] as const;

const Process = z.object({ pid: z.int(), started: z.string() });

const Child = z.object({
  name: z.string(),
  did: z.string(),
  nkey: z.string(),
  state: z.enum(CHILD_STATES),
  /** Null while none runs. */
  process: Process.nullable(),
  /** Address of its health server, once it is known. */
  health: z.string().nullable(),
  restarts: z.int(),
});

const RunRecord = z.object({
  haggleUp: z.literal(1),
  /** The `haggle up` itself. */
  process: Process,
  file: z.string(),
  realm: z.string(),
  nats: z.string(),
  broker: z.object({ version: z.string(), pid: z.int() }).nullable(),
  agents: z.array(Child),
});

/** One agent as the record of a run has it. */
export type ChildRecord = Readonly<z.infer<typeof Child>>;

/** What a `haggle up` writes down of itself, for `ps`, `logs` and `send`. */
export type RunRecord = Readonly<z.infer<typeof RunRecord>>;

/** The place of everything in a run folder. */
export const runPaths = {
  record: (folder: string): string => join(folder, 'up.json'),
  log: (folder: string, name: string): string => join(folder, 'agents', name, 'log.jsonl'),
  params: (folder: string, name: string): string => join(folder, 'agents', name, 'params.json'),
  token: (folder: string, name: string): string => join(folder, 'agents', name, 'broker.jwt'),
  journal: (folder: string, name: string): string => join(folder, 'agents', name, 'journal'),
  keys: (folder: string): string => join(folder, 'keys'),
  /** Key and token of whoever speaks by hand: `haggle send`. */
  consoleKey: (folder: string): string => join(folder, 'keys', 'console.key'),
  consoleToken: (folder: string): string => join(folder, 'keys', 'console.jwt'),
  broker: (folder: string): string => join(folder, 'broker'),
} as const;

/** Makes the folder of a run and of its agents, for their owner only. @throws HaggleError `cannot-write` */
export function makeRunFolder(folder: string, names: readonly string[]): void {
  try {
    for (const path of [
      folder,
      runPaths.keys(folder),
      runPaths.broker(folder),
      ...names.map((name) => join(folder, 'agents', name)),
    ]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    }
    writeFileSync(join(folder, '.gitignore'), '*\n');
  } catch (cause) {
    throw new HaggleError('cannot-write', `cannot make ${folder}: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
}

/** Replaces the record at once: who reads meanwhile sees the old or the new one. */
export function writeRecord(folder: string, record: RunRecord): void {
  const draft = `${runPaths.record(folder)}.part`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, runPaths.record(folder));
}

/** Forgets the run. */
export function removeRecord(folder: string): void {
  rmSync(runPaths.record(folder), { force: true });
}

/** The record of the run that goes on in a folder; null where none does. */
export function readRecord(folder: string): RunRecord | null {
  let text: string;
  try {
    text = readFileSync(runPaths.record(folder), 'utf8');
  } catch {
    // No record: nothing runs here.
    return null;
  }
  const read = RunRecord.safeParse(json(text));
  return read.success && isRunning(read.data.process) ? read.data : null;
}

/** The record of the run that goes on in a folder. @throws HaggleError `not-up` */
export function needRecord(folder: string): RunRecord {
  const record = readRecord(folder);
  if (record !== null) return record;
  throw new HaggleError('not-up', `nothing runs here: no haggle up in ${folder} (haggle up haggle.yaml starts one)`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not written by us.
    return null;
  }
}

/** Whether a process is still the one that was written down: its number may have gone to another since. */
export function isRunning({ pid, started }: RunRecord['process']): boolean {
  return startOf(pid) === started;
}

/** When a process started, as its system tells it; empty where it does not run. */
export function startOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // Field 22, counted after the name, which may hold anything: ticks since the machine started (proc(5)).
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // It is gone.
    return '';
  }
}
