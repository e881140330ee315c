import type { Bus } from '../bus/bus.ts';
import { assert, HaggleError } from '../errors.ts';

/** What a bus under test offers to the cases. */
export interface BusHarness {
  /** A bus for a new endpoint of the same broker or network; names differ within a case. */
  connect(name: string): Promise<Bus>;
  /**
   * Resolves when everything published so far has been delivered or dropped, what listeners published meanwhile as well, and
   * every subscription made so far is known everywhere.
   */
  settle(): Promise<void>;
  /** The payload limit in UTF-8 bytes. */
  readonly maxPayloadBytes: number;
  /** Put before every subject, so that cases can share one broker; a few plain tokens such as `case7`. */
  readonly prefix: string;
  /** What an endpoint holds for a broker that is away, in bytes; for cases that interrupt. */
  readonly backlogBytes?: number;
  /**
   * Takes the broker away from all endpoints; resolves once all have noticed. What it resolves with brings it back, and
   * resolves once all are connected. Leave it out where there is no connection that could break.
   */
  interrupt?(): Promise<() => Promise<void>>;
  /** Makes one endpoint read nothing. Leave it out where a subscriber cannot be slower than what it gets. */
  stall?(bus: Bus): Promise<Stall>;
}

/** An endpoint that reads nothing. */
export interface Stall {
  /** True once the broker has cut it off. */
  isCutOff(): boolean;
  /** Waits until it is cut off, lets it read again, and resolves when it is connected anew. */
  resume(): Promise<void>;
}

/** One claim about a bus; `run` throws an AssertionError where it does not hold. */
export interface BusCase {
  readonly title: string;
  /** What the harness must offer; undefined where every bus must pass. */
  readonly needs?: 'interrupt' | 'stall';
  run(harness: BusHarness): Promise<void>;
}

/** Asserts that two values are the same as JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(got === wanted, `${what}: expected ${wanted}, got ${got}`);
}

/** Asserts that `action` throws a HaggleError with this code. */
export function refuses(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    assert(error instanceof HaggleError, `expected a HaggleError ${code}, got ${String(error)}`);
    equal(error.code, code, 'error code');
    return;
  }
  assert(false, `expected an error ${code}, but nothing was thrown`);
}

/** Subscribes and collects payloads. */
export function collect(bus: Bus, subject: string, queue?: string): string[] {
  const payloads: string[] = [];
  bus.subscribe(subject, (message) => payloads.push(message.payload), queue === undefined ? {} : { queue });
  return payloads;
}

/** A publisher and a subscriber. */
export async function pair(harness: BusHarness): Promise<readonly [Bus, Bus]> {
  const publisher = await harness.connect('publisher');
  const subscriber = await harness.connect('subscriber');
  return [publisher, subscriber];
}
