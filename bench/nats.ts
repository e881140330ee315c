/**
 * Messages over a real NATS broker on this machine, between two processes: `npm run bench:nats`.
 *
 * `raw` is the client library alone, unsigned bytes; `bus` the same text through the Bus port; `off`, `each` and `batch` are
 * envelopes: made canonical, sealed in that mode, opened with every check (signature, canonical form, shape, time, replay).
 * What one side says within a turn of its event loop is one flush, as in a live agent, and `batch` signs it once.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectNats } from '../agent-core/adapters/nats.ts';
import { startNatsServer } from '../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { subjects } from '../agent-core/bus/subjects.ts';
import { assert } from '../agent-core/errors.ts';
import type { Signer } from '../agent-core/identity/signer.ts';
import { encodeEnvelope } from '../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../agent-core/message/evidence.ts';
import { createOpener, type Opener } from '../agent-core/message/open.ts';
import { isRefusal } from '../agent-core/message/refusals.ts';
import { createReplayWindow } from '../agent-core/message/replay-window.ts';
import { createSealer, type SigningMode } from '../agent-core/message/seal.ts';

const MODES = ['raw', 'bus', 'off', 'batch', 'each'] as const;
type Mode = (typeof MODES)[number];

/** Messages of one run each way: enough for about a second. */
const ONE_WAY: Readonly<Record<Mode, number>> = {
  raw: 300_000,
  bus: 200_000,
  off: 60_000,
  batch: 60_000,
  each: 10_000,
};
const IN_FLIGHT: Readonly<Record<Mode, number>> = {
  raw: 100_000,
  bus: 60_000,
  off: 40_000,
  batch: 20_000,
  each: 5_000,
};
const SERIAL: Readonly<Record<Mode, number>> = { raw: 8_000, bus: 8_000, off: 5_000, batch: 2_000, each: 2_000 };
const WINDOW = 64;
const REPEATS = 3;
const REALM = 'bench';

const signerOf = (name: Side): Signer => nodeBackend.signer(new Uint8Array(32).fill(name === 'asker' ? 1 : 2));
type Side = 'asker' | 'answerer';

/** One end of the line between the two processes. */
interface End {
  /** Says so many messages; they leave together, now. */
  say(count: number): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

async function openEnd(url: string, mode: Mode, { side, heard }: { side: Side; heard: () => void }): Promise<End> {
  const link = await connectNats({ servers: url, name: side, maxPayloadBytes: 65_536 });
  // A lost or refused message would leave both sides waiting for ever, and the figures would be wrong.
  link.onFault((fault) => {
    console.error(side, fault);
    process.exit(1);
  });
  const [me, peer] = [signerOf(side), signerOf(side === 'asker' ? 'answerer' : 'asker')];
  const to = subjects.inbox(REALM, peer.nkey, me.nkey);
  const mine = subjects.inboxOf(REALM, me.nkey);
  let say: End['say'];
  const envelope = envelopes(me, peer);
  const text = envelope();
  if (mode === 'raw') {
    const bytes = new TextEncoder().encode(text);
    link.connection.subscribe(mine, { callback: () => heard() });
    say = (count) => {
      for (let i = 0; i < count; i++) link.connection.publish(to, bytes);
    };
  } else if (mode === 'bus') {
    link.bus.subscribe(mine, () => heard());
    say = (count) => {
      for (let i = 0; i < count; i++) link.bus.publish(to, text);
    };
  } else {
    const sealer = createSealer({ mode, signer: me, backend: nodeBackend });
    const opener = openerOf(me, mode);
    link.bus.subscribe(mine, (message) => {
      assert(!isRefusal(opener.open(message)), 'the bench opens what it seals');
      heard();
    });
    say = (count) => {
      const payloads = Array.from({ length: count }, envelope);
      for (const { payload, headers } of sealer.seal(payloads)) link.bus.publish(to, payload, { headers });
    };
  }
  await link.bus.flush();
  return { say, flush: async () => await link.bus.flush(), close: async () => await link.bus.drain() };
}

/** Makes the envelopes of one sender, each with the next number. */
function envelopes(me: Signer, peer: Signer): () => string {
  let seq = 0;
  return () => {
    seq += 1;
    const sent = Date.now() * 1_000;
    return encodeEnvelope({
      body: { price: '12500000', quantity: 40, unit: 'kWh' },
      dialogue: 'd-000123',
      exp: sent + 30_000_000,
      by: sent + 3_600_000_000,
      from: me.did,
      id: `m-${seq}`,
      protocol: 'contract-net/1.0.0/Zm9vYmFyYmF6cXV4',
      re: null,
      realm: REALM,
      sent,
      seq,
      to: peer.did,
      type: 'propose',
      v: 1,
    });
  };
}

function openerOf(me: Signer, mode: SigningMode): Opener {
  return createOpener({
    me: me.did,
    realm: REALM,
    backend: nodeBackend,
    clock: { now: () => Date.now() * 1_000 },
    requireSignature: mode !== 'off',
    verifiedRoots: createVerifiedRoots(),
    replay: createReplayWindow(),
  });
}

/** The other process: answers every message, or counts them and tells when it has all. */
async function answer(url: string, mode: Mode, expect: number): Promise<void> {
  let count = 0;
  let due = 0;
  const reply = (): void => {
    const now = due;
    due = 0;
    end.say(now);
  };
  const end = await openEnd(url, mode, {
    side: 'answerer',
    heard: () => {
      count += 1;
      if (expect === 0 && ++due === 1) setImmediate(reply);
      if (count === expect) process.send?.('all');
    },
  });
  process.send?.('ready');
  await once(process, 'disconnect');
  await end.close();
}

async function withAnswerer<Result>(
  url: string,
  { mode, expect }: { mode: Mode; expect: number },
  work: (child: ChildProcess) => Promise<Result>,
): Promise<Result> {
  const child = fork(fileURLToPath(import.meta.url), ['answerer', url, mode, String(expect)]);
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  const early = exited.then((code) => {
    assert(code === 0, `the answering process ended with ${String(code)}`);
    return null;
  });
  await Promise.race([once(child, 'message'), early]);
  const result = await Promise.race([work(child), early]);
  assert(result !== null, 'the answering process ended before the work was done');
  child.disconnect();
  await exited;
  return result;
}

/** Messages a second, from the first that is said to the last that is opened. */
async function oneWay(url: string, mode: Mode): Promise<number> {
  const total = ONE_WAY[mode];
  return await withAnswerer(url, { mode, expect: total }, async (child) => {
    const end = await openEnd(url, mode, { side: 'asker', heard: () => undefined });
    const all = once(child, 'message');
    const start = performance.now();
    for (let said = 0; said < total; said += WINDOW) {
      end.say(Math.min(WINDOW, total - said));
      // The broker is to hold no more than a few hundred messages that we are ahead of it.
      if ((said / WINDOW) % 8 === 7) await end.flush();
    }
    await all;
    const seconds = (performance.now() - start) / 1_000;
    await end.close();
    return total / seconds;
  });
}

interface Trips {
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

/** Round trips with so many in flight. Answers come in the order of the questions. */
async function roundTrips(url: string, mode: Mode, window: number): Promise<Trips> {
  const total = window === 1 ? SERIAL[mode] : IN_FLIGHT[mode];
  return await withAnswerer(url, { mode, expect: 0 }, async () => {
    const asked: number[] = [];
    const took: number[] = [];
    const warm = Math.floor(total / 10);
    let [said, due, start] = [window, 0, 0];
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const ask = (count: number): void => {
      const now = performance.now();
      for (let i = 0; i < count; i++) asked.push(now);
      end.say(count);
    };
    const again = (): void => {
      const count = Math.min(due, total + warm - said);
      due = 0;
      said += count;
      if (count > 0) ask(count);
    };
    let got = 0;
    const end = await openEnd(url, mode, {
      side: 'asker',
      heard: () => {
        const now = performance.now();
        const since = asked[got] ?? now;
        got += 1;
        if (got === warm) start = now;
        if (got > warm) took.push(now - since);
        if (got === total + warm) finish();
        else if (++due === 1) setImmediate(again);
      },
    });
    ask(window);
    await finished;
    const seconds = (performance.now() - start) / 1_000;
    await end.close();
    took.sort((a, b) => a - b);
    const at = (share: number): number => took[Math.floor(took.length * share)] ?? 0;
    return { perSecond: took.length / seconds, p50Millis: at(0.5), p99Millis: at(0.99) };
  });
}

async function best<Result>(run: () => Promise<Result>, rate: (result: Result) => number): Promise<Result> {
  let chosen = await run();
  for (let repeat = 1; repeat < REPEATS; repeat++) {
    const next = await run();
    if (rate(next) > rate(chosen)) chosen = next;
  }
  return chosen;
}

function cells(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`;
}

async function main(): Promise<void> {
  const server = await startNatsServer();
  const bytes = new TextEncoder().encode(envelopes(signerOf('asker'), signerOf('answerer'))()).length;
  console.log(
    `Node ${process.version}, nats-server ${server.version}, ${bytes} bytes a payload; wall clock, best of ${REPEATS}\n`,
  );
  const in64 = `${WINDOW} in flight`;
  console.log(
    cells([
      '',
      'one way /s',
      'round trips /s, serial',
      'p50 ms',
      'p99 ms',
      `round trips /s, ${in64}`,
      'p50 ms',
      'p99 ms',
    ]),
  );
  console.log(cells(Array.from({ length: 8 }, () => '---')));
  const rate = (value: number): string => Math.round(value).toLocaleString('en-US');
  for (const mode of chosen) {
    const way = await best(
      async () => await oneWay(server.url, mode),
      (value) => value,
    );
    const serial = await best(
      async () => await roundTrips(server.url, mode, 1),
      ({ perSecond }) => perSecond,
    );
    const many = await best(
      async () => await roundTrips(server.url, mode, WINDOW),
      ({ perSecond }) => perSecond,
    );
    const trips = [serial, many].flatMap((t) => [rate(t.perSecond), t.p50Millis.toFixed(2), t.p99Millis.toFixed(2)]);
    console.log(cells([mode, rate(way), ...trips]));
  }
  await server.stop();
}

/** `node dist/bench/nats.js [mode]` runs one row. */
const chosen = MODES.filter((name) => name === (process.argv[2] ?? name));
const [role, url = '', mode = 'raw', expect = '0'] = process.argv.slice(2);
if (role === 'answerer') await answer(url, MODES.find((name) => name === mode) ?? 'raw', Number(expect));
else await main();
