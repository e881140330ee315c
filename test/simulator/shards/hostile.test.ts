/** What broken or hostile processes of a split run say: a named error for all, never another course of events, never a wait without end. */
import test from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { ShardOptions } from '../../../simulator/shards/shard-options.ts';
import { world, type World } from '../../../simulator/world.ts';
import { meter, reader } from '../../fixtures/metering.ts';
import { runSplit, type SplitOptions, type Tamper } from '../../fixtures/split-run.ts';
import { forging, publishing, repeating } from '../../fixtures/tampered-bus.ts';

function town(shard?: ShardOptions): World {
  const place = world({ seed: 1, latency: ['1 ms', '9 ms'], shard });
  for (let index = 0; index < 3; index++) {
    place.spawn(reader({ target: place.didOf(`m${index}`) }), { name: `r${index}` });
    place.spawn(meter({ meanKWh: 1 }), { name: `m${index}` });
  }
  return place;
}

const SPLIT: SplitOptions = { make: town, workers: 2, seed: 1, until: '5 h' };

const BROKEN: readonly (readonly [what: string, tamper: Tamper, message: RegExp])[] = [
  ['a worker is ready twice', repeating('w0', 'ready'), /"ready" and nobody waits/],
  ['a worker reports a window twice', repeating('w0', 'report'), /"report" and nobody waits/],
  [
    'a worker reports another epoch',
    forging('w0', 'report', (text) => text.replace(/"epoch":\d+/, '"epoch":77')),
    /"report" and nobody waits/,
  ],
  [
    'a worker ends before it is asked to',
    forging('w0', 'ready', (text) => text.replace(/\{.*/s, '{"type":"final","report":null,"cpuSeconds":0}')),
    /"final" and nobody waits/,
  ],
  [
    'a worker does not count for all',
    forging('w0', 'report', (text) => text.replace(/"sent":\[[\d,]*\]/, '"sent":[0]')),
    /counts what it sent to 1 workers/,
  ],
  [
    'a worker has no CPU time',
    forging('w0', 'final', (text) => text.replace('"cpuSeconds":0', '"cpuSeconds":"much"')),
    /cpuSeconds must be a number/,
  ],
  [
    'a worker does not count decisions',
    forging('w0', 'final', (text) => text.replace('"decisions":{}', '"decisions":[]')),
    /decisions must be an object/,
  ],
  [
    'a worker counts half a decision',
    forging('w0', 'final', (text) => text.replace('"decisions":{}', '"decisions":{"f00":0.5}')),
    /decisions must be a whole number from 0/,
  ],
  [
    'a worker has a name that is no token',
    forging('w0', 'hello', (text) => text.replace('"token":"w0"', '"token":"w 0.*"')),
    /token must have 1 to 64 letters/,
  ],
  [
    'a packet is of a later epoch',
    forging('w0', 'packet', (text) => text.replace(/"epoch":\d+/, '"epoch":999')),
    /not of the epochs/,
  ],
  [
    'a message comes from the past',
    forging('w0', 'packet', (text) => text.replace(/\["message",\d+/, '["message",0')),
    /a message of 0 us came in epoch/,
  ],
  [
    'a notice comes from the past',
    forging('w0', 'report', (text) =>
      text.replace(
        '"notices":[]',
        '"notices":[{"kind":"listens","author":"m0","number":99,"due":1,"body":[99,"x",null]}]',
      ),
    ),
    /a notice of 1 us came in epoch/,
  ],
  ['a window is granted twice', repeating('coordinator', 'grant'), /a grant of epoch 1 with 2 counts/],
  [
    'a window is left out',
    forging('coordinator', 'grant', (text) => text.replace('"epoch":2', '"epoch":3')),
    /a grant of epoch 3 with 2 counts, in epoch 1/,
  ],
  [
    'a grant counts for others',
    forging('coordinator', 'grant', (text) => text.replace(/"expect":\[\d+,/, '"expect":[')),
    /with 1 counts/,
  ],
  [
    'a run has more workers than there may be',
    forging('coordinator', 'welcome', (text) => text.replace('"workers":2', '"workers":4294967296')),
    /worker \d of 4294967296/,
  ],
];

for (const [what, tamper, message] of BROKEN) {
  test(`bad-wire where ${what}`, async (t) => {
    await t.throwsAsync(runSplit({ ...SPLIT, tamper }), { instanceOf: HaggleError, code: 'bad-wire', message });
  });
}

test('whoever looks on and throws fails the run, instead of leaving all to wait', async (t) => {
  const spoilt = new TypeError('no screen');
  const failed = await t.throwsAsync(
    runSplit({
      ...SPLIT,
      progress: (place) => place.now(),
      onProgress: () => {
        throw spoilt;
      },
    }),
  );
  t.is(failed, spoilt);
});

test('a worker that waits for a slow one is kept in touch, and stays', async (t) => {
  const silence = 5_000;
  let pings = 0;
  // The first worker works on its third window for longer than anybody would stay without a word.
  const slow = publishing('w0', () => {
    let reports = 0;
    const kept: (() => void)[] = [];
    return ([subject, payload, options], publish) => {
      if (payload.includes('"type":"report"') && ++reports === 3) {
        kept.push(() => publish(subject, payload, options));
      } else if (kept.length > 0 && payload.includes('"type":"pong"')) {
        pings += 1;
        publish(subject, payload.replace('"idle"', '"running"'), options);
        if (pings > (2 * silence) / 1_000) for (const say of kept.splice(0)) say();
      } else publish(subject, payload, options);
    };
  });
  const { summary, ends } = await runSplit({ ...SPLIT, tamper: slow, millis: { silence, ping: 1_000 } });
  t.is(summary.end, 'until');
  t.true(pings > 5);
  t.deepEqual(ends, [null, null]);
});
