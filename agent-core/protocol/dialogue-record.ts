import type { DialogueEnd, DialogueOutcome } from '../agent/dialogue.ts';
import { reservedCode } from '../agent/deliveries.ts';
import { mayOpen } from '../agent/message-id.ts';
import type { Micros } from '../clock.ts';
import { assert, HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { Envelope } from '../message/envelope.ts';
import type { Auditor, RecordedMessage } from '../message/open.ts';
import type { AnyProtocol } from './conversation-types.ts';
import { maySay, nextState, openingTypes } from './dialogue-table.ts';
import { findFaults, type ProvenFault, type RecordLine } from './dialogue-faults.ts';

/** Whose record of which protocol is to be read. */
export interface RecordQuestion {
  readonly protocol: AnyProtocol;
  /** Checks the signatures; one with `requireSignature` proves something to others. */
  readonly auditor: Auditor;
  /** Whose record it is: one of the two sides. */
  readonly holder: Did;
}

/** What the record of one side of a dialogue proves. */
export interface ProvenOutcome {
  readonly dialogue: string;
  /** Name of the state that the holder's side was in at the end of the record. */
  readonly state: string;
  /** Whether that state is final. */
  readonly final: boolean;
  /** `open` where no message ended it: it has expired once `by` is over. */
  readonly outcome: 'open' | 'done' | 'failed' | 'not-understood';
  /** The code of the failure or misunderstanding that ended it; null otherwise. */
  readonly code: string | null;
  /** Deadline of the dialogue. */
  readonly by: Micros;
  /** The message that ended it, as its signer sent it; null where it is open. */
  readonly decisive: RecordedMessage | null;
  /** What either side provably did against the protocol: the first fault of each. */
  readonly faults: readonly ProvenFault[];
}

/**
 * Replays the record of one dialogue, so that whoever did not take part can check what became of it: the messages that one
 * side has said and heard, in that order, each with its signature.
 *
 * The holder chooses what it shows and in which order; what it cannot do is invent. A message that it heard is signed by its
 * peer, and its own messages name, under its signature, what they answer. So a record proves that an outcome was *reached*; a
 * record that ends early proves an earlier state. Faults are found so that nobody is convicted whom a lost message could
 * explain.
 *
 * @throws HaggleError `bad-record` where it is no record of one dialogue of the protocol: a signature that does not hold, a
 * message of other parties or of another dialogue, no opening message, the holder's messages out of order.
 */
export function proveOutcome(question: RecordQuestion, messages: readonly RecordedMessage[]): ProvenOutcome {
  const lines = readRecord(question, messages);
  checkOrder(lines, question.holder);
  const end = replay(asSpoken(lines, question.holder), question);
  const { table } = question.protocol;
  const [first] = lines;
  assert(first !== undefined, 'a record that was read has its opening message');
  return {
    dialogue: first.envelope.dialogue,
    state: table.states[end.state] ?? '',
    final: table.final[end.state] === true,
    outcome: end.outcome,
    code: end.code,
    by: openingOf(lines, question.protocol)?.envelope.by ?? first.envelope.by,
    decisive: end.decisive,
    faults: findFaults(lines, question.protocol),
  };
}

/**
 * Whether a record bears out what its holder's runtime said of the dialogue's end. An expiry, and an opening that reached
 * nobody, are the absence of a message: there the record shows the dialogue open, in the state that was claimed.
 */
export function bearsOut(
  proven: ProvenOutcome,
  claim: Pick<DialogueEnd, 'dialogue' | 'outcome' | 'code' | 'state'>,
): boolean {
  if (proven.dialogue !== claim.dialogue || proven.state !== claim.state) return false;
  const outcome = claim.code === 'no-such-agent' ? 'open' : PROVEN_AS[claim.outcome];
  if (proven.outcome !== outcome) return false;
  return proven.code === null || proven.code === claim.code;
}

/** What a record shows of each way to end. An agent that stops says so to its peer, in a `failure`. */
const PROVEN_AS: Readonly<Record<DialogueOutcome, ProvenOutcome['outcome']>> = {
  done: 'done',
  expired: 'open',
  failed: 'failed',
  'not-understood': 'not-understood',
  stopped: 'failed',
};

function badRecord(problem: string, fields: Readonly<Record<string, string | number>> = {}): HaggleError {
  return new HaggleError('bad-record', `reading the record of a dialogue: ${problem}`, { fields });
}

function readRecord(
  { protocol, auditor, holder }: RecordQuestion,
  messages: readonly RecordedMessage[],
): readonly RecordLine[] {
  const audited = messages.map((recorded, index) => {
    const opened = auditor.audit(recorded);
    if ('refused' in opened) throw badRecord(`message ${index} is refused: ${opened.refused}`, { index });
    return { envelope: opened.envelope, recorded, index };
  });
  const opening = audited.find(({ envelope }) => isOpening(envelope, protocol))?.envelope;
  if (opening === undefined) throw badRecord(`no message of it opens a dialogue of ${protocol.name}`);
  if (opening.from !== holder && opening.to !== holder) throw badRecord(`its dialogue is not one of ${holder}`);
  const openers = protocol.table.sayer[openingTypes(protocol.table)[0] ?? 0] === 1 ? 1 : 0;
  const seen = new Set<string>();
  return audited.flatMap((line) => {
    const { envelope, recorded, index } = line;
    if (!isSameDialogue(opening, envelope)) throw badRecord(`message ${index} is of another dialogue`, { index });
    // A network may deliver twice; what is equal to the last byte says nothing new.
    if (seen.size === seen.add(recorded.payload).size) return [];
    return {
      ...line,
      side: envelope.from === opening.from ? openers : otherSide(openers),
      type: protocol.table.typeIndex.get(envelope.type) ?? -1,
      foreign: envelope.protocol !== protocol.id,
    };
  });
}

function isOpening(envelope: Envelope, protocol: AnyProtocol): boolean {
  return mayOpen(envelope) && envelope.protocol === protocol.id;
}

function openingOf(lines: readonly RecordLine[], protocol: AnyProtocol): RecordLine | undefined {
  return lines.find(({ envelope }) => isOpening(envelope, protocol));
}

function isSameDialogue(opening: Envelope, { from, to, dialogue, realm }: Envelope): boolean {
  if (dialogue !== opening.dialogue || realm !== opening.realm) return false;
  return (from === opening.from && to === opening.to) || (from === opening.to && to === opening.from);
}

function otherSide(side: 0 | 1): 0 | 1 {
  return side === 0 ? 1 : 0;
}

/** The holder numbered what it said and named what it had heard: both must fit the order of the record. */
function checkOrder(lines: readonly RecordLine[], holder: Did): void {
  const heard = new Set<string>();
  let seq = 0;
  for (const { envelope, index } of lines) {
    if (envelope.from !== holder) heard.add(envelope.id);
    else {
      if (envelope.seq < seq) throw badRecord(`message ${index} was said before one that comes earlier`, { index });
      if (envelope.re !== null && !heard.has(envelope.re)) {
        throw badRecord(`message ${index} answers one that had not been heard by then`, { index });
      }
      seq = envelope.seq;
    }
  }
}

/**
 * The order in which the holder heard and spoke. What is said at one instant leaves at its end, so that the holder may have
 * recorded it behind messages that it heard only after it had spoken; what it answers says, under its signature, where it
 * belongs: right behind.
 */
function asSpoken(lines: readonly RecordLine[], holder: Did): readonly RecordLine[] {
  const heard = lines.filter(({ envelope }) => envelope.from !== holder);
  const places = new Map(heard.map(({ envelope }, index) => [envelope.id, index + 1]));
  const saidAt: RecordLine[][] = Array.from({ length: heard.length + 1 }, () => []);
  let place = 0;
  for (const line of lines) {
    const { from, re } = line.envelope;
    if (from !== holder) continue;
    if (re !== null) place = Math.max(place, places.get(re) ?? 0);
    saidAt[place]?.push(line);
  }
  return saidAt.flatMap((said, index) => [...heard.slice(Math.max(index - 1, 0), index), ...said]);
}

interface Replayed {
  state: number;
  /** The opening message was said or accepted. */
  begun: boolean;
  outcome: ProvenOutcome['outcome'];
  code: string | null;
  decisive: RecordedMessage | null;
}

/** What the holder's runtime went through. */
function replay(lines: readonly RecordLine[], { protocol, holder }: RecordQuestion): Replayed {
  const replayed: Replayed = { state: 0, begun: false, outcome: 'open', code: null, decisive: null };
  // What the holder signed that it did not understand has not moved its side.
  const misunderstood = new Set(
    lines.flatMap(({ envelope }) =>
      envelope.from === holder && envelope.type === 'not-understood' && envelope.re !== null ? [envelope.re] : [],
    ),
  );
  for (const line of lines) {
    if (replayed.outcome !== 'open') break;
    const { envelope } = line;
    const own = envelope.from === holder;
    if (envelope.type === 'failure' || envelope.type === 'not-understood') {
      if (replayed.begun && endsHolder(line, own)) endByReserved(replayed, line);
    } else if (own || !misunderstood.has(envelope.id)) advance(replayed, line, protocol);
  }
  return replayed;
}

/** Codes of `not-understood` that only say that there is no such dialogue (any more). */
const NOT_HELD: ReadonlySet<string> = new Set(['unknown-dialogue', 'deadline-passed', 'too-many-dialogues']);

/** Whether a `failure` or `not-understood` ends the holder's open dialogue. */
function endsHolder({ envelope, foreign }: RecordLine, own: boolean): boolean {
  if (!own || envelope.type === 'failure') return !foreign;
  // The answer to a message of another protocol is in that protocol, and ends the dialogue of whoever gives it.
  return !NOT_HELD.has(reservedCode(envelope.body));
}

function endByReserved(replayed: Replayed, { envelope, recorded }: RecordLine): void {
  replayed.outcome = envelope.type === 'failure' ? 'failed' : 'not-understood';
  replayed.code = reservedCode(envelope.body);
  replayed.decisive = recorded;
}

/** Moves on where the message was legal: the same checks as the runtime makes. */
function advance(replayed: Replayed, line: RecordLine, protocol: AnyProtocol): void {
  const { table } = protocol;
  const { envelope, type, side, foreign, recorded } = line;
  if (foreign || type < 0 || !maySay(table, side, type)) return;
  if (!replayed.begun && !mayOpen(envelope)) return;
  if (protocol.bodies.get(envelope.type)?.decode(envelope.body).success !== true) return;
  const next = nextState(table, replayed.state, type);
  if (next < 0) return;
  replayed.begun = true;
  replayed.state = next;
  if (table.final[next] !== true) return;
  replayed.outcome = 'done';
  replayed.decisive = recorded;
}
