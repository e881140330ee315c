import test from 'ava';
import { runName, splitFlags } from '../../cli/split.ts';

test('a run stays in one process unless a broker is asked for', (t) => {
  t.is(splitFlags({}), null);
  t.is(splitFlags({ bus: 'memory' }), null);
});

test('workers, broker and name of a split run are as the flags say, or one worker on a broker of its own', (t) => {
  t.like(splitFlags({ bus: 'nats' }), { workers: 1, nats: null, awaitWorkers: false });
  const flags = { bus: 'nats', workers: '3', nats: 'nats://h:1', run: 'monday', awaitWorkers: true } as const;
  t.deepEqual(splitFlags(flags), { workers: 3, nats: 'nats://h:1', run: 'monday', awaitWorkers: true });
  t.not(splitFlags({ bus: 'nats' })?.run, splitFlags({ bus: 'nats' })?.run);
});

const BAD: readonly (readonly [what: string, flags: Record<string, string | true>, message: RegExp])[] = [
  ['workers without a broker', { workers: '2' }, /--workers needs --bus nats/],
  ['a broker in one process', { bus: 'memory', nats: 'nats://h:1' }, /--nats needs --bus nats/],
  ['waiting in one process', { awaitWorkers: true }, /--await-workers needs --bus nats/],
  ['no workers', { bus: 'nats', workers: '0' }, /--workers must be a whole number from 1 to 256, got "0"/],
  ['a word for a number', { bus: 'nats', workers: 'two' }, /got "two"/],
  ['workers by hand without a broker to meet at', { bus: 'nats', awaitWorkers: true }, /--await-workers needs --nats/],
  ['a name that no subject can have', { bus: 'nats', run: 'a.b' }, /--run must have .* got "a\.b"/],
];

for (const [what, flags, message] of BAD) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => splitFlags(flags), { code: 'bad-flag', message });
  });
}

test('a run has a name that a subject can have', (t) => {
  t.is(runName('run_1-a'), 'run_1-a');
  for (const name of ['', 'a b', '*', 'x'.repeat(65)]) t.throws(() => runName(name), { code: 'bad-flag' });
});
