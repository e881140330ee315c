import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd, Received } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import { PARTIES_MAX, ROUNDS_MAX } from '../negotiation/alternating-offers.ts';
import type { Negotiator } from '../negotiation/negotiator.ts';
import type { Outcome, OutcomeSpace } from '../negotiation/outcome-space.ts';
import { momentOf, moveOf, type Standing } from './bargaining-seat.ts';
import { defineProtocol } from './protocol.ts';

/** What makes one bargaining protocol for many: its name and what is bargained about. */
export interface StackedOffersSpec {
  readonly name: string;
  readonly version: string;
  readonly space: OutcomeSpace;
}

/** What the chair of a bargaining sets. */
export interface Sitting {
  /** In the order of their turns; 2 to {@link PARTIES_MAX}. */
  readonly parties: readonly Did[];
  /** Turns of each party at most, 1 to {@link ROUNDS_MAX}. */
  readonly rounds: number;
  readonly within: Duration;
  /** How long one party may think at its turn; the whole sitting fails with the first that does not answer. */
  readonly turnWithin: Duration;
}

/** How a sitting ended for its chair. */
export type SittingResult =
  | {
      readonly type: 'agreed';
      readonly outcome: Outcome;
      readonly round: number;
      /** The signed offer and the signed acceptances of all others, in order: whoever holds them can prove the agreement. */
      readonly evidence: readonly RecordedMessage[];
    }
  | { readonly type: 'left'; readonly by: Did; readonly round: number }
  | { readonly type: 'deadline'; readonly round: number }
  | { readonly type: 'refused'; readonly by: Did; readonly reason: string }
  /** A party vanished, failed or broke the rules; `too-slow` where it did not answer at its turn. */
  | { readonly type: 'failed'; readonly by: Did; readonly code: string };

/** What a party is asked to join. `place` counts from 0, in the order of turns. */
export interface Seating {
  readonly chair: Did;
  readonly rounds: number;
  readonly parties: number;
  readonly place: number;
  readonly dialogue: string;
}

/** How a sitting ended for a party. */
export type PartyResult =
  | { readonly type: 'agreed'; readonly outcome: Outcome; readonly round: number }
  | { readonly type: 'left' }
  | { readonly type: 'over'; readonly reason: SittingResult['type'] }
  /** `agreed-otherwise` where the chair told of an agreement on what this party has neither offered nor accepted last. */
  | { readonly type: 'failed'; readonly code: string };

/** How a party bargains. */
export interface SeatedBargainer<Params, State> {
  /** A negotiator for this sitting, or null to refuse it. Others are called by their place, written out. */
  negotiator(ctx: Context<Params, State>, seating: Seating): Negotiator | null;
  /** Called once at the end of every sitting that was joined. */
  ended?(ctx: Context<Params, State>, result: PartyResult, seating: Seating): void;
}

function protocolOf({ name, version, space }: StackedOffersSpec) {
  const empty = z.object({});
  const place = z.int().min(0).max(PARTIES_MAX);
  const round = z.int().min(0).max(ROUNDS_MAX);
  const said = z.object({ by: place, round, type: z.enum(['offer', 'accept']), outcome: space.schema });
  return defineProtocol({
    name,
    version,
    roles: ['chair', 'party'],
    messages: {
      invite: {
        from: 'chair',
        as: 'cfp',
        body: z.object({ rounds: round.min(1), parties: place.min(2), place }),
      },
      join: { from: 'party', as: 'agree', body: empty },
      refuse: { from: 'party', as: 'refuse', body: z.object({ reason: z.string().max(1_024) }) },
      /** It is your turn; this is what the others said since your last one. */
      turn: { from: 'chair', as: 'request', body: z.object({ round, said: z.array(said).max(PARTIES_MAX) }) },
      offer: { from: 'party', as: 'propose', body: z.object({ outcome: space.schema }) },
      /** Accepts the standing offer, the last one of `said`. */
      accept: { from: 'party', as: 'accept-proposal', body: empty },
      leave: { from: 'party', as: 'reject-proposal', body: empty },
      agreed: { from: 'chair', as: 'inform', body: z.object({ outcome: space.schema, round }) },
      over: {
        from: 'chair',
        as: 'inform',
        body: z.object({ reason: z.enum(['left', 'deadline', 'refused', 'failed']) }),
      },
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { invite: 'invited' } },
        invited: { on: { join: 'seated', refuse: 'refused', over: 'over' } },
        seated: { on: { turn: 'asked', agreed: 'agreed', over: 'over' } },
        asked: { on: { offer: 'seated', accept: 'seated', leave: 'left', over: 'over' } },
        refused: { type: 'final' },
        agreed: { type: 'final' },
        left: { type: 'final' },
        over: { type: 'final' },
      },
    },
  });
}

type Sitter = ReturnType<typeof protocolOf>;

/** A bargaining protocol for many over one outcome space: the chair's program and a party ready to be played. */
export type StackedAlternatingOffers = Sitter & {
  /** Who keeps the turns, for `ctx.run`: no party itself; ends as a {@link SittingResult}. */
  readonly chair: Program<Sitting, SittingResult>;
  /** Takes a party's role in an agent's setup: any number of sittings at a time. */
  party<Params, State>(agent: AgentBuilder<Params, State>, bargainer: SeatedBargainer<Params, State>): void;
};

/**
 * Makes a stacked alternating offers protocol (Aydogan, Festen, Hindriks and Jonker, "Alternating Offers Protocols for Multilateral
 * Negotiation", 2017): parties speak in turn; each accepts the standing offer, replaces it by one of its own, or leaves, which
 * ends it for all; an offer that all others have accepted is the agreement. The chair passes on who said what and keeps the
 * turns; it decides nothing, and its evidence is the parties' own signed words. A party believes it no agreement but on what it
 * offered or accepted last itself.
 *
 * @throws HaggleError `bad-protocol`
 */
export function stackedAlternatingOffers(spec: StackedOffersSpec): StackedAlternatingOffers {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    chair: defineProgram(
      protocol,
      'chair',
      (run: Run<Sitter, 'chair', SittingResult>, sitting: Sitting) => new Chair(run, sitting),
    ),
    party: (agent, bargainer) => takeSeat({ protocol, space: spec.space }, agent, bargainer),
  } satisfies StackedAlternatingOffers);
}

interface Said {
  readonly by: number;
  readonly round: number;
  readonly type: 'offer' | 'accept';
  readonly outcome: Outcome;
}

interface Party {
  readonly did: Did;
  readonly dialogue: Dialogue<Sitter, 'chair'>;
  joined: boolean;
  /** What the others have said since its last turn. */
  unheard: Said[];
}

class Chair implements Following<Sitter, 'chair'> {
  readonly #run: Run<Sitter, 'chair', SittingResult>;
  readonly #sitting: Sitting;
  readonly #turnMicros: number;
  readonly #parties: Party[] = [];
  #turn = -1;
  #standing: Outcome | null = null;
  #evidence: RecordedMessage[] = [];
  #over = false;

  constructor(run: Run<Sitter, 'chair', SittingResult>, sitting: Sitting) {
    const { parties, rounds, within, turnWithin } = sitting;
    checkSitting(sitting);
    this.#run = run;
    this.#sitting = sitting;
    this.#turnMicros = micros(turnWithin);
    const by = run.now() + micros(within);
    for (const [place, did] of parties.entries()) {
      const dialogue = run.open(did, 'invite', { body: { rounds, parties: parties.length, place }, by });
      this.#parties.push({ did, dialogue, joined: false, unheard: [] });
    }
    this.#expectBy('too-slow', () => this.#parties.find(({ joined }) => !joined));
  }

  heard(message: Heard<Sitter, 'chair'>): void {
    const place = this.#parties.findIndex(({ dialogue }) => dialogue.id === message.dialogue.id);
    const party = this.#parties[place];
    if (party === undefined || this.#over) return;
    switch (message.type) {
      case 'join':
        party.joined = true;
        if (this.#parties.every(({ joined }) => joined)) this.#next();
        return;
      case 'refuse':
        return this.#end({ type: 'refused', by: party.did, reason: message.body.reason });
      case 'leave':
        return this.#end({ type: 'left', by: party.did, round: this.#round });
      case 'offer':
        this.#standing = message.body.outcome;
        this.#evidence = [message.recorded];
        return this.#said(place, 'offer', this.#standing);
      case 'accept':
        if (this.#standing === null) return this.#end({ type: 'failed', by: party.did, code: 'nothing-to-accept' });
        this.#evidence.push(message.recorded);
        if (this.#evidence.length === this.#parties.length) return this.#agree(this.#standing);
        return this.#said(place, 'accept', this.#standing);
    }
  }

  ended({ peer, outcome, code }: DialogueEnd): void {
    if (!this.#over && outcome !== 'done') this.#end({ type: 'failed', by: peer, code });
  }

  get #round(): number {
    return Math.floor(this.#turn / this.#parties.length);
  }

  #said(by: number, type: Said['type'], outcome: Outcome): void {
    const said = { by, round: this.#round, type, outcome };
    for (const [place, party] of this.#parties.entries()) if (place !== by) party.unheard.push(said);
    this.#next();
  }

  #next(): void {
    this.#turn += 1;
    const party = this.#parties[this.#turn % this.#parties.length];
    if (party === undefined) return;
    if (this.#round >= this.#sitting.rounds) return this.#end({ type: 'deadline', round: this.#sitting.rounds - 1 });
    party.dialogue.send('turn', { round: this.#round, said: party.unheard });
    party.unheard = [];
    const turn = this.#turn;
    this.#expectBy('too-slow', () => (this.#turn === turn ? party : undefined));
  }

  /** Fails the sitting with whoever is still owing an answer when a turn's time is over. */
  #expectBy(code: string, owing: () => Party | undefined): void {
    this.#run.at(this.#run.now() + this.#turnMicros, () => {
      const party = this.#over ? undefined : owing();
      if (party !== undefined) this.#end({ type: 'failed', by: party.did, code });
    });
  }

  #agree(outcome: Outcome): void {
    this.#over = true;
    const round = this.#round;
    for (const { dialogue } of this.#parties) dialogue.send('agreed', { outcome, round });
    this.#run.finish({ type: 'agreed', outcome, round, evidence: this.#evidence });
  }

  #end(result: Exclude<SittingResult, { type: 'agreed' }>): void {
    this.#over = true;
    for (const { dialogue } of this.#parties) if (dialogue.open) dialogue.send('over', { reason: result.type });
    this.#run.finish(result);
  }
}

function checkSitting({ parties, rounds }: Sitting): void {
  if (parties.length < 2 || parties.length > PARTIES_MAX || new Set(parties).size < parties.length) {
    throw new HaggleError(
      'bad-negotiation',
      `a sitting has 2 to ${PARTIES_MAX} parties, each once, got ${parties.length}`,
    );
  }
  if (!Number.isSafeInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) {
    throw new HaggleError('bad-negotiation', `a sitting has 1 to ${ROUNDS_MAX} rounds, got ${rounds}`);
  }
}

/** One sitting of a party. */
interface Seat {
  readonly seating: Seating;
  readonly negotiator: Negotiator;
  /** Turns that it has had: one a round. */
  turns: number;
  /** What it offered or accepted last: all that it can have agreed to. */
  bound: Outcome | null;
  result: PartyResult | null;
}

function takeSeat<Params, State>(
  { protocol, space }: { readonly protocol: Sitter; readonly space: OutcomeSpace },
  agent: AgentBuilder<Params, State>,
  bargainer: SeatedBargainer<Params, State>,
): void {
  const seats = new Map<string, Seat>();
  const isBound = ({ bound }: Seat, outcome: Outcome): boolean =>
    bound !== null && space.issues.every(({ name }) => bound[name] === outcome[name]);
  agent.play(
    protocol,
    'party',
    {
      invite(ctx, m) {
        const seating = { chair: m.from, dialogue: m.dialogue.id, ...m.body };
        const negotiator = bargainer.negotiator(ctx, seating);
        if (negotiator === null) return m.reply('refuse', { reason: 'not now' });
        seats.set(m.dialogue.key, { seating, negotiator, turns: 0, bound: null, result: null });
        m.reply('join', {});
      },
      turn(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat !== undefined) takeTurn(seat, m);
      },
      agreed(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat === undefined) return;
        const ours = isBound(seat, m.body.outcome);
        seat.result = ours ? { type: 'agreed', ...m.body } : { type: 'failed', code: 'agreed-otherwise' };
      },
      over(_, m) {
        const seat = seats.get(m.dialogue.key);
        if (seat !== undefined) seat.result = { type: 'over', reason: m.body.reason };
      },
    },
    {
      ended(ctx, end) {
        const { key } = end;
        const seat = seats.get(key);
        if (seat === undefined) return;
        seats.delete(key);
        bargainer.ended?.(ctx, seat.result ?? { type: 'failed', code: end.code }, seat.seating);
      },
    },
  );
}

function takeTurn(seat: Seat, m: Received<Sitter, 'party', 'turn'>): void {
  const { negotiator } = seat;
  const { rounds } = seat.seating;
  const { round, said } = m.body;
  // A strategy may rely on the course of time.
  const inTurn = round === seat.turns && round < rounds && said.every(({ round: when }) => when <= round);
  if (!inTurn) return m.fail('this is not my turn');
  seat.turns += 1;
  let standing: Standing | null = null;
  for (const { by, type, outcome, round: when } of said) {
    const from = `${by}`;
    negotiator.hear(outcome, { ...momentOf(when, rounds), type, from });
    if (type === 'offer') standing = { outcome, from };
  }
  const move = moveOf(negotiator, momentOf(round, rounds), standing);
  if (move.type !== 'leave') seat.bound = move.outcome;
  if (move.type === 'accept') return m.reply('accept', {});
  if (move.type === 'offer') return m.reply('offer', { outcome: move.outcome });
  seat.result = { type: 'left' };
  m.reply('leave', {});
}
