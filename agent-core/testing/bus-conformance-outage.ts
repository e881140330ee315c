import type { Bus } from '../bus/bus.ts';
import { assert } from '../errors.ts';
import { collect, equal, pair, refuses, type BusCase, type BusHarness, type Stall } from './bus-harness.ts';

/** Takes the broker away; what it resolves with brings it back. */
async function interrupted(harness: BusHarness): Promise<() => Promise<void>> {
  assert(harness.interrupt !== undefined, 'this case needs a harness with interrupt()');
  return await harness.interrupt();
}

async function stalled(harness: BusHarness, bus: Bus): Promise<Stall> {
  assert(harness.stall !== undefined, 'this case needs a harness with stall()');
  return await harness.stall(bus);
}

const away: readonly BusCase[] = [
  {
    title: 'comes back with its subscriptions after the broker was away',
    needs: 'interrupt',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const plain = collect(b, `${harness.prefix}.news.>`);
      const crew = collect(b, `${harness.prefix}.news.*`, 'crew');
      const gone: string[] = [];
      const left = b.subscribe(`${harness.prefix}.news.x`, (message) => gone.push(message.payload));
      await harness.settle();
      a.publish(`${harness.prefix}.news.x`, 'before');
      await harness.settle();
      const restore = await interrupted(harness);
      left.unsubscribe();
      const late = collect(b, `${harness.prefix}.news.x`);
      await restore();
      await harness.settle();
      a.publish(`${harness.prefix}.news.x`, 'after');
      await harness.settle();
      equal(plain, ['before', 'after'], 'a plain subscription');
      equal(crew, ['before', 'after'], 'a member of a queue group');
      equal(gone, ['before'], 'a subscription that was ended while the broker was away');
      equal(late, ['after'], 'a subscription that was made while the broker was away');
    },
  },
  {
    title: 'holds what is published while the broker is away and sends it in order, before anything newer',
    needs: 'interrupt',
    run: async (harness) => {
      const bus = await harness.connect('both');
      const got: string[] = [];
      bus.subscribe(`${harness.prefix}.held.*`, (message) =>
        got.push(`${message.payload}${message.headers['N'] ?? ''}`),
      );
      await harness.settle();
      const restore = await interrupted(harness);
      const sent = Array.from({ length: 300 }, (_, index) => index);
      for (const index of sent.slice(0, 200)) {
        bus.publish(`${harness.prefix}.held.${index % 3}`, `${index}`, { headers: { N: '!' } });
      }
      const flushed = bus.flush();
      await restore();
      await flushed;
      for (const index of sent.slice(200))
        bus.publish(`${harness.prefix}.held.${index % 3}`, `${index}`, { headers: { N: '!' } });
      await harness.settle();
      equal(
        got,
        sent.map((index) => `${index}!`),
        'messages',
      );
    },
  },
  {
    title: 'holds only so many bytes while the broker is away, and loses none of those it took',
    needs: 'interrupt',
    run: async (harness) => {
      const bus = await harness.connect('both');
      const limit = harness.backlogBytes ?? 0;
      const got: number[] = [];
      bus.subscribe(`${harness.prefix}.much`, (message) => got.push(message.payload.length));
      await harness.settle();
      const restore = await interrupted(harness);
      const size = Math.min(harness.maxPayloadBytes, Math.floor(limit / 4));
      const text = 'x'.repeat(size);
      const takes = Math.floor(limit / size);
      for (let index = 0; index < takes; index++) bus.publish(`${harness.prefix}.much`, text);
      refuses('bus-backlog-full', () => bus.publish(`${harness.prefix}.much`, text));
      refuses('bus-backlog-full', () => bus.publish(`${harness.prefix}.much`, text));
      await restore();
      await bus.flush();
      bus.publish(`${harness.prefix}.much`, 'x');
      await harness.settle();
      equal(got, [...Array.from({ length: takes }, () => size), 1], 'lengths of messages');
    },
  },
  {
    title: 'drains without a broker: gives up waiting, then refuses everything',
    needs: 'interrupt',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      collect(b, `${harness.prefix}.news`);
      await harness.settle();
      const restore = await interrupted(harness);
      a.publish(`${harness.prefix}.news`, 'never leaves');
      await Promise.all([a.drain(), b.drain()]);
      refuses('bus-closed', () => a.publish(`${harness.prefix}.news`, 'late'));
      refuses('bus-closed', () => b.subscribe(`${harness.prefix}.news`, () => undefined));
      await restore();
    },
  },
];

/** More than two sockets and a broker hold for one reader; then it was not slow. */
const FLOOD_BYTES = 100_000_000;

const slow: readonly BusCase[] = [
  {
    title: 'loses a subscriber that does not keep up, which comes back, and no other misses anything',
    needs: 'stall',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const c = await harness.connect('slow');
      const subject = `${harness.prefix}.flood`;
      const text = 'x'.repeat(harness.maxPayloadBytes - 10);
      const numberOf = (payload: string): number => Number(payload.slice(text.length));
      const keeping: number[] = [];
      const lagging: number[] = [];
      b.subscribe(subject, (message) => keeping.push(numberOf(message.payload)));
      c.subscribe(subject, (message) => lagging.push(numberOf(message.payload)));
      await harness.settle();
      const stall = await stalled(harness, c);
      const most = Math.ceil(FLOOD_BYTES / text.length);
      let count = 0;
      while (count < most && !stall.isCutOff()) {
        a.publish(subject, `${text}${count++}`);
        if (count % 8 === 0) await a.flush();
      }
      await harness.settle();
      await stall.resume();
      await harness.settle();
      a.publish(subject, `${text}${count}`);
      await harness.settle();
      const all = Array.from({ length: count + 1 }, (_, index) => index);
      equal(keeping, all, 'messages to the subscriber that keeps up');
      assert(lagging.length < all.length, 'the slow subscriber lost something, or it was not slow');
      equal(lagging.at(-1), count, 'last message to the slow subscriber');
      equal(
        lagging.toSorted((x, y) => x - y),
        lagging,
        'order of what the slow subscriber got',
      );
    },
  },
];

/** What a bus with a connection must do where it breaks. */
export const interruptions: readonly BusCase[] = [...away, ...slow];
