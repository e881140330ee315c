import type { DialogueOptions } from '../agent/context.ts';
import { micros, type Clock, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { Signer } from '../identity/signer.ts';
import { noLedger } from '../ledger/port.ts';
import { LIMITS } from '../limits.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { Envelope } from '../message/envelope.ts';
import type { AnyProtocol, BodyOf, Openings, RoleOf, TypeOf } from '../protocol/conversation-types.ts';
import { maySay, nextState } from '../protocol/dialogue-table.ts';
import {
  encodedBody,
  PeerDialogueHandle,
  type Conversation,
  type PeerDialogue,
  type PeerVoice,
} from './peer-dialogue.ts';
import type { PeerLedger } from './peer-ledger.ts';
import { saidReader, type SaidReader, type Utterance } from './spoken.ts';

/** The words of a message as a test writes them; what is left out is made up. */
export type RawWords = Partial<Envelope> & Pick<Envelope, 'type'>;

/** Somebody whom the test plays: it talks with the agent under test in either role of any protocol. */
export interface Peer {
  readonly name: string;
  readonly did: Did;
  readonly signer: Signer;
  /**
   * Opens a dialogue with the agent, as `ctx.open` does.
   *
   * @throws HaggleError `illegal-message`, `invalid-body`, `bad-duration`; in a strict bench whatever the agent's handler
   * throws.
   */
  open<P extends AnyProtocol, Role extends RoleOf<P>, T extends Openings<P, Role> & TypeOf<P>>(
    protocol: P,
    role: Role,
    type: T,
    body: BodyOf<P, T>,
    options: DialogueOptions,
  ): PeerDialogue<P, Role>;
  /**
   * Takes the earliest dialogue that the agent opened with this peer and that no call has taken yet; `role` is the peer's.
   * Its first word is the first that {@link PeerDialogue.hear} gives.
   *
   * @throws HaggleError `not-heard` where the agent has opened none.
   */
  heardOpening<P extends AnyProtocol, Role extends RoleOf<P>>(protocol: P, role: Role): PeerDialogue<P, Role>;
  /** What the agent has said to this peer: all of it, or one type of a protocol with its bodies decoded. */
  readonly heard: SaidReader;
  /**
   * The peer's own accounts, of a bench with `funds`: pays, reserves, posts and voids as `ctx.ledger` does, but answers at once.
   *
   * @throws HaggleError `no-ledger`
   */
  readonly ledger: PeerLedger;
  /**
   * Says something as it stands, whatever protocols think of it: for tests of what the types forbid. Fields that are left
   * out are made up; `realm`, `from` and `to` are right.
   */
  say(words: RawWords): Envelope;
}

/** What a peer needs from its bench. */
export interface PeerParts {
  readonly name: string;
  readonly signer: Signer;
  readonly realm: string;
  readonly agent: { readonly name: string; readonly did: Did };
  readonly clock: Clock;
  /** Null in a bench without money. */
  readonly ledger: PeerLedger | null;
  /** Delivers to the agent at once, and throws what its handler threw where the bench is strict. */
  readonly deliver: (envelope: Envelope) => void;
  /** What handlers of the agent have thrown so far, as the end of a sentence. */
  readonly thrown: () => string;
}

/** Life of a dialogue whose words a test writes by hand and gives no deadline. */
const RAW_LIFE_MICROS = 10_000_000;

/** The parameters of `open` without the protocol's types. */
type OpeningWords = readonly [
  protocol: AnyProtocol,
  role: string,
  type: string,
  body: unknown,
  options: DialogueOptions,
];

/** A peer's side of all its dialogues without the protocols' types; {@link Peer} puts them on it. */
export class PeerMachine implements PeerVoice {
  readonly name: string;
  readonly did: Did;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly heard: SaidReader;
  readonly #parts: PeerParts;
  readonly #conversations = new Map<string, Conversation>();
  readonly #utterances: Utterance[] = [];
  #seq = 0;

  constructor(parts: PeerParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.did = parts.signer.did;
    this.signer = parts.signer;
    this.clock = parts.clock;
    this.heard = saidReader(() => this.#utterances);
  }

  get ledger(): PeerLedger {
    if (this.#parts.ledger !== null) return this.#parts.ledger;
    throw noLedger(`an account of "${this.name}"`);
  }

  thrown(): string {
    return this.#parts.thrown();
  }

  open(...[protocol, role, type, body, { within }]: OpeningWords): PeerDialogueHandle {
    const side = sideOf(protocol, role);
    const index = protocol.table.typeIndex.get(type) ?? -1;
    if (index < 0 || !maySay(protocol.table, side, index) || nextState(protocol.table, 0, index) < 0) {
      const what = `${protocol.name} does not open with "${type}" said by ${role}`;
      throw new HaggleError('illegal-message', `${this.name} opening a dialogue: ${what}`);
    }
    const conversation: Conversation = {
      id: this.#nextId(),
      protocol: protocol.id,
      deadline: this.clock.now() + lifeOf(within),
      words: [],
      taken: true,
    };
    this.#conversations.set(conversation.id, conversation);
    this.say(conversation, type, encodedBody(protocol, type, body));
    return new PeerDialogueHandle(this, conversation, { protocol, side });
  }

  heardOpening(protocol: AnyProtocol, role: string): PeerDialogueHandle {
    const side = sideOf(protocol, role);
    for (const conversation of this.#conversations.values()) {
      if (conversation.taken || conversation.protocol !== protocol.id) continue;
      conversation.taken = true;
      return new PeerDialogueHandle(this, conversation, { protocol, side });
    }
    const what = `${this.#parts.agent.name} has opened no ${protocol.name} with ${this.name} that is not taken yet`;
    throw new HaggleError('not-heard', `${what}${this.thrown()}`, { fields: { peer: this.name } });
  }

  /** Takes what the agent said to this peer. */
  receive(utterance: Utterance): void {
    const { envelope, recorded } = utterance;
    this.#utterances.push(utterance);
    this.#conversation(envelope, false).words.push({ mine: false, envelope, recorded });
  }

  /** Tells the agent that its message came, as every agent does that is asked to. */
  acknowledge({ id: re, protocol, dialogue, exp: by }: Envelope): void {
    this.sayRaw({ id: this.#nextId(), protocol, dialogue, re, type: 'receipt', body: {}, by });
  }

  say(conversation: Conversation, type: string, body: JsonValue): void {
    const { id, protocol, deadline: by, words } = conversation;
    const re = words.findLast(({ mine }) => !mine)?.envelope.id ?? null;
    this.sayRaw({ id: words.length === 0 ? id : this.#nextId(), protocol, dialogue: id, re, type, body, by });
  }

  sayRaw(words: RawWords): Envelope {
    const now = this.clock.now();
    const id = words.id ?? words.dialogue ?? this.#nextId();
    this.#seq += 1;
    const by = words.by ?? now + RAW_LIFE_MICROS;
    const envelope: Envelope = {
      v: 1,
      id,
      realm: this.#parts.realm,
      from: this.did,
      to: this.#parts.agent.did,
      protocol: 'none/1.0.0/none',
      dialogue: id,
      seq: this.#seq,
      re: null,
      body: {},
      sent: now,
      exp: Math.min(by, now + LIMITS.messageLifeMicros),
      by,
      ...words,
    };
    this.#conversation(envelope, true).words.push({ mine: true, envelope });
    this.#parts.deliver(envelope);
    return envelope;
  }

  #conversation({ dialogue: id, protocol, by: deadline }: Envelope, taken: boolean): Conversation {
    const known = this.#conversations.get(id);
    if (known !== undefined) return known;
    const conversation: Conversation = { id, protocol, deadline, words: [], taken };
    this.#conversations.set(id, conversation);
    return conversation;
  }

  #nextId(): string {
    return `${this.name}-${this.#seq + 1}`;
  }
}

/** The author's view of a peer. */
export function peerView(machine: PeerMachine): Peer {
  const { name, did, signer, heard } = machine;
  const view = {
    name,
    did,
    signer,
    heard,
    get ledger() {
      return machine.ledger;
    },
    open: (...words: OpeningWords) => machine.open(...words),
    heardOpening: (protocol: AnyProtocol, role: string) => machine.heardOpening(protocol, role),
    say: (words: RawWords) => machine.sayRaw(words),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the erased machinery meets the author's types here
  return Object.freeze(view) as unknown as Peer;
}

function lifeOf(within: Duration): Micros {
  const life = micros(within);
  if (life > 0 && life <= LIMITS.dialogueLifeMicros) return life;
  const bounds = `more than 0 and at most ${LIMITS.dialogueLifeMicros}`;
  throw new HaggleError('bad-duration', `opening a dialogue: within must be ${bounds} microseconds, got ${life}`);
}

function sideOf(protocol: AnyProtocol, role: string): 0 | 1 {
  const side = protocol.roles.indexOf(role);
  if (side === 0 || side === 1) return side;
  throw new HaggleError('bad-agent', `${protocol.name} has no role "${role}"`);
}
