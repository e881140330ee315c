import { setImmediate } from 'node:timers/promises';

/**
 * Lets this thread hear: whoever plays in it never waits for anything, and without a pause no interrupt would be heard. Two, for
 * the first may end before the event loop has looked at signals.
 */
export async function breath(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
