import test from 'ava';
import * as fc from 'fast-check';
import { el, escapeText, rounded, trusted } from '../../../cli/report/markup.ts';
import { byteSize, counted, decimal, errorSize, fixed, scientific } from '../../../cli/report/numbers.ts';
import { priceColour } from '../../../cli/report/palette.ts';

test('no text opens an element, an entity or a quote', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.notRegex(escapeText(text), /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
    { seed: 11 },
  );
});

test('text is escaped in content and in attributes, control characters are dropped', (t) => {
  t.is(
    el('a', { title: `"><b>'` }, '<i>', 5, null, ['&']).markup,
    '<a title="&quot;&gt;&lt;b&gt;&#39;">&lt;i&gt;5&amp;</a>',
  );
  t.is(escapeText('a\u0000\u001bb'), 'a  b');
});

test('markup is put in as it is, void elements have no end', (t) => {
  t.is(el('p', { class: null }, trusted('<b>x</b>'), el('br', {})).markup, '<p><b>x</b><br></p>');
});

test('coordinates have two decimals and are never broken', (t) => {
  t.is(rounded(1.23456), '1.23');
  t.is(rounded(-0.001), '0');
  t.is(rounded(Number.NaN), '0');
});

test('numbers are written for people', (t) => {
  t.is(fixed(15781.477, 2), '15,781.48');
  t.is(fixed(-0.0001, 2), '0.00');
  t.is(decimal(-1234.5, 1), '−1,234.5');
  t.is(scientific(2.4e-6), '2.4\u00a0×\u00a010⁻⁶');
  t.is(errorSize(1e-15), '<\u00a010⁻⁹');
  t.is(errorSize(0), '0');
  t.is(errorSize(0.15606), '0.1561');
  t.is(byteSize(9864769), '9.9 MB');
  t.is(byteSize(900), '900 B');
  t.is(byteSize(1500), '1.5 kB');
  t.deepEqual(
    [0, 1, 2000].map((count) => counted(count, 'bus', 'buses')),
    ['no bus', '1 bus', '2,000 buses'],
  );
});

test('the price scale grows lighter all the way, for readers without colours', (t) => {
  const light = (colour: string): number =>
    0.2126 * Number.parseInt(colour.slice(1, 3), 16) +
    0.7152 * Number.parseInt(colour.slice(3, 5), 16) +
    0.0722 * Number.parseInt(colour.slice(5, 7), 16);
  const steps = Array.from({ length: 21 }, (_, k) => light(priceColour(k / 20)));
  t.true(steps.every((step, k) => k === 0 || step > (steps[k - 1] ?? Infinity)));
  t.is(priceColour(Number.NaN), priceColour(0));
  t.is(priceColour(2), priceColour(1));
});
