import { HaggleError } from '../../agent-core/errors.ts';
import { badWire } from './checks.ts';
import type { Parcel } from './parcel.ts';
import type { Packet } from './wire.ts';

/** Messages of a packet that are held before all that came before them. */
interface Held {
  readonly epoch: number;
  readonly parcels: readonly Parcel[];
}

/** What one worker sent us, in the order of its numbers. */
interface Source {
  /** Messages that were handed on. */
  taken: number;
  /** Packets by the number of their first message, until they are handed on. */
  readonly held: Map<number, Held>;
  /** How many messages the source had sent before each epoch. */
  readonly before: { readonly epoch: number; readonly count: number }[];
}

/** Messages that wait for their turn, at most: more than a world may have pending. */
const MAX_HELD = 4_194_304;
/** Epochs of which a gap can be named. */
const EPOCHS_REMEMBERED = 64;

/**
 * Messages from other workers. Delivery may be late and in any order, and it may fail: messages are counted by source, and what
 * was sent in an epoch is handed on only when all of it and all before it is there.
 */
export class Inbound {
  readonly #sources: readonly Source[];
  readonly #worker: number;
  /** All that was sent before this epoch has been handed on. */
  #released = 0;
  #held = 0;

  constructor(worker: number, workers: number) {
    this.#worker = worker;
    this.#sources = Array.from({ length: workers }, () => ({ taken: 0, held: new Map<number, Held>(), before: [] }));
  }

  /** @throws HaggleError `bad-wire` for a packet of a worker that there is not, or that comes when all of its epoch has come */
  take({ epoch, source, first, parcels }: Packet): void {
    const from = this.#sources[source];
    if (from === undefined || source === this.#worker || first < 1) {
      throw badWire(`a packet of worker ${source} from number ${first} came to worker ${this.#worker}`);
    }
    // Said twice is said once.
    if (first <= from.taken || parcels.length === 0 || from.held.has(first)) return;
    if (epoch < this.#released) throw uncounted(source, first, epoch);
    this.#held += parcels.length;
    if (this.#held > MAX_HELD) throw badWire(`more than ${MAX_HELD} messages of other workers wait for their turn`);
    from.held.set(first, { epoch, parcels });
  }

  /** Notes how many messages each source has sent before an epoch; true where all of them are here. */
  has(epoch: number, expect: readonly number[]): boolean {
    for (const [index, { before }] of this.#sources.entries()) {
      if (before.at(-1)?.epoch === epoch) continue;
      before.push({ epoch, count: expect[index] ?? 0 });
      if (before.length > EPOCHS_REMEMBERED) before.shift();
    }
    return this.#sources.every((source, index) => reach(source) >= (expect[index] ?? 0));
  }

  /**
   * Hands on all messages of earlier epochs, which are those up to the numbers that are expected. Only what {@link Inbound.has} can be.
   *
   * @throws HaggleError `bad-wire` where tags and numbers do not say the same
   */
  release(epoch: number, expect: readonly number[]): readonly Parcel[] {
    this.#released = epoch;
    const due: Parcel[] = [];
    for (const [index, source] of this.#sources.entries()) {
      const count = expect[index] ?? 0;
      while (source.taken < count) {
        const next = source.held.get(source.taken + 1);
        if (next === undefined || source.taken + next.parcels.length > count) throw straddles(index, source.taken + 1);
        if (next.epoch >= epoch) throw straddles(index, source.taken + 1);
        source.held.delete(source.taken + 1);
        source.taken += next.parcels.length;
        this.#held -= next.parcels.length;
        for (const parcel of next.parcels) due.push(parcel);
      }
      for (const [first, held] of source.held) if (held.epoch < epoch) throw uncounted(index, first, held.epoch);
    }
    return due;
  }

  /** The error that says exactly what is not there: `missing-messages`. */
  missing(epoch: number, expect: readonly number[]): HaggleError {
    const gaps = this.#sources.flatMap((source, index) => {
      const numbers = gapsOf(source, expect[index] ?? 0);
      const told = numbers.map(
        ({ first, last }) =>
          `${first === last ? `number ${first}` : `numbers ${first} to ${last}`} (epoch ${epochOf(source, first)})`,
      );
      return told.length === 0 ? [] : [`from worker ${index} ${told.join(', ')}`];
    });
    const lost = gaps.join('; ');
    return new HaggleError(
      'missing-messages',
      `worker ${this.#worker} cannot begin epoch ${epoch}: it misses messages ${lost}`,
      {
        fields: { worker: this.#worker, epoch, missing: lost },
      },
    );
  }
}

/** The last number up to which nothing is missing. */
function reach({ taken, held }: Source): number {
  let last = taken;
  for (let next = held.get(last + 1); next !== undefined; next = held.get(last + 1)) last += next.parcels.length;
  return last;
}

function gapsOf({ taken, held }: Source, count: number): readonly { first: number; last: number }[] {
  const gaps: { first: number; last: number }[] = [];
  let last = taken;
  for (const [first, { parcels }] of [...held].toSorted(([a], [b]) => a - b)) {
    if (first > count) break;
    if (first > last + 1) gaps.push({ first: last + 1, last: first - 1 });
    last = first + parcels.length - 1;
  }
  if (last < count) gaps.push({ first: last + 1, last: count });
  return gaps;
}

/** The epoch in which the message of a number was sent. */
function epochOf({ before }: Source, number: number): number {
  const after = before.find(({ count }) => count >= number);
  return (after?.epoch ?? 1) - 1;
}

function uncounted(source: number, first: number, epoch: number): HaggleError {
  return badWire(`the packet of worker ${source} from number ${first} is of epoch ${epoch}, of which it reported less`);
}

function straddles(source: number, number: number): HaggleError {
  return badWire(`the packet of worker ${source} from number ${number} is not of the epochs that it was counted in`);
}
