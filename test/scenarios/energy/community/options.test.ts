import test from 'ava';
import { createRandomRoot } from '../../../../agent-core/random.ts';
import { rollingPlan } from '../../../../agents/energy/community/value-policy.ts';
import { generateCommunity } from '../../../../scenarios/energy/community/generator.ts';
import {
  configureCommunity,
  wholeCommunity,
  type CommunityProblem,
} from '../../../../scenarios/energy/community/options.ts';
import { withCommunityPolicies } from '../../../../scenarios/energy/community/roles.ts';

const street = generateCommunity(
  new Map(Object.entries({ homes: '5', days: '3' })),
  createRandomRoot(1).stream('options'),
);

function under(settings: Readonly<Record<string, string>>, problem = wholeCommunity(street)): CommunityProblem {
  return configureCommunity(problem, new Map(Object.entries(settings)));
}

const namesOf = ({ instance }: CommunityProblem): readonly string[] => instance.homes.map(({ name }) => name);

test('takes homes by the numbers at the end of their names, in their own order', (t) => {
  t.deepEqual(namesOf(under({ homes: '4+1-2' })), ['home-1', 'home-2', 'home-4']);
});

test('homes of one number are all taken', (t) => {
  const twins = { ...street, homes: street.homes.map((home, k) => (k === 4 ? { ...home, name: 'flat-1' } : home)) };
  t.deepEqual(namesOf(under({ homes: '1' }, wholeCommunity(twins))), ['home-1', 'flat-1']);
});

test('a part of the time is cut from every series', (t) => {
  const { instance } = under({ start: '30', hours: '12' });
  t.is(instance.hours, 12);
  t.deepEqual(instance.tariff, street.tariff.slice(30, 42));
  t.deepEqual(instance.calendar.hourOfDay, street.calendar.hourOfDay.slice(30, 42));
  t.deepEqual(instance.homes[2]?.loadWh, street.homes[2]?.loadWh.slice(30, 42));
});

test('a policy for homes takes foresight from those who were not promised it, and is refused where they were', (t) => {
  const policies = new Map([['home', rollingPlan()]]);
  for (const settings of [{}, { plan: 'policy' }, { share: 'no' }]) {
    t.is(withCommunityPolicies(under(settings), policies).options.plan, 'policy');
  }
  const promised = under({ plan: 'foresight' });
  t.throws(() => withCommunityPolicies(promised, policies), {
    code: 'bad-parameter',
    message: /plan must not be foresight where homes have a policy .*only scripted ones have/,
  });
  t.is(withCommunityPolicies(promised, new Map()), promised);
});

for (const [settings, message] of [
  [{ homes: '7' }, /there is no home 7; there is 1, 2, 3, 4, 5/],
  [{ homes: '3-1' }, /ranges in order/],
  [{ homes: 'all' }, /numbers and ranges such as 1-3\+7, got "all"/],
  [{ start: '72' }, /start must be a whole number from 0 to 71/],
  [{ hours: '0' }, /hours must be a whole number from 1/],
  [{ start: '60', hours: '13' }, /at most the 12 from hour 60 on, got 13/],
  [{ plan: 'luck' }, /foresight or policy, got "luck"/],
  [{ share: 'maybe' }, /yes or no, got "maybe"/],
  [{ mood: '1' }, /mood is no setting of a community; there is homes, hours, start, plan, share/],
] as const) {
  test(`refuses ${JSON.stringify(settings)}`, (t) => {
    t.throws(() => under(settings), { code: 'bad-parameter', message });
  });
}
