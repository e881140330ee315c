import { createHash } from 'node:crypto';
import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Rest } from '../../agent/rest.ts';
import type { Micros } from '../../clock.ts';
import type { ReplaySnapshot } from '../../message/replay-window.ts';
import type { Input } from './input.ts';

/** What a journal begins with: everything but the inputs that decides what the life is. */
export interface LifeRecord {
  readonly type: 'life';
  readonly version: 1;
  /** Counts the lives of the agent, from 1. */
  readonly life: number;
  readonly agent: string;
  readonly name: string;
  readonly did: string;
  readonly realm: string;
  /** Of the agent's parameters and the protocols that it plays. */
  readonly digest: string;
  /** Of all chance: secret. */
  readonly root: string;
  readonly firstSeq: number;
  readonly at: Micros;
  /** The numbers of others that earlier lives have taken; null where there was none. */
  readonly replay: ReplaySnapshot | null;
  /** What an earlier life left to go on from; null where the agent begins as its author wrote. */
  readonly rest: Rest | null;
  /** Dialogues of an earlier life that nobody can continue: this one tells their peers. */
  readonly disown: readonly LostDialogue[];
}

/** One line of a journal. */
export type JournalRecord =
  | LifeRecord
  | Input
  /** The instant ended, and this was said in it. */
  | {
      readonly type: 'flush';
      readonly flush: number;
      readonly messages: number;
      /** Of what was said: whoever executes the inputs again must say the same. */
      readonly digest: string;
      /** The dialogues that it opened. */
      readonly opened: readonly LostDialogue[];
    }
  /** Everything up to this flush has reached the broker or was given up. */
  | { readonly type: 'sent'; readonly flush: number }
  /** The first so many bytes of the file were on the disk when this was written. */
  | { readonly type: 'synced'; readonly bytes: number }
  /** The life is over; the next takes these numbers on, and tells the peers of these dialogues. */
  | {
      readonly type: 'end';
      readonly nextSeq: number;
      readonly replay: ReplaySnapshot;
      readonly disown: readonly LostDialogue[];
    };

/** Hexadecimal digits of the hash in front of each line: 128 bits of SHA-256. */
const HASH_CHARS = 32;
const NEWLINE = 0x0a;

/** The hash that the first line builds upon. */
export const CHAIN_START = '0'.repeat(HASH_CHARS);

/** A line: hash over the hash of the line before and the text, a space, the text, a line feed. */
export function writeLine(chain: string, record: JournalRecord): { readonly chain: string; readonly line: string } {
  const text = JSON.stringify(record);
  const next = hashOf(chain, text);
  return { chain: next, line: `${next} ${text}\n` };
}

/** What a journal file holds. */
export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** Hash of the last intact line. */
  readonly chain: string;
  /** Bytes up to the end of the last intact line. */
  readonly bytes: number;
  /** Bytes of the first line; 0 where it is not intact. */
  readonly head: number;
  /** What follows: nothing, the torn end of an unfinished write, or damage to what was safe on the disk once. */
  readonly tail: 'none' | 'torn' | 'damaged';
}

/**
 * Reads a journal up to the first line that is not intact. That line was torn by a crash where nothing behind it says that it had
 * been on the disk before; otherwise it was damaged later.
 */
export function readJournal(file: Uint8Array): ReadJournal {
  const records: JournalRecord[] = [];
  let chain = CHAIN_START;
  let bytes = 0;
  let head = 0;
  for (;;) {
    const line = lineAt(file, bytes);
    const record = line === null ? null : recordOf(line.text, chain);
    if (line === null || record === null) break;
    records.push(record);
    chain = line.text.slice(0, HASH_CHARS);
    bytes = line.next;
    if (head === 0) head = bytes;
  }
  if (bytes === file.length) return { records, chain, bytes, head, tail: 'none' };
  return { records, chain, bytes, head, tail: isKnownSynced(file, bytes) ? 'damaged' : 'torn' };
}

/** Whether an intact line after `bad` says that the disk had more than the bytes up to there. */
function isKnownSynced(file: Uint8Array, bad: number): boolean {
  let before: string | null = null;
  for (let at = bad; ;) {
    const line = lineAt(file, at);
    if (line === null) return false;
    const record = before === null ? null : recordOf(line.text, before);
    if (record?.type === 'synced' && record.bytes > bad) return true;
    before = line.text.slice(0, HASH_CHARS);
    at = line.next;
  }
}

function lineAt(file: Uint8Array, from: number): { readonly text: string; readonly next: number } | null {
  const end = file.indexOf(NEWLINE, from);
  if (end < 0) return null;
  return { text: Buffer.from(file.buffer, file.byteOffset + from, end - from).toString('utf8'), next: end + 1 };
}

/** The record of a line that builds upon `chain`; null where it is not intact. */
function recordOf(line: string, chain: string): JournalRecord | null {
  if (line[HASH_CHARS] !== ' ') return null;
  const text = line.slice(HASH_CHARS + 1);
  if (hashOf(chain, text) !== line.slice(0, HASH_CHARS)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the hash says that it is what writeLine wrote
  return JSON.parse(text) as JournalRecord;
}

function hashOf(chain: string, text: string): string {
  return createHash('sha256').update(chain).update(text).digest('hex').slice(0, HASH_CHARS);
}

/** Digest of anything that JSON can say, in 128 bits. */
export function digestOf(value: unknown): string {
  return hashOf('', JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? '');
}
