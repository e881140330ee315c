import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import { LIMITS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Envelope } from '../../message/envelope.ts';
import type { ReplaySnapshot } from '../../message/replay-window.ts';
import type { Sealed } from '../../message/seal.ts';
import type { AppendFile, Files } from './files.ts';
import type { Input } from './input.ts';
import { digestOf, writeLine, type JournalRecord } from './journal-record.ts';
import type { Meter } from './meter.ts';
import type { Outgoing } from './outgoing.ts';
import type { Recorder } from './recorder.ts';
import { sealFlush, type Flush, type Leaving } from './said.ts';
import type { Timing } from './timing.ts';

/** A journal file that is open at its end. */
export interface JournalEnd {
  readonly name: string;
  readonly file: AppendFile;
  readonly bytes: number;
  /** Bytes of its first line. */
  readonly head: number;
  readonly chain: string;
  /** Number of the last flush in it, or before it in this process: what the broker confirms late must not be taken for a later one. */
  readonly flush: number;
  /** Number that the next life could start from: above all that this one has used. */
  readonly nextSeq: number;
}

/** Bounds of {@link JournalRecorder}; the defaults are those of `LIMITS`. */
export interface RecorderLimits {
  readonly journalBacklogChars: number;
  readonly journalBytes: number;
}

/** What {@link JournalRecorder} needs. */
export interface RecorderParts {
  readonly files: Files;
  readonly timing: Timing;
  readonly log: Log;
  readonly meter: Meter;
  readonly outgoing: Outgoing;
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
  /** The numbers of others that were taken. */
  readonly replay: () => ReplaySnapshot;
  /** Bytes above which the record is {@link Recorder.long}. */
  readonly compactBytes: number;
  readonly limits?: RecorderLimits;
}

/** Inputs that nothing was said upon reach the disk after so long at the latest. */
const GROUP_MICROS = 10_000;

/** A disk that refused is asked again after so long. */
const RETRY_MICROS = 1_000_000;

interface Group {
  readonly lines: string[];
  chars: number;
  /** Somebody waits for it: marks alone can wait for the next group. */
  wanted: boolean;
  readonly flushes: { readonly flush: number; readonly messages: readonly Leaving[] }[];
  /** Called when it is on the disk. */
  readonly kept: (() => void)[];
}

const emptyGroup = (): Group => ({ lines: [], chars: 0, wanted: false, flushes: [], kept: [] });

const encoder = new TextEncoder();

/**
 * Keeps a life in a journal file. Lines are written and synced in groups, one group after another; what was said leaves when
 * the group with its flush is on the disk. Where the disk refuses, the file is cut back to what is known to be there and the
 * whole group is written again, as after a failed sync nobody knows what the disk has.
 */
export class JournalRecorder implements Recorder {
  readonly #parts: RecorderParts;
  readonly #name: string;
  readonly #limits: RecorderLimits;
  #file: AppendFile;
  #chain: string;
  #synced: number;
  readonly #head: number;
  #flush: number;
  #nextSeq: number;
  #group: Group = emptyGroup();
  #writing: Promise<void> | null = null;
  #timer: (() => void) | null = null;
  #healthy = true;
  #isOver = false;
  #isGivenUp = false;
  #retry: (() => void) | null = null;
  readonly #waiting: (() => void)[] = [];

  constructor(end: JournalEnd, parts: RecorderParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
    this.#name = end.name;
    this.#file = end.file;
    this.#chain = end.chain;
    this.#synced = end.bytes;
    this.#head = end.head;
    this.#flush = end.flush;
    this.#nextSeq = end.nextSeq;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Number of the last flush. */
  get flush(): number {
    return this.#flush;
  }

  get overlong(): boolean {
    return this.#synced > this.#limits.journalBytes;
  }

  /** Number that the next life could start from: above all that this one has used. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get long(): boolean {
    // Also twice what a new one would begin with, or a large state would be written again and again.
    return this.#synced - this.#head > Math.max(this.#parts.compactBytes, this.#head);
  }

  input(input: Input): void {
    this.#add(input);
    this.#timer ??= this.#parts.timing.after(GROUP_MICROS, () => {
      this.#timer = null;
      this.#commit();
    });
  }

  instant(flush: Flush): void {
    if (flush.length === 0) return;
    this.#flush += 1;
    const messages = sealFlush(flush, this.#parts.seal);
    this.#nextSeq += messages.length;
    this.#add(flushRecord(this.#flush, flush));
    this.#group.flushes.push({ flush: this.#flush, messages });
    this.#commit();
  }

  /** Everything up to this flush has reached the broker. Not worth a sync: what is not known to have left leaves again. */
  sent(flush: number): void {
    if (!this.#isOver) this.#add({ type: 'sent', flush });
  }

  room(): Promise<void> | undefined {
    if (this.#group.chars <= this.#limits.journalBacklogChars) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async stored(): Promise<void> {
    if (this.#isOver) {
      await this.#writing;
      return;
    }
    // Of this group alone: under load the writing never ends.
    const { kept } = this.#group;
    await new Promise<void>((resolve) => {
      kept.push(resolve);
      this.#commit();
    });
  }

  async leave(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#commit();
    await this.#writing;
    await this.#file.close();
  }

  async end(disown: readonly LostDialogue[]): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#add({ type: 'end', nextSeq: this.#nextSeq, replay: this.#parts.replay(), disown });
    this.#commit();
    await this.#writing;
    await this.#file.close();
  }

  giveUp(): void {
    this.#isOver = true;
    this.#isGivenUp = true;
    this.#timer?.();
    this.#retry?.();
  }

  #add(record: JournalRecord): void {
    const { chain, line } = writeLine(this.#chain, record);
    this.#chain = chain;
    this.#group.lines.push(line);
    this.#group.chars += line.length;
  }

  #commit(): void {
    this.#timer?.();
    this.#timer = null;
    this.#group.wanted = true;
    this.#writing ??= this.#writeGroups();
  }

  async #writeGroups(): Promise<void> {
    while (this.#group.wanted) {
      const group = this.#group;
      this.#group = emptyGroup();
      await this.#write(encoder.encode(group.lines.join('')));
      // Nothing comes behind the record that ends a life: by it being the last one, the next start knows.
      if (!this.#isOver) this.#add({ type: 'synced', bytes: this.#synced });
      for (const resolve of this.#waiting.splice(0)) resolve();
      for (const { flush, messages } of group.flushes) this.#parts.outgoing.push(flush, messages);
      for (const resolve of group.kept) resolve();
    }
    this.#writing = null;
  }

  /** Resolves when it is on the disk, however often that takes. */
  async #write(bytes: Uint8Array): Promise<void> {
    const { timing, meter, log } = this.#parts;
    for (;;) {
      try {
        if (!this.#healthy) this.#file = await this.#parts.files.reopen(this.#name, this.#synced);
        await this.#file.append(bytes);
        const from = timing.steady();
        await this.#file.sync();
        meter.observe('haggle_journal_sync_duration_seconds', (timing.steady() - from) / 1_000_000);
        this.#synced += bytes.length;
        if (!this.#healthy) log.info({ event: 'journal-recovered', bytes: bytes.length });
        this.#healthy = true;
        return;
      } catch (error) {
        if (this.#healthy) await this.#giveUpFile();
        this.#healthy = false;
        log.error({ event: 'journal-failed', error: String(error), waiting: bytes.length });
        await this.#beforeRetry();
      }
    }
  }

  /** Never resolves once it is given up: what comes after a write must not come without it. */
  async #beforeRetry(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (!this.#isGivenUp) this.#retry = this.#parts.timing.after(RETRY_MICROS, resolve);
    });
  }

  async #giveUpFile(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      this.#parts.log.warn({ event: 'journal-failed', error: String(error) });
    }
  }
}

/** What a journal says of a flush. */
export function flushRecord(flush: number, said: Flush): JournalRecord {
  const messages = said.reduce((sum, part) => sum + part.length, 0);
  return { type: 'flush', flush, messages, digest: flushDigest(said), opened: openedIn(said) };
}

/** Digest of everything that was said, but not of its signatures. */
export function flushDigest(said: Flush): string {
  return digestOf(
    said.map((part) => part.map(({ subject, payload, headers, reply }) => [subject, payload, headers, reply ?? null])),
  );
}

function openedIn(said: Flush): readonly LostDialogue[] {
  return said.flatMap((part) =>
    part.flatMap(({ payload, reply }) => {
      // An opening asks to be told if nobody is there; so does what wants a receipt.
      if (reply === undefined) return [];
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own outbox wrote it
      const { id, dialogue, to, protocol, by } = JSON.parse(payload) as Envelope;
      return id === dialogue ? [{ peer: to, id, protocol, by }] : [];
    }),
  );
}
