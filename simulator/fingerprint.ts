import { assert } from '../agent-core/errors.ts';
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

  /** Its length, then its UTF-16 code units two by two. */
  text(text: string): void {
    let a = this.#a;
    let b = this.#b;
    const { length } = text;
    a = Math.imul(a ^ length, 0xcc9e2d51);
    b = Math.imul(b + length, 0x85ebca77);
    const even = length & ~1;
    for (let i = 0; i < even; i += 2) {
      const word = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
      a = Math.imul(a ^ word, 0xcc9e2d51);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85ebca77);
      b = (b << 13) | (b >>> 19);
    }
    this.#a = a;
    this.#b = b;
    if (even < length) this.word(text.charCodeAt(even));
  }

  hex(): string {
    return hexWord(finish(this.#a ^ this.#b)) + hexWord(finish(this.#b + Math.imul(this.#a, 0x9e3779b1)));
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
      own.text(delivery.from);
      own.text(delivery.to);
      own.text(delivery.message.subject);
      own.text(delivery.message.payload);
    },
    of,
    endpoints,
    global: () => {
      const all = new Lanes();
      for (const endpoint of endpoints()) {
        all.text(endpoint);
        all.text(of(endpoint));
      }
      return all.hex();
    },
  };
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
