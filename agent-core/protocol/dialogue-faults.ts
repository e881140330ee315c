import type { Did } from '../identity/did-key.ts';
import type { Envelope } from '../message/envelope.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { AnyProtocol } from './conversation-types.ts';
import { maySay, nextState, type DialogueTable } from './dialogue-table.ts';

/** One message of a record, audited. */
export interface RecordLine {
  readonly envelope: Envelope;
  readonly recorded: RecordedMessage;
  /** Place in the record. */
  readonly index: number;
  /** The side of the protocol that said it. */
  readonly side: 0 | 1;
  /** Index of its type in the protocol; -1 where the protocol has none such, as for the runtime's own types. */
  readonly type: number;
  /** Whether it belongs to another protocol than the dialogue. */
  readonly foreign: boolean;
}

/** What a signed message shows its signer to have done against the protocol. */
export type FaultCode =
  /** It held this dialogue in another protocol too. */
  | 'wrong-protocol'
  /** The protocol has no such message. */
  | 'unknown-type'
  /** The message is the other role's to say. */
  | 'wrong-role'
  /** The body does not satisfy the schema. */
  | 'invalid-body'
  /** No course of the dialogue in which this could have been said, whatever got lost. */
  | 'illegal-message'
  /** Two contents under one number. */
  | 'equivocation';

/** A fault, and the signed message that proves it. */
export interface ProvenFault {
  readonly by: Did;
  readonly code: FaultCode;
  readonly message: RecordedMessage;
}

/**
 * The first fault of each side. Conservative: a speaker is convicted only where none of the states that it can have been in
 * allows its message. It can have heard any of what the record says to it by then, in any order; and where numbers are missing,
 * or it answers another message than the opening, anything that could have been said there.
 */
export function findFaults(lines: readonly RecordLine[], protocol: AnyProtocol): readonly ProvenFault[] {
  const sides = [0, 1] as const;
  return sides
    .flatMap((side) => firstFault(lines, side, protocol) ?? [])
    .toSorted((a, b) => a.index - b.index)
    .map(({ fault }) => fault);
}

interface Found {
  readonly index: number;
  readonly fault: ProvenFault;
}

function firstFault(lines: readonly RecordLine[], side: 0 | 1, protocol: AnyProtocol): Found | null {
  const said = lines.filter((line) => line.side === side).toSorted((a, b) => a.envelope.seq - b.envelope.seq);
  const { table } = protocol;
  let states: ReadonlySet<number> = new Set([0]);
  let before: RecordLine | null = null;
  for (const line of said) {
    const { envelope, type, index, recorded } = line;
    const convict = (code: FaultCode): Found => ({ index, fault: { by: envelope.from, code, message: recorded } });
    if (before?.envelope.seq === envelope.seq) return convict('equivocation');
    const missing = isMissing(before, line);
    before = line;
    if (envelope.type === 'receipt' || envelope.type === 'not-understood') continue;
    if (envelope.type === 'failure') {
      // Its side has ended; nothing more can be said there.
      states = new Set();
      continue;
    }
    const code = faultOfItself(line, protocol);
    if (code !== null) return convict(code);
    const moves = [...movesOfOther(lines, line, table), ...(missing ? sayable(table, side) : [])];
    const next = after(table, closure({ table, states, moves }), type);
    if (next.size === 0) return convict('illegal-message');
    states = next;
  }
  return null;
}

/** A fault that needs no knowledge of the dialogue's course. */
function faultOfItself({ envelope, type, side, foreign }: RecordLine, protocol: AnyProtocol): FaultCode | null {
  if (foreign) return 'wrong-protocol';
  if (type < 0) return 'unknown-type';
  if (!maySay(protocol.table, side, type)) return 'wrong-role';
  return protocol.bodies.get(envelope.type)?.decode(envelope.body).success === true ? null : 'invalid-body';
}

/** Whether the speaker may have said something in between (or before, in this dialogue) that the record lacks. */
function isMissing(before: RecordLine | null, { envelope }: RecordLine): boolean {
  if (before !== null) return envelope.seq !== before.envelope.seq + 1;
  return envelope.seq !== 1 && envelope.id !== envelope.dialogue;
}

/** The types that the speaker of `line` may have heard before it spoke. */
function movesOfOther(lines: readonly RecordLine[], line: RecordLine, table: DialogueTable): readonly number[] {
  const others = lines.filter(({ side, index }) => side !== line.side && index < line.index);
  const { re } = line.envelope;
  // Only before the opening nothing can have been heard. Of what it heard before any other message, and with a higher number,
  // the record may show nothing.
  const known = re === null || (re === line.envelope.dialogue && others.some(({ envelope }) => envelope.id === re));
  const inOrder = others.toSorted((a, b) => a.envelope.seq - b.envelope.seq);
  const whole = inOrder.every((other, at) => !isMissing(inOrder[at - 1] ?? null, other));
  if (!known || !whole) return sayable(table, line.side === 0 ? 1 : 0);
  return others.flatMap(({ type, foreign }) => (type < 0 || foreign ? [] : [type]));
}

function sayable(table: DialogueTable, side: 0 | 1): readonly number[] {
  return table.types.map((_, type) => type).filter((type) => maySay(table, side, type));
}

interface Closing {
  readonly table: DialogueTable;
  readonly states: ReadonlySet<number>;
  readonly moves: readonly number[];
}

/** The states that any of the moves, in any order and number, lead to. */
function closure({ table, states, moves }: Closing): ReadonlySet<number> {
  const reached = new Set(states);
  for (const state of reached) {
    for (const type of moves) {
      const next = nextState(table, state, type);
      if (next >= 0) reached.add(next);
    }
  }
  return reached;
}

function after(table: DialogueTable, states: ReadonlySet<number>, type: number): ReadonlySet<number> {
  return new Set([...states].map((state) => nextState(table, state, type)).filter((next) => next >= 0));
}
