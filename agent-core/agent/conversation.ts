import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { Delivery, Sent } from './dialogue.ts';
import type { DialogueRecord, Inbound } from './dialogue-book.ts';

/** What handles of dialogues need from the runtime. */
export interface Speaker {
  /** Says it and returns the message's id. */
  say(record: DialogueRecord, type: string, body: unknown): string;
  /** What becomes of a message said in this turn. */
  outcome(record: DialogueRecord, id: string): Promise<Delivery>;
  ask(record: DialogueRecord, type: string, body: unknown): Promise<unknown>;
  giveUp(record: DialogueRecord, reason: string): void;
}

/** The author's view of a message of its own. */
class SentHandle implements Sent {
  readonly id: string;
  readonly #speaker: Speaker;
  readonly #record: DialogueRecord;

  constructor(speaker: Speaker, record: DialogueRecord, id: string) {
    this.#speaker = speaker;
    this.#record = record;
    this.id = id;
  }

  outcome(): Promise<Delivery> {
    return this.#speaker.outcome(this.#record, this.id);
  }
}

/** The author's view of a dialogue; `Dialogue` of context.ts puts the protocol's types on it. */
export class DialogueHandle {
  readonly #speaker: Speaker;
  readonly #record: DialogueRecord;

  constructor(speaker: Speaker, record: DialogueRecord) {
    this.#speaker = speaker;
    this.#record = record;
  }

  get id(): string {
    return this.#record.id;
  }
  get key(): string {
    return this.#record.key;
  }
  get peer(): Did {
    return this.#record.peer.did;
  }
  get deadline(): number {
    return this.#record.deadline;
  }
  get state(): string {
    return this.#record.played.protocol.table.states[this.#record.state] ?? '';
  }
  get open(): boolean {
    const { outcome, state, played } = this.#record;
    return outcome === null && played.protocol.table.final[state] !== true;
  }
  send(type: string, body: unknown): Sent {
    return new SentHandle(this.#speaker, this.#record, this.#speaker.say(this.#record, type, body));
  }
  /** As {@link send}, for whoever does not ask what became of it. */
  say(type: string, body: unknown): void {
    this.#speaker.say(this.#record, type, body);
  }
  ask(type: string, body: unknown): Promise<unknown> {
    return this.#speaker.ask(this.#record, type, body);
  }
  fail(reason: string): void {
    this.#speaker.giveUp(this.#record, reason);
  }
}

/** The author's view of a message; `Received` of context.ts puts the protocol's types on it. */
export class ReceivedHandle {
  readonly type: string;
  readonly body: unknown;
  readonly from: Did;
  readonly sent: number;
  readonly recorded: RecordedMessage;
  readonly dialogue: DialogueHandle;

  constructor(message: Inbound, dialogue: DialogueHandle) {
    this.type = message.type;
    this.body = message.body;
    this.from = message.from;
    this.sent = message.sent;
    this.recorded = message.recorded;
    this.dialogue = dialogue;
  }

  reply(type: string, body: unknown): void {
    this.dialogue.say(type, body);
  }
  fail(reason: string): void {
    this.dialogue.fail(reason);
  }
}
