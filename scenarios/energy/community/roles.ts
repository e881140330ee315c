import { HaggleError } from '../../../agent-core/errors.ts';
import { VALUE_ACTIONS, VALUE_FEATURES } from '../../../agents/energy/community/value-policy.ts';
import type { Role, RolePolicies } from '../../scenario.ts';
import type { CommunityProblem } from './options.ts';

/** Where policies decide in a community of homes. */
export const COMMUNITY_ROLES: readonly Role[] = [
  {
    name: 'home',
    about: 'what a stored Wh is worth to a home without foresight: by it its battery and its orders are decided',
    observes: VALUE_FEATURES,
    acts: VALUE_ACTIONS,
  },
];

/** Homes that decide by another policy, and so without foresight. @throws HaggleError `bad-parameter` where a setting gives it to them */
export function withCommunityPolicies(problem: CommunityProblem, policies: RolePolicies): CommunityProblem {
  const policy = policies.get('home');
  if (policy === undefined) return problem;
  refuseForesight(problem);
  return { ...problem, options: { ...problem.options, plan: 'policy', policy } };
}

/** Refuses the setting that a policy would overrule without a word. @throws HaggleError `bad-parameter` */
export function refuseForesight({ choice }: CommunityProblem): void {
  if (choice.plan !== 'foresight') return;
  const rule = 'such homes decide without foresight, which only scripted ones have';
  throw new HaggleError(
    'bad-parameter',
    `plan must not be foresight where homes have a policy (role energy/home): ${rule}`,
    { fields: { key: 'plan' } },
  );
}
