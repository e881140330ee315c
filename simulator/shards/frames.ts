import type { Bus, Subscription } from '../../agent-core/bus/bus.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import { utf8Bytes } from '../utf8-size.ts';
import { badWire } from './checks.ts';

/** The wire format's name and version, first in every frame. */
const FORMAT = 'haggle-sim/1';
/** Characters of the first line, at most. */
const HEAD_CHARS = 160;
/** Parts of one message, at most: with frames of 64 KB more than any instance has. */
const MAX_PARTS = 65_536;
/** Messages of which some part has come and some has not, at most, and characters of what has come of them. */
const MAX_PARTIAL = 4_096;
const MAX_PARTIAL_CHARS = 2 ** 29;

/**
 * Sends JSON documents that may be larger than one payload. A frame is a line `haggle-sim/1 <sender> <number> <part> <parts>`
 * and a piece of the document's text; the pieces in order are the document.
 */
export interface FrameSender {
  send(subject: string, document: JsonValue, reply?: string): void;
}

/** Options of {@link createFrameSender}. */
export interface FrameOptions {
  readonly bus: Bus;
  /** A subject token that no other sender of the run has. */
  readonly sender: string;
  /** UTF-8 bytes of one payload. */
  readonly maxPayloadBytes: number;
}

/** A sender of documents. */
export function createFrameSender({ bus, sender, maxPayloadBytes }: FrameOptions): FrameSender {
  const room = maxPayloadBytes - HEAD_CHARS;
  if (room < HEAD_CHARS) throw new HaggleError('payload-too-large', `frames of ${maxPayloadBytes} bytes are too small`);
  let number = 0;
  return {
    send(subject, document, reply) {
      const pieces = split(JSON.stringify(document), room);
      for (const [part, piece] of pieces.entries()) {
        const payload = `${FORMAT} ${sender} ${number} ${part} ${pieces.length}\n${piece}`;
        bus.publish(subject, payload, reply === undefined || part > 0 ? {} : { reply });
      }
      number += 1;
    },
  };
}

/** Pieces of at most `room` UTF-8 bytes. No surrogate pair is cut: JSON is text, and each piece must be well-formed. */
function split(text: string, room: number): readonly string[] {
  if (utf8Bytes(text) <= room) return [text];
  // A UTF-16 code unit has 3 bytes at most.
  const step = Math.floor(room / 3);
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + (text.length === utf8Bytes(text.slice(at, at + room)) ? room : step));
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** What has come of a message. It takes no more room than that, whatever number of parts a frame promises. */
interface Partial {
  readonly parts: number;
  readonly pieces: Map<number, string>;
}

/** Messages that wait for parts. */
interface Waiting {
  readonly partial: Map<string, Partial>;
  chars: number;
}

/** Options of {@link receiveFrames}. */
export interface FrameReceiver {
  readonly bus: Bus;
  readonly subject: string;
  readonly onDocument: (document: JsonValue, sender: string) => void;
  /** The bus says that nobody listens to what was sent with this reply subject. */
  readonly onNobody?: (subject: string) => void;
  /** Something else than a frame came, or what came cannot be worked on. A bus would keep such an error to itself. */
  readonly onFault: (error: unknown) => void;
}

/** Puts documents together from frames that may come in any order. */
export function receiveFrames({ bus, subject, onDocument, onNobody, onFault }: FrameReceiver): Subscription {
  const waiting: Waiting = { partial: new Map(), chars: 0 };
  const take = (payload: string): void => {
    const { sender, number, part, parts, piece } = readFrame(payload);
    const text = parts === 1 ? piece : complete(waiting, `${sender} ${number}`, { part, parts, piece });
    if (text !== null) onDocument(parseDocument(text), sender);
  };
  return bus.subscribe(subject, (message) => {
    try {
      if (message.noResponders) onNobody?.(message.subject);
      else take(message.payload);
    } catch (error) {
      onFault(error);
    }
  });
}

function readFrame(payload: string): {
  sender: string;
  number: string;
  part: number;
  parts: number;
  piece: string;
} {
  const end = payload.indexOf('\n');
  const head = end < 0 || end > HEAD_CHARS ? [] : payload.slice(0, end).split(' ');
  const [format, sender = '', number = '', part, parts] = head;
  const numbers = [Number(part), Number(parts)] as const;
  if (format !== FORMAT || head.length !== 5)
    throw badWire(`a frame begins with "${FORMAT}", sender, number, part and parts`);
  if (!numbers.every(Number.isSafeInteger) || numbers[0] < 0 || numbers[0] >= numbers[1] || numbers[1] > MAX_PARTS) {
    throw badWire(`part ${part} of ${parts} of a frame`);
  }
  return { sender, number, part: numbers[0], parts: numbers[1], piece: payload.slice(end + 1) };
}

/** The whole text once its last piece is there, null before. */
function complete(
  waiting: Waiting,
  key: string,
  frame: { readonly part: number; readonly parts: number; readonly piece: string },
): string | null {
  const { part, parts, piece } = frame;
  const { partial } = waiting;
  let known = partial.get(key);
  if (known === undefined) {
    if (partial.size >= MAX_PARTIAL) throw badWire(`${MAX_PARTIAL} messages wait for a part`);
    known = { parts, pieces: new Map() };
    partial.set(key, known);
  }
  const { pieces } = known;
  if (known.parts !== parts) throw badWire(`message ${key} has ${known.parts} parts and then ${parts}`);
  if (pieces.has(part)) throw badWire(`part ${part} of message ${key} came twice`);
  pieces.set(part, piece);
  waiting.chars += piece.length;
  if (waiting.chars > MAX_PARTIAL_CHARS) throw badWire(`more than ${MAX_PARTIAL_CHARS} characters wait for a part`);
  if (pieces.size < parts) return null;
  partial.delete(key);
  const text = Array.from({ length: parts }, (_, index) => pieces.get(index) ?? '').join('');
  waiting.chars -= text.length;
  return text;
}

function parseDocument(text: string): JsonValue {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives JSON
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new HaggleError('bad-wire', 'reading a message of a split run: its text is no JSON', { cause });
  }
}
