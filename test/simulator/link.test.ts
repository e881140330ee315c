import test from 'ava';
import { assert } from '../../agent-core/errors.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { createKernel } from '../../simulator/kernel.ts';
import type { Fate, FaultModel, LatencyModel, Partition } from '../../simulator/link.ts';
import { createNetwork, type Sending } from '../../simulator/network.ts';

interface Setting {
  readonly seed?: number;
  readonly latency?: LatencyModel;
  readonly faults?: FaultModel;
  readonly partitions?: readonly Partition[];
}

function network({ seed = 1, latency = { min: 10 }, faults, partitions }: Setting) {
  const kernel = createKernel();
  const random = createRandomRoot(seed);
  return { kernel, random, net: createNetwork({ kernel, random, latency, faults, partitions }) };
}

/** `count` numbered messages a -> b, one a microsecond: what arrived, in its order, and what was seen to leave. */
function stream(count: number, setting: Setting) {
  const { kernel, random, net } = network(setting);
  const got: { readonly number: number; readonly time: number }[] = [];
  const fates: Fate[] = [];
  net.observeSent(({ fates: each }) => fates.push(...each.map(({ fate }) => fate)));
  net.attach('b').subscribe('x', ({ payload }) => got.push({ number: Number(payload), time: kernel.now() }));
  const a = net.attach('a');
  const source = kernel.source('clockwork');
  for (let i = 0; i < count; i++) source.at(i, () => a.publish('x', `${i}`), undefined);
  kernel.run();
  return { got, numbers: got.map(({ number }) => number), fates, counters: net.counters, random };
}

const rising = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));

test('a link loses as many messages as its probability says, the same ones for the same seed', (t) => {
  const [first, second, other] = [1, 1, 2].map((seed) => stream(10_000, { seed, faults: { loss: 0.05 } }));
  t.deepEqual(first?.numbers, second?.numbers);
  t.notDeepEqual(first?.numbers, other?.numbers);
  for (const run of [first, other]) {
    // Four standard deviations of a binomial count: 4 * sqrt(10000 * 0.05 * 0.95) = 87.
    t.true(Math.abs((run?.counters.lost ?? 0) - 500) < 87, `${run?.counters.lost}`);
    t.is((run?.counters.lost ?? 0) + (run?.counters.delivered ?? 0), 10_000);
    t.is(run?.counters.published, 10_000);
  }
});

test('a link doubles as many messages as its probability says, and copies keep the order', (t) => {
  const { numbers, counters } = stream(10_000, { faults: { duplicate: 0.02 }, latency: { min: 10, max: 500 } });
  // Four standard deviations: 4 * sqrt(10000 * 0.02 * 0.98) = 56.
  t.true(Math.abs(counters.duplicated - 200) < 56, `${counters.duplicated}`);
  t.is(numbers.length, 10_000 + counters.duplicated);
  t.is(new Set(numbers).size, 10_000);
  t.deepEqual(
    numbers,
    numbers.toSorted((x, y) => x - y),
  );
});

test('a link that reorders lets messages overtake, each in its own time; any other keeps their order', (t) => {
  const latency = { min: 10, max: 500 };
  const [kept, broken] = [stream(1_000, { latency }), stream(1_000, { latency, faults: { reorder: true } })];
  t.true(rising(kept.numbers));
  t.false(rising(broken.numbers));
  t.is(broken.got.length, 1_000);
  t.true(broken.got.every(({ number, time }) => time >= number + 10 && time <= number + 500));
});

test('copies and losses shift no other chance: the n-th message has the same latency and luck with or without them', (t) => {
  const latency = { min: 10, max: 500 };
  const run = (faults: FaultModel) => stream(2_000, { latency, faults });
  const calm = new Map(run({ reorder: true }).got.map(({ number, time }) => [number, time]));
  const lossy = run({ reorder: true, loss: 0.3 });
  t.true(lossy.got.every(({ number, time }) => calm.get(number) === time));
  const both = run({ reorder: true, loss: 0.3, duplicate: 0.5 });
  const rise = (x: number, y: number): number => x - y;
  t.deepEqual([...new Set(both.numbers)].toSorted(rise), lossy.numbers.toSorted(rise));
  const originals = new Set(both.got.map(({ number, time }) => `${number} ${time}`));
  t.true(lossy.got.every(({ number, time }) => originals.has(`${number} ${time}`)));
  const copied = (numbers: readonly number[]): Set<number> =>
    new Set(numbers.filter((number, index) => numbers.indexOf(number) !== index));
  const withoutLoss = copied(run({ reorder: true, duplicate: 0.5 }).numbers);
  t.true([...copied(both.numbers)].every((number) => withoutLoss.has(number)));
});

test('a link without faults has no streams for them, and a probability of 0 draws nothing', (t) => {
  const paths = (faults: FaultModel): string[] =>
    stream(5, { faults })
      .random.manifest()
      .map(({ path }) => path.join(' '))
      .toSorted();
  t.deepEqual(paths({}), []);
  t.deepEqual(paths({ loss: 0, duplicate: 0, reorder: true }), []);
  t.deepEqual(paths({ loss: 0.5 }), ['loss a b']);
  t.deepEqual(paths({ loss: 0.5, duplicate: 1 }), ['duplicate a b', 'loss a b']);
});

test('faults by link spare the other direction, and end at their time', (t) => {
  const { kernel, net } = network({ faults: ({ from }) => (from === 'a' ? { loss: 1, until: '1 ms' } : {}) });
  const [a, b] = [net.attach('a'), net.attach('b')];
  const got: string[] = [];
  for (const [name, bus] of [
    ['a', a],
    ['b', b],
  ] as const)
    bus.subscribe(`to.${name}`, ({ payload }) => got.push(`${payload} at ${kernel.now()}`));
  const source = kernel.source('clockwork');
  for (const time of [0, 999, 1_000]) source.at(time, () => a.publish('to.b', `a ${time}`), undefined);
  source.at(1, () => b.publish('to.a', 'b'), undefined);
  kernel.run();
  t.deepEqual(got, ['b at 11', 'a 1000 at 1010']);
  t.is(net.counters.lost, 2);
});

/** Who hears whom among a, b, c and d at a time. */
function reach(time: number, partition: Partition): string[] {
  const { kernel, net } = network({ partitions: [partition] });
  const pairs: string[] = [];
  const buses = ['a', 'b', 'c', 'd'].map((name) => ({ name, bus: net.attach(name) }));
  for (const { name, bus } of buses) bus.subscribe('all', ({ payload }) => pairs.push(`${payload}${name}`));
  const source = kernel.source('clockwork');
  for (const { name, bus } of buses) source.at(time, () => bus.publish('all', name), undefined);
  kernel.run();
  assert(pairs.length + net.counters.blocked === 16, 'each message to each endpoint is delivered or blocked');
  return pairs.toSorted();
}

const ALL = ['a', 'b', 'c', 'd'].flatMap((from) => ['a', 'b', 'c', 'd'].map((to) => from + to));

test('a partition blocks exactly the links between its groups, from its first instant up to its last', (t) => {
  const partition: Partition = { groups: [['a'], ['b', 'c']], from: 100, until: '1 ms' };
  const open = ALL.filter((pair) => !['ab', 'ac', 'ba', 'ca'].includes(pair));
  for (const time of [99, 1_000]) t.deepEqual(reach(time, partition), ALL);
  for (const time of [100, 999]) t.deepEqual(reach(time, partition), open);
  t.deepEqual(reach(5_000, { groups: partition.groups, from: 100 }), open);
});

test('a one-way partition lets the second group still reach the first', (t) => {
  const partition: Partition = { groups: [['a', 'b'], ['c']], from: 0, until: 10, oneWay: true };
  t.deepEqual(
    reach(5, partition),
    ALL.filter((pair) => !['ac', 'bc'].includes(pair)),
  );
});

test('what was under way before a partition arrives', (t) => {
  const { numbers, counters } = stream(20, {
    latency: { min: 100 },
    partitions: [{ groups: [['a'], ['b']], from: 10, until: 15 }],
  });
  t.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19]);
  t.is(counters.blocked, 5);
});

test('who watches what is sent sees it whatever becomes of it, also where nobody listens, until it ends', (t) => {
  const { kernel, net } = network({
    faults: { loss: 1, until: 10 },
    partitions: [{ groups: [['a'], ['b']], from: 20, until: 30 }],
  });
  const a = net.attach('a');
  for (const name of ['b', 'c']) net.attach(name).subscribe('x', () => undefined);
  const seen: Sending[] = [];
  const end = net.observeSent((sending) => seen.push(sending));
  const source = kernel.source('clockwork');
  for (const time of [5, 15, 25]) source.at(time, () => a.publish('x', `${time}`), undefined);
  source.at(26, () => a.publish('nobody', 'hears'), undefined);
  kernel.run();
  end();
  a.publish('x', 'unseen');
  const both = (b: Fate, c: Fate): Sending['fates'] => [
    { to: 'b', fate: b },
    { to: 'c', fate: c },
  ];
  t.deepEqual(
    seen.map(({ time, from, message, fates }) => [time, from, message.payload, fates]),
    [
      [5, 'a', '5', both('lost', 'lost')],
      [15, 'a', '15', both('sent', 'sent')],
      [25, 'a', '25', both('blocked', 'sent')],
      [26, 'a', 'hears', []],
    ],
  );
});

test('an endpoint always reaches itself, and is told that nobody listens', (t) => {
  const { kernel, net } = network({ faults: { loss: 1 } });
  const a = net.attach('a');
  const got: boolean[] = [];
  a.subscribe('inbox', ({ noResponders }) => got.push(noResponders));
  a.publish('inbox', '');
  a.publish('nobody', '', { reply: 'inbox' });
  kernel.run();
  t.deepEqual(got, [false, true]);
});

const WRONG_FAULTS: readonly FaultModel[] = [{ loss: -0.1 }, { loss: 1.1 }, { duplicate: NaN }];

test('refuses a probability outside 0 to 1, naming the link', (t) => {
  for (const faults of WRONG_FAULTS) {
    const { net } = network({ faults });
    net.attach('b').subscribe('x', () => undefined);
    t.throws(() => net.attach('a').publish('x', ''), { code: 'bad-link-faults', message: /a -> b/ });
  }
});

const WRONG_PARTITIONS: readonly (readonly [string, Partition, RegExp])[] = [
  ['one group', { groups: [['a']], from: 0 }, /two groups or more, got 1/],
  ['three groups one way', { groups: [['a'], ['b'], ['c']], from: 0, oneWay: true }, /exactly two groups, got 3/],
  ['an empty group', { groups: [['a'], []], from: 0 }, /a group is empty/],
  ['a name in two groups', { groups: [['a', 'b'], ['b']], from: 0 }, /"b" is named twice/],
  ['an end before its beginning', { groups: [['a'], ['b']], from: '2 s', until: '1 s' }, /got 1000000 us/],
];

for (const [what, partition, message] of WRONG_PARTITIONS) {
  test(`refuses a partition with ${what}`, (t) => {
    t.throws(() => network({ partitions: [partition] }), { code: 'bad-partition', message });
  });
}
