import type { Bus, BusMessage } from '../bus/bus.ts';
import { assert, HaggleError } from '../errors.ts';

/** What a bus under test offers to the cases. */
export interface BusHarness {
  /** A bus for a new endpoint of the same broker or network; names differ within a case. */
  connect(name: string): Promise<Bus>;
  /** Resolves when everything published so far has been delivered or dropped. */
  settle(): Promise<void>;
  /** The payload limit in UTF-8 bytes. */
  readonly maxPayloadBytes: number;
  /** Put before every subject, so that cases can share one broker; a few plain tokens such as `case7`. */
  readonly prefix: string;
}

/** One claim about a bus; `run` throws an AssertionError where it does not hold. */
export interface BusCase {
  readonly title: string;
  run(harness: BusHarness): Promise<void>;
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(got === wanted, `${what}: expected ${wanted}, got ${got}`);
}

function refuses(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    assert(error instanceof HaggleError, `expected a HaggleError ${code}, got ${String(error)}`);
    equal(error.code, code, 'error code');
    return;
  }
  assert(false, `expected an error ${code}, but nothing was thrown`);
}

/** Subscribes and collects payloads. */
function collect(bus: Bus, subject: string, queue?: string): string[] {
  const payloads: string[] = [];
  bus.subscribe(subject, (message) => payloads.push(message.payload), queue === undefined ? {} : { queue });
  return payloads;
}

async function pair(harness: BusHarness): Promise<readonly [Bus, Bus]> {
  const publisher = await harness.connect('publisher');
  const subscriber = await harness.connect('subscriber');
  return [publisher, subscriber];
}

/** Subscriptions of one endpoint reach the broker before what another publishes after this. */
async function ready(...buses: readonly Bus[]): Promise<void> {
  for (const bus of buses) await bus.flush();
}

const delivery: readonly BusCase[] = [
  {
    title: 'delivers subject, payload, headers and reply unchanged',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const seen: BusMessage[] = [];
      const subject = `${harness.prefix}.in.b.a`;
      b.subscribe(subject, (message) => seen.push(message));
      await ready(a, b);
      const payload = '{"price":"1","place":"Zürich 東京 🚕"}';
      a.publish(subject, payload, { headers: { 'Haggle-Sig': 'abc' }, reply: `${harness.prefix}.in.a.b` });
      await harness.settle();
      equal(seen.length, 1, 'messages');
      const [message] = seen;
      equal(message?.subject, subject, 'subject');
      equal(message?.payload, payload, 'payload');
      equal(message?.headers['Haggle-Sig'], 'abc', 'header');
      equal(message?.reply, `${harness.prefix}.in.a.b`, 'reply');
      equal(message?.noResponders, false, 'noResponders');
    },
  },
  {
    title: 'matches "*" with exactly one token and ">" with one or more',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const { prefix } = harness;
      const one = collect(b, `${prefix}.x.*.z`);
      const last = collect(b, `${prefix}.x.*`);
      const rest = collect(b, `${prefix}.x.>`);
      await ready(a, b);
      for (const tail of ['x', 'x.y', 'x.y.z', 'x.y.y.z', 'w.y.z']) a.publish(`${prefix}.${tail}`, tail);
      await harness.settle();
      equal(one, ['x.y.z'], 'x.*.z');
      equal(last, ['x.y'], 'x.*');
      equal(rest, ['x.y', 'x.y.z', 'x.y.y.z'], 'x.>');
    },
  },
  {
    title: 'delivers to every overlapping subscription, the publisher itself included',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const subject = `${harness.prefix}.tick`;
      const all = [collect(a, subject), collect(b, subject), collect(b, subject), collect(b, `${harness.prefix}.*`)];
      await ready(a, b);
      a.publish(subject, 'once');
      await harness.settle();
      equal(all, [['once'], ['once'], ['once'], ['once']], 'deliveries');
    },
  },
  {
    title: 'keeps the order of each publisher',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const other = await harness.connect('other');
      const got = collect(b, `${harness.prefix}.order.>`);
      await ready(a, b, other);
      const sent = Array.from({ length: 200 }, (_, index) => `${index}`);
      for (const [index, text] of sent.entries()) {
        a.publish(`${harness.prefix}.order.${index % 3}`, `a${text}`);
        other.publish(`${harness.prefix}.order.${index % 2}`, `o${text}`);
      }
      await harness.settle();
      for (const name of ['a', 'o']) {
        const own = got.filter((text) => text.startsWith(name)).map((text) => text.slice(1));
        equal(own, sent, `order of ${name}`);
      }
    },
  },
  {
    title: 'gives each message to exactly one member of every queue group and to all others',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const c = await harness.connect('third');
      const subject = `${harness.prefix}.job`;
      const workers = [collect(b, subject, 'crew'), collect(c, subject, 'crew')];
      const audit = [collect(b, subject, 'audit'), collect(c, subject)];
      await ready(a, b, c);
      const jobs = Array.from({ length: 100 }, (_, index) => `${index}`);
      for (const job of jobs) a.publish(subject, job);
      await harness.settle();
      equal(workers.flat().toSorted(byNumber), jobs, 'the group together');
      equal(audit, [jobs, jobs], 'a group of one and a plain subscription');
      assert(
        workers.every((share) => share.length > 0),
        'every member of a group gets a share',
      );
    },
  },
];

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

const requests: readonly BusCase[] = [
  {
    title: 'carries an answer back on the reply subject',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const answers = collect(a, `${harness.prefix}.reply.1`);
      b.subscribe(`${harness.prefix}.ask`, (message) => {
        if (message.reply !== undefined) b.publish(message.reply, `${message.payload}!`);
      });
      await ready(a, b);
      a.publish(`${harness.prefix}.ask`, 'hello', { reply: `${harness.prefix}.reply.1` });
      await harness.settle();
      equal(answers, ['hello!'], 'answers');
    },
  },
  {
    title: 'answers a request that nobody listens to with noResponders, to the publisher alone',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const seen: boolean[] = [];
      a.subscribe(`${harness.prefix}.reply.*`, (message) => seen.push(message.noResponders));
      const elsewhere = collect(b, `${harness.prefix}.reply.*`);
      await ready(a, b);
      a.publish(`${harness.prefix}.nobody`, 'hello', { reply: `${harness.prefix}.reply.2` });
      a.publish(`${harness.prefix}.nobody`, 'no request');
      await harness.settle();
      equal(seen, [true], 'noResponders');
      equal(elsewhere, [], 'messages to another endpoint');
    },
  },
];

const endings: readonly BusCase[] = [
  {
    title: 'delivers nothing after unsubscribe, and lets it be called twice',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const got: string[] = [];
      const subscription = b.subscribe(`${harness.prefix}.news`, (message) => {
        got.push(message.payload);
        subscription.unsubscribe();
      });
      await ready(a, b);
      a.publish(`${harness.prefix}.news`, 'first');
      a.publish(`${harness.prefix}.news`, 'second');
      await harness.settle();
      subscription.unsubscribe();
      a.publish(`${harness.prefix}.news`, 'third');
      await harness.settle();
      equal(got, ['first'], 'messages');
    },
  },
  {
    title: 'drains: ends its subscriptions, then refuses everything',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const got = collect(b, `${harness.prefix}.news`);
      await ready(a, b);
      a.publish(`${harness.prefix}.news`, 'before');
      await harness.settle();
      const drained = b.drain();
      await harness.settle();
      await drained;
      a.publish(`${harness.prefix}.news`, 'after');
      await harness.settle();
      equal(got, ['before'], 'messages');
      refuses('bus-closed', () => b.publish(`${harness.prefix}.news`, 'late'));
      refuses('bus-closed', () => b.subscribe(`${harness.prefix}.news`, () => undefined));
      await b.drain();
    },
  },
];

const refusals: readonly BusCase[] = [
  {
    title: 'takes a payload of the limit and refuses one byte more, counted in UTF-8',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const lengths: number[] = [];
      b.subscribe(`${harness.prefix}.big`, (message) => lengths.push(message.payload.length));
      await ready(a, b);
      const full = 'x'.repeat(harness.maxPayloadBytes);
      a.publish(`${harness.prefix}.big`, full);
      refuses('payload-too-large', () => a.publish(`${harness.prefix}.big`, `${full}x`));
      refuses('payload-too-large', () => a.publish(`${harness.prefix}.big`, `${full.slice(1)}é`));
      refuses('payload-too-large', () => a.publish(`${harness.prefix}.big`, `${full.slice(3)}🚕`));
      await harness.settle();
      equal(lengths, [full.length], 'delivered lengths');
    },
  },
  {
    title: 'refuses bad subjects',
    run: async (harness) => {
      const bus = await harness.connect('careless');
      for (const bad of ['', '.a', 'a.', 'a..b', 'a b', 'a.\tb', 'a.*', 'a.>', 'x'.repeat(5_000)]) {
        refuses('bad-subject', () => bus.publish(bad, 'x'));
        refuses('bad-subject', () => bus.publish(`${harness.prefix}.ok`, 'x', { reply: bad }));
      }
      for (const bad of ['', '.a', 'a.', 'a..b', 'a b', '>.a']) {
        refuses('bad-subject', () => bus.subscribe(bad, () => undefined));
      }
    },
  },
];

/** What every Bus must do; run each case with a fresh harness, on any test runner. */
export const busCases: readonly BusCase[] = [...delivery, ...requests, ...endings, ...refusals];
