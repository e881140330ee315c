import test from 'ava';
import * as fc from 'fast-check';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { dealOf, isDealOf, netOf, type Terms, type Transferred } from '../../../agents/ride-sharing/deal.ts';
import type { Stake } from '../../../agents/market/equal-gains.ts';
import { TripExchange } from '../../../agents/ride-sharing/exchange-protocol.ts';
import { world } from '../../../simulator/world.ts';

const NAMES = world({ seed: 1, sign: 'off', money: false });
const PARTIES: readonly Did[] = Array.from({ length: 6 }, (_, k) => NAMES.didOf(`party-${k}`));
const partyAt = (k: number): Did => PARTIES[k % PARTIES.length] ?? NAMES.didOf('nobody');

/** The most that a stake on the wire can say. */
const STAKE_MAX = 10n ** 28n - 1n;

const gain = fc.oneof(
  fc.bigInt({ min: -1_000n, max: 1_000n }),
  fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  fc.bigInt({ min: -STAKE_MAX, max: STAKE_MAX }),
);

const anyDeal = fc
  .record({
    gains: fc.array(gain, { minLength: 1, maxLength: 6 }),
    moves: fc.array(fc.record({ from: fc.option(fc.nat({ max: 5 })), step: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 8,
    }),
  })
  .map(({ gains, moves }) => {
    const stakes = gains.map((one, k): Stake => ({ party: partyAt(k), gain: one }));
    const moved = moves.flatMap(({ from, step }, trip): Transferred[] => {
      const giver = from === null ? null : from % gains.length;
      const taker = ((giver ?? 0) + step) % gains.length;
      return giver === taker ? [] : [{ trip, from: giver === null ? null : partyAt(giver), to: partyAt(taker) }];
    });
    return { stakes, moved };
  });

const holds = (
  seed: number,
  claim: (deal: { stakes: readonly Stake[]; moved: readonly Transferred[] }) => void,
): void => fc.assert(fc.property(anyDeal, claim), { seed, numRuns: 1_000 });

const all = (deal: ReadonlyMap<Did, Terms>): readonly (readonly [Did, Terms])[] => [...deal];

test('what one party pays another gets, to the micro-token, and nobody pays itself or nothing', (t) => {
  holds(1, ({ stakes, moved }) => {
    const deal = dealOf(stakes, moved);
    if (deal === null) return;
    const paid = all(deal).flatMap(([from, { pays }]) => pays.map(({ party, amount }) => `${from} ${party} ${amount}`));
    const got = all(deal).flatMap(([to, { receives }]) =>
      receives.map(({ party, amount }) => `${party} ${to} ${amount}`),
    );
    t.deepEqual(paid.toSorted(), got.toSorted());
    t.is(new Set(paid).size, paid.length);
    for (const [party, { pays, receives }] of deal) {
      t.true(pays.length === 0 || receives.length === 0, 'nobody pays and is paid');
      t.true([...pays, ...receives].every((payment) => payment.party !== party && payment.amount > 0n));
    }
  });
});

test('everybody gains the same but for less than a micro-token a party, and nobody loses', (t) => {
  holds(2, ({ stakes, moved }) => {
    const deal = dealOf(stakes, moved);
    if (deal === null) return;
    const gained = stakes.map(({ party, gain: own }) => {
      const terms = deal.get(party);
      return own + (terms === undefined ? 0n : netOf(terms));
    });
    const least = gained.reduce((a, b) => (a < b ? a : b));
    const most = gained.reduce((a, b) => (a > b ? a : b));
    t.true(least >= 0n);
    t.true(most - least < BigInt(stakes.length));
  });
});

test('there is a deal exactly where the sum gains, or riders whom nobody served can make up for it', (t) => {
  holds(3, ({ stakes, moved }) => {
    const sum = stakes.reduce((total, stake) => total + stake.gain, 0n);
    const isPossible = sum > 0n || moved.some(({ from }) => from === null);
    t.is(dealOf(stakes, moved) !== null, isPossible);
  });
});

test('riders whom nobody served pay what the others lose, in equal parts, and nothing where the others gain', (t) => {
  holds(4, ({ stakes, moved }) => {
    const deal = dealOf(stakes, moved);
    if (deal === null) return;
    const sum = stakes.reduce((total, stake) => total + stake.gain, 0n);
    const fares = all(deal).flatMap(([, { takes }]) => takes.flatMap(({ fare }) => fare ?? []));
    t.is(fares.length, moved.filter(({ from }) => from === null).length);
    t.true(new Set(fares).size <= 1);
    const total = fares.reduce((a, b) => a + b, 0n);
    if (sum > 0n) t.is(total, 0n);
    else t.true(total > -sum && total <= -sum + 2n * BigInt(fares.length) + 1n, `${total} for ${-sum}`);
  });
});

test('each trip is given by whom it was with and taken by whom it goes to, and by nobody else', (t) => {
  holds(5, ({ stakes, moved }) => {
    const deal = dealOf(stakes, moved);
    if (deal === null) return;
    const given = all(deal).flatMap(([from, { gives }]) => gives.map(({ trip, party }) => `${trip} ${from} ${party}`));
    const taken = all(deal).flatMap(([to, { takes }]) => takes.map(({ trip, party }) => `${trip} ${party} ${to}`));
    const known = moved.map(({ trip, from, to }) => `${trip} ${from} ${to}`);
    t.deepEqual(taken.toSorted(), known.toSorted());
    t.deepEqual(given.toSorted(), known.filter((line) => !line.includes(' null ')).toSorted());
  });
});

test('whatever stakes are said on the wire, the terms can be said on it too', (t) => {
  const schema = TripExchange.bodies.get('deal');
  holds(6, ({ stakes, moved }) => {
    for (const [, terms] of dealOf(stakes, moved) ?? []) t.true(schema?.encode({ name: 'deal', ...terms }).success);
  });
});

test('terms are those of a draft exactly where they move its trips and nothing else is odd about them', (t) => {
  const [self, other] = [partyAt(0), partyAt(1)];
  const change = { self, gone: [1, 2], come: [3, 4] };
  const give = (trip: number) => ({ trip, party: other, fare: null });
  const good: Terms = {
    pays: [{ party: other, amount: 1n }],
    receives: [],
    gives: [give(2), give(1)],
    takes: [give(3), { trip: 4, party: null, fare: 9n }],
  };
  t.true(isDealOf(good, change));
  const odd: Readonly<Record<string, Partial<Terms>>> = {
    'a trip is given twice in the place of another': { gives: [give(1), give(1)] },
    'a trip is given for nothing that is kept': { gives: [...good.gives, give(5)] },
    'a trip that is gone goes nowhere': { gives: [give(1)] },
    'a trip that has come comes from nowhere': { takes: [give(3)] },
    'a trip is given to nobody': { gives: [give(1), { ...give(2), party: null }] },
    'a trip is given to its giver': { gives: [give(1), { ...give(2), party: self }] },
    'a trip is given with a fare': { gives: [give(1), { ...give(2), fare: 5n }] },
    'a trip comes from its taker': { takes: [{ ...give(3), party: self }, give(4)] },
    'a trip of another comes with a fare, which would count twice': { takes: [{ ...give(3), fare: 5n }, give(4)] },
    'a trip of nobody comes without a fare': { takes: [give(3), { ...give(4), party: null }] },
    'the payer is the payee': { pays: [{ party: self, amount: 1n }] },
    'the payee is the payer': { receives: [{ party: self, amount: 1n }] },
  };
  for (const [what, part] of Object.entries(odd)) t.false(isDealOf({ ...good, ...part }, change), what);
});
