import type { Micros } from '../clock.ts';
import { LIMITS } from '../limits.ts';
import type { Envelope } from '../message/envelope.ts';
import { maySay, nextState } from '../protocol/dialogue-table.ts';
import type { DialogueRecord, PlayedRole } from './dialogue-book.ts';
import { mayOpen } from './message-id.ts';

/** Why a message that is authentic gets `not-understood`. */
export type MisunderstandingCode =
  /** No role of this protocol (name, version and digest) is played here. */
  | 'unknown-protocol'
  /** The dialogue is not open here, and this message cannot open one. */
  | 'unknown-dialogue'
  /** The protocol has no such message. */
  | 'unknown-type'
  /** The dialogue is held in another protocol. */
  | 'wrong-protocol'
  /** This message is ours to say, not the peer's. */
  | 'wrong-role'
  /** The other role of the protocol is not played here. */
  | 'role-not-played'
  /** The body does not satisfy the schema. */
  | 'invalid-body'
  /** The dialogue does not allow it now. */
  | 'illegal-message'
  /** Nobody here waits for it. */
  | 'not-expected'
  /** The agent has as many dialogues as it may. */
  | 'too-many-dialogues'
  /** The agent is asked to stop: it ends what it has begun and begins nothing more for others. */
  | 'agent-draining'
  /** What the agent has said waits to leave, or what it must remember waits to be stored: it begins nothing more for others. */
  | 'agent-overloaded'
  /** The dialogue's deadline is over. */
  | 'deadline-passed'
  /** The dialogue would live longer than `LIMITS.dialogueLifeMicros`. */
  | 'deadline-too-far';

/** A message that may be handled: its role, its checked body and the state it leads to. */
export interface Understood {
  readonly role: PlayedRole;
  /** Undefined where the message opens a dialogue. */
  readonly record: DialogueRecord | undefined;
  readonly type: number;
  readonly body: unknown;
  readonly next: number;
}

/** What an agent knows when a message arrives. */
export interface Hearing {
  readonly now: Micros;
  readonly record: DialogueRecord | undefined;
  /** The roles that it plays of the message's protocol, by side. */
  readonly roles: readonly (PlayedRole | undefined)[] | undefined;
}

/** Decides whether an authentic message can be handled: protocol, body schema, then role and dialogue state. */
export function understand(envelope: Envelope, { now, record, roles }: Hearing): Understood | MisunderstandingCode {
  if (record !== undefined && record.played.protocol.id !== envelope.protocol) return 'wrong-protocol';
  const protocol = (record?.played ?? roles?.[0] ?? roles?.[1])?.protocol;
  if (protocol === undefined) return 'unknown-protocol';
  const { table } = protocol;
  const type = table.typeIndex.get(envelope.type);
  const codec = protocol.bodies.get(envelope.type);
  if (type === undefined || codec === undefined) return 'unknown-type';
  const body = codec.decode(envelope.body);
  if (!body.success) return 'invalid-body';
  if (record !== undefined) {
    if (!maySay(table, record.played.side === 0 ? 1 : 0, type)) return 'wrong-role';
    const next = nextState(table, record.state, type);
    if (next < 0) return 'illegal-message';
    if (record.waiting === null && record.played.handlers[type] === undefined) return 'not-expected';
    return { role: record.played, record, type, body: body.data, next };
  }
  const next = nextState(table, 0, type);
  if (next < 0 || !mayOpen(envelope)) return 'unknown-dialogue';
  const role = roles?.[maySay(table, 0, type) ? 1 : 0];
  if (role === undefined) return 'role-not-played';
  if (envelope.by <= now) return 'deadline-passed';
  if (envelope.by > now + LIMITS.dialogueLifeMicros) return 'deadline-too-far';
  return { role, record: undefined, type, body: body.data, next };
}
