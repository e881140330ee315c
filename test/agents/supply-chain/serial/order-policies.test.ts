import test from 'ava';
import { decide, definePolicy, type Asker } from '../../../../agent-core/policy/policy.ts';
import { box } from '../../../../agent-core/policy/space.ts';
import { baseStock, orderBy, stermanRule } from '../../../../agents/supply-chain/serial/order-policies.ts';

const ask: Asker = (policy, observation) => decide(policy, observation).action;

test('base stock orders up to its level, counting what it owes and what was just ordered', (t) => {
  t.is(orderBy(baseStock(10), { stock: -2, onOrder: 5, ordered: 3 }, ask), 10);
  t.is(orderBy(baseStock(10), { stock: 12, onOrder: 0, ordered: 1 }, ask), 0);
});

test("Sterman's rule orders what was ordered where stock and orders are as they should, halves rounded up", (t) => {
  const rule = stermanRule({ stock: 12, onOrder: 16 });
  t.is(orderBy(rule, { stock: 12, onOrder: 16, ordered: 4 }, ask), 4);
  t.is(orderBy(rule, { stock: 11, onOrder: 16, ordered: 4 }, ask), 5);
  t.is(orderBy(rule, { stock: 40, onOrder: 40, ordered: 4 }, ask), 0);
});

test('rules of other settings have other hashes', (t) => {
  t.not(baseStock(1).hash, baseStock(2).hash);
  t.not(stermanRule({ stock: 1, onOrder: 2 }).hash, stermanRule({ stock: 2, onOrder: 1 }).hash);
});

test('refuses a policy that does not see what a stage sees', (t) => {
  const blind = definePolicy({
    name: 'blind',
    observes: [],
    acts: box([{ name: 'order', min: 0, max: 1 }]),
    parameters: {},
    act: () => [1],
  });
  t.throws(() => orderBy(blind, { stock: 0, onOrder: 0, ordered: 0 }, ask), { code: 'bad-observation' });
});
