import test from 'ava';
import { parameterCount } from '../../../agent-core/learning/flat-network.ts';
import { loadInstance, sourceJson, type InstanceSource } from '../../../scenarios/instance-source.ts';
import { netShapes, type Net } from '../../../scenarios/learning/net.ts';
import { evaluate } from '../../../scenarios/learning/run-fitness.ts';
import { gapTo, runAgents } from '../../../scenarios/simulate.ts';
import { supplyChain } from '../../../scenarios/supply-chain/scenario.ts';

const cell = (periods: number): InstanceSource => ({
  type: 'generated',
  parameters: new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: String(periods) })),
  settings: new Map([['paths', '4']]),
});
const [role] = supplyChain.roles.filter(({ name }) => name === 'order');
const inputs = role?.observes.length ?? 0;
const net: Net = {
  hidden: [],
  activation: 'tanh',
  normaliser: { means: Array<number>(inputs).fill(0), deviations: Array<number>(inputs).fill(1), clip: 5 },
};
const weights = new Float32Array(role === undefined ? 0 : parameterCount(netShapes(role, net)));

function played(cells: readonly InstanceSource[], change: object = {}): object {
  return { scenario: 'supply-chain', role: 'order', cells: cells.map(sourceJson), net, ...change };
}

async function scriptedGap(source: InstanceSource, seed: number): Promise<number | null> {
  const instance = loadInstance(supplyChain, source, seed);
  const { agents } = await runAgents(supplyChain, instance, { seed, sign: 'off', reference: null });
  return gapTo(supplyChain.objective, agents.kpis, (await supplyChain.optimum(instance))?.kpis);
}

test('a net at zero is worth what is scripted, in the cell of its seed, whatever was played in this thread before', async (t) => {
  const both = played([cell(5), cell(6)]);
  for (const seed of [2, 3]) {
    const gap = await scriptedGap(cell(5 + (seed % 2)), seed);
    t.true(gap !== null && gap >= 0);
    t.is(await evaluate(weights, seed, both), -100 * (gap ?? Number.NaN));
    t.is(await evaluate(weights, seed, both), -100 * (gap ?? Number.NaN), 'asked twice, the same');
  }
  // The same seed is another instance here, with an optimum of its own.
  t.is(await evaluate(weights, 2, played([cell(6)])), -100 * ((await scriptedGap(cell(6), 2)) ?? Number.NaN));
});

test('refuses options that are none, and roles and scenarios that there are not', async (t) => {
  for (const [options, code] of [
    [null, 'bad-training'],
    [{}, 'bad-training'],
    [played([]), 'bad-training'],
    [played([cell(5)], { more: 1 }), 'bad-training'],
    [played([cell(5)], { role: 'cat' }), 'bad-training'],
    [played([cell(5)], { scenario: 'weather' }), 'bad-flag'],
  ] as const) {
    await t.throwsAsync(evaluate(weights, 1, options), { code });
  }
});
