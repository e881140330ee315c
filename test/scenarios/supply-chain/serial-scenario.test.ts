import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { serialChains } from '../../../scenarios/supply-chain/serial-scenario.ts';
import { simulate } from '../../../scenarios/simulate.ts';

function beer(game: string) {
  return serialChains.generate(new Map([['game', game]]), createRandomRoot(1).stream('generate'));
}

test('a signed run gives the result of every scenario: cost beside Sterman, base stock and the gap to it', async (t) => {
  const { result } = await simulate(serialChains, beer('classic'), { seed: 1, sign: 'batch' });
  t.is(result.variant, 'beer-game, negotiated');
  t.is(result.instance, 'classic (4 firms, 101 periods)');
  t.is(result.agents['cost'], 180);
  t.is(result.baseline['cost'], 6083);
  t.is(result.optimum?.['cost'], 180);
  t.is(result.gap, 0);
  t.deepEqual(result.references, { baseStock: { cost: 180 } });
  t.true(result.feasible);
});

test('signatures change nothing, and the same seed gives the same run', async (t) => {
  const off = await simulate(serialChains, beer('uniform'), { seed: 3, sign: 'off' });
  for (const sign of ['batch', 'off'] as const) {
    const run = await simulate(serialChains, beer('uniform'), { seed: 3, sign });
    t.is(run.result.fingerprint, off.result.fingerprint);
    t.deepEqual(run.agents.solution, off.agents.solution);
  }
});

test('firms that play by another rule are told so in the result', async (t) => {
  const problem =
    serialChains.configure?.(beer('basic'), new Map([['rule', 'sterman']]), createRandomRoot(1).stream('x')) ??
    beer('basic');
  const { result } = await simulate(serialChains, problem, { seed: 1, sign: 'off' });
  t.is(result.variant, 'beer-game, sterman');
  t.is(result.agents['cost'], result.baseline['cost']);
});
