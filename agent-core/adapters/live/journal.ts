import { randomBytes } from 'node:crypto';
import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Rest } from '../../agent/rest.ts';
import type { Micros } from '../../clock.ts';
import { HaggleError } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import type { Envelope } from '../../message/envelope.ts';
import { createReplayWindow, type ReplaySnapshot, type ReplayWindow } from '../../message/replay-window.ts';
import type { AppendFile } from './files.ts';
import type { Beginning, Origin, Unsent } from './beginning.ts';
import {
  CHAIN_START,
  readJournal,
  writeLine,
  type JournalRecord,
  type LifeRecord,
  type ReadJournal,
} from './journal-record.ts';
import { JournalRecorder, type JournalEnd, type RecorderParts } from './journal-recorder.ts';
import type { Recorder } from './recorder.ts';

/** Who keeps the journal: one that was kept by another is never gone on with. */
export type JournalOwner = Pick<LifeRecord, 'agent' | 'name' | 'did' | 'realm' | 'digest'>;

/** What {@link openJournal} needs. */
export interface JournalParts extends Omit<RecorderParts, 'replay'> {
  readonly owner: JournalOwner;
  /** Number of a life's first message to each peer: from `bound` on, and above all that a life of which nothing is known could have used. */
  readonly firstSeq: (bound: number) => number;
  /** Tells who else passes on what was confirmed. */
  readonly onRecorder: (recorder: JournalRecorder) => void;
}

/** A life's file: `journal-` and its number in 8 digits. */
const FILE = /^journal-(\d{8})\.log$/;

interface Kept {
  readonly name: string;
  readonly life: number;
  readonly read: ReadJournal;
  readonly head: LifeRecord | null;
}

/**
 * Opens the journal in a folder, and takes the folder for this process.
 *
 * @throws HaggleError `agent-running`, `cannot-read`, `cannot-write`
 */
export async function openJournal(parts: JournalParts): Promise<Origin> {
  const release = await parts.files.lock();
  try {
    return new Journal(parts, release, await newest(parts));
  } catch (error) {
    await release();
    throw error;
  }
}

/** The newest life of which at least the head is there. A file without one is what a crash at its birth left. */
async function newest({ files, log }: JournalParts): Promise<Kept | null> {
  const names = (await files.list())
    .filter((name) => FILE.test(name))
    .toSorted()
    .toReversed();
  for (const name of names) {
    const read = readJournal(await files.read(name));
    const [head] = read.records;
    const life = Number(FILE.exec(name)?.[1]);
    if (head?.type === 'life') return { name, life, read, head };
    if (read.tail === 'damaged') return { name, life, read, head: null };
    log.warn({ event: 'journal-cut', file: name, at: 0 });
    await files.remove(name);
  }
  return null;
}

class Journal implements Origin {
  readonly #parts: JournalParts;
  readonly #release: () => Promise<void>;
  readonly #kept: Kept | null;
  #life: number;
  #nextSeq = 1;
  #window: ReplayWindow | null = null;
  #recording: JournalRecorder | null = null;

  constructor(parts: JournalParts, release: () => Promise<void>, kept: Kept | null) {
    this.#parts = parts;
    this.#release = release;
    this.#kept = kept;
    this.#life = kept?.life ?? 0;
  }

  get until(): Micros {
    return (this.#kept?.read.records ?? []).reduce(
      (until, record) => ('at' in record ? Math.max(until, record.at) : until),
      0,
    );
  }

  async first(): Promise<Beginning> {
    const kept = this.#kept;
    if (kept === null) return await this.#birth(null, []);
    const { read, head } = kept;
    if (head !== null) this.#checkOwner(head);
    if (read.tail === 'damaged' || head === null) throw corrupt(kept);
    const last = read.records.at(-1);
    if (last?.type === 'end') {
      this.#nextSeq = last.nextSeq;
      return await this.#birth(last.replay, last.disown);
    }
    if (head.digest !== this.#parts.owner.digest) {
      throw diverged(kept, 'it was kept by an agent with other parameters or protocols');
    }
    return this.#resumed({ ...kept, head });
  }

  async next(disown: readonly LostDialogue[], rest: Rest | null = null): Promise<Beginning> {
    return await this.#birth(this.#window?.snapshot() ?? null, disown, rest);
  }

  async instead(): Promise<Beginning> {
    const kept = this.#kept;
    if (kept === null) return await this.first();
    const { head, read } = kept;
    const { replay, disown } = head === null ? { replay: null, disown: [] } : estateOf(head, read.records);
    this.#nextSeq = Math.max(this.#nextSeq, nextSeqOf(head, read.records));
    this.#parts.log.warn({ event: 'journal-abandoned', file: kept.name, dialogues: disown.length });
    return await this.#birth(replay, disown);
  }

  async close(): Promise<void> {
    await this.#release();
  }

  #checkOwner(head: LifeRecord): void {
    const { owner } = this.#parts;
    for (const field of ['did', 'realm', 'agent'] as const) {
      if (head[field] === owner[field]) continue;
      throw new HaggleError(
        'journal-of-another',
        `resuming ${owner.name}: the journal in its folder is of another ${FIELD_WORDS[field]}, ${head[field]} and not ${owner[field]}`,
      );
    }
  }

  #resumed({ name, read, head }: Kept & { readonly head: LifeRecord }): Beginning {
    const window = createReplayWindow(head.replay === null ? {} : { snapshot: head.replay });
    this.#window = window;
    if (read.tail === 'torn') this.#parts.log.warn({ event: 'journal-cut', file: name, at: read.bytes });
    return {
      seed: head,
      replay: window,
      disown: head.disown,
      past: read.records.slice(1),
      record: async (unsent) => {
        const file = await this.#parts.files.reopen(name, read.bytes);
        const flush = lastFlush(read.records);
        const nextSeq = nextSeqOf(head, read.records);
        return this.#recorder(
          { name, file, bytes: read.bytes, head: read.head, chain: read.chain, flush, nextSeq },
          unsent,
        );
      },
    };
  }

  async #birth(
    replay: ReplaySnapshot | null,
    disown: readonly LostDialogue[],
    rest: Rest | null = null,
  ): Promise<Beginning> {
    const { owner, timing } = this.#parts;
    this.#life += 1;
    const firstSeq = this.#parts.firstSeq(Math.max(this.#nextSeq, this.#recording?.nextSeq ?? 1));
    const root = randomBytes(16).toString('hex');
    const at = timing.wall();
    const head: LifeRecord = {
      type: 'life',
      version: 1,
      life: this.#life,
      ...owner,
      root,
      firstSeq,
      at,
      replay,
      rest,
      disown,
    };
    const name = `journal-${String(this.#life).padStart(8, '0')}.log`;
    const { chain, line } = writeLine(CHAIN_START, head);
    const bytes = new TextEncoder().encode(line);
    const file = await this.#createWith(name, bytes);
    await this.#removeBefore(this.#life - 1);
    const window = createReplayWindow(replay === null ? {} : { snapshot: replay });
    this.#window = window;
    const flush = this.#recording?.flush ?? 0;
    return {
      seed: head,
      replay: window,
      disown,
      past: [],
      record: (unsent) =>
        Promise.resolve(
          this.#recorder(
            { name, file, bytes: bytes.length, head: bytes.length, chain, flush, nextSeq: firstSeq },
            unsent,
          ),
        ),
    };
  }

  /** A new file with these bytes on the disk; where that fails there is no file, or nobody knows (`journal-in-doubt`). */
  async #createWith(name: string, bytes: Uint8Array): Promise<AppendFile> {
    const { files } = this.#parts;
    try {
      const file = await files.create(name);
      await file.append(bytes);
      await file.sync();
      return file;
    } catch (error) {
      try {
        await files.remove(name);
      } catch (cause) {
        throw new HaggleError('journal-in-doubt', `beginning ${name}: it was neither written nor removed`, { cause });
      }
      throw error;
    }
  }

  /** The last life but one is kept for whoever wants to look into it. */
  async #removeBefore(life: number): Promise<void> {
    const { files, log } = this.#parts;
    try {
      for (const name of await files.list()) {
        const match = FILE.exec(name);
        if (match !== null && Number(match[1]) < life) await files.remove(name);
      }
    } catch (error) {
      log.warn({ event: 'journal-not-removed', error: String(error) });
    }
  }

  #recorder(end: JournalEnd, unsent: readonly Unsent[]): Recorder {
    const recorder = new JournalRecorder(end, {
      ...this.#parts,
      replay: () => this.#window?.snapshot() ?? createReplayWindow().snapshot(),
    });
    this.#recording = recorder;
    this.#parts.onRecorder(recorder);
    for (const { flush, messages } of unsent) this.#parts.outgoing.push(flush, messages);
    return recorder;
  }
}

/** Of this life, or of one before that was confirmed in this one. */
function lastFlush(records: readonly JournalRecord[]): number {
  return records.reduce((last, record) => ('flush' in record ? Math.max(last, record.flush) : last), 0);
}

/** Each message takes one number of one peer, so no peer has seen more than the messages of all. */
function nextSeqOf(head: LifeRecord | null, records: readonly JournalRecord[]): number {
  return records.reduce(
    (next, record) => (record.type === 'flush' ? next + record.messages : next),
    head?.firstSeq ?? 1,
  );
}

/** What a life that nobody can go on with leaves behind: the numbers that it has taken, and dialogues that may be open. */
function estateOf(
  head: LifeRecord,
  records: readonly JournalRecord[],
): { readonly replay: ReplaySnapshot; readonly disown: readonly LostDialogue[] } {
  const window = createReplayWindow(head.replay === null ? {} : { snapshot: head.replay });
  const open = new Map<string, LostDialogue>();
  let until = head.at;
  const add = (dialogue: LostDialogue): void => {
    if (open.size < LIMITS.openDialogues) open.set(`${dialogue.peer} ${dialogue.id}`, dialogue);
  };
  for (const dialogue of head.disown) add(dialogue);
  for (const record of records) {
    if ('at' in record) until = record.at;
    if (record.type === 'flush') for (const dialogue of record.opened) add(dialogue);
    if (record.type !== 'message') continue;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was checked before it was kept
    const envelope = JSON.parse(record.message.payload) as Envelope;
    window.accept(envelope, record.at);
    add({ peer: envelope.from, id: envelope.dialogue, protocol: envelope.protocol, by: envelope.by });
  }
  return { replay: window.snapshot(), disown: [...open.values()].filter(({ by }) => by > until) };
}

const FIELD_WORDS = { did: 'key', realm: 'realm', agent: 'kind of agent' } as const;

function corrupt({ name, read }: Kept): HaggleError {
  return new HaggleError(
    'journal-corrupt',
    `resuming from ${name}: it is damaged at byte ${read.bytes}, in a part that had been safe on the disk; nothing was changed`,
    { fields: { file: name, offset: read.bytes } },
  );
}

function diverged({ name }: Kept, why: string): HaggleError {
  return new HaggleError('journal-diverged', `resuming from ${name}: ${why}`, { fields: { file: name } });
}
