import type { Headers } from '../../agent-core/bus/bus.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { OrderKey } from '../event-slots.ts';

/** A message between endpoints. */
export interface MessageCargo {
  readonly type: 'message';
  readonly from: string;
  readonly to: string;
  /** Which of the receiver's subscriptions it goes to, by the receiver's own count from 0. */
  readonly subscription: number;
  readonly subject: string;
  readonly payload: string;
  readonly headers: Headers;
  readonly reply: string | undefined;
}

/** What an agent asks of the book of the world. */
export interface AskCargo {
  readonly type: 'ask';
  readonly agent: string;
  /** The agent's own count of questions. */
  readonly id: number;
  readonly request: JsonValue;
}

/** What the book answers. */
export interface AnswerCargo {
  readonly type: 'answer';
  readonly agent: string;
  readonly id: number;
  readonly answer: JsonValue;
}

/** What one part of a world hands to another. */
export type Cargo = MessageCargo | AskCargo | AnswerCargo;

/** An event that was made in one part of a world and happens in another, with its place in the order of all. */
export interface Parcel {
  readonly key: OrderKey;
  readonly cargo: Cargo;
}

/** Hands an event to whichever part of the world has the agent, or to the one that has the book. */
export type SendElsewhere = (to: { readonly agent: string } | 'book', parcel: Parcel) => void;
