import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { bodyText } from '../../../agent-core/testing/body-text.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { sequenceDiagram, transcript } from '../../../agent-core/testing/transcript.ts';
import { world } from '../../../simulator/world.ts';
import { meter, Metering, reader } from '../../fixtures/metering.ts';

async function twoHours(seed: number): Promise<ReturnType<typeof world>> {
  const w = world({ seed, strict: true, record: true });
  const home = w.spawn(meter({ meanKWh: 1 }));
  w.spawn(reader({ target: home.did }));
  await w.run({ until: '2.1 h' });
  return w;
}

const Sale = defineProtocol({
  name: 'sale',
  version: '1.0.0',
  roles: ['buyer', 'seller'],
  messages: {
    bid: { from: 'buyer', as: 'propose', body: z.object({ price: amount(), note: z.string() }) },
    sold: { from: 'seller', as: 'accept-proposal', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: { idle: { on: { bid: 'bidden' } }, bidden: { on: { sold: 'over' } }, over: { type: 'final' } },
  },
});

const seller = defineAgent({
  name: 'seller',
  setup: (agent) => agent.play(Sale, 'seller', { bid: (_, m) => m.reply('sold', {}) }),
});

test("a world's trace reads as one line a message", async (t) => {
  const { trace } = await twoHours(7);
  const text = transcript(trace, { protocols: [Metering] });
  t.is(
    text.replaceAll(/\[\d.*\]/g, '[…]'),
    [
      '3600.001 s  reader-1 → meter-1  d1  metering/ask (query-ref)  { slots: 4 }',
      '3600.002 s  meter-1 → reader-1  d1  metering/report (inform)  { kWh: […] }',
      '7200.003 s  reader-1 → meter-1  d2  metering/ask (query-ref)  { slots: 4 }',
      '7200.004 s  meter-1 → reader-1  d2  metering/report (inform)  { kWh: […] }',
      '',
    ].join('\n'),
  );
});

test('a transcript is the same for the same seed, and differs where what was said differs', async (t) => {
  const once = transcript((await twoHours(7)).trace);
  t.is(transcript((await twoHours(7)).trace), once);
  t.not(transcript((await twoHours(8)).trace), once);
});

test('money is a decimal of tokens where the protocol is given, and what is on the wire where it is not', (t) => {
  const bench = testAgent(seller());
  bench.peer('ann').open(Sale, 'buyer', 'bid', { price: 12_500_000n, note: 'or nothing\n' }, { within: '1 s' });
  t.is(
    transcript(bench.messages, { protocols: [Sale] }),
    [
      '0.000 s  ann → seller  d1  sale/bid (propose)           { price: 12.5, note: "or nothing\\n" }',
      '0.000 s  seller → ann  d1  sale/sold (accept-proposal)  {}',
      '',
    ].join('\n'),
  );
  t.regex(transcript(bench.messages), /sale\/bid {3}\{ note: "or nothing\\n", price: "12500000" \}/);
});

test('amounts are told exactly, below zero and beyond doubles too', (t) => {
  t.is(
    bodyText([0n, 1n, -1n, 1_000_000n, -2_340_000n, 10n ** 30n]),
    `[0, 0.000001, -0.000001, 1, -2.34, 1${'0'.repeat(24)}]`,
  );
  t.is(
    bodyText({ 'two words': null, ok: true, none: undefined, list: [] }),
    '{ "two words": null, ok: true, list: [] }',
  );
});

test('times below a millisecond are told to the microsecond', (t) => {
  const bench = testAgent(seller(), { startsAt: 1_500_007 });
  bench.peer('ann').open(Sale, 'buyer', 'bid', { price: 1n, note: '' }, { within: '1 s' });
  t.regex(transcript(bench.messages), /^1\.500007 s {2}ann/);
});

test('dialogues that chose the same id are told apart by their pair', (t) => {
  const bench = testAgent(seller());
  for (const name of ['ann', 'ben']) {
    const body = { price: '1', note: '' };
    bench.peer(name).say({ id: 'same', type: 'bid', protocol: Sale.id, body });
  }
  const dialogues = transcript(bench.messages).match(/ d\d /g);
  t.deepEqual(dialogues, [' d1 ', ' d1 ', ' d2 ', ' d2 ']);
});

test('a record that holds no envelope is named', (t) => {
  const record = { time: 0, from: 'a', to: 'b' };
  for (const payload of ['', '{', '[]', '{"v":1}']) {
    t.throws(() => transcript([{ ...record, payload }]), { code: 'bad-record', message: /message 1 / });
    t.throws(() => sequenceDiagram([{ ...record, payload }]), { code: 'bad-record' });
  }
});

test('nothing said is no line', (t) => {
  t.is(transcript([]), '');
  t.is(sequenceDiagram([]), 'sequenceDiagram\n');
});

test('a sequence diagram names its participants, cuts long bodies and escapes what Mermaid would read', (t) => {
  const bench = testAgent(seller());
  const note = '<b>#1; "best"</b> & more, and a good deal more than fits one line of a diagram';
  bench.peer('end').open(Sale, 'buyer', 'bid', { price: 1_000_000n, note }, { within: '1 s' });
  const lines = sequenceDiagram(bench.messages, { protocols: [Sale] }).split('\n');
  t.deepEqual(lines.slice(0, 3), ['sequenceDiagram', '  participant p1 as end', '  participant p2 as seller']);
  t.is(lines[4], '  p2->>p1: d1 sold {}');
  t.regex(lines[3] ?? '', /^ {2}p1->>p2: d1 bid \{ price#58; 1, note#58; #34;#60;b#62;#35;1#59; .*…$/);
});

test('the address of an agent that takes part stands in a body as @name, that of others as it is', (t) => {
  const bench = testAgent(seller());
  const [ann, ben] = [bench.peer('ann'), bench.peer('ben')];
  const body = { [ann.did]: [bench.did, ann.did, ben.did], note: `from ${ann.did}` };
  ann.say({ type: 'bid', protocol: Sale.id, body });
  const told = (): string => transcript(bench.messages).split('\n')[0] ?? '';
  t.true(told().endsWith(`{ @ann: [@seller, @ann, "${ben.did}"], note: "from ${ann.did}" }`), told());
  ben.say({ type: 'bid', protocol: Sale.id, body: {} });
  t.true(told().includes('[@seller, @ann, @ben]'), told());
  t.regex(sequenceDiagram(bench.messages), /d1 bid \{ #64;ann#58; \[#64;seller, /);
});

test('whoever goes by its address has no other name', (t) => {
  const stray = testAgent(seller(), { seed: 9 });
  const bench = testAgent(seller());
  const payload = (): string => bench.messages[0]?.payload ?? '';
  bench.peer('ann').say({ type: 'bid', protocol: Sale.id, body: { to: stray.did } });
  const record = { time: 0, from: 'ann', to: stray.did, payload: payload().replaceAll(bench.did, stray.did) };
  t.true(transcript([record]).includes(`{ to: "${stray.did}" }`));
});
