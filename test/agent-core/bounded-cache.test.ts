import test from 'ava';
import { boundedCache } from '../../agent-core/bounded-cache.ts';

test('never holds more than its capacity and always the newest half', (t) => {
  const cache = boundedCache<number>(8);
  for (let i = 0; i < 1_000; i++) {
    cache.set(`k${i}`, i);
    t.true(cache.size() <= 8);
    for (let back = 0; back < 4 && back <= i; back++) t.is(cache.get(`k${i - back}`), i - back);
  }
  t.is(cache.get('k0'), undefined);
});

test('keeps what is asked for again and again', (t) => {
  const cache = boundedCache<number>(8);
  cache.set('often', 1);
  for (let i = 0; i < 100; i++) {
    cache.set(`k${i}`, i);
    t.is(cache.get('often'), 1);
  }
  cache.set('often', 2);
  t.is(cache.get('often'), 2);
});
