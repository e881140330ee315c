/**
 * Which sequence numbers of which sender were accepted: a sliding window for each, after RFC 4303 section 3.4.3. It never
 * forgets a sender, because a forgotten one could be replayed; when it is full, new senders are refused.
 */
import { HaggleError } from '../errors.ts';
import { isDid, type Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';

/** Why a number was not accepted. */
export type ReplayFault = 'replayed' | 'too-old-seq' | 'replay-peers-full';

/** The state as plain data, to be journalled: one entry for each sender, in order of first sight. */
export interface ReplaySnapshot {
  readonly version: 1;
  readonly windowMessages: number;
  readonly peers: readonly ReplayPeer[];
}

/** A sender's newest number; `seen` holds the bits of the window (number modulo window), or null where all up to the newest came. */
export interface ReplayPeer {
  readonly from: Did;
  readonly newest: number;
  readonly seen: readonly number[] | null;
}

/** Bounds of {@link createReplayWindow}; the defaults are those of `LIMITS`. */
export interface ReplayLimits {
  /** A multiple of 32. */
  readonly replayWindowMessages: number;
  readonly replayPeers: number;
}

/** Remembers accepted numbers. */
export interface ReplayWindow {
  /** Accepts and remembers `seq` (a safe integer from 1), or says why not and changes nothing. */
  accept(from: Did, seq: number): ReplayFault | null;
  snapshot(): ReplaySnapshot;
}

/** Most senders never leave a gap and need no bits. */
interface Peer {
  newest: number;
  seen: Uint32Array | null;
}

const WORD_BITS = 32;

/**
 * A window with nothing seen, or as `snapshot` left it.
 *
 * @throws HaggleError `bad-replay-snapshot` where the snapshot is not one, or is of another window size.
 */
export function createReplayWindow(
  options: { readonly snapshot?: ReplaySnapshot; readonly limits?: ReplayLimits } = {},
): ReplayWindow {
  const { replayWindowMessages: window, replayPeers } = options.limits ?? LIMITS;
  const peers = options.snapshot === undefined ? new Map<Did, Peer>() : restore(options.snapshot, window, replayPeers);

  return {
    accept(from, seq) {
      const peer = peers.get(from);
      if (peer !== undefined) return slide(peer, seq, window);
      if (peers.size >= replayPeers) return 'replay-peers-full';
      const fresh: Peer = { newest: 0, seen: null };
      peers.set(from, fresh);
      return slide(fresh, seq, window);
    },
    snapshot: () => ({ version: 1, windowMessages: window, peers: [...peers].map(describe) }),
  };
}

function slide(peer: Peer, seq: number, window: number): ReplayFault | null {
  const { newest } = peer;
  if (seq === newest + 1 && peer.seen === null) {
    peer.newest = seq;
    return null;
  }
  if (seq <= newest - window) return 'too-old-seq';
  if (seq <= newest) {
    if (peer.seen === null || hasBit(peer.seen, seq % window)) return 'replayed';
    setBit(peer.seen, seq % window);
    return null;
  }
  // Up to here everything came, also the numbers below 1, which do not exist.
  peer.seen ??= new Uint32Array(window / WORD_BITS).fill(0xffff_ffff);
  const gap = seq - newest;
  if (gap >= window) peer.seen.fill(0);
  else for (let missed = newest + 1; missed < seq; missed++) clearBit(peer.seen, missed % window);
  setBit(peer.seen, seq % window);
  peer.newest = seq;
  return null;
}

function hasBit(bits: Uint32Array, index: number): boolean {
  return (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}

function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31));
}

function clearBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) & ~(1 << (index & 31));
}

function describe([from, peer]: readonly [Did, Peer]): ReplayPeer {
  return { from, newest: peer.newest, seen: peer.seen === null ? null : [...peer.seen] };
}

function restore(snapshot: ReplaySnapshot, window: number, replayPeers: number): Map<Did, Peer> {
  if (snapshot.version !== 1 || snapshot.windowMessages !== window) {
    throw broken(`it is of a window of ${snapshot.windowMessages} messages, this one has ${window}`);
  }
  if (snapshot.peers.length > replayPeers) {
    throw broken(`it has ${snapshot.peers.length} senders, the bound is ${replayPeers}`);
  }
  const peers = new Map<Did, Peer>();
  for (const { from, newest, seen } of snapshot.peers) {
    if (!isDid(from) || peers.has(from)) throw broken('a sender is not a did or is there twice');
    if (!Number.isSafeInteger(newest) || newest < 1) throw broken('a newest number is not a safe integer from 1');
    if (seen !== null && !areWords(seen, window)) throw broken('the bits of a sender do not fill its window');
    peers.set(from, { newest, seen: seen === null ? null : Uint32Array.from(seen) });
  }
  return peers;
}

function areWords(seen: readonly number[], window: number): boolean {
  if (seen.length !== window / WORD_BITS) return false;
  return seen.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff_ffff);
}

function broken(problem: string): HaggleError {
  return new HaggleError('bad-replay-snapshot', `cannot restore a replay window: ${problem}`);
}
