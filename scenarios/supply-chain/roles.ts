import { ANTICIPATION_ACTIONS, ANTICIPATION_FEATURES } from '../../agents/supply-chain/policies/anticipation.ts';
import { GAIN_SHARE_ACTIONS, GAIN_SHARE_FEATURES } from '../../agents/supply-chain/policies/gain-share.ts';
import { REPLENISHMENT_ACTIONS, REPLENISHMENT_FEATURES } from '../../agents/supply-chain/policies/replenishment.ts';
import type { Role, RolePolicies } from '../scenario.ts';
import type { SupplyOptions } from './options.ts';

/** Where policies decide in a supply network. */
export const SUPPLY_ROLES: readonly Role[] = [
  {
    name: 'order',
    about: 'how a retailer takes its forecast when it contracts for what it will sell',
    observes: ANTICIPATION_FEATURES,
    acts: ANTICIPATION_ACTIONS,
  },
  {
    name: 'quote',
    about: 'what part of the gain of a contract its supplier is offered',
    observes: GAIN_SHARE_FEATURES,
    acts: GAIN_SHARE_ACTIONS,
  },
  {
    name: 'rule',
    about: 'up to which position a firm orders that does not negotiate',
    observes: REPLENISHMENT_FEATURES,
    acts: REPLENISHMENT_ACTIONS,
  },
];

/** Options with other policies for all firms. */
export function withSupplyPolicies(options: SupplyOptions, policies: RolePolicies): SupplyOptions {
  return {
    ...options,
    anticipate: policies.get('order') ?? options.anticipate,
    share: policies.get('quote') ?? options.share,
    rule: policies.get('rule') ?? options.rule,
  };
}
