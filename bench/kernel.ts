/**
 * Kernel and network rates in events per CPU-second: `npm run bench:kernel`.
 *
 * Hold model (Jones 1986): N events pending, each schedules one successor after an exponential time of mean 1 s, in whole
 * microseconds. The increments are drawn beforehand, so that no generator is measured. Both kernels run the same increments
 * in alternation; the best of the repeats counts, after the number of events and the order of their times have been checked.
 */
import { createRequire } from 'node:module';
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { fingerprintOf } from '../simulator/fingerprint.ts';
import { createKernel } from '../simulator/kernel.ts';
import { createNetwork } from '../simulator/network.ts';

const REPEATS = 3;
const MEAN_MICROS = 1_000_000;
const INCREMENTS = 8_192;

/** The part of simjs that the hold model needs. */
interface SimJs {
  readonly Sim: new () => {
    addEntity(entity: unknown): { begin(pending: number): void };
    simulate(endTime: number, maxEvents: number): boolean;
    time(): number;
  };
  readonly Entity: new () => { setTimer(delay: number): { done(action: () => void): void }; time(): number };
}

interface Measured {
  readonly perSecond: number;
  readonly processed: number;
}

function drawIncrements(): Float64Array {
  const random = createRandomRoot('hold').stream('increments');
  return new Float64Array(INCREMENTS).map(() => Math.floor(random.exponential(MEAN_MICROS)));
}

/** Events per CPU-second of this process while `work` runs. */
function rate(events: number, work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (events * 1_000_000) / (user + system);
}

function holdHaggle(pending: number, events: number): Measured {
  const increments = drawIncrements();
  const kernel = createKernel();
  const source = kernel.source('hold');
  let index = 0;
  let processed = 0;
  let last = 0;
  const delay = (): number => increments[(index = (index + 1) % INCREMENTS)] ?? 0;
  const act = (): void => {
    processed++;
    const now = kernel.now();
    assert(now >= last, 'time ran backwards');
    last = now;
    source.after(delay(), act, undefined);
  };
  for (let i = 0; i < pending; i++) source.after(delay(), act, undefined);
  kernel.run({ maxEvents: pending });
  const perSecond = rate(events, () => kernel.run({ maxEvents: events }));
  assert(processed === pending + events && kernel.pending === pending, 'hold model lost or gained events');
  return { perSecond, processed };
}

function loadSimJs(): SimJs {
  // simjs puts its classes on `window` and exports nothing.
  const window: { Sim?: SimJs } = {};
  Reflect.set(globalThis, 'window', window);
  createRequire(import.meta.url)('simjs');
  Reflect.deleteProperty(globalThis, 'window');
  assert(window.Sim !== undefined, 'simjs did not load');
  return window.Sim;
}

function holdSimJs(peer: SimJs, pending: number, events: number): Measured {
  const increments = drawIncrements();
  let index = 0;
  let processed = 0;
  let last = 0;
  const delay = (): number => increments[(index = (index + 1) % INCREMENTS)] ?? 0;
  // The one inheritance here: simjs takes nothing but subclasses of its Entity.
  class Hold extends peer.Entity {
    readonly #act = (): void => {
      processed++;
      const now = this.time();
      assert(now >= last, 'time ran backwards');
      last = now;
      this.setTimer(delay()).done(this.#act);
    };
    start(): void {}
    begin(count: number): void {
      for (let i = 0; i < count; i++) this.setTimer(delay()).done(this.#act);
    }
  }
  const sim = new peer.Sim();
  sim.addEntity(Hold).begin(pending);
  sim.simulate(Infinity, pending);
  const perSecond = rate(events, () => sim.simulate(Infinity, events));
  assert(processed === pending + events, 'simjs lost or gained events');
  return { perSecond, processed };
}

/** One publisher to one subscriber by the wildcard of an inbox, 450 characters a message, a constant latency. */
function deliver(messages: number, fingerprinted: boolean): number {
  const kernel = createKernel();
  const network = createNetwork({ kernel, random: createRandomRoot('network'), latency: { min: 1_000 } });
  const fingerprint = fingerprinted ? fingerprintOf(network, kernel) : undefined;
  const [a, b] = [network.attach('a'), network.attach('b')];
  const payload = `{"body":"${'x'.repeat(439)}"}`;
  let got = 0;
  b.subscribe('haggle.r.in.ME.*', () => {
    if (++got < messages) a.publish('haggle.r.in.ME.YOU', payload);
  });
  a.publish('haggle.r.in.ME.YOU', payload);
  const perSecond = rate(messages, () => kernel.run());
  assert(got === messages && network.counters.delivered === messages, 'network lost messages');
  assert(fingerprint === undefined || fingerprint.endpoints().length === 1, 'fingerprint missed an endpoint');
  return perSecond;
}

function best(rates: readonly number[]): number {
  return Math.max(...rates);
}

function millions(rates: readonly number[]): string {
  return `${(best(rates) / 1e6).toFixed(2)} (from ${(Math.min(...rates) / 1e6).toFixed(2)})`;
}

function main(): void {
  const peer = loadSimJs();
  holdHaggle(1_000, 2_000_000);
  holdSimJs(peer, 1_000, 200_000);
  console.log(`Node ${process.version}; million events per CPU-second, best of ${REPEATS} (and worst)`);
  console.log('| pending | haggle | simjs 2.0.3 | ratio |\n|---|---|---|---|');
  for (const [pending, events, peerEvents] of [
    [1_000, 3_000_000, 500_000],
    [100_000, 2_000_000, 200_000],
    [1_000_000, 1_000_000, 100_000],
  ] as const) {
    const [own, theirs]: [number[], number[]] = [[], []];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      own.push(holdHaggle(pending, events).perSecond);
      if (pending < 1_000_000) theirs.push(holdSimJs(peer, pending, peerEvents).perSecond);
    }
    const compared =
      theirs.length > 0 ? `${millions(theirs)} | ${(best(own) / best(theirs)).toFixed(1)}` : 'not run | ';
    console.log(`| ${pending.toLocaleString('en')} | ${millions(own)} | ${compared} |`);
  }
  const repeats = Array.from({ length: REPEATS });
  console.log('\n| network, one to one, 450 characters | million deliveries per CPU-second |\n|---|---|');
  console.log(`| plain | ${millions(repeats.map(() => deliver(1_000_000, false)))} |`);
  console.log(`| with fingerprint | ${millions(repeats.map(() => deliver(500_000, true)))} |`);
}

main();
