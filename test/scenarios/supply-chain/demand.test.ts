import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { demandEffects, demandFactor, drawDemand } from '../../../scenarios/supply-chain/demand.ts';
import { parseDemandTraces } from '../../../scenarios/supply-chain/demand-traces.ts';
import { INVMGMT_PRESENT, invmgmtText } from './published.ts';

const run = INVMGMT_PRESENT ? test : test.skip;

test('trend, season and shock multiply the mean as in gym-invmgmt', (t) => {
  const factors = (text: string, period: number): number => demandFactor(demandEffects(text), period);
  t.is(factors('stationary', 7), 1);
  t.is(factors('trend', 10), 1.5);
  t.deepEqual([factors('shock', 14), factors('shock', 15)], [1, 2]);
  for (let period = 0; period < 90; period++) {
    const season = 1 + 0.5 * Math.sin((2 * Math.PI * period) / 30);
    t.true(Math.abs(factors('seasonal', period) - season) < 1e-14, `period ${period}`);
    const all = (1 + 0.05 * period) * season * (period >= 15 ? 2 : 1);
    t.true(Math.abs(factors('trend+seasonal+shock', period) - all) < 1e-12 * all, `period ${period}`);
  }
});

for (const text of ['', 'Trend', 'trend+', 'trend+trend', 'stationary+trend', 'x'.repeat(1_000)]) {
  test(`refuses ${JSON.stringify(text.slice(0, 20))} for a demand`, (t) => {
    t.throws(() => demandEffects(text), {
      code: 'bad-parameter',
      message: /demand must be stationary or some of trend/,
    });
  });
}

/** Kinds of demand of mean 20, and their variance. */
const KINDS = [
  [{ kind: 'poisson', mean: 20 }, 20],
  [{ kind: 'normal', mean: 20, deviation: 3 }, 9],
  [{ kind: 'uniform', from: 14, to: 26 }, 12],
  [{ kind: 'gamma', shape: 4, scale: 5 }, 100],
  [{ kind: 'constant', units: 20 }, 0],
] as const;

for (const [demand, variance] of KINDS) {
  test(`a ${demand.kind} demand has its mean, times the factor of the period, and its variance`, (t) => {
    const random = createRandomRoot(7).stream('demand');
    const periods = 20_000;
    const units = drawDemand(random, demand, { periods, factor: (period) => (period < periods / 2 ? 1 : 2) });
    for (const [factor, half] of [
      [1, units.slice(0, periods / 2)],
      [2, units.slice(periods / 2)],
    ] as const) {
      const mean = half.reduce((sum, each) => sum + each, 0) / half.length;
      t.true(Math.abs(mean - 20 * factor) <= 5 * factor * Math.sqrt(variance / half.length), `${mean}`);
      if (factor === 2) continue;
      const spread = half.reduce((sum, each) => sum + (each - mean) ** 2, 0) / half.length;
      t.true(Math.abs(spread - variance) <= 0.1 * variance, `${spread}`);
    }
  });
}

test('equal seeds draw equal demand, never below zero', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('stationary', 'trend+seasonal', 'seasonal+shock'), (seed, effects) => {
      const draw = (): readonly number[] =>
        drawDemand(
          createRandomRoot(seed).stream('demand'),
          { kind: 'normal', mean: 5, deviation: 10 },
          { periods: 30, factor: (period) => demandFactor(demandEffects(effects), period) },
        );
      t.deepEqual(draw(), draw());
      return draw().every((units) => units >= 0);
    }),
    { numRuns: 50, seed: 11 },
  );
});

test('a demand that is given stays as it is, and has to last for all periods', (t) => {
  const random = createRandomRoot(1).stream('demand');
  const given = { kind: 'given', units: [3, 1, 4, 1] } as const;
  t.deepEqual(drawDemand(random, given, { periods: 3, factor: () => 9 }), [3, 1, 4]);
  t.throws(() => drawDemand(random, given, { periods: 5, factor: () => 1 }), {
    code: 'bad-parameter',
    message: /has 4 periods, the run has 5/,
  });
});

run('reads the published traces', (t) => {
  const traces = parseDemandTraces(invmgmtText('demand_traces.csv'), 'demand_traces.csv');
  t.is(traces.length, 12);
  t.true(traces.every(({ units }) => units.length === 30));
  t.deepEqual([traces[0]?.demand, traces[0]?.seed, traces[0]?.units.slice(0, 3)], ['stationary', '42', [24, 14, 18]]);
});

for (const [what, text, message] of [
  ['other columns', 'demand,seed,a,b\n', /^f\.csv:1: the first line must be demand,seed,t0,t1/],
  ['no columns of periods', 'demand,seed\n', /^f\.csv:1: the first line must be/],
  ['an empty text', '', /^f\.csv:1: the first line must be/],
  ['a short row', 'demand,seed,t0,t1\nx,1,2\n', /^f\.csv:2: expected 4 cells, got 3/],
  [
    'a word for a number',
    'demand,seed,t0\nx,1,2\nx,2,many\n',
    /^f\.csv:3: column t0 must hold a number from 0 to 1000000, got "many"/,
  ],
  ['a demand below zero', 'demand,seed,t0\nx,1,-2\n', /^f\.csv:2: column t0 .* got "-2"/],
  ['a demand beyond all bounds', 'demand,seed,t0\nx,1,1e99\n', /^f\.csv:2: column t0 .* got "1e99"/],
  ['a seed that is none', 'demand,seed,t0\nx,a,2\n', /^f\.csv:2: the seed must be a whole number, got "a"/],
  ['a demand without a name', 'demand,seed,t0\n,1,2\n', /^f\.csv:2: the demand must have a name/],
  ['a trace that comes twice', 'demand,seed,t0\nx,1,2\nx,1,3\n', /^f\.csv:3: the trace of x and seed 1 is there twice/],
  ['too many lines', `demand,seed,t0\n${'\n'.repeat(10_001)}`, /at most 10000 lines/],
  ['too many characters', 'x'.repeat(10_000_001), /at most 10000000 characters/],
] as const) {
  test(`refuses traces with ${what}`, (t) => {
    t.throws(() => parseDemandTraces(text, 'f.csv'), { code: 'bad-trace', message });
  });
}
