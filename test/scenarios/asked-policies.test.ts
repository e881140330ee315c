import test from 'ava';
import { parsePolicyFile, policyOf } from '../../agent-core/policy/policy-file.ts';
import { askedPolicies } from '../../scenarios/asked-policies.ts';
import { evaluate } from '../../scenarios/evaluate.ts';
import { loadInstance, type InstanceSource } from '../../scenarios/instance-source.ts';
import { simulate } from '../../scenarios/simulate.ts';
import { supplyChain } from '../../scenarios/supply-chain/scenario.ts';
import { drawnPolicyText } from '../fixtures/drawn-policies.ts';

const given = (role: string): { readonly file: string; readonly text: string; readonly hash: string } => {
  const text = drawnPolicyText(role, 1);
  return { file: `${role}.json`, text, hash: policyOf(parsePolicyFile(text, role)).hash };
};
const order = given('supply-chain/order');
const rule = given('supply-chain/rule');
const small = (negotiate: string, policies: InstanceSource['policies'] = []): InstanceSource => ({
  type: 'generated',
  parameters: new Map(Object.entries({ firms: '5', tiers: '2', products: '1', periods: '5' })),
  settings: new Map([['negotiate', negotiate]]),
  policies,
});

async function decisionsOf(source: InstanceSource): Promise<Readonly<Record<string, number>>> {
  const { result } = await simulate(supplyChain, loadInstance(supplyChain, source, 1), { seed: 1, sign: 'off' });
  return result.decisions;
}

test('a result tells how often each policy was asked, scripted ones too, in the order of their hashes', async (t) => {
  const scripted = Object.entries(await decisionsOf(small('yes')));
  const learned = Object.entries(await decisionsOf(small('yes', [order])));
  t.is(learned.length, scripted.length);
  const times = Object.fromEntries(learned)[order.hash] ?? 0;
  t.true(times > 0);
  t.false(order.hash in Object.fromEntries(scripted));
  const names = learned.map(([policy]) => policy);
  t.deepEqual(names, names.toSorted());
});

test('firms that do not negotiate ask no retailer for its order', async (t) => {
  t.false(order.hash in (await decisionsOf(small('no', [order, rule]))));
});

test('policies that were asked are told with their roles', (t) => {
  const decisions = new Map([
    [rule.hash, 3],
    [order.hash, 1_440],
  ]);
  t.deepEqual(askedPolicies(supplyChain, [order, rule], { where: 'in this run', variant: 'network', decisions }), [
    { role: 'supply-chain/order', times: 1_440 },
    { role: 'supply-chain/rule', times: 3 },
  ]);
});

test('of several policies one may have had nothing to decide, and that is told', (t) => {
  const decisions = new Map([[order.hash, 7]]);
  t.deepEqual(askedPolicies(supplyChain, [order, rule], { where: 'in this run', variant: 'network', decisions }), [
    { role: 'supply-chain/order', times: 7 },
    { role: 'supply-chain/rule', times: 0 },
  ]);
});

test('a policy that was never asked is refused by file and role', (t) => {
  const decisions = new Map([[order.hash, 7]]);
  t.throws(() => askedPolicies(supplyChain, [rule], { where: 'in this run', variant: 'network', decisions }), {
    code: 'policy-not-asked',
    message:
      'nothing in this run (network) was decided by the policy file supply-chain/rule.json: nobody was asked in its role supply-chain/rule, up to which position a firm orders that does not negotiate',
  });
});

test('several that were never asked are refused by all their names', (t) => {
  const played = { where: 'in this run', variant: 'network', decisions: new Map<string, number>() };
  t.throws(() => askedPolicies(supplyChain, [order, rule], played), {
    code: 'policy-not-asked',
    message:
      /policy files supply-chain\/order.json, supply-chain\/rule.json: .* supply-chain\/order, .*; supply-chain\/rule,/,
  });
});

test('a run without policies is none of theirs', (t) => {
  t.deepEqual(askedPolicies(supplyChain, [], { where: 'here', variant: 'network', decisions: new Map() }), []);
});

test('an evaluation refuses a candidate whose policy no run asked, by name', async (t) => {
  const candidates = [
    { name: 'scripted', source: small('no') },
    { name: 'mine', source: small('no', [order]) },
  ];
  await t.throwsAsync(() => evaluate(supplyChain, candidates, { seeds: [1, 2], sign: 'off' }), {
    code: 'policy-not-asked',
    message: /^nothing in the runs of the candidate "mine" \(network, backlog\) was decided by the policy file .*order/,
  });
});
