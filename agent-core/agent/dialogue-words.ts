import type { Micros } from '../clock.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import type { DialogueRecord } from './dialogue-book.ts';

/** What a message says of the dialogue that it belongs to. */
export interface Whereabouts {
  readonly protocol: string;
  readonly dialogue: string;
  readonly re: string | null;
  readonly by: Micros;
  readonly trace?: string | undefined;
}

/** What the runtime itself says in every protocol. */
export interface Reserved {
  readonly type: 'failure' | 'not-understood';
  readonly code: string;
  readonly reason: string;
}

/** 0 for the first role of a protocol, 1 for the other. */
export function sideOf(protocol: AnyProtocol, role: string): 0 | 1 {
  return protocol.roles[0] === role ? 0 : 1;
}

/** True where nothing more can be said. */
export function isFinal(record: DialogueRecord): boolean {
  return record.played.protocol.table.final[record.state] === true;
}

/** What the next message of a dialogue says of it. */
export function about(record: DialogueRecord): Whereabouts {
  return {
    protocol: record.played.protocol.id,
    dialogue: record.id,
    re: record.answering,
    by: record.deadline,
    trace: record.trace,
  };
}
