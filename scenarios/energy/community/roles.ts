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

/** Homes that decide by another policy, and so without foresight. */
export function withCommunityPolicies(problem: CommunityProblem, policies: RolePolicies): CommunityProblem {
  const policy = policies.get('home');
  return policy === undefined ? problem : { ...problem, options: { ...problem.options, plan: 'policy', policy } };
}
