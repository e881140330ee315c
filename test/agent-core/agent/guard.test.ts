import test from 'ava';
import { createGuard } from '../../../agent-core/agent/guard.ts';

const forbidden: readonly (readonly [string, () => unknown, string])[] = [
  ['Date.now', () => Date.now(), 'wall-clock-in-handler'],
  ['new Date()', () => new Date(), 'wall-clock-in-handler'],
  ['Date()', () => Date(), 'wall-clock-in-handler'],
  ['performance.now', () => performance.now(), 'wall-clock-in-handler'],
  ['setTimeout', () => setTimeout(() => undefined, 0), 'wall-clock-in-handler'],
  ['setInterval', () => setInterval(() => undefined, 1), 'wall-clock-in-handler'],
  ['setImmediate', () => setImmediate(() => undefined), 'wall-clock-in-handler'],
  ['new Date()', () => Reflect.construct(new Date(0).constructor, []), 'wall-clock-in-handler'],
  ['process.hrtime', () => process.hrtime(), 'wall-clock-in-handler'],
  ['process.hrtime.bigint', () => process.hrtime.bigint(), 'wall-clock-in-handler'],
  ['AbortSignal.timeout', () => AbortSignal.timeout(1), 'wall-clock-in-handler'],
  ['Math.random', () => Math.random(), 'unseeded-chance-in-handler'],
  ['crypto.randomUUID', () => crypto.randomUUID(), 'unseeded-chance-in-handler'],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1)), 'unseeded-chance-in-handler'],
  ['fetch', () => fetch('http://127.0.0.1:1'), 'outside-world-in-handler'],
];

for (const [index, [call, action, code]] of forbidden.entries()) {
  test.serial(`${index + 1}. refuses ${call} inside a handler, naming its owner and the call`, (t) => {
    const guard = createGuard();
    const uninstall = guard.install();
    try {
      guard.run('buyer', action);
      t.fail('not refused');
    } catch (error) {
      t.like(error, { code, fields: { owner: 'buyer', call } });
    } finally {
      uninstall();
    }
  });
}

test.serial('leaves everything as it was outside handlers, and dates with arguments inside', (t) => {
  const guard = createGuard();
  const uninstall = guard.install();
  t.true(Date.now() > 1e12 && new Date().getTime() > 1e12 && typeof Date() === 'string');
  t.true(performance.now() > 0 && Math.random() < 1);
  t.is(crypto.randomUUID().length, 36);
  clearTimeout(setTimeout(() => undefined, 0));
  const date = guard.run('buyer', () => new Date(5));
  t.true(date instanceof Date);
  t.is(date.getTime(), 5);
  uninstall();
  t.true(date instanceof Date);
});

const identities = new Map<unknown, number>();

/** A number that stands for one value, by identity. */
function identify(value: unknown): number {
  const known = identities.get(value) ?? identities.size;
  identities.set(value, known);
  return known;
}

test.serial('uninstalling restores exactly the originals, after the last of several worlds', (t) => {
  const holders: readonly object[] = [
    globalThis,
    Date,
    Date.prototype,
    Math,
    performance,
    crypto,
    process,
    process.hrtime,
  ];
  const describe = (): readonly string[] =>
    holders.flatMap((holder, index) =>
      Object.entries(Object.getOwnPropertyDescriptors(holder))
        .map(([name, descriptor]) =>
          [index, name, ...Object.entries(descriptor).map(([key, value]) => `${key}=${identify(value)}`)].join(' '),
        )
        .toSorted(),
    );
  const before = describe();
  const [first, second] = [createGuard(), createGuard()];
  const uninstalls = [first.install(), second.install(), first.install()];
  t.notDeepEqual(describe(), before);
  uninstalls[0]?.();
  uninstalls[0]?.();
  uninstalls[2]?.();
  t.throws(() => second.run('seller', () => Math.random()), { code: 'unseeded-chance-in-handler' });
  uninstalls[1]?.();
  t.deepEqual(describe(), before);
});

test.serial('handlers nest, and a guard that is not installed refuses nothing', (t) => {
  const [guard, idle] = [createGuard(), createGuard()];
  const uninstall = guard.install();
  t.notThrows(() => idle.run('free', () => Math.random()));
  guard.run('outer', () => {
    t.notThrows(() => guard.run('inner', () => 1));
    t.throws(() => Math.random(), { message: /handler of outer/ });
  });
  t.notThrows(() => Math.random());
  uninstall();
});

test.serial(
  'what a handler starts stays under guard after any number of awaits, what runs beside it does not',
  async (t) => {
    const guard = createGuard();
    const uninstall = guard.install();
    const later = guard.run('buyer', async () => {
      for (let turn = 0; turn < 100; turn++) await Promise.resolve();
      return Math.random();
    });
    for (let turn = 0; turn < 50; turn++) {
      await Promise.resolve();
      t.notThrows(() => Date.now());
    }
    await t.throwsAsync(later, { code: 'unseeded-chance-in-handler', message: /handler of buyer/ });
    uninstall();
  },
);
