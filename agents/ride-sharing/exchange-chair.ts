import type { Dialogue, DialogueEnd } from '../../agent-core/agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../../agent-core/agent/program.ts';
import { micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { accepts, temperatures } from './annealing.ts';
import { dealOf, type Terms, type Transferred } from './deal.ts';
import { endRound, ideaOf, offerOf, openLots, takeLot, type LotCosts } from './desk.ts';
import { EXCHANGE_LIMITS, TripExchange, type Lot, type Verdict } from './exchange-protocol.ts';
import type { Outcome, Session, SessionResult } from './exchange-session.ts';
import { LotAuction } from './lot-auction.ts';
import type { Nearness, Topic } from './release.ts';
import { tripsOf } from './route.ts';
import { isSetAside, reservationId, reservations, SECURED_MICROS } from './securing.ts';

/** A vehicle at the table; the chair is the first and has no dialogue. */
interface Seat {
  readonly party: Did;
  readonly dialogue: Dialogue<typeof TripExchange, 'chair'> | null;
  /** Trips whose data it has. */
  readonly known: Set<number>;
  idea: Topic | null;
}

type ChairRun = Run<typeof TripExchange, 'chair', SessionResult>;
type Message = Heard<typeof TripExchange, 'chair'>;

/** Chairs a session of {@link TripExchange}. */
export const exchangeChair: Program<Session, SessionResult> = defineProgram(
  TripExchange,
  'chair',
  (run: ChairRun, session: Session) => {
    const chair = new Chair(run, session);
    chair.convene();
    return chair;
  },
);

/** Offers of the nearest vehicles that are put up in one round. */
const OFFERS_MAX = 3;
/** Waiting trips that are put up with them. */
const WAITING_MAX = 8;
/** Chance in the choice of the winner, in multiples of the temperature. */
const NOISE = 1;
/** Temperature of the last round, in multiples of that of the first. */
const COOLING = 0.01;
/** Trips of one round at most. */
const LOTS_MAX = 16;
/** All have agreed to a deal within this time, or it is off. */
const AGREED_WITHIN_MICROS = SECURED_MICROS / 2;
/** A gain below this, in units of cost, is rounding. */
const GAIN_MIN = 1e-6;

class Chair implements Following<typeof TripExchange, 'chair'> {
  readonly #run: ChairRun;
  readonly #session: Session;
  readonly #temperature: (round: number) => number;
  readonly #seats: Seat[] = [];
  /** Dialogues that were opened; each answers once before anything goes on. */
  readonly #convened = new Map<string, Dialogue<typeof TripExchange, 'chair'>>();
  /** Seat by dialogue. */
  readonly #seatOf = new Map<string, number>();
  #awaited = 0;
  #waiting: readonly Lot[] = [];
  #round = 0;
  #verdict: Verdict = 'none';
  #offers: { seat: number; trips: readonly number[]; distance: number }[] = [];
  #lots: Lot[] = [];
  #auction: LotAuction | null = null;
  #saved = 0;
  /** Who holds what in the drafts and by contract, as far as the chair was told. */
  readonly #current = new Map<number, number>();
  #best = new Map<number, number>();
  readonly #committed = new Map<number, number>();
  #change = 0;
  #bestChange = 0;
  readonly #stakes = new Map<number, bigint>();
  /** Names the chair's own payments: the id of its first dialogue. */
  #name = '';
  #deal: ReadonlyMap<Did, Terms> | null = null;
  #bidsRead = 0;
  #over = false;

  constructor(run: ChairRun, session: Session) {
    this.#run = run;
    this.#session = session;
    const { desk, heat, rounds } = session;
    this.#temperature = temperatures({ start: heat, end: COOLING * heat, rounds });
    this.#seats.push({
      party: run.self,
      dialogue: null,
      known: new Set(),
      idea: ideaOf(tripsOf(desk.current), run.random),
    });
    for (const { id } of tripsOf(desk.current)) this.#hold(id, 0);
  }

  convene(): void {
    const { members, rounds, within, waiting } = this.#session;
    this.#waiting = waiting.slice(0, EXCHANGE_LIMITS.lots);
    const ids = this.#waiting.map(({ trip }) => trip.id);
    const by = this.#run.now() + micros(within);
    for (const member of members) {
      const dialogue = this.#run.open(member, 'convene', { body: { rounds, waiting: ids }, by });
      this.#convened.set(dialogue.key, dialogue);
      if (this.#name === '') this.#name = dialogue.id;
    }
    this.#awaited = members.length;
    if (this.#awaited === 0) this.#finish({ type: 'alone' });
  }

  heard(message: Message): void {
    if (this.#over) return;
    switch (message.type) {
      case 'join':
        this.#seatOf.set(message.dialogue.key, this.#seats.length);
        this.#seats.push({
          party: message.from,
          dialogue: message.dialogue,
          known: new Set(),
          idea: this.#ideaOf(message.body.idea),
        });
        this.#waiting = this.#waiting.filter(({ trip }) => !message.body.serves.includes(trip.id));
        return this.#answered(() => this.#seated());
      case 'decline':
        return this.#answered(() => this.#seated());
      case 'offer':
        this.#hearOffer(this.#seat(message), message.body);
        return this.#answered(() => this.#putUp());
      case 'bid':
        this.#saved += message.body.saved;
        this.#hearBids(this.#seat(message), message.body.costs);
        return this.#answered(() => this.#award());
      case 'rebid':
        this.#hearBids(this.#seat(message), message.body.costs);
        return this.#award();
      case 'stake':
        this.#stakes.set(this.#seat(message), BigInt(message.body.gain));
        return this.#answered(() => this.#offerDeal());
      case 'agree':
        return this.#answered(() => this.#commit());
      case 'leave':
        return this.#fail(message.body.reason);
    }
  }

  ended(end: DialogueEnd): void {
    if (this.#over || end.outcome === 'done') return;
    if (this.#seatOf.has(end.key)) return this.#fail(end.code);
    if (this.#convened.delete(end.key)) this.#answered(() => this.#seated());
  }

  #seat({ dialogue }: Message): number {
    return this.#seatOf.get(dialogue.key) ?? 0;
  }

  #answered(then: () => void): void {
    this.#awaited--;
    if (this.#awaited === 0) then();
  }

  #seated(): void {
    const invited = this.#session.members.length;
    if (this.#seats.length === 1 || this.#seats.length - 1 < this.#session.quorum * invited) {
      for (const { dialogue } of this.#seats) dialogue?.send('abort', {});
      return this.#finish({ type: 'alone' });
    }
    this.#nextRound();
  }

  /** Asks for trips near the next topic, or ends the session. */
  #nextRound(): void {
    const { desk, rounds } = this.#session;
    const topic = this.#round < rounds ? this.#nextTopic() : null;
    if (this.#session.isStale()) return this.#fail('changed');
    if (topic === null) return this.#close();
    this.#round++;
    this.#offers = [];
    endRound(desk, this.#verdict);
    const nearness: Nearness = this.#run.random.uniform() < 0.5 ? 'place-and-time' : 'time';
    for (const { dialogue } of this.#seats) dialogue?.send('topic', { verdict: this.#verdict, topic, nearness });
    this.#verdict = 'none';
    this.#awaited = this.#seats.length - 1;
    const { trips, distance, idea } = offerOf(desk, { topic, nearness }, this.#run.random);
    this.#hearOffer(0, { lots: trips.map(({ id }) => id), news: [], distance, idea });
  }

  /** One of the members' ideas; now and then a rider whom nobody serves. */
  #nextTopic(): Topic | null {
    const { about } = this.#session;
    if (this.#round === 0 && about !== null) return about;
    const { random } = this.#run;
    const unserved = this.#waiting.filter(({ trip }) => !this.#current.has(trip.id));
    if (unserved.length > 0 && random.uniform() < 0.5) return ideaOf([random.pick(unserved).trip], random);
    const ideas = this.#seats.flatMap(({ idea }) => idea ?? []);
    return ideas.length === 0 ? null : random.pick(ideas);
  }

  #hearOffer(
    seat: number,
    offer: { lots: readonly number[]; news: readonly Lot[]; distance: number | null; idea: Topic | null },
  ): void {
    const at = this.#seats[seat];
    if (at === undefined) return;
    at.idea = this.#ideaOf(offer.idea);
    for (const lot of offer.news) {
      // Nobody speaks for a trip that is another's.
      if ((this.#current.get(lot.trip.id) ?? seat) !== seat) continue;
      at.known.add(lot.trip.id);
      this.#session.learn(lot);
    }
    const trips = [...new Set(offer.lots)].filter((trip) => this.#isHeldBy(trip, seat));
    if (offer.distance !== null && trips.length > 0) this.#offers.push({ seat, trips, distance: offer.distance });
  }

  #ideaOf(idea: Topic | null): Topic | null {
    return idea !== null && this.#session.isOnMap(idea) ? idea : null;
  }

  /** Notes whose a trip is. A trip that the chair knows to be with another is not this one's to give. */
  #isHeldBy(trip: number, seat: number): boolean {
    if (this.#session.lotOf(trip) === undefined) return false;
    const holder = this.#current.get(trip);
    if (holder !== undefined) return holder === seat;
    if (this.#waiting.some((lot) => lot.trip.id === trip)) return false;
    this.#hold(trip, seat);
    return true;
  }

  #hold(trip: number, seat: number): void {
    for (const holders of [this.#current, this.#best, this.#committed]) holders.set(trip, seat);
  }

  /** Puts the nearest offers up, and those trips that nobody serves. */
  #putUp(): void {
    const { random } = this.#run;
    const { desk } = this.#session;
    this.#offers.sort((a, b) => a.distance - b.distance || a.seat - b.seat);
    const chosen = this.#offers.slice(0, random.integer(1, OFFERS_MAX)).flatMap(({ trips }) => trips);
    const unserved = this.#waiting.filter(({ trip }) => !this.#current.has(trip.id)).slice(0, WAITING_MAX);
    this.#lots = [...unserved, ...chosen.flatMap((trip) => this.#session.lotOf(trip) ?? [])].slice(0, LOTS_MAX);
    if (this.#lots.length === 0) return this.#nextRound();
    const trips = this.#lots.map(({ trip }) => trip);
    const seats = this.#seats.length;
    const auction = new LotAuction({ lots: trips, seats, map: desk.tour.map, noise: NOISE * this.#degrees() }, random);
    this.#auction = auction;
    this.#awaited = this.#seats.length - 1;
    for (const { dialogue, known } of this.#seats) {
      if (dialogue === null) continue;
      const news = this.#lots.filter(({ trip }) => !known.has(trip.id));
      for (const { trip } of news) known.add(trip.id);
      dialogue.send('auction', { lots: trips.map(({ id }) => id), news });
    }
    const own = openLots(desk, trips);
    this.#saved = own.saved;
    auction.bid(0, own.costs);
  }

  #degrees(): number {
    return this.#temperature(this.#round);
  }

  #hearBids(seat: number, costs: LotCosts): void {
    this.#bidsRead += costs.length;
    this.#auction?.bid(seat, costs);
  }

  /** Awards lot after lot until one is another vehicle's, which then bids again. */
  #award(): void {
    const auction = this.#auction;
    for (;;) {
      const next = auction?.next() ?? null;
      if (auction === null || next === null) return this.#judge(true);
      const { lot, seat } = next;
      if (seat === null) {
        // A waiting rider's trip goes on waiting; one that was somebody's must not be lost.
        if (this.#current.has(this.#tripOf(lot))) return this.#judge(false);
        continue;
      }
      const open = [...auction.open];
      const dialogue = this.#seats[seat]?.dialogue ?? null;
      if (dialogue !== null) return void dialogue.send('award', { lot, open });
      const costs = takeLot(this.#session.desk, lot, open);
      if (costs === null) return this.#judge(false);
      auction.bid(0, costs);
    }
  }

  #tripOf(lot: number): number {
    return this.#lots[lot]?.trip.id ?? -1;
  }

  /** Keeps the draft of the round or not. */
  #judge(complete: boolean): void {
    const { awards = [], spent = 0 } = this.#auction ?? {};
    const served = awards.filter(({ lot }) => !this.#current.has(this.#tripOf(lot))).length;
    const change = spent - this.#saved - served * this.#session.unservedCost;
    if (complete && accepts(change, this.#degrees(), this.#run.random)) {
      for (const { lot, seat } of awards) this.#current.set(this.#tripOf(lot), seat);
      this.#change += change;
      this.#verdict = 'kept';
      if (this.#change < this.#bestChange - GAIN_MIN) {
        this.#bestChange = this.#change;
        this.#best = new Map(this.#current);
        this.#verdict = 'best';
      }
    } else this.#verdict = 'undone';
    this.#nextRound();
  }

  #close(): void {
    endRound(this.#session.desk, this.#verdict);
    if (this.#bestChange === 0) {
      for (const { dialogue } of this.#seats) dialogue?.send('abort', {});
      return this.#finish({ type: 'no-gain' });
    }
    this.#awaited = this.#seats.length - 1;
    for (const { dialogue } of this.#seats) dialogue?.send('close', { verdict: this.#verdict });
    this.#stakes.set(0, this.#session.stake());
  }

  #offerDeal(): void {
    const stakes = this.#seats.map(({ party }, seat) => ({ party, gain: this.#stakes.get(seat) ?? 0n }));
    if (this.#session.isStale()) return this.#fail('changed');
    const deal = dealOf(stakes, this.#moved());
    const own = deal?.get(this.#run.self);
    if (deal === null || own === undefined) {
      for (const { dialogue } of this.#seats) dialogue?.send('abort', {});
      return this.#finish({ type: 'no-gain' });
    }
    // Somebody gave what was the chair's, or said it would take what it does not.
    if (!this.#session.isFair(own)) return this.#fail('not-the-deal');
    this.#deal = deal;
    this.#awaited = this.#seats.length;
    // What is set aside by now is still there by then: after that nobody could be paid.
    this.#run.at(this.#run.now() + AGREED_WITHIN_MICROS, () => this.#fail('late'));
    for (const { dialogue, party } of this.#seats) {
      const terms = deal.get(party);
      if (terms !== undefined) dialogue?.send('deal', { name: this.#name, ...mutable(terms) });
    }
    this.#session.bound();
    this.#secure(own);
  }

  /** Sets aside what the chair pays. */
  #secure({ pays }: Terms): void {
    if (pays.length === 0) return this.#answered(() => this.#commit());
    this.#run.ledger.submit(reservations(this.#name, pays, this.#run.now() + SECURED_MICROS), ({ type }) => {
      if (this.#over) return;
      if (type === 'refused') return this.#fail('not-secured');
      this.#answered(() => this.#commit());
    });
  }

  #moved(): Transferred[] {
    const party = (seat: number): Did => this.#seats[seat]?.party ?? this.#run.self;
    const moved: Transferred[] = [];
    for (const [trip, seat] of this.#best) {
      const before = this.#committed.get(trip);
      if (before !== seat) moved.push({ trip, from: before === undefined ? null : party(before), to: party(seat) });
    }
    return moved;
  }

  #commit(): void {
    const terms = this.#deal?.get(this.#run.self);
    if (terms === undefined) return;
    if (terms.receives.length === 0) return this.#confirm(terms);
    this.#awaited = terms.receives.length;
    const id = reservationId(this.#name, this.#run.self);
    for (const payment of terms.receives) {
      this.#run.ledger.reservation({ payer: payment.party, id }, (held) => {
        if (this.#over) return;
        if (!isSetAside(payment, held)) return this.#fail('not-secured');
        this.#answered(() => this.#confirm(terms));
      });
    }
  }

  #confirm(terms: Terms): void {
    for (const { dialogue } of this.#seats) dialogue?.send('commit', {});
    this.#session.commit(terms, this.#name);
    let gain = 0n;
    for (const stake of this.#stakes.values()) gain += stake;
    this.#finish({ type: 'committed', terms, gain, moved: this.#moved() });
  }

  #fail(code: string): void {
    this.#finish({ type: 'failed', code });
  }

  #finish(result: Outcome): void {
    this.#over = true;
    this.#run.finish({ ...result, rounds: this.#round, bids: this.#bidsRead });
  }
}

/** As message bodies want it. */
function mutable({ pays, receives, gives, takes }: Terms): { [K in keyof Terms]: Terms[K][number][] } {
  return { pays: [...pays], receives: [...receives], gives: [...gives], takes: [...takes] };
}
