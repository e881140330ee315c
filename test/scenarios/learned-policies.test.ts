import test from 'ava';
import { parsePolicyFile } from '../../agent-core/policy/policy-file.ts';
import { learnedPolicies } from '../../scenarios/learned-policies.ts';
import { scenarioName, withScenario } from '../../scenarios/registry.ts';
import { rolePolicies } from '../../scenarios/role-policies.ts';

for (const name of ['energy', 'ride-sharing', 'supply-chain']) {
  test(`${name} ships trained policies that fit their roles and say which command made them`, (t) => {
    const sources = learnedPolicies(name);
    const policies = withScenario(scenarioName(name), (scenario) => rolePolicies(scenario, sources));
    t.is(policies.size, sources.length);
    for (const { file, text } of sources) {
      const { origin, role } = parsePolicyFile(text, file);
      t.is(`${role.replace('/', '.')}.json`, file);
      t.true(origin.command.startsWith(`haggle train ${role.replace('/', ' --role ')}`), origin.command);
      t.true(origin.seeds.length > 0 && origin.score !== '');
    }
  });
}

test('says of a scenario that ships none how one is made', (t) => {
  t.throws(() => learnedPolicies('weather'), { code: 'no-learned-policy', message: /haggle train/ });
});
