import test from 'ava';
import * as fc from 'fast-check';
import { arrivalGains, arrivalValue, type RetailView } from '../../../agents/supply-chain/arrival-value.ts';
import { bestAmendment, type LaneQuote } from '../../../agents/supply-chain/retail-plan.ts';

const PERIODS = 9;

/** The rules of the game once more, as plainly as can be. */
function simulated(view: RetailView): number {
  const paths = view.markets[0]?.paths.length ?? 0;
  let money = 0;
  for (let path = 0; path < paths; path++) {
    let stock = view.stock;
    const waiting = view.markets.map((market) => (view.backlog ? market.waiting : 0));
    for (let t = view.now; t < view.periods; t++) {
      stock += view.arrivals[t] ?? 0;
      for (const [m, market] of view.markets.entries()) {
        const asked = (market.paths[path]?.[t - view.now] ?? 0) + (waiting[m] ?? 0);
        const sold = Math.min(asked, stock);
        stock -= sold;
        waiting[m] = view.backlog ? asked - sold : 0;
        money += market.price * sold - market.penalty * (asked - sold);
      }
      money -= view.holding * stock;
    }
  }
  return money / paths;
}

function changed(view: RetailView, changes: readonly (readonly [period: number, units: number])[]): RetailView {
  const arrivals = [...view.arrivals];
  for (const [period, units] of changes) arrivals[period] = (arrivals[period] ?? 0) + units;
  return { ...view, arrivals };
}

const amount = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: max * 4 }).map((n) => n / 4);
const row = (max: number): fc.Arbitrary<number[]> => fc.array(amount(max), { minLength: PERIODS, maxLength: PERIODS });

function views(markets: number, backlog: boolean): fc.Arbitrary<RetailView> {
  const market = fc.record({
    price: amount(3),
    penalty: amount(1),
    waiting: amount(20),
    paths: fc.array(row(12), { minLength: 3, maxLength: 3 }),
  });
  return fc.record({
    now: fc.integer({ min: 0, max: PERIODS - 1 }),
    periods: fc.constant(PERIODS),
    stock: amount(30),
    backlog: fc.constant(backlog),
    holding: amount(0.5),
    markets: fc.array(market, { minLength: markets, maxLength: markets }),
    // Enough in each period that a lot fewer is possible.
    arrivals: row(10).map((units) => units.map((amountOf) => amountOf + 4)),
  });
}

const KINDS: readonly (readonly [markets: number, backlog: boolean])[] = [
  [1, true],
  [1, false],
  [2, true],
  [3, false],
];

for (const [markets, backlog] of KINDS) {
  const name = `${markets} market${markets > 1 ? 's' : ''}, ${backlog ? 'demand waits' : 'sales are lost'}`;

  test(`the value of arrivals is what simulation says, and so is every gain: ${name}`, (t) => {
    const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-7;
    fc.assert(
      fc.property(views(markets, backlog), fc.constantFrom(1, 2.5, 4), (view, lot) => {
        const planned = simulated(view);
        const gains = arrivalGains(view, lot);
        const gain = (changes: readonly (readonly [number, number])[]): number =>
          simulated(changed(view, changes)) - planned;
        if (!close(arrivalValue(view), planned)) return false;
        for (let a = view.now; a < PERIODS; a++) {
          if (!close(gains.more(a), gain([[a, lot]])) || !close(gains.fewer(a), gain([[a, -lot]]))) return false;
          for (let b = view.now; b < PERIODS; b++) {
            const moves = [
              [a, lot],
              [b, -lot],
            ] as const;
            if (!close(gains.moved(a, b), gain(moves))) return false;
          }
        }
        return true;
      }),
      { seed: 17, numRuns: 60 },
    );
    t.pass();
  });
}

test('where one market waits, each lot more gains no more than the one before', (t) => {
  fc.assert(
    fc.property(views(1, true), amount(6), (view, lot) => {
      const units = lot + 0.25;
      const period = view.now;
      const [first, second] = [view, changed(view, [[period, units]])].map((one) => arrivalGains(one, units));
      return (second?.more(period) ?? NaN) <= (first?.more(period) ?? NaN) + 1e-9;
    }),
    { seed: 18, numRuns: 200 },
  );
  t.pass();
});

const price = fc.option(fc.integer({ min: 0, max: 12 }).map((n) => n / 4));
const quotes: fc.Arbitrary<readonly LaneQuote[]> = fc.array(
  fc.record({
    leadTime: fc.integer({ min: 0, max: 3 }),
    pipelineCost: amount(0.25),
    more: fc.array(price, { minLength: PERIODS, maxLength: PERIODS }),
    fewer: fc.array(price, { minLength: PERIODS, maxLength: PERIODS }),
    planned: row(4),
  }),
  { maxLength: 3 },
);

/** What a change of contracts gains, from the value of arrivals with and without it. */
function gainOf(
  view: RetailView,
  lanes: readonly LaneQuote[],
  change: { readonly lane: number; readonly period: number; readonly units: number }[],
): number {
  let money = 0;
  const arrivals = change.map(({ lane, period, units }): readonly [number, number] => {
    const quote = lanes[lane];
    const unit = (units > 0 ? quote?.more : quote?.fewer)?.[period] ?? NaN;
    const leadTime = quote?.leadTime ?? NaN;
    money -= units * (unit + leadTime * (quote?.pipelineCost ?? NaN));
    return [period + leadTime, units];
  });
  return simulated(changed(view, arrivals)) - simulated(view) + money;
}

for (const backlog of [true, false]) {
  test(`an amendment gains what it says, and where there is none no lot alone gains: ${backlog ? 'demand waits' : 'sales are lost'}`, (t) => {
    fc.assert(
      fc.property(views(1, backlog), quotes, fc.constantFrom(1, 4), (view, lanes, lot) => {
        const found = bestAmendment(view, lanes, lot);
        const singles: number[] = [];
        for (const [lane, quote] of lanes.entries()) {
          for (let period = view.now; period + quote.leadTime < PERIODS; period++) {
            if ((quote.more[period] ?? null) !== null)
              singles.push(gainOf(view, lanes, [{ lane, period, units: lot }]));
            if ((quote.fewer[period] ?? null) !== null && (quote.planned[period] ?? 0) >= lot) {
              singles.push(gainOf(view, lanes, [{ lane, period, units: -lot }]));
            }
          }
        }
        if (found === null) return singles.every((gain) => gain < 1e-5 * lot);
        const { buy, cancel, gain } = found;
        const change = [
          ...(buy === null ? [] : [{ ...buy, units: lot }]),
          ...(cancel === null ? [] : [{ ...cancel, units: -lot }]),
        ];
        const least = buy === null || cancel === null ? Math.max(...singles) : 0;
        return Math.abs(gainOf(view, lanes, change) - gain) < 1e-7 && gain > least - 1e-7;
      }),
      { seed: 19, numRuns: 300 },
    );
    t.pass();
  });
}

const VIEW: RetailView = {
  now: 0,
  periods: 2,
  stock: 0,
  backlog: true,
  holding: 0.1,
  markets: [{ price: 2, penalty: 0.1, waiting: 0, paths: [[4, 4]] }],
  arrivals: [0, 8],
};
const LANE: LaneQuote = { leadTime: 0, pipelineCost: 0, more: [1, null], fewer: [null, 1], planned: [0, 8] };

test('buys what is short, cancels what nobody asks for, moves what comes late, and then stops', (t) => {
  t.like(bestAmendment({ ...VIEW, arrivals: [0, 4] }, [LANE], 4), { buy: { lane: 0, period: 0 }, cancel: null });
  t.like(bestAmendment({ ...VIEW, arrivals: [4, 8] }, [LANE], 4), { buy: null, cancel: { lane: 0, period: 1 } });
  t.like(bestAmendment(VIEW, [LANE], 4), { buy: { lane: 0, period: 0 }, cancel: { lane: 0, period: 1 } });
  t.is(bestAmendment({ ...VIEW, arrivals: [4, 4] }, [{ ...LANE, planned: [0, 4] }], 4), null);
  t.is(bestAmendment(VIEW, [], 4), null);
});

test('refuses a view without paths, with paths too short, a period past the last, and lots that are none', (t) => {
  const [market] = VIEW.markets;
  t.truthy(market);
  const bad: readonly Partial<RetailView>[] = [
    { now: 2 },
    { now: -1 },
    { now: 0.5 },
    { periods: NaN },
    { stock: NaN },
    { stock: -1 },
    { markets: [] },
    { markets: VIEW.markets.map((one) => ({ ...one, paths: [] })) },
    { markets: VIEW.markets.map((one) => ({ ...one, paths: [[1]] })) },
    { markets: [...VIEW.markets, ...VIEW.markets.map((one) => ({ ...one, paths: [...one.paths, [1, 1]] }))] },
  ];
  for (const part of bad) t.throws(() => arrivalValue({ ...VIEW, ...part }), { code: 'bad-retail-view' });
  for (const lot of [0, -1, NaN, Infinity]) t.throws(() => arrivalGains(VIEW, lot), { code: 'bad-retail-view' });
});
