import { assert } from '../../errors.ts';

/** Lends pieces of a memory that can grow. */
export interface Arena {
  /** Address of a free piece, a multiple of 64; null where the memory cannot grow that far. */
  take(bytes: number): number | null;
  /** Takes a piece back. */
  give(address: number, bytes: number): void;
  /** Bytes that are lent. */
  lent(): number;
}

/** What an arena needs of its memory. */
export interface ArenaMemory {
  /** First address that may be lent. */
  readonly from: number;
  /** First address behind the memory. */
  readonly end: () => number;
  /** Makes the memory at least this much longer; false where it cannot be. */
  readonly grow: (bytes: number) => boolean;
}

interface Piece {
  address: number;
  bytes: number;
}

const ALIGNMENT = 64;

/** Whole cache lines. */
function whole(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** An arena that lends the first free piece that is large enough. Free neighbours are one piece. */
export function createArena(memory: ArenaMemory): Arena {
  const from = whole(memory.from);
  /** By address; no two touch. */
  const free: Piece[] = [{ address: from, bytes: memory.end() - from }];
  let lent = 0;

  /** Grows by half of what there is, or by no more than needed where that is too much. */
  function grow(bytes: number): boolean {
    const end = memory.end();
    const last = free.at(-1);
    const missing = bytes - (last !== undefined && last.address + last.bytes === end ? last.bytes : 0);
    if (!memory.grow(Math.max(missing, (end - from) >>> 1)) && !memory.grow(missing)) return false;
    insert({ address: end, bytes: memory.end() - end });
    return true;
  }

  function insert(piece: Piece): void {
    const { address, bytes } = piece;
    const after = placeOf(free, address);
    const before = free[after - 1];
    const next = free[after];
    assert(
      (before === undefined || before.address + before.bytes <= address) &&
        (next === undefined || address + bytes <= next.address),
      'a piece is given back once',
    );
    const joinsNext = next !== undefined && address + bytes === next.address;
    if (joinsNext) free.splice(after, 1);
    const tail = joinsNext ? next.bytes : 0;
    if (before !== undefined && before.address + before.bytes === address) before.bytes += bytes + tail;
    else free.splice(after, 0, { address, bytes: bytes + tail });
  }

  function take(bytes: number): number | null {
    const size = whole(bytes);
    let at = free.findIndex((piece) => piece.bytes >= size);
    if (at < 0) {
      if (!grow(size)) return null;
      at = free.length - 1;
    }
    const piece = free[at];
    assert(piece !== undefined && piece.bytes >= size, 'memory that has grown has room');
    const { address } = piece;
    piece.address += size;
    piece.bytes -= size;
    if (piece.bytes === 0) free.splice(at, 1);
    lent += size;
    return address;
  }

  return {
    take,
    give(address, bytes) {
      insert({ address, bytes: whole(bytes) });
      lent -= whole(bytes);
    },
    lent: () => lent,
  };
}

/** Index of the first piece at or behind an address. */
function placeOf(pieces: readonly Piece[], address: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.address ?? Infinity) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
