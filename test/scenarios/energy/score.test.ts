import test from 'ava';
import { scoreDispatch } from '../../../scenarios/energy/score.ts';
import { changed, threeBuses } from './three-buses.ts';

const RIGHT = { pgMw: [60, 40], thetaRad: [0, -0.04, -0.02] };

function digits(value: number | undefined): string | undefined {
  return value?.toFixed(9);
}

test('finds nothing to complain about in a dispatch that keeps all limits', (t) => {
  const score = scoreDispatch(threeBuses(), RIGHT);
  t.is(score.costPerHour, 1_800);
  t.is(digits(score.worstOverloadPu), '0.000000000');
  t.is(digits(score.worstBalanceMismatchPu), '0.000000000');
  t.is(score.worstAngleViolationRad, 0);
  t.is(score.worstGeneratorViolationPu, 0);
  t.is(score.congestedBranches, 1);
  t.false('meanAbsPriceErrorPerMwh' in score);
});

test('measures an overload from the angles, in pu', (t) => {
  const score = scoreDispatch(threeBuses(), { ...RIGHT, thetaRad: [0, -0.05, -0.025] });
  t.is(digits(score.worstOverloadPu), '0.100000000');
  t.is(digits(score.worstBalanceMismatchPu), '0.150000000');
});

test('measures angles, outputs beyond limits and the output of what is not in service', (t) => {
  const wide = scoreDispatch(threeBuses(), { ...RIGHT, thetaRad: [1, 0, 0.5] });
  t.is(digits(wide.worstAngleViolationRad), (1 - Math.PI / 6).toFixed(9));
  t.is(digits(scoreDispatch(threeBuses(), { ...RIGHT, pgMw: [430, -10] }).worstGeneratorViolationPu), '0.300000000');
  const off = changed(threeBuses(), { generators: [{}, { active: false }] });
  const score = scoreDispatch(off, RIGHT);
  t.is(digits(score.worstGeneratorViolationPu), '0.400000000');
  t.is(score.costPerHour, 600);
  t.is(digits(score.worstBalanceMismatchPu), '0.400000000');
});

test('compares prices only where both sides are given', (t) => {
  const score = scoreDispatch(threeBuses(), { ...RIGHT, pricePerMwh: [10, 28, 21] }, { pricePerMwh: [10, 30, 20] });
  t.is(score.meanAbsPriceErrorPerMwh, 1);
  t.is(score.maxPriceErrorPerMwh, 2);
  t.false('maxPriceErrorPerMwh' in scoreDispatch(threeBuses(), RIGHT, { pricePerMwh: [10, 30, 20] }));
});

test('prices that support the dispatch have no optimality error, and others have theirs in $/MWh', (t) => {
  const congestionPricePerMwh = [-30, 0, 0];
  const priced = (pricePerMwh: readonly number[]): number | undefined =>
    scoreDispatch(threeBuses(), { ...RIGHT, pricePerMwh, congestionPricePerMwh }).priceOptimalityErrorPerMwh;
  t.is(digits(priced([10, 30, 20])), '0.000000000');
  // Bus 1 pays its generator 3 $/MWh too much to leave anything in reserve.
  t.is(digits(priced([13, 30, 20])), '3.000000000');
  t.is(digits(priced([10, 26, 20])), '4.000000000');
  // Bus 3 has nothing but lines: its price is the mean of its neighbours'.
  t.is(digits(priced([10, 30, 26])), '6.000000000');
});

test('a congestion price needs a full line and the right sign', (t) => {
  const idle = { pgMw: [0, 100], thetaRad: [0, -0.02, -0.01], pricePerMwh: [30, 30, 30] };
  const error = (price: number, thetaRad: readonly number[]): number | undefined =>
    scoreDispatch(threeBuses(), { ...idle, thetaRad, congestionPricePerMwh: [price, 0, 0] }).priceOptimalityErrorPerMwh;
  t.true((error(-7, [0, -0.02, -0.01]) ?? 0) >= 7);
  t.true((error(7, [0, -0.04, -0.02]) ?? 0) >= 7);
});

test('either price of a degenerate optimum is right, however far apart they are', (t) => {
  // All load is met by a generator at its very maximum: the next MWh costs 30, the last one 10.
  const grid = changed(threeBuses(), { demandMw: 100, limitMw: 500, generators: [{ maxMw: 100 }, {}] });
  const dispatch = { pgMw: [100, 0], thetaRad: [0, -0.2 / 3, -0.1 / 3] };
  for (const price of [10, 17, 30]) {
    const pricePerMwh = [price, price, price];
    const score = scoreDispatch(grid, { ...dispatch, pricePerMwh }, { pricePerMwh: [30, 30, 30] });
    t.is(score.priceOptimalityErrorPerMwh, 0);
    t.is(score.maxPriceErrorPerMwh, 30 - price);
  }
});

const broken = [
  [{ ...RIGHT, pgMw: [1] }, 'pgMw must have 2 values, found 1'],
  [{ ...RIGHT, thetaRad: [0, 0, 0, 0] }, 'thetaRad must have 3 values, found 4'],
  [{ ...RIGHT, pgMw: [60, Number.NaN] }, 'pgMw must be finite in every row, found NaN in row 1'],
  [{ ...RIGHT, thetaRad: [0, -Infinity, 0] }, 'thetaRad must be finite in every row, found -Infinity in row 1'],
  [{ ...RIGHT, pricePerMwh: [1, 2] }, 'pricePerMwh must have 3 values, found 2'],
  [
    { ...RIGHT, pricePerMwh: [1, 2, 3], congestionPricePerMwh: [0] },
    'congestionPricePerMwh must have 3 values, found 1',
  ],
] as const;
for (const [dispatch, message] of broken) {
  test(`refuses a dispatch because ${message}`, (t) => {
    t.throws(() => scoreDispatch(threeBuses(), dispatch), { code: 'bad-dispatch', message });
  });
}

test('refuses reference prices of another grid', (t) => {
  t.throws(() => scoreDispatch(threeBuses(), RIGHT, { pricePerMwh: [] }), {
    code: 'bad-dispatch',
    message: 'reference pricePerMwh must have 3 values, found 0',
  });
});
