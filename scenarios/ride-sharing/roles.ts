import { REPOSITION_ACTIONS, REPOSITION_FEATURES } from '../../agents/ride-sharing/policies/repositioning.ts';
import { SHADING_ACTIONS, SHADING_FEATURES } from '../../agents/ride-sharing/policies/shading.ts';
import type { Role, RolePolicies } from '../scenario.ts';
import type { RideOptions } from './options.ts';

/** Where policies decide in ride-sharing. */
export const RIDE_ROLES: readonly Role[] = [
  {
    name: 'reposition',
    about: 'where a vehicle with nothing to do waits for the next call',
    observes: REPOSITION_FEATURES,
    acts: REPOSITION_ACTIONS,
  },
  {
    name: 'shading',
    about: 'what a vehicle asks above what a trip costs it',
    observes: SHADING_FEATURES,
    acts: SHADING_ACTIONS,
  },
];

/** Options with other policies for all vehicles. */
export function withRidePolicies(options: RideOptions, policies: RolePolicies): RideOptions {
  const reposition = policies.get('reposition');
  const shading = policies.get('shading');
  return {
    ...options,
    ...(reposition === undefined ? {} : { reposition }),
    ...(shading === undefined ? {} : { shading }),
  };
}
