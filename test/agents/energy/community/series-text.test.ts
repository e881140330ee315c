import test from 'ava';
import * as fc from 'fast-check';
import {
  SERIES_BOUND,
  SERIES_LENGTH_MAX,
  SERIES_TEXT_MAX,
  seriesOf,
  seriesText,
} from '../../../../agents/energy/community/series-text.ts';
import { LIMITS } from '../../../../agent-core/limits.ts';

test('a series comes back as it was', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -SERIES_BOUND, max: SERIES_BOUND }), { maxLength: 50 }), (values) => {
      t.deepEqual(
        seriesOf(seriesText(values), values.length),
        values.map((value) => value + 0),
      );
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a leap year of masked totals is one message', (t) => {
  const text = seriesText(Array.from({ length: SERIES_LENGTH_MAX }, () => 2 ** 28 - 1));
  t.is(text.length, SERIES_TEXT_MAX);
  t.true(text.length < LIMITS.payloadBytes - 4_096);
});

test('refuses what is no whole number, too large, of another length, or no series', (t) => {
  for (const wrong of [[0.5], [Number.NaN], [SERIES_BOUND + 1], [-SERIES_BOUND - 1]]) {
    t.throws(() => seriesText(wrong), { code: 'bad-series' });
  }
  t.throws(() => seriesOf(seriesText([1, 2]), 3), { code: 'bad-series' });
  for (const text of ['!', 'g', 'é', '_'.repeat(60)]) t.throws(() => seriesOf(text, 1), { code: 'bad-series' });
});
