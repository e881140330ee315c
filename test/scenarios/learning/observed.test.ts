import test from 'ava';
import { assert } from '../../../agent-core/errors.ts';
import type { InstanceSource } from '../../../scenarios/instance-source.ts';
import { observedNormaliser } from '../../../scenarios/learning/observed.ts';
import { supplyChain } from '../../../scenarios/supply-chain/scenario.ts';

const cell = (negotiate: 'yes' | 'no'): InstanceSource => ({
  type: 'generated',
  parameters: new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: '5' })),
  settings: new Map(Object.entries({ paths: '4', negotiate })),
});
const role = supplyChain.roles.find(({ name }) => name === 'order');

test('observations are scaled by what agents see in runs by their own rules', async (t) => {
  assert(role !== undefined, 'retailers have the role');
  const { means, deviations } = await observedNormaliser(supplyChain, role, { cells: [cell('yes')], seed: 1 });
  t.is(means.length, role.observes.length);
  t.true(role.observes.every(({ min, max }, k) => (means[k] ?? NaN) >= min && (means[k] ?? NaN) <= max));
  t.true(deviations.every((deviation) => deviation > 0));
  // Periods 0 to 4 of 5.
  t.true(Math.abs((means[role.observes.findIndex(({ name }) => name === 'elapsed')] ?? NaN) - 0.4) < 1e-9);
});

test('a role in which nobody is asked cannot be learned, and is named', async (t) => {
  assert(role !== undefined, 'retailers have the role');
  await t.throwsAsync(() => observedNormaliser(supplyChain, role, { cells: [cell('no')], seed: 1 }), {
    code: 'bad-training',
    message: /nobody is asked in the role supply-chain\/order/,
  });
});
