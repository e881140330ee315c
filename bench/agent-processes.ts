/**
 * Many agents on one machine, each a process of its own with key, journal and health server, on one broker:
 * `node dist/bench/agent-processes.js [processes]`, 200 if left out. Needs Linux: memory is read from /proc.
 *
 * Memory is what a process adds (proportional set size: shared pages count in parts) and what it shows (resident set size). Processor time
 * is taken twice: while the agents have nothing to say, and while each asks three others for quotes every five seconds.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createKeyFile } from '../agent-core/adapters/keys/key-file.ts';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';
import { didOf } from '../agent-core/identity/did-key.ts';

const HAGGLE = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const QUOTER = fileURLToPath(new URL('agents/quoter.js', import.meta.url));
const PARTNERS = 3;
/** Partners lie so many places apart, so that nobody is his own. */
const APART = 7;
const EVERY_SECONDS = 5;
const IDLE_SECONDS = 20;
const BUSY_SECONDS = 40;
/** Processes that start at a time: more only wait for each other. */
const STARTING = 4;
const TICKS_PER_SECOND = 100;

interface AgentProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly health: string;
}

const count = Number(process.argv[2] ?? 200);
assert(Number.isInteger(count) && count > PARTNERS * APART, `at least ${PARTNERS * APART + 1} processes`);
const folder = mkdtempSync(join(tmpdir(), 'haggle-bench-'));
const broker = await startNatsServer();
const running: AgentProcess[] = [];
try {
  await measure();
} finally {
  for (const { child } of running) child.kill('SIGKILL');
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const keys = await Promise.all(Array.from({ length: count }, (_, n) => createKeyFile(keyFile(n))));
  const dids = keys.map(({ publicKey }) => didOf(publicKey));
  const from = Date.now();
  const quietSeconds = Math.ceil(count * 0.8) + IDLE_SECONDS;
  for (let first = 0; first < count; first += STARTING) {
    const batch = Array.from({ length: Math.min(STARTING, count - first) }, (_, n) =>
      startAgent(first + n, dids, Math.max(1, quietSeconds - Math.round((Date.now() - from) / 1_000))),
    );
    running.push(...(await Promise.all(batch)));
  }
  const startedSeconds = (Date.now() - from) / 1_000;
  assert(startedSeconds + IDLE_SECONDS < quietSeconds + 5, 'all processes are up before the first speaks');
  const idle = await cpuShare(IDLE_SECONDS - 5);
  const memory = { pss: memoryOf('Pss'), rss: memoryOf('Rss') };
  await pause(Math.max(0, quietSeconds * 1_000 - (Date.now() - from)) + EVERY_SECONDS * 1_000);
  const before = await dialoguesDone();
  const busy = await cpuShare(BUSY_SECONDS);
  const done = (await dialoguesDone()) - before;
  const unanswered = await total('haggle_dialogues_ended_total', (labels) => !labels.includes('"done"'));
  const busyPss = memoryOf('Pss');
  print([
    ['processes', `${count}`],
    ['all ready after', `${startedSeconds.toFixed(1)} s`],
    [
      'memory of a process, PSS: median, largest',
      `${mebibytes(median(memory.pss))}, ${mebibytes(Math.max(...memory.pss))}`,
    ],
    ['memory of a process, RSS: median', mebibytes(median(memory.rss))],
    ['memory of all, PSS', mebibytes(sum(memory.pss))],
    ['the same after a minute of work', mebibytes(sum(busyPss))],
    ['broker, RSS', mebibytes(memoryFields(broker.pid, 'status', 'VmRSS'))],
    ['processor, idle, all together', `${(100 * idle).toFixed(1)} % of a core`],
    [`processor, ${PARTNERS} quotes each ${EVERY_SECONDS} s, all together`, `${(100 * busy).toFixed(1)} % of a core`],
    ['dialogues done a second, both sides', (done / BUSY_SECONDS).toFixed(1)],
    ['dialogues that ended otherwise', `${unanswered}`],
  ]);
}

function keyFile(n: number): string {
  return join(folder, `${n}.key`);
}

async function startAgent(n: number, dids: readonly string[], quietSeconds: number): Promise<AgentProcess> {
  const partners = Array.from({ length: PARTNERS }, (_, k) => dids[(n + 1 + k * APART) % count]);
  const params = { partners, quietSeconds, everySeconds: EVERY_SECONDS };
  const flags = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${JSON.stringify(value)}`]);
  const settings = ['--realm', 'bench', '--name', `quoter-${n}`, '--nats', broker.url, '--health', '0'];
  const files = ['--key', keyFile(n), '--data', join(folder, `journal-${n}`)];
  const child = spawn(process.execPath, [HAGGLE, 'agent', 'run', QUOTER, ...settings, ...files, ...flags], {
    // As `haggle up` does: a child whose standard input ends drains, so none outlives this program.
    env: { ...process.env, HAGGLE_PARENT: 'stdin' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null || !('event' in said) || said.event !== 'ready') continue;
    assert('health' in said && child.pid !== undefined, 'an agent that is ready says where its health is served');
    child.stdout.resume();
    return { child, pid: child.pid, health: String(said.health) };
  }
  throw new HaggleError('agent-not-started', `quoter-${n} ended before it was ready`);
}

/** Cores that all agents together keep busy over a while. */
async function cpuShare(seconds: number): Promise<number> {
  const before = sum(running.map(({ pid }) => cpuSeconds(pid)));
  await pause(seconds * 1_000);
  return (sum(running.map(({ pid }) => cpuSeconds(pid))) - before) / seconds;
}

/** User and system time, fields 14 and 15 of /proc/PID/stat. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function memoryOf(field: 'Pss' | 'Rss'): number[] {
  return running.map(({ pid }) => memoryFields(pid, 'smaps_rollup', field));
}

/** A field of a file in /proc/PID, in KiB. */
function memoryFields(pid: number, file: string, field: string): number {
  const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text) ?? [];
  assert(kibibytes !== undefined, `/proc/${pid}/${file} has the field ${field}`);
  return Number(kibibytes);
}

async function dialoguesDone(): Promise<number> {
  return total('haggle_dialogues_ended_total', (labels) => labels.includes('"done"'));
}

/** A counter over all processes, of the series whose labels are wanted. */
async function total(name: string, wanted: (labels: string) => boolean): Promise<number> {
  let all = 0;
  for (const { health } of running) {
    const page = await (await fetch(`${health}/metrics`)).text();
    for (const [, labels = '', value] of page.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\d+)`, 'gm'))) {
      if (wanted(labels)) all += Number(value);
    }
  }
  return all;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function mebibytes(kibibytes: number): string {
  return `${(kibibytes / 1_024).toFixed(1)} MiB`;
}

function print(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([what]) => what.length));
  console.log(`Node ${process.version}, nats-server ${broker.version}\n`);
  console.log(`| ${'what'.padEnd(width)} | measured |\n| ${'-'.repeat(width)} | -------- |`);
  for (const [what, value] of rows) console.log(`| ${what.padEnd(width)} | ${value} |`);
}
