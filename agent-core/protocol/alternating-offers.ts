import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import { ROUNDS_MAX } from '../negotiation/alternating-offers.ts';
import type { Negotiator } from '../negotiation/negotiator.ts';
import type { Outcome, OutcomeSpace } from '../negotiation/outcome-space.ts';
import { momentOf, moveOf, offerHeard, type Standing } from './bargaining-seat.ts';
import { defineProtocol } from './protocol.ts';

/** What makes one bargaining protocol: its name and what is bargained about. */
export interface AlternatingOffersSpec {
  readonly name: string;
  readonly version: string;
  readonly space: OutcomeSpace;
}

/** How a bargaining ended, on either side. */
export type BargainingResult =
  /** `by` accepted the other's offer: its signed acceptance names the signed offer. */
  | {
      readonly type: 'agreed';
      readonly outcome: Outcome;
      readonly round: number;
      readonly by: 'us' | 'them';
      /** What the other signed: its acceptance, or the offer of its own that was accepted. */
      readonly recorded: RecordedMessage;
    }
  /** Somebody left, or the rounds are used up: then it is the initiator who leaves. */
  | { readonly type: 'left'; readonly by: 'us' | 'them'; readonly round: number }
  | { readonly type: 'refused'; readonly reason: string }
  /** No end that the protocol knows: the deadline, or a failure of either side, by its code. */
  | { readonly type: 'failed'; readonly code: string };

/** What the initiator of a bargaining wants. */
export interface Invitation {
  readonly to: Did;
  /** Turns of each party at most, 1 to {@link ROUNDS_MAX}. */
  readonly rounds: number;
  readonly within: Duration;
  readonly negotiator: Negotiator;
}

/** What a participant is asked to join. */
export interface Invited {
  readonly from: Did;
  readonly rounds: number;
  readonly dialogue: string;
}

/** How a participant bargains. */
export interface Bargainer<Params, State> {
  /** A negotiator for this bargaining, or null to refuse it. */
  negotiator(ctx: Context<Params, State>, invited: Invited): Negotiator | null;
  /** Called once at the end of every bargaining that was joined. */
  ended?(ctx: Context<Params, State>, result: BargainingResult, invited: Invited): void;
}

function protocolOf({ name, version, space }: AlternatingOffersSpec) {
  const outcome = z.object({ outcome: space.schema });
  const empty = z.object({});
  return defineProtocol({
    name,
    version,
    roles: ['initiator', 'participant'],
    messages: {
      invite: { from: 'initiator', as: 'cfp', body: z.object({ rounds: z.int().min(1).max(ROUNDS_MAX) }) },
      join: { from: 'participant', as: 'agree', body: empty },
      refuse: { from: 'participant', as: 'refuse', body: z.object({ reason: z.string().max(1_024) }) },
      offer: { from: 'initiator', as: 'propose', body: outcome },
      counter: { from: 'participant', as: 'propose', body: outcome },
      /** Each side has acceptance and leaving of its own, so that nobody can accept its own offer. */
      'accept-offer': { from: 'participant', as: 'accept-proposal', body: empty },
      'accept-counter': { from: 'initiator', as: 'accept-proposal', body: empty },
      decline: { from: 'participant', as: 'reject-proposal', body: empty },
      withdraw: { from: 'initiator', as: 'reject-proposal', body: empty },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { invite: 'invited' } },
        invited: { on: { join: 'joined', refuse: 'refused' } },
        joined: { on: { offer: 'offered', withdraw: 'left' } },
        offered: { on: { counter: 'countered', 'accept-offer': 'agreed', decline: 'left' } },
        countered: { on: { offer: 'offered', 'accept-counter': 'agreed', withdraw: 'left' } },
        refused: { type: 'final' },
        agreed: { type: 'final' },
        left: { type: 'final' },
      },
    },
  });
}

type Bargaining = ReturnType<typeof protocolOf>;

/** A bargaining protocol over one outcome space, with both sides ready to be played. */
export type AlternatingOffers = Bargaining & {
  /** The inviting side, for `ctx.run`: offers first, bargains by its negotiator and ends as a {@link BargainingResult}. */
  readonly initiator: Program<Invitation, BargainingResult>;
  /** Takes the participant's role in an agent's setup: any number of bargainings at a time. */
  participant<Params, State>(agent: AgentBuilder<Params, State>, bargainer: Bargainer<Params, State>): void;
};

/**
 * Makes a protocol of alternating offers for two (Rubinstein 1982, with a deadline of rounds as in Aydogan, Festen, Hindriks and
 * Jonker 2017): the initiator invites and offers first; each side in turn accepts the other's last offer, makes an offer of its
 * own, or leaves. In a round each side speaks once; the relative time of a strategy goes from 0 in the first to 1 in the last.
 *
 * @throws HaggleError `bad-protocol`
 */
export function alternatingOffers(spec: AlternatingOffersSpec): AlternatingOffers {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: Run<Bargaining, 'initiator', BargainingResult>, invitation: Invitation) => new Initiator(run, invitation),
    ),
    participant: (agent, bargainer) => participate(protocol, agent, bargainer),
  } satisfies AlternatingOffers);
}

class Initiator implements Following<Bargaining, 'initiator'> {
  readonly #run: Run<Bargaining, 'initiator', BargainingResult>;
  readonly #invitation: Invitation;
  readonly #dialogue: Dialogue<Bargaining, 'initiator'>;
  #round = 0;
  #offered: Outcome | null = null;
  #result: BargainingResult | null = null;

  constructor(run: Run<Bargaining, 'initiator', BargainingResult>, invitation: Invitation) {
    this.#run = run;
    this.#invitation = invitation;
    const { to, rounds, within } = invitation;
    this.#dialogue = run.open(to, 'invite', { body: { rounds }, by: run.now() + micros(within) });
  }

  heard(message: Heard<Bargaining, 'initiator'>): void {
    const { negotiator, rounds } = this.#invitation;
    switch (message.type) {
      case 'refuse':
        this.#result = { type: 'refused', reason: message.body.reason };
        return;
      case 'join':
        return this.#move(null);
      case 'counter': {
        const { outcome } = message.body;
        negotiator.hear(outcome, offerHeard(momentOf(this.#round, rounds), message.from));
        this.#round += 1;
        return this.#move({ outcome, from: message.from, recorded: message.recorded });
      }
      case 'accept-offer':
        if (this.#offered !== null) this.#result = this.#agreed(this.#offered, 'them', message.recorded);
        return;
      case 'decline':
        this.#result = { type: 'left', by: 'them', round: this.#round };
    }
  }

  ended({ code }: DialogueEnd): void {
    this.#run.finish(this.#result ?? { type: 'failed', code });
  }

  #agreed(outcome: Outcome, by: 'us' | 'them', recorded: RecordedMessage): BargainingResult {
    return { type: 'agreed', outcome, round: this.#round, by, recorded };
  }

  #move(standing: (Standing & { readonly recorded: RecordedMessage }) | null): void {
    const { negotiator, rounds } = this.#invitation;
    if (this.#round >= rounds) {
      this.#result = { type: 'left', by: 'us', round: rounds - 1 };
      this.#dialogue.send('withdraw', {});
      return;
    }
    const move = moveOf(negotiator, momentOf(this.#round, rounds), standing);
    if (move.type === 'offer') {
      this.#offered = move.outcome;
      this.#dialogue.send('offer', { outcome: move.outcome });
    } else if (move.type === 'accept' && standing !== null) {
      this.#result = this.#agreed(move.outcome, 'us', standing.recorded);
      this.#dialogue.send('accept-counter', {});
    } else {
      this.#result = { type: 'left', by: 'us', round: this.#round };
      this.#dialogue.send('withdraw', {});
    }
  }
}

/** One bargaining of a participant. */
interface Seat {
  readonly invited: Invited;
  readonly negotiator: Negotiator;
  round: number;
  countered: Outcome | null;
  result: BargainingResult | null;
}

function participate<Params, State>(
  protocol: Bargaining,
  agent: AgentBuilder<Params, State>,
  bargainer: Bargainer<Params, State>,
): void {
  const seats = new Map<string, Seat>();
  agent.play(
    protocol,
    'participant',
    {
      invite(ctx, m) {
        const invited = { from: m.from, rounds: m.body.rounds, dialogue: m.dialogue.id };
        const negotiator = bargainer.negotiator(ctx, invited);
        if (negotiator === null) return m.reply('refuse', { reason: 'not now' });
        seats.set(m.dialogue.key, { invited, negotiator, round: 0, countered: null, result: null });
        m.reply('join', {});
      },
      offer(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat === undefined || seat.round >= seat.invited.rounds) return m.fail('the rounds are used up');
        answerOffer(seat, m);
      },
      'accept-counter'(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat === undefined || seat.countered === null) return;
        const { countered: outcome, round } = seat;
        seat.result = { type: 'agreed', outcome, round, by: 'them', recorded: m.recorded };
      },
      withdraw(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat !== undefined) seat.result = { type: 'left', by: 'them', round: seat.round };
      },
    },
    {
      ended(ctx, end) {
        const { key } = end;
        const seat = seats.get(key);
        if (seat === undefined) return;
        seats.delete(key);
        bargainer.ended?.(ctx, seat.result ?? { type: 'failed', code: end.code }, seat.invited);
      },
    },
  );
}

function answerOffer(seat: Seat, m: Received<Bargaining, 'participant', 'offer'>): void {
  const { negotiator, invited } = seat;
  const { outcome } = m.body;
  const moment = momentOf(seat.round, invited.rounds);
  negotiator.hear(outcome, offerHeard(moment, m.from));
  const move = moveOf(negotiator, moment, { outcome, from: m.from });
  const { recorded } = m;
  if (move.type === 'accept') seat.result = { type: 'agreed', outcome, round: seat.round, by: 'us', recorded };
  if (move.type === 'leave') seat.result = { type: 'left', by: 'us', round: seat.round };
  seat.round += 1;
  if (move.type === 'accept') return m.reply('accept-offer', {});
  if (move.type === 'leave') return m.reply('decline', {});
  seat.countered = move.outcome;
  m.reply('counter', { outcome: move.outcome });
}
