import { assert } from '../agent-core/errors.ts';
import { hashPath } from '../agent-core/stream-hash.ts';
import type { OrderKey } from './event-queue.ts';
import type { Kernel } from './kernel.ts';
import type { Delivery, Network } from './network.ts';

/** Rolling hashes over what every agent was delivered; see {@link createFingerprint}. */
export interface Fingerprint {
  /** Adds one delivery, with the order key of its event. Headers are left out: all signing modes give one fingerprint. */
  record(key: OrderKey, delivery: Delivery): void;
  /** 16 hexadecimal digits over all deliveries to one endpoint; that of no deliveries for an unknown name. */
  of(endpoint: string): string;
  /** 16 hexadecimal digits over all endpoints: their names, sorted, with their fingerprints. */
  global(): string;
  /** Endpoints with deliveries, sorted. */
  endpoints(): readonly string[];
}

// The runtime's own encoder: reading a payload character by character costs five times as much.
declare const TextEncoder: new () => {
  encodeInto(text: string, bytes: Uint8Array): { readonly written: number };
};
const encoder = new TextEncoder();
let scratch = new Uint8Array(0);
let scratchWords = new DataView(scratch.buffer);

/** UTF-8 of a text into the scratch bytes, three zeros behind; returns its length. An unpaired surrogate becomes U+FFFD. */
function writeUtf8(text: string): number {
  const room = 3 * text.length + 3;
  if (room > scratch.length) {
    scratch = new Uint8Array(2 * room);
    scratchWords = new DataView(scratch.buffer);
  }
  const { written } = encoder.encodeInto(text, scratch);
  scratch.fill(0, written, written + 3);
  return written;
}

/** Names and subjects whose hashes are remembered; past this the memory starts anew. */
const REMEMBERED_LABELS = 65_536;

/** Hashes of texts that come again and again. */
function createLabels(): (text: string) => readonly [number, number] {
  const known = new Map<string, readonly [number, number]>();
  return (text) => {
    let words = known.get(text);
    if (words === undefined) {
      const own = new Lanes();
      own.text(text);
      words = own.words();
      if (known.size >= REMEMBERED_LABELS) known.clear();
      known.set(text, words);
    }
    return words;
  };
}

/** Two independent 32-bit lanes. Odd multipliers from MurmurHash3 and xxHash32, chosen for their avalanche. */
class Lanes {
  #a = 0x2545f491 | 0;
  #b = 0x9e3779b9 | 0;

  word(word: number): void {
    const a = Math.imul(this.#a ^ word, 0xcc9e2d51);
    this.#a = a ^ (a >>> 15);
    const b = Math.imul(this.#b + word, 0x85ebca77);
    this.#b = (b << 13) | (b >>> 19);
  }

  /** A whole number of up to 53 bits. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 0x1_0000_0000) | 0);
  }

  pair([first, second]: readonly [number, number]): void {
    this.word(first);
    this.word(second);
  }

  /** The length of its UTF-8 bytes, then the bytes four by four, little-endian, the last word filled up with zeros. */
  text(text: string): void {
    const length = writeUtf8(text);
    let a = Math.imul(this.#a ^ length, 0xcc9e2d51);
    let b = Math.imul(this.#b + length, 0x85ebca77);
    for (let at = 0; at < length; at += 4) {
      const word = scratchWords.getInt32(at, true);
      a = Math.imul(a ^ word, 0xcc9e2d51);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85ebca77);
      b = (b << 13) | (b >>> 19);
    }
    this.#a = a;
    this.#b = b;
  }

  /** Two words that stand for all that came so far. */
  words(): readonly [number, number] {
    return [finish(this.#a ^ this.#b), finish(this.#b + Math.imul(this.#a, 0x9e3779b1))];
  }

  hex(): string {
    const [high, low] = this.words();
    return hexWord(high) + hexWord(low);
  }
}

function finish(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/**
 * A determinism check: two runs with equal fingerprints delivered, in all likelihood, the same events with the same order
 * keys. It is no commitment: whoever wants to can make two runs collide, so nothing that must be proven rests on it.
 *
 * Every endpoint has its own rolling hash over its deliveries; the global one combines them by name. As each event enters
 * with its place in the total order, the result is the same whether one process ran all endpoints or several ran some.
 */
export function createFingerprint(): Fingerprint {
  const lanes = new Map<string, Lanes>();
  const labelOf = createLabels();
  const endpoints = (): readonly string[] => [...lanes.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  const of = (endpoint: string): string => (lanes.get(endpoint) ?? new Lanes()).hex();
  return {
    record: (key, delivery) => {
      let own = lanes.get(delivery.to);
      if (own === undefined) {
        own = new Lanes();
        lanes.set(delivery.to, own);
      }
      own.number(key.time);
      own.word(key.priority);
      own.number(key.sourceKey);
      own.number(key.sourceCounter);
      own.pair(labelOf(delivery.from));
      own.pair(labelOf(delivery.to));
      own.pair(labelOf(delivery.message.subject));
      own.text(delivery.message.payload);
    },
    of,
    endpoints,
    global: () => globalFingerprint({ of, endpoints }),
  };
}

/** 16 hexadecimal digits over endpoints, in the order of their names, with their fingerprints. */
export function globalFingerprint({ of, endpoints }: Pick<Fingerprint, 'of' | 'endpoints'>): string {
  const all = new Lanes();
  for (const endpoint of endpoints()) {
    all.text(endpoint);
    all.text(of(endpoint));
  }
  return all.hex();
}

/** 16 hexadecimal digits that stand for what was heard and for the chains that were handed in, where there are any. */
export function withChains(heard: string, chains: Pick<Fingerprint, 'of' | 'endpoints'>, agent?: string): string {
  if (agent === undefined) return combinedFingerprint(heard, chainsFingerprint(chains));
  return combinedFingerprint(heard, chains.endpoints().includes(agent) ? chains.of(agent) : null);
}

/** 16 hexadecimal digits that stand for all chains that were handed in; null where there are none. */
export function chainsFingerprint(chains: Pick<Fingerprint, 'of' | 'endpoints'>): string | null {
  return chains.endpoints().length === 0 ? null : globalFingerprint(chains);
}

/** What was heard alone where nothing was handed in, so that worlds without money keep their fingerprints. */
export function combinedFingerprint(heard: string, chains: string | null): string {
  if (chains === null) return heard;
  const [high, low] = hashPath([heard, chains]);
  return hexWord(high) + hexWord(low);
}

/** A fingerprint of everything that a network delivers from now on. */
export function fingerprintOf(network: Network, kernel: Kernel): Fingerprint {
  const fingerprint = createFingerprint();
  network.observe((delivery) => {
    const key = kernel.current;
    assert(key !== undefined, 'a delivery happens inside an event');
    fingerprint.record(key, delivery);
  });
  return fingerprint;
}
