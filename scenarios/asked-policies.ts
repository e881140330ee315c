import { HaggleError } from '../agent-core/errors.ts';
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
 * How often each policy of a list was asked. Of several some may have had nothing to decide, as places to wait in a day that is planned
 * ahead; but a run that none of them decided is no result of theirs: it would be taken for one.
 *
 * @throws HaggleError `policy-not-asked` where there are some and none was asked; `bad-policy-file`
 */
export function askedPolicies(
  scenario: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>,
  sources: readonly PolicySource[],
  { where, variant, decisions }: PlayedRuns,
): readonly AskedPolicy[] {
  const asked = [...rolePolicies(scenario, sources)].map(([name, { hash }]): AskedPolicy => ({
    role: `${scenario.name}/${name}`,
    times: decisions.get(hash) ?? 0,
  }));
  if (asked.length === 0 || asked.some(({ times }) => times > 0)) return asked;
  const roles = asked.map(({ role }) => `${role}, ${aboutOf(scenario, role)}`);
  const files = sources.map(({ file }) => file);
  throw new HaggleError(
    'policy-not-asked',
    `nothing ${where} (${variant}) was decided by the policy ${files.length === 1 ? 'file' : 'files'} ${files.join(', ')}: nobody was asked in ${roles.length === 1 ? 'its role' : 'the roles'} ${roles.join('; ')}`,
    { fields: { files: files.join(', '), roles: asked.map(({ role }) => role).join(', ') } },
  );
}

function aboutOf({ name, roles }: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>, role: string): string {
  return roles.find((one) => `${name}/${one.name}` === role)?.about ?? '';
}
