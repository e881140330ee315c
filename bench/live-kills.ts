/**
 * Two agents as processes on a real broker, killed with -9 at random points, and the broker killed and restarted, while they hold one contract
 * net after another: `npm run bench:live-kills [kills]`. Fails where a number stands for two messages, where a dialogue does not end or where an
 * agent does not come back.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { connectNats } from '../agent-core/adapters/nats.ts';
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { assert } from '../agent-core/errors.ts';
import type { Envelope } from '../agent-core/message/envelope.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { endedOf, proc, type Proc } from './live-processes.ts';

const KILLS = Number(process.argv[2] ?? 100);
/** A broker is killed after so many agents. */
const KILLS_PER_BROKER = 10;

const pair: Proc[] = [];
/** More than can be held meanwhile: the shipper is drained in the end. */
const ROUNDS = 1_000_000;

const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, millis);
  });

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited >= 30_000) await giveUp(`not within 30 s: ${what}`);
    await pause(5);
  }
}

async function giveUp(why: string): Promise<never> {
  for (const one of pair) {
    console.error(JSON.stringify(one.report), one.complaints.slice(-5));
    await one.kill();
  }
  await server.stop();
  assert(false, why);
}

const chance = createRandomRoot('live-kills').stream('kills');
const server = await startNatsServer();
const folder = await mkdtemp(join(tmpdir(), 'haggle-kills-'));
const listener = await connectNats({ servers: server.url });
const said = new Map<string, string>();
let copies = 0;
const twice: string[] = [];
listener.bus.subscribe('haggle.test.in.*.*', ({ payload, noResponders }) => {
  if (noResponders) return;
  const { from, to, seq } = JSON.parse(payload) as Envelope;
  const key = `${from} ${to} ${seq}`;
  const before = said.get(key);
  if (before !== undefined && before !== payload) twice.push(`${before}\n${payload}`);
  if (before === payload) copies += 1;
  said.set(key, payload);
});

const carrier = proc(['carrier', '1', server.url, join(folder, 'carrier')]);
pair.push(carrier);
await until('the carrier runs', () => carrier.report !== null);
const { did } = nodeBackend.signer(new Uint8Array(32).fill(1));
const shipper = proc(['shipper', '2', server.url, join(folder, 'shipper'), did, String(ROUNDS)]);
pair.push(shipper);
let brokerKills = 0;
const killed = [0, 0];
const started = performance.now();
for (let kill = 1; kill <= KILLS; kill++) {
  const victim = chance.integer(0, 1);
  await until('both run', () => pair.every(({ report }) => report !== null));
  await pause(chance.integer(0, 200));
  if (kill % KILLS_PER_BROKER === 0) {
    brokerKills += 1;
    await server.kill();
    await pause(chance.integer(0, 500));
    await server.restart();
  }
  const chosen = pair[victim];
  assert(chosen !== undefined, 'there are two');
  await chosen.kill();
  killed[victim] = (killed[victim] ?? 0) + 1;
  chosen.start();
}
await until('both run and are ready', () => pair.every(({ report }) => report?.notReady.length === 0));
const seconds = (performance.now() - started) / 1_000;
await pause(1_000);
// Once nothing is opened any more, what is open must end by itself: the carrier is drained last.
const codes = [await shipper.drain()];
await until('the carrier has no dialogue', () => carrier.report?.open === 0);
const ends = pair.map((one) => JSON.stringify(one.report?.ended).replaceAll('"', ''));
codes.push(await carrier.drain());
const resumed = pair.flatMap((one) => one.resumed).toSorted((a, b) => a - b);
const complaints = pair.flatMap((one) => one.complaints).filter((line) => !line.includes('"failed"'));
await listener.bus.drain();
await server.stop();
await rm(folder, { recursive: true, force: true });

console.log(`| | |`);
console.log('|---|---|');
console.log(`| agents killed with -9 (carrier, shipper) | ${KILLS} (${killed.join(', ')}) |`);
console.log(`| broker killed with -9 and restarted | ${brokerKills} |`);
console.log(`| resumed by re-execution | ${resumed.length} |`);
console.log(
  `| re-execution, median and longest | ${micros(resumed[resumed.length >> 1])}, ${micros(resumed.at(-1))} |`,
);
console.log(`| different messages; copies of one heard again | ${said.size}; ${copies} |`);
console.log(`| numbers that stand for two messages | ${twice.length} |`);
console.log(`| ends of the carrier's dialogues | ${ends[0] ?? ''} |`);
console.log(`| ends of the shipper's dialogues | ${ends[1] ?? ''} |`);
console.log(`| dialogues left open | 0 |`);
console.log(`| exit codes of the drains | ${codes.join(', ')} |`);
console.log(`| seconds | ${seconds.toFixed(0)}, nats-server ${server.version} |`);
for (const line of complaints.filter((l) => !l.includes('unknown-dialogue')).slice(0, 10))
  console.log(`complaint: ${line}`);
assert(twice.length === 0, twice.join('\n'));
assert(endedOf(carrier) > 0 && codes.every((code) => code === 0), 'both held dialogues and drained');
process.exit(0);

function micros(span: number | undefined): string {
  return `${((span ?? 0) / 1_000).toFixed(0)} ms`;
}
