import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { JsonValue } from '../../../agent-core/message/canonical.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { createKernel } from '../../../simulator/kernel.ts';
import { createNetwork } from '../../../simulator/network.ts';
import { createFrameSender, receiveFrames } from '../../../simulator/shards/frames.ts';

function wire(maxPayloadBytes: number) {
  const kernel = createKernel();
  const latency = { min: 1, max: 500 };
  const network = createNetwork({
    kernel,
    random: createRandomRoot(1),
    latency,
    faults: { reorder: true },
    maxPayloadBytes,
  });
  const documents: JsonValue[] = [];
  const faults: HaggleError[] = [];
  const bus = network.attach('a');
  const sender = createFrameSender({ bus, sender: 'a', maxPayloadBytes });
  receiveFrames({
    bus: network.attach('b'),
    subject: 'to.b',
    onDocument: (document) => void documents.push(document),
    onFault: (error) => {
      if (!(error instanceof HaggleError)) throw error;
      faults.push(error);
    },
  });
  return { kernel, network, bus, sender, documents, faults };
}

test('documents of any size and any letters arrive whole, in frames that the bus takes, however these are mixed up', (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 5 }), (texts) => {
      const { kernel, sender, documents, faults } = wire(400);
      for (const [index, text] of texts.entries()) sender.send('to.b', { index, text });
      kernel.run();
      t.deepEqual(faults, []);
      const inOrder = documents.toSorted(
        (a, b) => Number(Reflect.get(Object(a), 'index')) - Number(Reflect.get(Object(b), 'index')),
      );
      t.deepEqual(
        inOrder,
        texts.map((text, index) => ({ index, text })),
      );
    }),
    { numRuns: 60 },
  );
});

const BAD: readonly (readonly [what: string, payload: string, message: RegExp])[] = [
  ['no first line', 'hello', /a frame begins with "haggle-sim\/1"/],
  ['another format', 'haggle-sim/2 a 0 0 1\n{}', /a frame begins with/],
  ['a part that there is not', 'haggle-sim/1 a 0 1 1\n{}', /part 1 of 1/],
  ['a part that is no number', 'haggle-sim/1 a 0 x 1\n{}', /part x of 1/],
  ['more parts than there may be', 'haggle-sim/1 a 0 0 70000\n{}', /part 0 of 70000/],
  ['no JSON', 'haggle-sim/1 a 0 0 1\n{', /no JSON/],
];

for (const [what, payload, message] of BAD) {
  test(`refuses a frame with ${what}`, (t) => {
    const { kernel, bus, faults, documents } = wire(100_000);
    bus.publish('to.b', payload);
    kernel.run();
    t.deepEqual(documents, []);
    t.is(faults[0]?.code, 'bad-wire');
    t.regex(faults[0]?.message ?? '', message);
  });
}

test('refuses a message whose number of parts changes, and one more of which a part is missing than may be', (t) => {
  const { kernel, bus, faults } = wire(100_000);
  bus.publish('to.b', 'haggle-sim/1 a 7 0 2\n"');
  bus.publish('to.b', 'haggle-sim/1 a 7 1 3\n"');
  kernel.run();
  t.regex(faults[0]?.message ?? '', /message a 7 has \d parts and then \d/);
  for (let number = 8; number < 8 + 4_096; number++) bus.publish('to.b', `haggle-sim/1 a ${number} 0 2\n"`);
  kernel.run();
  t.regex(faults[1]?.message ?? '', /4096 messages wait for a part/);
});

test('refuses frames too small for their first line', (t) => {
  const bus = wire(1_000).bus;
  t.throws(() => createFrameSender({ bus, sender: 'a', maxPayloadBytes: 200 }), { code: 'payload-too-large' });
});
