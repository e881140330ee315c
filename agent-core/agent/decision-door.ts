import { acted, observationHash, observed, type Policy } from '../policy/policy.ts';
import type { Mask } from '../policy/space.ts';
import type { Host } from './host.ts';

interface Asking {
  readonly policy: Policy;
  readonly observation: readonly number[];
  readonly mask: Mask | undefined;
}

/** Asks a policy in an agent's name, or who answers for it, and hands the host the record. */
export function decideFor(host: Host, { policy, observation, mask }: Asking): readonly number[] {
  const seen = observed(policy, observation, mask);
  const open = mask === undefined ? {} : { mask };
  const { decider } = host;
  const tried =
    decider === undefined
      ? policy.act(seen, mask)
      : decider({ agent: host.name, at: host.clock.now(), policy, observation: seen, ...open });
  const action = acted(policy, tried, mask);
  host.decided?.({ policy: policy.hash, observation: observationHash(seen), action });
  return action;
}
