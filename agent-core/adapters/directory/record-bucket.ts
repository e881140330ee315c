import type { KV, NatsConnection, QueuedIterator, KvEntry } from 'nats';
import type { SealedRecord } from '../../directory/record.ts';
import { LIMITS } from '../../limits.ts';
import { openAgentBucket } from '../realm-streams.ts';

/** Options of {@link recordBucket}. */
export interface BucketOptions {
  readonly connection: NatsConnection;
  readonly realm: string;
  /** Copies that a cluster keeps of a bucket that is made here; one that is there stays as it is. */
  readonly replicas: number;
  /** What the bucket holds under an agent's NKEY, at first and whenever it changes. */
  readonly heard: (nkey: string, text: SealedRecord) => void;
  /** What the bucket held at first has been heard. */
  readonly complete: () => void;
  /** The bucket cannot be had or written. It is tried again at the next {@link RecordBucket.tend}. */
  readonly failed: (what: 'bucket-unavailable' | 'bucket-not-written', error: unknown) => void;
}

/** Records in a bucket of JetStream, one key an agent: its NKEY. */
export interface RecordBucket {
  /** Opens the bucket unless it is open, and makes it unless it is there. Never rejects. */
  tend(): Promise<void>;
  /**
   * Keeps a text under a key, whatever is there. Never a compare-and-set: clusters of nats-server 2.9 let several win, and the
   * signed number decides anyway. Never rejects.
   */
  put(nkey: string, text: SealedRecord): Promise<void>;
  /** What lies under a key, however old; null where nothing does or there is no bucket. Never rejects. */
  get(nkey: string): Promise<SealedRecord | null>;
  close(): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A bucket that is not open yet. */
export function recordBucket(options: BucketOptions): RecordBucket {
  return new Bucket(options);
}

class Bucket implements RecordBucket {
  readonly #options: BucketOptions;
  #kv: KV | null = null;
  #watch: QueuedIterator<KvEntry> | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  async tend(): Promise<void> {
    if (this.#kv !== null || this.#closed) return;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  async put(nkey: string, text: SealedRecord): Promise<void> {
    await this.tend();
    if (this.#kv === null) return;
    try {
      await this.#kv.put(nkey, encoder.encode(text));
    } catch (error) {
      // The bucket may have been deleted: it is opened anew before the next attempt.
      this.#forget();
      if (!this.#closed) this.#options.failed('bucket-not-written', error);
    }
  }

  async get(nkey: string): Promise<SealedRecord | null> {
    await this.tend();
    try {
      const entry = await this.#kv?.get(nkey);
      return entry?.operation === 'PUT' && isRecordLong(entry) ? decoder.decode(entry.value) : null;
    } catch (error) {
      if (!this.#closed) this.#options.failed('bucket-unavailable', error);
      return null;
    }
  }

  close(): void {
    this.#closed = true;
    this.#forget();
  }

  async #open(): Promise<void> {
    const { connection, realm, replicas, complete, failed } = this.#options;
    try {
      const kv = await openAgentBucket(connection, { realm, replicas });
      const watch = await kv.watch({ ignoreDeletes: true, initializedFn: complete });
      if (this.#closed) return watch.stop();
      this.#kv = kv;
      this.#watch = watch;
      void this.#follow(watch);
    } catch (error) {
      if (this.#closed) return;
      failed('bucket-unavailable', error);
    }
  }

  async #follow(watch: QueuedIterator<KvEntry>): Promise<void> {
    try {
      for await (const entry of watch) this.#hear(entry);
    } catch (error) {
      if (!this.#closed) this.#options.failed('bucket-unavailable', error);
    }
    if (this.#watch === watch) this.#forget();
  }

  #hear({ key, value, operation }: KvEntry): void {
    if (operation === 'PUT' && isRecordLong({ value })) this.#options.heard(key, decoder.decode(value));
  }

  #forget(): void {
    this.#kv = null;
    this.#watch?.stop();
    this.#watch = null;
  }
}

function isRecordLong({ value }: Pick<KvEntry, 'value'>): boolean {
  return value.length <= LIMITS.recordBytes;
}
