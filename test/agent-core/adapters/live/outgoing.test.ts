import test from 'ava';
import type { CounterName } from '../../../../agent-core/adapters/live/meter.ts';
import { createOutgoing, type Outgoing } from '../../../../agent-core/adapters/live/outgoing.ts';
import type { Leaving } from '../../../../agent-core/adapters/live/said.ts';
import { silentLog } from '../../../../agent-core/log.ts';
import { EPOCH, stillBroker, stillTiming, type StillBroker, type StillLink, type StillTiming } from './still-world.ts';

const leaving = (name: string, exp = EPOCH + 10_000_000): Leaving => ({
  subject: 'a',
  payload: `{"body":{"exp":1,"say":"\\"exp\\":0"},"by":1,"exp":${exp},"id":"${name}"}`,
  headers: {},
  reply: undefined,
});

interface Bench {
  readonly timing: StillTiming;
  readonly broker: StillBroker;
  readonly link: StillLink;
  readonly outgoing: Outgoing;
  readonly counted: Map<CounterName, number>;
  readonly confirmed: number[];
  readonly heard: () => readonly string[];
}

function bench(limits?: { liveOutboxMessages: number; liveOutboxChars: number }): Bench {
  const timing = stillTiming();
  const broker = stillBroker();
  const link = broker.link();
  const counted = new Map<CounterName, number>();
  const confirmed: number[] = [];
  const outgoing = createOutgoing({
    link,
    timing,
    log: silentLog,
    meter: { add: (name, by) => void counted.set(name, (counted.get(name) ?? 0) + by), observe: () => undefined },
    confirmed: (flush) => void confirmed.push(flush),
    ...(limits === undefined ? {} : { limits }),
  });
  const heard = (): readonly string[] => broker.heard.map(({ payload }) => (JSON.parse(payload) as { id: string }).id);
  return { timing, broker, link, outgoing, counted, confirmed, heard };
}

test('what waits leaves in order when the link is up again, once a session, and is confirmed', async (t) => {
  const { timing, link, outgoing, confirmed, heard } = bench();
  link.cut();
  outgoing.push(1, [leaving('a'), leaving('b')]);
  outgoing.push(2, [leaving('c')]);
  t.deepEqual(heard(), []);
  t.is(outgoing.size, 3);
  t.is(outgoing.oldest, EPOCH);
  link.mend();
  await timing.settle();
  t.deepEqual(heard(), ['a', 'b', 'c']);
  t.deepEqual(confirmed, [2]);
  t.is(outgoing.size, 0);
  await outgoing.empty();
});

test('what a broken session did not confirm leaves again in the next', async (t) => {
  const { timing, link, outgoing, heard } = bench();
  outgoing.push(1, [leaving('a')]);
  link.cut();
  link.mend();
  await timing.settle();
  t.deepEqual(heard(), ['a', 'a']);
  t.is(outgoing.size, 0);
});

test('what expired while it waited is given up and counted', async (t) => {
  const { timing, link, outgoing, counted, heard } = bench();
  link.cut();
  outgoing.push(1, [leaving('old', EPOCH + 1_000_000), leaving('new')]);
  await timing.pass(2_000_000);
  link.mend();
  await timing.settle();
  t.deepEqual(heard(), ['new']);
  t.is(counted.get('haggle_outbox_expired_total'), 1);
});

test('where too much waits, what has expired gives way; then what is new is given up, and nothing throws', async (t) => {
  const { timing, link, outgoing, counted, heard } = bench({ liveOutboxMessages: 3, liveOutboxChars: 10_000 });
  link.cut();
  outgoing.push(1, [leaving('old', EPOCH + 1_000_000), leaving('b')]);
  t.true(outgoing.crowded);
  await timing.pass(2_000_000);
  outgoing.push(2, [leaving('c'), leaving('d')]);
  t.is(outgoing.size, 3);
  outgoing.push(3, [leaving('e')]);
  t.is(counted.get('haggle_outbox_overflow_total'), 1);
  link.mend();
  await timing.settle();
  t.deepEqual(heard(), ['b', 'c', 'd']);
  t.false(outgoing.crowded);
});

test('after it was closed nothing leaves', async (t) => {
  const { timing, outgoing, heard } = bench();
  outgoing.close();
  outgoing.push(1, [leaving('a')]);
  await timing.settle();
  t.deepEqual(heard(), []);
});
