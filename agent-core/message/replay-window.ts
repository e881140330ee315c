/**
 * Which sequence numbers of which sender were accepted: a sliding window for each, after RFC 4303 section 3.4.3. When it is
 * full it forgets senders of whom everything accepted has expired, and remembers up to which expiry it has forgotten: a
 * sender that it does not know must be beyond that, so nothing is accepted twice whatever the clock does.
 */
import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { isDid, type Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';

/** Why a number was not accepted. */
export type ReplayFault = 'replayed' | 'too-old-seq' | 'replay-peers-full' | 'expired';

/** What of an envelope counts against replay. */
export interface NumberedMessage {
  readonly from: Did;
  /** A safe integer from 1. */
  readonly seq: number;
  /** When the message ceases to be valid, by the receiver's clock. */
  readonly exp: Micros;
}

/** The state as plain data, to be journalled: one entry for each sender, in order of first sight. */
export interface ReplaySnapshot {
  readonly version: 2;
  readonly windowMessages: number;
  /** Latest expiry among all messages of senders that were forgotten; 0 where none was. */
  readonly forgottenUntil: Micros;
  readonly peers: readonly ReplayPeer[];
}

/** A sender's newest number; `seen` holds the bits of the window (number modulo window), or null where all up to the newest came. */
export interface ReplayPeer {
  readonly from: Did;
  readonly newest: number;
  /** Latest expiry among its accepted messages. */
  readonly until: Micros;
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
  /**
   * Accepts and remembers a message that has not expired, or says why not. `expired` here means that its sender may have been
   * forgotten with this very message, which happens only where the clock went back or differs from that of a snapshot.
   */
  accept(message: NumberedMessage, now: Micros): ReplayFault | null;
  snapshot(): ReplaySnapshot;
}

/** Most senders never leave a gap and need no bits. */
interface Peer {
  newest: number;
  until: Micros;
  seen: Uint32Array | null;
}

const WORD_BITS = 32;

/** A full window looks for senders to forget at most this often: a look costs a step for each of them, and strangers cause it. */
const SWEEP_MICROS = 10_000_000;

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
  let forgottenUntil = options.snapshot?.forgottenUntil ?? 0;
  let nextSweep = 0;

  const sweep = (now: Micros): void => {
    if (now < nextSweep) return;
    nextSweep = now + SWEEP_MICROS;
    for (const [from, { until }] of peers) {
      if (until >= now) continue;
      peers.delete(from);
      forgottenUntil = Math.max(forgottenUntil, until);
    }
  };

  return {
    accept({ from, seq, exp }, now) {
      const peer = peers.get(from);
      if (peer !== undefined) {
        const fault = slide(peer, seq, window);
        if (fault === null && exp > peer.until) peer.until = exp;
        return fault;
      }
      if (peers.size >= replayPeers) sweep(now);
      if (exp <= forgottenUntil) return 'expired';
      if (peers.size >= replayPeers) return 'replay-peers-full';
      const fresh: Peer = { newest: 0, until: exp, seen: null };
      peers.set(from, fresh);
      return slide(fresh, seq, window);
    },
    snapshot: () => ({ version: 2, windowMessages: window, forgottenUntil, peers: [...peers].map(describe) }),
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
  return { from, newest: peer.newest, until: peer.until, seen: peer.seen === null ? null : [...peer.seen] };
}

function restore(snapshot: ReplaySnapshot, window: number, replayPeers: number): Map<Did, Peer> {
  if (snapshot.version !== 2 || snapshot.windowMessages !== window) {
    throw broken(
      `it is version ${snapshot.version} of a window of ${snapshot.windowMessages} messages, this one is version 2 with ${window}`,
    );
  }
  if (!isTime(snapshot.forgottenUntil)) throw broken('what it has forgotten ends at no time');
  if (snapshot.peers.length > replayPeers) {
    throw broken(`it has ${snapshot.peers.length} senders, the bound is ${replayPeers}`);
  }
  const peers = new Map<Did, Peer>();
  for (const { from, newest, until, seen } of snapshot.peers) {
    if (!isDid(from) || peers.has(from)) throw broken('a sender is not a did or is there twice');
    if (!Number.isSafeInteger(newest) || newest < 1) throw broken('a newest number is not a safe integer from 1');
    if (!isTime(until)) throw broken('an expiry is not a whole number of microseconds');
    if (seen !== null && !areWords(seen, window)) throw broken('the bits of a sender do not fill its window');
    peers.set(from, { newest, until, seen: seen === null ? null : Uint32Array.from(seen) });
  }
  return peers;
}

function isTime(time: Micros): boolean {
  return Number.isSafeInteger(time) && time >= 0;
}

function areWords(seen: readonly number[], window: number): boolean {
  if (seen.length !== window / WORD_BITS) return false;
  return seen.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff_ffff);
}

function broken(problem: string): HaggleError {
  return new HaggleError('bad-replay-snapshot', `cannot restore a replay window: ${problem}`);
}
