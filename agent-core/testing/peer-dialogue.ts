import type { Clock, Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { Envelope } from '../message/envelope.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { AnyProtocol, BodyOf, Hears, RoleOf, Says, TypeOf } from '../protocol/conversation-types.ts';
import { maySay, nextState } from '../protocol/dialogue-table.ts';
import { decodedBody } from './spoken.ts';

/** How the agent under test ends a dialogue without the protocol's own words. */
export interface EndingWords {
  readonly type: 'failure' | 'not-understood';
  readonly body: { readonly code: string; readonly reason: string };
}

/** Everything that a role can hear from the agent under test, told apart by `type`. */
export type HeardMessage<P extends AnyProtocol, Role extends RoleOf<P>> =
  | { [T in Hears<P, Role> & TypeOf<P>]: { readonly type: T; readonly body: BodyOf<P, T> } }[Hears<P, Role> & TypeOf<P>]
  | EndingWords;

/** The body of what is heard, by its type. */
export type HeardBody<P extends AnyProtocol, T extends string> =
  T extends TypeOf<P> ? BodyOf<P, T> : EndingWords['body'];

/** One dialogue of a peer with the agent under test, seen from the peer. */
export interface PeerDialogue<P extends AnyProtocol, Role extends RoleOf<P>> {
  readonly id: string;
  /** Absolute time by which it ends on both sides. */
  readonly deadline: Micros;
  /** Name of the present state. */
  readonly state: string;
  readonly open: boolean;
  /** The agent's `failure` as it came, which lets a peer that pays void its reservation; null where it said none. */
  readonly failure: RecordedMessage | null;
  /**
   * Says something to the agent; what it answers at once can be heard when this returns.
   *
   * @throws HaggleError `illegal-message` where the protocol does not allow it now, `dialogue-ended`, `invalid-body`; in a
   * strict bench whatever the agent's handler throws.
   */
  send<T extends Says<P, Role>>(type: T, body: BodyOf<P, T>): void;
  /** Ends the dialogue: the agent gets `failure` with this code and reason. */
  fail(reason: string, code?: string): void;
  /**
   * The body of the agent's next word in this dialogue, which must be of this type.
   *
   * @throws HaggleError `not-heard` naming what was said instead.
   */
  hear<T extends Hears<P, Role> | EndingWords['type']>(type: T): HeardBody<P, T>;
  /** Everything the agent has said in this dialogue so far, whether it was asked for with {@link hear} or not. */
  heard(): readonly HeardMessage<P, Role>[];
}

/** One message of a dialogue; of the agent's, as it left. */
type Word =
  | { readonly mine: true; readonly envelope: Envelope }
  | { readonly mine: false; readonly envelope: Envelope; readonly recorded: RecordedMessage };

/** What was said in one dialogue, by whom. */
export interface Conversation {
  readonly id: string;
  /** `name/version/digest`. */
  readonly protocol: string;
  readonly deadline: Micros;
  readonly words: Word[];
  /** True where the peer opened it or its opening was taken. */
  taken: boolean;
}

/** What a peer's dialogues need from it. */
export interface PeerVoice {
  readonly name: string;
  readonly clock: Clock;
  say(conversation: Conversation, type: string, body: JsonValue): void;
  /** What handlers of the agent have thrown so far, for messages about missing answers. */
  thrown(): string;
}

/** One side of a dialogue without the protocol's types; {@link PeerDialogue} puts them on it. */
export class PeerDialogueHandle {
  readonly #voice: PeerVoice;
  readonly #conversation: Conversation;
  readonly #protocol: AnyProtocol;
  readonly #side: 0 | 1;
  #read = 0;

  constructor(voice: PeerVoice, conversation: Conversation, role: { protocol: AnyProtocol; side: 0 | 1 }) {
    this.#voice = voice;
    this.#conversation = conversation;
    this.#protocol = role.protocol;
    this.#side = role.side;
  }

  get id(): string {
    return this.#conversation.id;
  }

  get deadline(): Micros {
    return this.#conversation.deadline;
  }

  get state(): string {
    return this.#protocol.table.states[this.#stateIndex()] ?? '';
  }

  get open(): boolean {
    const over = this.#conversation.words.some(({ envelope }) => isEnding(envelope.type));
    const final = this.#protocol.table.final[this.#stateIndex()] === true;
    return !over && !final && this.#voice.clock.now() < this.deadline;
  }

  get failure(): RecordedMessage | null {
    const word = this.#conversation.words.find(({ mine, envelope }) => !mine && envelope.type === 'failure');
    return word === undefined || word.mine ? null : word.recorded;
  }

  send(type: string, body: unknown): void {
    const { name, roles, table } = this.#protocol;
    if (!this.open) {
      throw new HaggleError(
        'dialogue-ended',
        `${this.#voice.name} saying "${type}": the dialogue is over, in "${this.state}"`,
      );
    }
    const index = table.typeIndex.get(type) ?? -1;
    if (index < 0 || !maySay(table, this.#side, index) || nextState(table, this.#stateIndex(), index) < 0) {
      const where = `${name} does not allow it in state "${this.state}"`;
      throw new HaggleError(
        'illegal-message',
        `${this.#voice.name} saying "${type}" as ${roles[this.#side]}: ${where}`,
      );
    }
    this.#voice.say(this.#conversation, type, encodedBody(this.#protocol, type, body));
  }

  fail(reason: string, code = 'failed'): void {
    if (this.open) this.#voice.say(this.#conversation, 'failure', { code, reason });
  }

  hear(type: string): unknown {
    const next = this.heard()[this.#read];
    if (next?.type === type) {
      this.#read += 1;
      return next.body;
    }
    const instead = next === undefined ? 'nothing' : `"${next.type}" ${wire(next.body)}`;
    const waits = `${this.#voice.name} waits for "${type}" in ${this.#protocol.name}`;
    throw new HaggleError('not-heard', `${waits}, state "${this.state}", and hears ${instead}${this.#voice.thrown()}`, {
      fields: { peer: this.#voice.name, dialogue: this.id, type },
    });
  }

  heard(): readonly { readonly type: string; readonly body: unknown }[] {
    return this.#conversation.words
      .filter(({ mine }) => !mine)
      .map(({ envelope }) => {
        const { type, body } = envelope;
        return { type, body: isEnding(type) ? body : decodedBody(this.#protocol, envelope) };
      });
  }

  /** Where the words so far have led; what the protocol does not know leads nowhere. */
  #stateIndex(): number {
    const { table } = this.#protocol;
    let state = 0;
    for (const { envelope } of this.#conversation.words) {
      const type = table.typeIndex.get(envelope.type);
      const next = type === undefined ? -1 : nextState(table, state, type);
      if (next >= 0) state = next;
    }
    return state;
  }
}

/** The wire form of a body. @throws HaggleError `invalid-body` naming the path at fault. */
export function encodedBody(protocol: AnyProtocol, type: string, body: unknown): JsonValue {
  const result = protocol.bodies.get(type)?.encode(body);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- defineProtocol refuses a body without a JSON form
  if (result?.success === true) return result.data as JsonValue;
  const issue = result?.error.issues[0];
  throw new HaggleError(
    'invalid-body',
    `saying "${type}" of ${protocol.name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no such message'}`,
    { cause: result?.error },
  );
}

function isEnding(type: string): boolean {
  return type === 'failure' || type === 'not-understood';
}

/** A body for people: JSON, with a bigint as its digits. */
function wire(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
