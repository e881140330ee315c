import test from 'ava';
import { createLiveClock } from '../../../../agent-core/adapters/live/live-clock.ts';
import { EPOCH, stillTiming } from './still-world.ts';

const SECOND = 1_000_000;

test('follows the wall clock and stands still between two readings', async (t) => {
  const timing = stillTiming();
  const clock = createLiveClock(timing);
  t.is(clock.advance(), EPOCH);
  await timing.pass(5 * SECOND);
  t.is(clock.now, EPOCH);
  t.is(clock.advance(), EPOCH + 5 * SECOND);
  t.is(clock.ahead, 0);
});

test('jumps forward with the wall clock, as after a sleep of the machine', (t) => {
  const timing = stillTiming();
  const clock = createLiveClock(timing);
  timing.setWall(EPOCH + 3_600 * SECOND);
  t.is(clock.advance(), EPOCH + 3_600 * SECOND);
});

test('waits out a small step back', async (t) => {
  const timing = stillTiming();
  const clock = createLiveClock(timing);
  clock.advance();
  timing.setWall(EPOCH - SECOND / 2);
  t.is(clock.advance(), EPOCH);
  await timing.pass(SECOND);
  t.is(clock.advance(), EPOCH + SECOND / 2);
});

test('bridges a large step back by the steady clock and says by how much it is ahead', async (t) => {
  const timing = stillTiming();
  const clock = createLiveClock(timing);
  clock.advance();
  timing.setWall(EPOCH - 3_600 * SECOND);
  await timing.pass(10 * SECOND);
  t.is(clock.advance(), EPOCH + 10 * SECOND);
  t.is(clock.ahead, 3_600 * SECOND);
  await timing.pass(10 * SECOND);
  t.is(clock.advance(), EPOCH + 20 * SECOND);
});

test('a life that saw a later time goes on from there, at the pace of the steady clock', async (t) => {
  const timing = stillTiming();
  const clock = createLiveClock(timing);
  clock.replayAt(EPOCH + 100 * SECOND);
  clock.replayAt(EPOCH + 50 * SECOND);
  t.is(clock.now, EPOCH + 100 * SECOND);
  await timing.pass(3 * SECOND);
  t.is(clock.advance(), EPOCH + 103 * SECOND);
});
