import test from 'ava';
import * as fc from 'fast-check';
import { createArena, type Arena } from '../../../../agent-core/policy/kernel/arena.ts';

/** An arena in a memory of whole pages that ends at `most`. */
function arenaOf(most: number, page = 1_024): Arena {
  let end = page;
  return createArena({
    from: 100,
    end: () => end,
    grow: (bytes) => {
      const next = end + Math.ceil(bytes / page) * page;
      if (next > most) return false;
      end = next;
      return true;
    },
  });
}

test('lends pieces that are aligned, apart from each other and within the memory, whatever is given back when', (t) => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 3_000 }), give: fc.option(fc.nat(), { nil: null }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const arena = arenaOf(40_000);
      const held: { readonly address: number; readonly bytes: number }[] = [];
      for (const { bytes, give } of steps) {
        if (give !== null && held.length > 0) {
          const [piece] = held.splice(give % held.length, 1);
          if (piece !== undefined) arena.give(piece.address, piece.bytes);
          continue;
        }
        const address = arena.take(bytes);
        if (address === null) continue;
        t.is(address % 64, 0);
        t.true(address >= 100 && address + bytes <= 40_000);
        t.true(held.every((other) => address + bytes <= other.address || other.address + other.bytes <= address));
        held.push({ address, bytes });
      }
      t.is(
        arena.lent(),
        held.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 64) * 64, 0),
      );
      for (const { address, bytes } of held) arena.give(address, bytes);
      t.is(arena.lent(), 0);
      t.not(arena.take(20_000), null, 'free neighbours are one piece');
    }),
  );
});

test('says so where the memory cannot grow, and lends again what was given back', (t) => {
  const arena = arenaOf(4_096);
  t.is(arena.take(5_000), null);
  const first = arena.take(3_000);
  t.is(arena.take(3_000), null);
  arena.give(first ?? 0, 3_000);
  t.is(arena.take(3_000), first);
});

test('grows by no more than needed where half more is too much', (t) => {
  const arena = arenaOf(3_072);
  t.not(arena.take(1_000), null);
  t.not(arena.take(900), null);
  t.not(arena.take(900), null);
});

test('finds it a defect when a piece is given back twice', (t) => {
  const arena = arenaOf(4_096);
  const address = arena.take(64) ?? 0;
  arena.give(address, 64);
  t.throws(() => arena.give(address, 64), { name: 'AssertionError', message: /given back once/ });
});
