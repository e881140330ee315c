/**
 * What one directory knows. Taking records is a join: of one agent the highest number holds, and two contents under one number
 * convict it. So two stores that took the same records agree, in whatever order and however often those came, as long as no
 * more than `LIMITS.recordsOfAgent` numbers of one agent are in play.
 */
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { SignatureBackend } from '../identity/signer.ts';
import { LIMITS } from '../limits.ts';
import type { AgentCard } from './card.ts';
import { checkRecordFraud, sameContent, type RecordFraudProof } from './fraud.ts';
import { matches, ranked, type DirectoryQuery } from './query.ts';
import {
  isRecordRefusal,
  keptUntil,
  openRecord,
  refuseRecord,
  timelyFault,
  type AgentRecord,
  type OpenRecord,
  type RecordRefusal,
  type SealedRecord,
} from './record.ts';

/** Bounds of {@link createRecordStore}; the defaults are those of `LIMITS`. */
export interface StoreLimits {
  readonly directoryAgents: number;
  readonly convictedAgents: number;
  readonly recordsOfAgent: number;
}

/** Options of {@link createRecordStore}. */
export interface StoreOptions {
  readonly realm: string;
  readonly backend: SignatureBackend;
  readonly limits?: StoreLimits;
}

/** Where a record came from and when. */
export interface Arrival {
  readonly now: Micros;
  /** Whoever handed it in: a peer, a bucket. Where room is short, who has brought most loses first. */
  readonly via: string;
  /** Whose it is said to be, where something says so. */
  readonly agent?: Did;
}

/** What became of a record: it changed what is known, it was known, or it is not believed. */
export type Taken = 'news' | 'known' | RecordRefusal;

/** Signed records of a realm by agent. */
export interface RecordStore {
  /** Agents of whom something is known and nothing is proved. */
  readonly agents: number;
  /** Takes a record from anywhere. Never throws. */
  take(sealed: SealedRecord, arrival: Arrival): Taken;
  /** Convicts an agent by a proof that someone else has found; false where it shows nothing for this realm. */
  convict(proof: RecordFraudProof): boolean;
  /** The record of an agent that holds now; one that takes others back is none. */
  recordOf(agent: Did, now: Micros): OpenRecord | undefined;
  /** The sealing key that an agent named last, whether or not its record holds: mail is for agents that are away. */
  boxOf(agent: Did): string | undefined;
  /** The highest number that is known of an agent, expired or not; 0 where nothing is. */
  seqOf(agent: Did): number;
  /** Cards that match, without that of the asker, in its own order. */
  find(query: DirectoryQuery, asker: { readonly agent: Did; readonly now: Micros }): readonly AgentCard[];
  /** The newest of every agent that still matters, by address: what another store should take. */
  sealed(now: Micros): readonly SealedRecord[];
  /** Proofs against agents, in the order in which they were convicted. */
  readonly proofs: readonly RecordFraudProof[];
}

/** What is known of one agent. */
interface Entry {
  /** By number, the newest few. */
  readonly history: Map<number, OpenRecord>;
  newest: OpenRecord;
  via: string;
}

/** A full store looks for what has expired at most this often: a look costs a step for each agent, and strangers cause it. */
const SWEEP_MICROS = 10_000_000;

/** An empty store. */
export function createRecordStore(options: StoreOptions): RecordStore {
  return new Records(options);
}

class Records implements RecordStore {
  readonly #realm: string;
  readonly #backend: SignatureBackend;
  readonly #limits: StoreLimits;
  readonly #entries = new Map<Did, Entry>();
  readonly #convicted = new Map<Did, RecordFraudProof>();
  /** Every text in some history: most of what comes was here before, and its signature need not be checked again. */
  readonly #known = new Map<SealedRecord, Did>();
  readonly #brought = new Map<string, number>();
  #nextSweep = 0;

  constructor({ realm, backend, limits = LIMITS }: StoreOptions) {
    this.#realm = realm;
    this.#backend = backend;
    this.#limits = limits;
  }

  get agents(): number {
    return this.#entries.size;
  }

  get proofs(): readonly RecordFraudProof[] {
    return [...this.#convicted.values()];
  }

  take(sealed: SealedRecord, arrival: Arrival): Taken {
    const known = this.#known.get(sealed);
    if (known !== undefined) return (arrival.agent ?? known) === known ? 'known' : refuseRecord('wrong-key');
    const opened = openRecord(sealed, this.#backend);
    if (isRecordRefusal(opened)) return opened;
    const { record } = opened;
    if ((arrival.agent ?? record.agent) !== record.agent) return refuseRecord('wrong-key');
    const late = timelyFault(record, { realm: this.#realm, now: arrival.now });
    if (late !== null) return late;
    if (this.#convicted.has(record.agent)) return refuseRecord('convicted');
    const entry = this.#entries.get(record.agent);
    return entry === undefined ? this.#meet(opened, arrival) : this.#update(entry, opened, arrival);
  }

  convict(proof: RecordFraudProof): boolean {
    const found = checkRecordFraud(proof, this.#backend);
    if (found.verdict !== 'fraud' || found.realm !== this.#realm) return false;
    this.#convict(found.culprit, proof);
    return true;
  }

  recordOf(agent: Did, now: Micros): OpenRecord | undefined {
    const newest = this.#entries.get(agent)?.newest;
    return newest !== undefined && holds(newest.record, now) ? newest : undefined;
  }

  boxOf(agent: Did): string | undefined {
    return this.#entries.get(agent)?.newest.record.box;
  }

  seqOf(agent: Did): number {
    return this.#entries.get(agent)?.newest.record.seq ?? 0;
  }

  find(query: DirectoryQuery, { agent, now }: { readonly agent: Did; readonly now: Micros }): readonly AgentCard[] {
    const found: AgentCard[] = [];
    for (const { newest } of this.#entries.values()) {
      const { record } = newest;
      if (record.agent !== agent && holds(record, now) && matches(record, query)) found.push(cardOf(record));
    }
    return ranked(found, agent, query.limit);
  }

  sealed(now: Micros): readonly SealedRecord[] {
    return [...this.#entries.values()]
      .filter(({ newest }) => keptUntil(newest.record) >= now)
      .toSorted((a, b) => (a.newest.record.agent < b.newest.record.agent ? -1 : 1))
      .map(({ newest }) => newest.sealed);
  }

  #meet(opened: OpenRecord, { now, via }: Arrival): Taken {
    if (this.#entries.size >= this.#limits.directoryAgents) this.#sweep(now);
    if (this.#entries.size >= this.#limits.directoryAgents && !this.#makeRoom(via)) {
      return refuseRecord('directory-full');
    }
    const { record } = opened;
    this.#entries.set(record.agent, { history: new Map([[record.seq, opened]]), newest: opened, via });
    this.#known.set(opened.sealed, record.agent);
    this.#count(via, 1);
    return 'news';
  }

  #update(entry: Entry, opened: OpenRecord, { via }: Arrival): Taken {
    const { agent, seq } = opened.record;
    const same = entry.history.get(seq);
    if (same !== undefined) {
      if (sameContent(same, opened)) return 'known';
      this.#convict(agent, inOrder(same.sealed, opened.sealed));
      return refuseRecord('convicted', `two contents under number ${seq}`);
    }
    const newer = seq > entry.newest.record.seq;
    this.#remember(entry, opened);
    if (!newer) return refuseRecord('older-seq', `number ${seq}, known is ${entry.newest.record.seq}`);
    entry.newest = opened;
    this.#count(entry.via, -1);
    this.#count(via, 1);
    entry.via = via;
    return 'news';
  }

  /** Keeps a record to hold others against, in the place of the lowest number where there is no room. */
  #remember({ history }: Entry, opened: OpenRecord): void {
    const { agent, seq } = opened.record;
    history.set(seq, opened);
    this.#known.set(opened.sealed, agent);
    if (history.size <= this.#limits.recordsOfAgent) return;
    const lowest = Math.min(...history.keys());
    const dropped = history.get(lowest);
    history.delete(lowest);
    if (dropped !== undefined) this.#known.delete(dropped.sealed);
  }

  #convict(agent: Did, proof: RecordFraudProof): void {
    this.#forget(agent);
    if (this.#convicted.has(agent)) return;
    this.#convicted.set(agent, proof);
    if (this.#convicted.size <= this.#limits.convictedAgents) return;
    for (const [eldest] of this.#convicted) {
      this.#convicted.delete(eldest);
      return;
    }
  }

  #forget(agent: Did): void {
    const entry = this.#entries.get(agent);
    if (entry === undefined) return;
    this.#entries.delete(agent);
    for (const { sealed } of entry.history.values()) this.#known.delete(sealed);
    this.#count(entry.via, -1);
  }

  #sweep(now: Micros): void {
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + SWEEP_MICROS;
    for (const [agent, { newest }] of this.#entries) if (keptUntil(newest.record) < now) this.#forget(agent);
  }

  /**
   * Makes room for an agent that `via` brings: whoever has brought most loses the agent that expires first. False where that would be
   * the newcomer's own bringer, or where nobody has brought more than one: who was here first stays.
   */
  #makeRoom(via: string): boolean {
    let most = '';
    let count = (this.#brought.get(via) ?? 0) + 1;
    for (const [bringer, brought] of this.#brought) {
      if (brought > count || (brought === count && most !== '' && bringer < most)) {
        most = bringer;
        count = brought;
      }
    }
    let victim: OpenRecord | undefined;
    for (const { newest, via: bringer } of this.#entries.values()) {
      if (bringer === most && (victim === undefined || goesBefore(newest, victim))) victim = newest;
    }
    if (victim === undefined) return false;
    this.#forget(victim.record.agent);
    return true;
  }

  #count(via: string, by: 1 | -1): void {
    const count = (this.#brought.get(via) ?? 0) + by;
    if (count === 0) this.#brought.delete(via);
    else this.#brought.set(via, count);
  }
}

function holds({ issued, expires }: AgentRecord, now: Micros): boolean {
  return expires > issued && expires >= now;
}

function goesBefore({ record: a }: OpenRecord, { record: b }: OpenRecord): boolean {
  return a.expires < b.expires || (a.expires === b.expires && a.agent < b.agent);
}

/** A proof reads the same, whichever record came first. */
function inOrder(one: SealedRecord, other: SealedRecord): RecordFraudProof {
  return one < other ? { first: one, second: other } : { first: other, second: one };
}

function cardOf({ agent, name, protocols, tags, box, issued, expires }: AgentRecord): AgentCard {
  return {
    agent,
    ...(name === undefined ? {} : { name }),
    protocols,
    tags,
    ...(box === undefined ? {} : { box }),
    issued,
    expires,
  };
}
