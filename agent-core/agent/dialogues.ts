import type { Micros } from '../clock.ts';
import { subjects } from '../bus/subjects.ts';
import { encodeBody } from './body-of.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import type { Envelope } from '../message/envelope.ts';
import type { MailWay } from '../message/mail.ts';
import type { Opened } from '../message/open.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import { maySay, nextState } from '../protocol/dialogue-table.ts';
import { understand, type MisunderstandingCode } from './comprehension.ts';
import type { Delivery, DialogueEnd, DialogueOutcome, NoAnswer } from './dialogue.ts';
import { DialogueHandle, ReceivedHandle, type Speaker } from './conversation.ts';
import {
  createDialogueBook,
  type DialogueBook,
  type DialogueRecord,
  type Inbound,
  type Peer,
  type PlayedRole,
} from './dialogue-book.ts';
import { about, isFinal, sideOf, type Reserved, type Whereabouts } from './dialogue-words.ts';
import { reservedCode, reservedReason, type Deliveries } from './deliveries.ts';
import type { Host } from './host.ts';
import { dialogueKey } from '../protocol/dialogue-key.ts';
import { nameOf, type LostDialogue } from './lost-dialogue.ts';
import { mailOpening } from './mailing.ts';
import { createMessageIds, openingId } from './message-id.ts';
import type { Outbox } from './outbox.ts';
import type { Turns } from './turns.ts';

/** How a dialogue begins. */
export interface Opening {
  readonly role: PlayedRole;
  readonly to: Did;
  readonly deadline: Micros;
  /** How its opening is mailed where nobody listens; not at all if left out. */
  readonly mail?: MailWay | undefined;
}

/** Why an agent takes no new dialogue for a while. */
export type ClosedCode = Extract<MisunderstandingCode, 'agent-draining' | 'agent-overloaded'>;

/** What the dialogues of an agent need. */
export interface DialogueParts {
  readonly host: Host;
  readonly outbox: Outbox;
  readonly turns: Turns;
  readonly deliveries: Deliveries;
}

/** The dialogues of one agent: opens, advances, answers and ends them. */
export class Dialogues implements Speaker {
  /** Dialogues ended so far, by outcome. */
  readonly ended = new Map<DialogueOutcome, number>();
  /** Messages answered with `not-understood`, by code. */
  readonly misunderstood = new Map<MisunderstandingCode, number>();
  /** Why strangers may open no dialogue now; null where they may. */
  closedTo: ClosedCode | null = null;
  readonly #host: Host;
  readonly #outbox: Outbox;
  readonly #turns: Turns;
  readonly #deliveries: Deliveries;
  readonly #book: DialogueBook;
  readonly #nextId: () => string;
  readonly #played = new Map<string, [PlayedRole | undefined, PlayedRole | undefined]>();

  constructor({ host, outbox, turns, deliveries }: DialogueParts) {
    this.#host = host;
    this.#outbox = outbox;
    this.#turns = turns;
    this.#deliveries = deliveries;
    this.#book = createDialogueBook((nkey) => subjects.inbox(host.realm, nkey, host.nkey), { firstSeq: host.firstSeq });
    this.#nextId = createMessageIds(host.stream('message-id'));
  }

  /** Dialogues that are open now. */
  get open(): number {
    return this.#book.open;
  }

  /** The protocols in which roles are taken, `name/version/digest`, in order of their names. */
  get protocols(): readonly string[] {
    return [...this.#played.keys()].toSorted();
  }

  /** The open dialogues, by what a peer needs to know which one is meant. */
  get names(): readonly LostDialogue[] {
    return this.#book.all().map(nameOf);
  }

  /** Takes a role. @throws HaggleError `role-taken` */
  play(role: PlayedRole): void {
    const both = this.#played.get(role.protocol.id) ?? [undefined, undefined];
    if (both[role.side] !== undefined) {
      const name = role.protocol.roles[role.side];
      throw new HaggleError('role-taken', `playing ${role.protocol.name} as ${name}: this agent does so already`);
    }
    both[role.side] = role;
    this.#played.set(role.protocol.id, both);
  }

  /** The role that this agent plays by `agent.play`. @throws HaggleError `role-not-played` */
  played(protocol: AnyProtocol, role: string): PlayedRole {
    const known = this.#played.get(protocol.id)?.[sideOf(protocol, role)];
    if (known !== undefined) return known;
    throw new HaggleError(
      'role-not-played',
      `opening ${protocol.name} as ${role}: agent.play was not called for this role`,
    );
  }

  /** As {@link played}, or a role without handlers: enough for whoever waits for each answer. */
  asking(protocol: AnyProtocol, role: string): PlayedRole {
    const side = sideOf(protocol, role);
    return this.#played.get(protocol.id)?.[side] ?? { protocol, side, handlers: [], ended: undefined };
  }

  /** Makes a dialogue in its initial state; the caller says its opening message at once, or takes it back with {@link abandon}. */
  begin({ role, to, deadline, mail }: Opening): DialogueRecord {
    if (to === this.#host.self) {
      throw new HaggleError('self-dialogue', `opening ${role.protocol.name}: an agent holds no dialogue with itself`);
    }
    const peer = this.#book.peer(to);
    const record = this.#open({ peer, id: openingId(this.#nextId(), peer.seq), role, deadline });
    if (mail !== undefined) record.letter = { way: mail, payload: '' };
    return record;
  }

  /** Takes back a dialogue whose opening message could not be said. */
  abandon(record: DialogueRecord): void {
    this.#book.remove(record);
    this.#host.cancelWake(record.wake);
  }

  /** An open dialogue of this agent in a role, if it is there. */
  find(
    protocol: AnyProtocol,
    role: string,
    name: { readonly peer: Did; readonly id: string },
  ): DialogueRecord | undefined {
    const record = this.#book.find(name.peer, name.id);
    if (record?.played.protocol.id !== protocol.id) return undefined;
    return record.played.protocol.roles[record.played.side] === role ? record : undefined;
  }

  /** Takes an authentic message: understands it and hands it to its handler, or answers why not. */
  receive({ envelope, message }: Pick<Opened, 'envelope' | 'message'>): void {
    this.#host.tracing?.heard(envelope);
    this.#deliveries.heard(envelope);
    if (envelope.type === 'receipt') return;
    const record = this.#book.find(envelope.from, envelope.dialogue);
    if (envelope.type === 'failure' || envelope.type === 'not-understood') {
      if (record === undefined || record.played.protocol.id !== envelope.protocol) return;
      const outcome = envelope.type === 'failure' ? 'failed' : 'not-understood';
      this.#end(record, outcome, {
        code: reservedCode(envelope.body),
        reason: reservedReason(envelope.body),
        recorded: message,
      });
      return;
    }
    const roles = this.#played.get(envelope.protocol);
    const heard = understand(envelope, { now: this.#host.clock.now(), record, roles });
    if (typeof heard === 'string') return this.#misunderstand(envelope, heard, record);
    const peer = this.#book.peer(envelope.from);
    const full = this.#book.open >= LIMITS.dialoguesForOthers || peer.dialogues.size >= LIMITS.dialoguesWithPeer;
    if (record === undefined && full) return this.#misunderstand(envelope, 'too-many-dialogues', undefined);
    if (record === undefined && this.closedTo !== null) return this.#misunderstand(envelope, this.closedTo, undefined);
    const current = record ?? this.#open({ peer, id: envelope.dialogue, role: heard.role, deadline: envelope.by });
    const { type, from, sent } = envelope;
    const inbound: Inbound = { type, body: heard.body, from, sent, recorded: message };
    const waiting = current.waiting;
    current.begun = true;
    current.answering = envelope.id;
    current.letter = null;
    current.trace = envelope.trace;
    current.waiting = null;
    current.state = heard.next;
    if (waiting !== null) waiting(inbound);
    else current.played.handlers[heard.type]?.(inbound, current);
    this.#endIfFinal(current);
  }

  /** Tells the sender that its message was accepted. */
  acknowledge(envelope: Envelope): void {
    const where = { protocol: envelope.protocol, dialogue: envelope.dialogue, re: envelope.id, by: envelope.exp };
    this.#outbox.say(this.#book.peer(envelope.from), { id: this.#nextId(), ...where, type: 'receipt', body: {} });
  }

  /** The bus says that nobody listens where `id`, said to `to`, went. */
  unreachable(to: Did, id: string): void {
    const record = this.#book.find(to, id);
    const unheard = record?.answering === null ? record : null;
    const refused = (code: string): void => {
      if (unheard?.answering === null) this.#end(unheard, 'failed', { code });
    };
    if (unheard !== null && mailOpening(this.#host, unheard, refused)) return;
    this.#deliveries.unreachable(id);
    if (unheard !== null) this.#end(unheard, 'failed', { code: 'no-such-agent' });
  }

  say(record: DialogueRecord, type: string, body: unknown): string {
    const { protocol, side } = record.played;
    const table = protocol.table;
    if (record.outcome !== null) {
      throw new HaggleError('dialogue-ended', `saying "${type}": the dialogue ended as ${record.outcome}`);
    }
    const index = table.typeIndex.get(type) ?? -1;
    const next = index < 0 || !maySay(table, side, index) ? -1 : nextState(table, record.state, index);
    if (next < 0) {
      throw new HaggleError(
        'illegal-message',
        `saying "${type}" as ${protocol.roles[side]}: ${protocol.name} does not allow it in state "${table.states[record.state] ?? ''}"`,
      );
    }
    const id = record.begun ? this.#nextId() : record.id;
    record.trace = this.#outbox.say(record.peer, {
      id,
      protocol: protocol.id,
      dialogue: record.id,
      re: record.answering,
      type,
      body: encodeBody(protocol, type, body),
      by: record.deadline,
      trace: record.trace,
      letter: record.begun ? null : record.letter,
    });
    record.begun = true;
    record.state = next;
    this.#endIfFinal(record);
    return id;
  }

  outcome(record: DialogueRecord, id: string): Promise<Delivery> {
    return this.#deliveries.track(record.peer.did, id);
  }

  ask(record: DialogueRecord, type: string, body: unknown): Promise<ReceivedHandle | NoAnswer> {
    if (record.waiting !== null) {
      throw new HaggleError('already-waiting', `asking "${type}": this dialogue waits for an answer already`);
    }
    this.say(record, type, body);
    const { promise, resolve } = this.#turns.promise<ReceivedHandle | NoAnswer>();
    if (record.outcome !== null) resolve({ type: 'stopped', code: 'no-answer-possible' });
    else {
      record.waiting = (message) => {
        if ('outcome' in message) resolve({ type: NO_ANSWER[message.outcome], code: message.code });
        else resolve(new ReceivedHandle(message, new DialogueHandle(this, record)));
      };
    }
    return promise;
  }

  giveUp(record: DialogueRecord, reason: string): void {
    this.#fail(record, 'failed', reason.slice(0, REASON_CHARS));
  }

  /** The program that held this dialogue has finished: the peer gets `failure`. */
  leave(record: DialogueRecord): void {
    this.#fail(record, 'run-over', 'the program that held this dialogue has finished');
  }

  /** A handler of this dialogue threw: the peer gets `failure`. */
  crashed(record: DialogueRecord): void {
    this.#fail(record, 'handler-failed', 'the handler of this message failed');
  }

  /** Ends every open dialogue as `stopped`; the peers get `failure`. */
  stopAll(): void {
    for (const record of this.#book.all()) {
      // The handler of the last word, or of another dialogue's end, may be what stops the agent or ends this one.
      this.#endIfFinal(record);
      if (record.outcome !== null) continue;
      if (record.begun)
        this.#sayReserved(record.peer, about(record), { type: 'failure', code: 'agent-stopped', reason: '' });
      this.#end(record, 'stopped', { code: 'agent-stopped' });
    }
  }

  /** Tells the peers of dialogues of an earlier life that they are over; this life never held them. */
  disown(lost: readonly LostDialogue[]): void {
    for (const { peer, id, protocol, by } of lost) {
      const where = { protocol, dialogue: id, re: null, by };
      this.#sayReserved(this.#book.peer(peer), where, { type: 'failure', code: 'agent-restarted', reason: '' });
    }
  }

  /** Forgets every open dialogue: no handler learns of it, nobody is told. */
  dropAll(): void {
    for (const record of this.#book.all()) {
      record.outcome = 'stopped';
      record.waiting = null;
      this.abandon(record);
    }
  }

  #open(parts: { peer: Peer; id: string; role: PlayedRole; deadline: Micros }): DialogueRecord {
    const record: DialogueRecord = {
      id: parts.id,
      key: dialogueKey(parts.peer.did, parts.id),
      peer: parts.peer,
      played: parts.role,
      deadline: parts.deadline,
      state: 0,
      begun: false,
      wake: 0,
      trace: undefined,
      answering: null,
      letter: null,
      waiting: null,
      outcome: null,
    };
    this.#book.add(record);
    record.wake = this.#host.wakeAt(parts.deadline, () => this.#end(record, 'expired', { code: 'deadline-passed' }));
    return record;
  }

  #endIfFinal(record: DialogueRecord): void {
    if (isFinal(record)) this.#end(record, 'done', { code: 'done' });
  }

  #end(record: DialogueRecord, outcome: DialogueOutcome, reason: Reason): void {
    if (record.outcome !== null) return;
    record.outcome = outcome;
    this.#book.remove(record);
    this.#host.cancelWake(record.wake);
    this.ended.set(outcome, (this.ended.get(outcome) ?? 0) + 1);
    const state = record.played.protocol.table.states[record.state] ?? '';
    const end: DialogueEnd = { dialogue: record.id, key: record.key, peer: record.peer.did, outcome, state, ...reason };
    const waiting = record.waiting;
    record.waiting = null;
    waiting?.(end);
    record.played.ended?.(end);
  }

  #fail(record: DialogueRecord, code: string, reason: string): void {
    if (record.outcome !== null) return;
    // After the last word the dialogue is done on the peer's side, and so it is on this one: nothing is left to fail.
    if (isFinal(record)) return this.#endIfFinal(record);
    this.#sayReserved(record.peer, about(record), { type: 'failure', code, reason });
    this.#end(record, 'failed', { code });
  }

  #misunderstand(envelope: Envelope, code: MisunderstandingCode, record: DialogueRecord | undefined): void {
    this.misunderstood.set(code, (this.misunderstood.get(code) ?? 0) + 1);
    this.#host.log.warn({ event: 'not-understood', code, type: envelope.type, from: envelope.from });
    const where = { protocol: envelope.protocol, dialogue: envelope.dialogue, re: envelope.id, by: envelope.exp };
    this.#sayReserved(this.#book.peer(envelope.from), where, { type: 'not-understood', code, reason: '' });
    if (record !== undefined) this.#end(record, 'not-understood', { code });
  }

  #sayReserved(peer: Peer, where: Whereabouts, said: Reserved): void {
    this.#outbox.say(peer, {
      id: this.#nextId(),
      ...where,
      type: said.type,
      body: { code: said.code, reason: said.reason },
    });
  }
}

/** Why a dialogue ended, and the peer's message that says so. */
type Reason = Pick<DialogueEnd, 'code' | 'reason' | 'recorded'>;

/** Of a reason given to a peer, the most that is sent. */
const REASON_CHARS = 1_024;

const NO_ANSWER = {
  done: 'stopped',
  expired: 'timeout',
  failed: 'failure',
  'not-understood': 'not-understood',
  stopped: 'stopped',
} as const;
