import type { Clock, Micros } from '../../clock.ts';
import { micros, type Duration } from '../../clock.ts';
import type { AgentCard, CardWords } from '../../directory/card.ts';
import type { RecordFraudProof } from '../../directory/fraud.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { DirectoryQuery } from '../../directory/query.ts';
import {
  openRecord,
  sealRecord,
  type AgentRecord,
  type RecordRefusalCode,
  type SealedRecord,
} from '../../directory/record.ts';
import { createRecordStore, type Arrival, type RecordStore } from '../../directory/record-store.ts';
import { RECORD_VALIDITY_MICROS, renewalInterval } from '../../directory/validity.ts';
import { HaggleError } from '../../errors.ts';
import { didOf, publicKeyOf } from '../../identity/did-key.ts';
import { nkeyOf, publicKeyOfNkey } from '../../identity/nkey.ts';
import { encodeBase64Url } from '../../identity/encoding.ts';
import type { SignatureBackend, Signer } from '../../identity/signer.ts';
import { LIMITS } from '../../limits.ts';
import { silentLog, type Log } from '../../log.ts';
import { isUrlSafe } from '../../message/envelope.ts';
import type { RandomStream } from '../../random.ts';
import type { NatsLink } from '../nats.ts';
import { nodeBackend } from '../node-crypto.ts';
import { peerRecords, type PeerRecords } from './peer-records.ts';
import { recordBucket, type RecordBucket } from './record-bucket.ts';

/** Options of {@link liveDirectory}. */
export interface LiveDirectoryOptions {
  readonly link: Pick<NatsLink, 'bus' | 'onStatus' | 'connection'>;
  readonly signer: Signer;
  readonly realm: string;
  readonly clock: Clock;
  /** When to answer peers, and what to tell them. */
  readonly random: RandomStream;
  readonly log?: Log;
  readonly backend?: SignatureBackend;
  /** X25519 public key for sealed mail, 32 bytes. */
  readonly box?: Uint8Array;
  /** How long the own record holds; renewed three times in that time. 15 minutes if left out. */
  readonly validity?: Duration;
  /** Copies of the bucket where it is made here; false for no bucket at all: peers only. 1 if left out. */
  readonly bucketReplicas?: number | false;
  /** How long peers may take to answer before nothing found is an answer; half a second if left out. */
  readonly peersWithin?: Duration;
}

/** Why something that came was left alone: a code of a refused record, or of what carried it. */
export type DirectoryFaultCode =
  | RecordRefusalCode
  /** More than `LIMITS.announcedRecords` in one announcement. */
  | 'too-many-records'
  /** JetStream is not there, or does not let us. */
  | 'bucket-unavailable'
  | 'bucket-not-written';

/** A directory over a broker, as one agent has it. */
export interface LiveDirectory extends DirectoryPort {
  /** Agents known now. */
  readonly agents: number;
  /** What was refused or failed so far, by code. */
  readonly faults: ReadonlyMap<DirectoryFaultCode, number>;
  /** Proofs against agents that signed two records under one number. */
  readonly proofs: readonly RecordFraudProof[];
  /** The X25519 key that an agent has named last, though its record may have expired; null where none is known. */
  boxOf(agent: AgentCard['agent']): Promise<string | null>;
  /** Ends listening and telling; a record that was announced stays until it expires. */
  close(): void;
}

/** A record is said again out of turn at most this often: two processes with one key would do nothing else. */
const REPAIR_MILLIS = 5_000;

/** Nobody is asked again so soon after nothing was found. */
const ASK_AGAIN_MILLIS = 5_000;

/** Bucket, as one that brings records. No NKEY reads so. */
const VIA_BUCKET = 'bucket';

/**
 * Opens a directory: listens to peers, asks them what they know, and reads the bucket where there is one. What it believes rests on
 * signatures alone; bucket and peers may be wiped, lag or lie.
 *
 * @throws HaggleError `bad-validity` unless more than 0 and at most `LIMITS.recordLifeMicros`
 */
export function liveDirectory(options: LiveDirectoryOptions): LiveDirectory {
  const validityMicros = micros(options.validity ?? RECORD_VALIDITY_MICROS);
  if (validityMicros < 1 || validityMicros > LIMITS.recordLifeMicros) {
    throw new HaggleError(
      'bad-validity',
      `a record holds at least 1 and at most ${LIMITS.recordLifeMicros} microseconds, got ${validityMicros}`,
    );
  }
  return new BrokerDirectory(options, validityMicros);
}

class BrokerDirectory implements LiveDirectory {
  readonly faults = new Map<DirectoryFaultCode, number>();
  readonly #options: LiveDirectoryOptions;
  readonly #log: Log;
  readonly #validityMicros: Micros;
  readonly #peersMillis: number;
  readonly #store: RecordStore;
  readonly #peers: PeerRecords;
  readonly #bucket: RecordBucket | null;
  readonly #ready: Promise<void>;
  readonly #unfollow: () => void;
  #words: CardWords | null = null;
  #own: SealedRecord | null = null;
  #seq = 0;
  #renewal: NodeJS.Timeout | null = null;
  #repair: NodeJS.Timeout | null = null;
  #asking: Promise<void> | null = null;
  #askedAt = -Infinity;
  #closed = false;

  constructor(options: LiveDirectoryOptions, validityMicros: Micros) {
    const { link, realm, signer, random } = options;
    this.#options = options;
    this.#validityMicros = validityMicros;
    this.#peersMillis = Math.ceil(micros(options.peersWithin ?? '500 ms') / 1_000);
    this.#log = options.log ?? silentLog;
    this.#store = createRecordStore({ realm, backend: options.backend ?? nodeBackend });
    this.#peers = peerRecords({
      bus: link.bus,
      realm,
      nkey: signer.nkey,
      random,
      heard: (text, via) => this.#take(text, { via }),
      tooMany: () => this.#fault('too-many-records'),
      own: () => this.#own,
      others: () => this.#others(),
    });
    let complete: () => void = () => undefined;
    const read = new Promise<void>((resolve) => {
      complete = resolve;
    });
    const { bucketReplicas = 1 } = options;
    this.#bucket =
      bucketReplicas === false
        ? null
        : recordBucket({
            connection: link.connection,
            realm,
            replicas: bucketReplicas,
            heard: (nkey, text) => this.#readEntry(nkey, text),
            complete,
            failed: (code, error) => this.#fault(code, error),
          });
    this.#peers.ask();
    void this.#bucket?.tend();
    // Whichever is first: the bucket has been read, or peers have had their time.
    this.#ready = Promise.race([...(this.#bucket === null ? [] : [read]), wait(this.#peersMillis)]);
    this.#unfollow = link.onStatus((status) => {
      if (status === 'connected') this.#cameBack();
    });
  }

  get agents(): number {
    return this.#store.agents;
  }

  get proofs(): readonly RecordFraudProof[] {
    return this.#store.proofs;
  }

  announce(words: CardWords): void {
    this.#words = words;
    this.#issue();
    const renewalMillis = Math.max(1, renewalInterval(this.#validityMicros) / 1_000);
    if (this.#renewal !== null) clearInterval(this.#renewal);
    this.#renewal = setInterval(() => this.#issue(), renewalMillis);
    this.#renewal.unref();
  }

  withdraw(): void {
    if (this.#words === null) return;
    this.#issue({ gone: true });
    this.#words = null;
    this.#own = null;
    if (this.#renewal !== null) clearInterval(this.#renewal);
  }

  find(query: DirectoryQuery, done: (cards: readonly AgentCard[]) => void): void {
    void (async () => {
      done(await this.#find(query));
    })();
  }

  async boxOf(agent: AgentCard['agent']): Promise<string | null> {
    await this.#ready;
    const known = this.#store.boxOf(agent) ?? (await this.#keptBoxOf(agent));
    if (known !== undefined) return known;
    await this.#askPeers();
    return this.#store.boxOf(agent) ?? null;
  }

  /** The key in the bucket's record of an agent, which may have expired long ago: its signature is as good as ever. */
  async #keptBoxOf(agent: AgentCard['agent']): Promise<string | undefined> {
    const text = await this.#bucket?.get(nkeyOf(publicKeyOf(agent)));
    if (text === undefined || text === null) return undefined;
    const opened = openRecord(text, this.#options.backend ?? nodeBackend);
    if ('refused' in opened || opened.record.agent !== agent || opened.record.realm !== this.#options.realm) {
      return undefined;
    }
    return opened.record.box;
  }

  close(): void {
    this.#closed = true;
    if (this.#renewal !== null) clearInterval(this.#renewal);
    if (this.#repair !== null) clearTimeout(this.#repair);
    this.#unfollow();
    this.#peers.close();
    this.#bucket?.close();
  }

  async #find(query: DirectoryQuery): Promise<readonly AgentCard[]> {
    await this.#ready;
    const found = this.#lookUp(query);
    if (found.length > 0) return found;
    await this.#askPeers();
    return this.#lookUp(query);
  }

  #lookUp(query: DirectoryQuery): readonly AgentCard[] {
    return this.#store.find(query, { agent: this.#options.signer.did, now: this.#now() });
  }

  /** Asks peers and gives them time to answer; not again for a while, so that nobody's search is a burden to all. */
  async #askPeers(): Promise<void> {
    if (this.#asking === null && performance.now() - this.#askedAt >= ASK_AGAIN_MILLIS && !this.#closed) {
      this.#askedAt = performance.now();
      this.#say(() => this.#peers.ask());
      this.#asking = wait(this.#peersMillis).finally(() => {
        this.#asking = null;
      });
    }
    await this.#asking;
  }

  #cameBack(): void {
    this.#say(() => this.#peers.ask());
    if (this.#own !== null) this.#tell(this.#own);
    void this.#bucket?.tend();
  }

  /** Signs a new record of the own agent and tells it. */
  #issue({ gone = false } = {}): void {
    const words = this.#words;
    if (words === null || this.#closed) return;
    const { signer, realm, box } = this.#options;
    const now = this.#now();
    // Time goes on while we are away, so the number is above all of an earlier life even where nobody remembers those.
    this.#seq = Math.max(this.#seq, this.#store.seqOf(signer.did), now) + 1;
    const record: AgentRecord = {
      v: 1,
      realm,
      agent: signer.did,
      // A host may call its agent what it likes; a name that no record can have is not told.
      ...(isUrlSafe(words.name, 64) ? { name: words.name } : {}),
      protocols: words.protocols,
      tags: words.tags,
      ...(box === undefined ? {} : { box: encodeBase64Url(box) }),
      seq: this.#seq,
      issued: now,
      expires: gone ? now : now + this.#validityMicros,
    };
    this.#own = sealRecord(record, signer);
    this.#store.take(this.#own, { now, via: signer.nkey });
    this.#tell(this.#own);
  }

  #tell(own: SealedRecord): void {
    this.#say(() => this.#peers.announce(own));
    void this.#bucket?.put(this.#options.signer.nkey, own);
  }

  /** The bus may be closed or full; whatever is not said now is said at the next renewal. */
  #say(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof HaggleError)) throw error;
      this.#log.warn({ event: 'directory-not-told', code: error.code });
    }
  }

  #readEntry(nkey: string, text: SealedRecord): void {
    const { signer } = this.#options;
    // Somebody has put something else in our place.
    if (nkey === signer.nkey && text !== this.#own) this.#repairSoon();
    const key = publicKeyOfNkey(nkey);
    if (key === null) this.#refuse('wrong-key');
    else this.#take(text, { via: VIA_BUCKET, agent: didOf(key) });
  }

  #take(text: SealedRecord, from: Omit<Arrival, 'now'>): void {
    if (text === this.#own) return;
    const taken = this.#store.take(text, { now: this.#now(), ...from });
    if (typeof taken !== 'string') return this.#refuse(taken.refused);
    const { did } = this.#options.signer;
    // A record of ours that is newer than we know: of an earlier life whose clock was ahead.
    if (taken === 'news' && this.#words !== null && this.#store.seqOf(did) > this.#seq) this.#repairSoon();
  }

  #repairSoon(): void {
    if (this.#repair !== null || this.#words === null) return;
    this.#repair = setTimeout(() => {
      this.#repair = null;
      this.#issue();
    }, REPAIR_MILLIS);
    this.#repair.unref();
  }

  #refuse(code: RecordRefusalCode): void {
    this.#count(code);
    if (code === 'older-seq') return; // old news, from the bucket or from a peer that was away: no fault of anybody
    this.#log.debug({ event: 'record-refused', code });
  }

  #fault(code: DirectoryFaultCode, error?: unknown): void {
    const count = this.#count(code);
    // The 1st, 2nd, 4th, 8th … is enough for the log.
    if ((count & (count - 1)) !== 0) return;
    const reason = error instanceof Error ? error.message : '';
    this.#log.warn({ event: 'directory-fault', code, count, reason });
  }

  #count(code: DirectoryFaultCode): number {
    const count = (this.faults.get(code) ?? 0) + 1;
    this.faults.set(code, count);
    return count;
  }

  #others(): readonly SealedRecord[] {
    return this.#store.sealed(this.#now()).filter((text) => text !== this.#own);
  }

  #now(): Micros {
    return this.#options.clock.now();
  }
}

/** Waits without keeping the process alive. */
async function wait(millis: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, millis).unref();
  });
}
