import test from 'ava';
import type { Bus } from '../../agent-core/bus/bus.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { busCases } from '../../agent-core/testing/bus-conformance.ts';
import { fingerprintOf } from '../../simulator/fingerprint.ts';
import { createKernel } from '../../simulator/kernel.ts';
import { createNetwork, type LatencyModel } from '../../simulator/network.ts';

function simulated(latency: LatencyModel, seed = 1, maxPayloadBytes = 1_024) {
  const kernel = createKernel();
  const random = createRandomRoot(seed);
  const network = createNetwork({ kernel, random, latency, maxPayloadBytes });
  return { kernel, random, network };
}

const NOTHING = {
  published: 0,
  delivered: 0,
  dropped: 0,
  bytes: 0,
  noResponders: 0,
  lost: 0,
  duplicated: 0,
  blocked: 0,
};

for (const [index, busCase] of busCases.entries()) {
  const { title, needs } = busCase;
  // An endpoint of the simulation has no connection that could break, and none that is slow to read.
  if (needs !== undefined) continue;
  for (const latency of [{ min: 0 }, { min: 5, max: 500 }]) {
    test(`${title} (latency ${JSON.stringify(latency)})`, async (t) => {
      const { kernel, network } = simulated(latency);
      const settle = (): Promise<void> => {
        kernel.run();
        return Promise.resolve();
      };
      const connect = (name: string): Promise<Bus> => Promise.resolve(network.attach(name));
      await t.notThrowsAsync(busCase.run({ connect, settle, maxPayloadBytes: 1_024, prefix: `case${index}` }));
    });
  }
}

/** Delivery times of `count` messages a -> b sent at time 0, with more endpoints attached and busy. */
function arrivals(others: readonly string[]): readonly number[] {
  const { kernel, network } = simulated({ min: 10, max: 1_000 });
  const times: number[] = [];
  for (const name of others) network.attach(name).publish('noise', 'x');
  network.attach('z').subscribe('noise', () => undefined);
  for (const name of others) network.attach(`${name}2`).publish('noise', 'x');
  const a = network.attach('a');
  network.attach('b').subscribe('x', () => times.push(kernel.now()));
  for (let i = 0; i < 50; i++) a.publish('x', `${i}`);
  kernel.run();
  return times;
}

test('latencies of a link do not shift when other endpoints join', (t) => {
  const alone = arrivals([]);
  t.deepEqual(arrivals(['c', 'd', 'e']), alone);
  t.true(alone.every((time) => time >= 10 && time <= 1_000));
  t.deepEqual(
    alone,
    alone.toSorted((x, y) => x - y),
  );
  t.true(new Set(alone).size > 1);
});

test('a constant latency draws nothing, a range draws from the stream of its link', (t) => {
  const byLink: LatencyModel = ({ to }) => (to === 'near' ? { min: 3 } : { min: 100, max: 200 });
  const { kernel, network, random } = simulated(byLink);
  const got: [string, number][] = [];
  for (const name of ['near', 'far']) network.attach(name).subscribe('x', () => got.push([name, kernel.now()]));
  network.attach('a').publish('x', '');
  kernel.run();
  t.deepEqual(got[0], ['near', 3]);
  t.deepEqual(random.manifest(), [{ path: ['latency', 'a', 'far'], draws: 1 }]);
});

test('a delivery to a subscription cancelled meanwhile is dropped and counted', (t) => {
  const { kernel, network } = simulated({ min: 10 });
  const subscription = network.attach('b').subscribe('x', () => t.fail());
  network.attach('a').publish('x', 'zürich', { reply: 'r' });
  kernel.run({ until: 5 });
  subscription.unsubscribe();
  kernel.run();
  t.deepEqual(network.counters, { ...NOTHING, published: 1, dropped: 1, bytes: 7 });
});

test('a drain lets deliveries under way finish, and their handlers answer', async (t) => {
  const { kernel, network } = simulated({ min: 10 });
  const [a, b] = [network.attach('a'), network.attach('b')];
  const answers: string[] = [];
  a.subscribe('answer', (message) => answers.push(message.payload));
  b.subscribe('x', (message) => b.publish('answer', message.payload));
  a.publish('x', '1');
  const drained = b.drain();
  t.throws(() => b.subscribe('y', () => undefined), { code: 'bus-closed' });
  a.publish('x', '2');
  kernel.run();
  await drained;
  t.deepEqual(answers, ['1']);
  t.throws(() => b.publish('answer', 'late'), { code: 'bus-closed' });
});

test('an observer sees a delivery before the subscriber, until it ends', (t) => {
  const { kernel, network } = simulated({ min: 10 });
  const log: string[] = [];
  const end = network.observe(({ time, from, to, message }) => log.push(`${time} ${from}>${to} ${message.payload}`));
  network.attach('b').subscribe('x', (message) => log.push(message.payload));
  const a = network.attach('a');
  a.publish('x', '1');
  kernel.run();
  end();
  a.publish('x', '2');
  kernel.run();
  t.deepEqual(log, ['10 a>b 1', '1', '2']);
});

test('refuses a second endpoint of a name and a latency that is no range', (t) => {
  const { network } = simulated(({ from }) => (from === 'a' ? { min: 5, max: 4 } : { min: -1 }));
  const [a, b] = [network.attach('a'), network.attach('b')];
  t.throws(() => network.attach('a'), { code: 'duplicate-source' });
  a.subscribe('x', () => undefined);
  t.throws(() => a.publish('x', ''), { code: 'bad-latency' });
  t.throws(() => b.publish('x', ''), { code: 'bad-latency' });
});

function fingerprints(seed: number, payload: string, signature: string) {
  const { kernel, network } = simulated({ min: 1, max: 100 }, seed);
  const fingerprint = fingerprintOf(network, kernel);
  const [a, b] = [network.attach('a'), network.attach('b')];
  a.subscribe('to.a', () => undefined);
  b.subscribe('to.b', (message) => b.publish('to.a', message.payload));
  for (let i = 0; i < 5; i++) a.publish('to.b', `${payload}${i}`, { headers: { 'Haggle-Sig': signature } });
  kernel.run();
  return {
    a: fingerprint.of('a'),
    b: fingerprint.of('b'),
    global: fingerprint.global(),
    names: fingerprint.endpoints(),
  };
}

test('the fingerprint of a run repeats, and headers do not enter it', (t) => {
  t.deepEqual(fingerprints(1, 'bid', 's'), fingerprints(1, 'bid', 'other signature'));
  t.deepEqual(fingerprints(1, 'bid', 's').names, ['a', 'b']);
  t.regex(fingerprints(1, 'bid', 's').global, /^[0-9a-f]{16}$/);
});

test('the fingerprint tells another payload and another time apart, for each endpoint', (t) => {
  const runs = [
    fingerprints(1, 'bid', ''),
    fingerprints(2, 'bid', ''),
    fingerprints(1, 'bie', ''),
    fingerprints(1, 'bi', ''),
  ];
  for (const field of ['a', 'b', 'global'] as const) t.is(new Set(runs.map((run) => run[field])).size, runs.length);
});
