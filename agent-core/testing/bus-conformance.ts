import type { BusMessage } from '../bus/bus.ts';
import { assert } from '../errors.ts';
import { interruptions } from './bus-conformance-outage.ts';
import { collect, equal, pair, refuses, type BusCase } from './bus-harness.ts';

const delivery: readonly BusCase[] = [
  {
    title: 'delivers subject, payload, headers and reply unchanged',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const seen: BusMessage[] = [];
      const subject = `${harness.prefix}.in.b.a`;
      b.subscribe(subject, (message) => seen.push(message));
      await harness.settle();
      const payload = '\uFEFF{"price":"1","place":"Zürich 東京 🚕"}\u0000';
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
    title: 'delivers an empty payload, and no headers where there were none',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const seen: BusMessage[] = [];
      b.subscribe(`${harness.prefix}.plain`, (message) => seen.push(message));
      await harness.settle();
      a.publish(`${harness.prefix}.plain`, '');
      await harness.settle();
      equal(seen.length, 1, 'messages');
      equal(seen[0]?.payload, '', 'payload');
      equal(seen[0]?.headers, {}, 'headers');
      equal(seen[0]?.reply ?? null, null, 'reply');
    },
  },
  {
    title: 'tells header names apart by their case',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const seen: BusMessage[] = [];
      b.subscribe(`${harness.prefix}.case`, (message) => seen.push(message));
      await harness.settle();
      a.publish(`${harness.prefix}.case`, 'x', { headers: { 'haggle-sig': 'small', 'Haggle-Sig': 'Large' } });
      await harness.settle();
      equal(seen[0]?.headers['haggle-sig'], 'small', 'haggle-sig');
      equal(seen[0]?.headers['Haggle-Sig'], 'Large', 'Haggle-Sig');
      equal(seen[0]?.headers['HAGGLE-SIG'] ?? null, null, 'HAGGLE-SIG');
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
      await harness.settle();
      for (const tail of ['x', 'x.y', 'x.y.z', 'x.y.y.z', 'w.y.z']) a.publish(`${prefix}.${tail}`, tail);
      await harness.settle();
      equal(one, ['x.y.z'], 'x.*.z');
      equal(last, ['x.y'], 'x.*');
      equal(rest, ['x.y', 'x.y.z', 'x.y.y.z'], 'x.>');
    },
  },
  {
    title: 'matches wildcards at any place and takes letters, case included, as they are',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const { prefix } = harness;
      const first = collect(b, `${prefix}.*.b.c`);
      const both = collect(b, `${prefix}.*.b.>`);
      const twice = collect(b, `${prefix}.*.*`);
      const plain = collect(b, `${prefix}.a.b`);
      await harness.settle();
      for (const tail of ['a.b', 'A.b', 'a.b.c', 'x.b.c.d', 'a.bb.c', 'a']) a.publish(`${prefix}.${tail}`, tail);
      await harness.settle();
      equal(first, ['a.b.c'], '*.b.c');
      equal(both, ['a.b.c', 'x.b.c.d'], '*.b.>');
      equal(twice, ['a.b', 'A.b'], '*.*');
      equal(plain, ['a.b'], 'a.b');
    },
  },
  {
    title: 'delivers to every overlapping subscription, the publisher itself included',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const subject = `${harness.prefix}.tick`;
      const all = [collect(a, subject), collect(b, subject), collect(b, subject), collect(b, `${harness.prefix}.*`)];
      await harness.settle();
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
      await harness.settle();
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
      await harness.settle();
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
  {
    title: 'leaves the share of a member that has gone to the rest of its queue group',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const c = await harness.connect('third');
      const subject = `${harness.prefix}.job.*`;
      const left: string[] = [];
      const gone = b.subscribe(subject, (message) => left.push(message.payload), { queue: 'crew' });
      const stays = collect(c, subject, 'crew');
      await harness.settle();
      for (let job = 0; job < 20; job++) a.publish(`${harness.prefix}.job.a`, `${job}`);
      await harness.settle();
      gone.unsubscribe();
      await harness.settle();
      const before = left.length;
      for (let job = 20; job < 40; job++) a.publish(`${harness.prefix}.job.b`, `${job}`);
      await harness.settle();
      equal(left.length, before, 'messages to the member that has gone');
      equal(left.length + stays.length, 40, 'messages in all');
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
      await harness.settle();
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
      await harness.settle();
      a.publish(`${harness.prefix}.nobody`, 'hello', { reply: `${harness.prefix}.reply.2` });
      a.publish(`${harness.prefix}.nobody`, 'no request');
      await harness.settle();
      equal(seen, [true], 'noResponders');
      equal(elsewhere, [], 'messages to another endpoint');
    },
  },
  {
    title: 'counts a queue group as listening, until its last member has gone',
    run: async (harness) => {
      const [a, b] = await pair(harness);
      const subject = `${harness.prefix}.desk`;
      const seen: boolean[] = [];
      a.subscribe(`${harness.prefix}.reply.*`, (message) => seen.push(message.noResponders));
      const member = b.subscribe(subject, () => undefined, { queue: 'crew' });
      await harness.settle();
      a.publish(subject, 'hello', { reply: `${harness.prefix}.reply.1` });
      await harness.settle();
      equal(seen, [], 'while it listens');
      member.unsubscribe();
      await harness.settle();
      a.publish(subject, 'hello', { reply: `${harness.prefix}.reply.2` });
      await harness.settle();
      equal(seen, [true], 'after it has gone');
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
      await harness.settle();
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
      await harness.settle();
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
  {
    title: 'delivers what was under way when it drains',
    run: async (harness) => {
      const b = await harness.connect('subscriber');
      const got = collect(b, `${harness.prefix}.last`);
      await harness.settle();
      const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
      // Its own words: those of others may still be on their way between two brokers, which is not on their way to it.
      for (const text of sent) b.publish(`${harness.prefix}.last`, text);
      const drained = b.drain();
      await harness.settle();
      await drained;
      equal(got, sent, 'messages');
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
      await harness.settle();
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

/**
 * What every Bus must do; run each case with a fresh harness, on any test runner. A case with `needs` applies only to a
 * harness that has that method: a bus without a connection has none to lose.
 */
export const busCases: readonly BusCase[] = [...delivery, ...requests, ...endings, ...refusals, ...interruptions];

export type { BusCase, BusHarness, Stall } from './bus-harness.ts';
