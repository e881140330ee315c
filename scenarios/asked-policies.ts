import { assert, HaggleError } from '../agent-core/errors.ts';
import { rolePolicies, type PolicySource } from './role-policies.ts';
import type { Scenario } from './scenario.ts';

/** A policy that agents were given, and how often they asked it. */
export interface AskedPolicy {
  /** As a policy file names it: `supply-chain/order`. */
  readonly role: string;
  readonly times: number;
}

/** What was played with policies. */
export interface PlayedRuns {
  /** In half a sentence: `in this run`. */
  readonly where: string;
  readonly variant: string;
  /** How often policies were asked, by their hash. */
  readonly decisions: ReadonlyMap<string, number>;
}

/**
 * How often each policy of a list was asked. What none of them decided is no result of theirs: it would be taken for one.
 *
 * @throws HaggleError `policy-not-asked` naming one that never was; `bad-policy-file`
 */
export function askedPolicies(
  scenario: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>,
  sources: readonly PolicySource[],
  { where, variant, decisions }: PlayedRuns,
): readonly AskedPolicy[] {
  return sources.map((source) => {
    const [given] = rolePolicies(scenario, [source]);
    assert(given !== undefined, 'a policy file is of one role');
    const [name, policy] = given;
    const role = `${scenario.name}/${name}`;
    const times = decisions.get(policy.hash) ?? 0;
    if (times > 0) return { role, times };
    const about = scenario.roles.find((one) => one.name === name)?.about;
    throw new HaggleError(
      'policy-not-asked',
      `nothing ${where} (${variant}) was decided by the policy file ${source.file}: nobody was asked in its role ${role}, ${about}`,
      { fields: { file: source.file, role } },
    );
  });
}
