import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { adaptive } from '../../../agent-core/negotiation/adaptive.ts';
import { negotiate } from '../../../agent-core/negotiation/alternating-offers.ts';
import { analyseBargaining } from '../../../agent-core/negotiation/bargaining-points.ts';
import { ANAC_CHARS_MAX, parseAnacDomain, type AnacDomain } from '../../../scenarios/bargaining/anac-domain.ts';

const FOLDER = join(process.env['HAGGLE_DATA'] ?? 'data', 'anac-domains');
const PRESENT = existsSync(join(FOLDER, 'SOURCE.md'));
const FILES = PRESENT ? readdirSync(FOLDER).filter((file) => file.endsWith('.json')) : [];

const domainOf = (file: string): AnacDomain => parseAnacDomain(readFileSync(join(FOLDER, file), 'utf8'), { file });

const SMALL = {
  name: 'small',
  utilities: [
    { price: { low: 0.1, high: 0.6 }, colour: { red: 0.4, blue: 0 } },
    { price: { high: 0, low: 0.7 }, colour: { red: 0.1, blue: 0.3 } },
  ],
  reserved: [0, 0.1],
  discount: [1, 0.5],
  pareto: [[1, 0.1]],
  nash: [0.5, 0.8],
  kalai: [0.5, 0.8],
  welfare: [0.5, 0.8],
};

test('reads a domain: issues, both parties with reservation and discount, and the published points', (t) => {
  const { name, space, parties, published } = parseAnacDomain(JSON.stringify(SMALL));
  t.is(name, 'small');
  t.deepEqual([...space.enumerate()][1], { price: 'low', colour: 'blue' });
  t.is(parties[0].utility({ price: 'high', colour: 'red' }), 1);
  t.is(parties[1].utility({ price: 'low', colour: 'blue' }), 1);
  t.deepEqual([parties[1].reservation, parties[1].discount], [0.1, 0.5]);
  t.deepEqual(published.kalaiSmorodinsky, [0.5, 0.8]);
});

test('says where a hostile file is wrong', (t) => {
  const [first, second] = SMALL.utilities;
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [7, /^x\.json: Invalid input/],
    [{ ...SMALL, more: 1 }, /more/],
    [{ ...SMALL, name: '' }, /x\.json: name:/],
    [{ ...SMALL, reserved: [0] }, /x\.json: reserved/],
    [{ ...SMALL, discount: [1, 0] }, /x\.json: discount\.1:/],
    [{ ...SMALL, pareto: [[1, 'a']] }, /x\.json: pareto\.0\.1:/],
    [{ ...SMALL, utilities: [first] }, /x\.json: utilities/],
    [
      { ...SMALL, utilities: [first, { ...second, price: { low: 'x', high: 1 } }] },
      /x\.json: utilities\.1\.price\.low:/,
    ],
    [
      { ...SMALL, utilities: [first, { price: { low: 0, high: 1 } }] },
      /utilities\.1\.colour: the second party lacks this issue/,
    ],
    [
      { ...SMALL, utilities: [first, { ...second, size: { s: 1 } }] },
      /utilities\.1\.size: the first party has no such issue/,
    ],
    [
      { ...SMALL, utilities: [first, { ...second, colour: { red: 1 } }] },
      /utilities\.1\.colour\.blue: .*lacks this value/,
    ],
    [
      { ...SMALL, utilities: [first, { ...second, colour: { red: 1, blue: 1, pink: 0 } }] },
      /utilities\.1\.colour\.pink: .*no such value/,
    ],
    [{ ...SMALL, utilities: [{}, {}] }, /utilities\.0: 1 to 64 issues are read, got 0/],
    [{ ...SMALL, utilities: [{ price: {} }, { price: {} }] }, /utilities\.0\.price: an issue needs a value/],
    [
      { ...SMALL, utilities: [{ constructor: { a: 1 } }, { constructor: { a: 1 } }] },
      /x\.json: constructor: no member/,
    ],
  ];
  for (const [value, message] of wrong) {
    t.throws(() => parseAnacDomain(JSON.stringify(value), { file: 'x.json' }), { code: 'bad-anac-domain', message });
  }
  t.throws(() => parseAnacDomain('{"name": 1,}', { file: 'x.json' }), {
    code: 'bad-anac-domain',
    message: /x\.json: is not JSON: .*position/,
  });
  t.throws(() => parseAnacDomain(JSON.stringify({ ...SMALL, nash: [1, 2] }).replace('[1,2]', '[1,1e999]')), {
    code: 'bad-anac-domain',
    message: /nash/,
  });
  t.throws(() => parseAnacDomain(' '.repeat(ANAC_CHARS_MAX + 1)), { code: 'bad-anac-domain', message: /characters/ });
  const hidden = JSON.stringify(SMALL).replaceAll('"price"', '"__proto__"');
  t.throws(() => parseAnacDomain(hidden), { code: 'bad-anac-domain', message: /__proto__: no member/ });
  const long = JSON.stringify(SMALL).replaceAll('"low"', '"\\ud800"');
  t.throws(() => parseAnacDomain(long), { code: 'bad-anac-domain', message: /utilities\.0: issue "price"/ });
});

if (!PRESENT) {
  test.skip('exact solutions of the ANAC domains (needs HAGGLE_DATA)', () => undefined);
}

for (const file of FILES) {
  test(`finds the published front, Nash and Kalai-Smorodinsky points of ${file}`, (t) => {
    const { space, parties, published } = domainOf(file);
    const { front, nash, kalaiSmorodinsky, utilitarian } = analyseBargaining(space, parties);
    t.deepEqual(
      front.map(({ utilities }) => utilities),
      published.pareto,
    );
    t.deepEqual(nash?.utilities, published.nash);
    t.deepEqual(kalaiSmorodinsky?.utilities, published.kalaiSmorodinsky);
    // Two outcomes of one domain have the same sum but for rounding.
    const sum = (utilities: readonly number[]): number => utilities.reduce((a, b) => a + b, 0);
    t.true(Math.abs(sum(utilitarian?.utilities ?? []) - sum(published.welfare)) < 1e-12);
  });
}

(PRESENT ? test : test.skip)(
  'two adaptive negotiators reach 95 % of the Nash product and the front within 0.02, on average over the domains',
  (t) => {
    const scores = FILES.flatMap((file) => {
      const { space, parties } = domainOf(file);
      const analysis = analyseBargaining(space, parties);
      const seats = parties.map((preferences) => ({ preferences, strategy: adaptive }));
      return [1, 2].map((seed) => {
        const { agreement } = negotiate({ space, parties: seats, rounds: 60, seed });
        const utilities = agreement === null ? null : parties.map((each) => each.utility(agreement));
        return { share: analysis.nashShare(utilities), distance: analysis.distanceToFront(utilities ?? [0, 0]) };
      });
    });
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    t.log(`share ${mean(scores.map(({ share }) => share))}, distance ${mean(scores.map(({ distance }) => distance))}`);
    t.true(mean(scores.map(({ share }) => share)) >= 0.95);
    t.true(mean(scores.map(({ distance }) => distance)) <= 0.02);
  },
);
