import { HaggleError } from '../agent-core/errors.ts';
import { parsePolicyFile, policyOf, type PolicyFile } from '../agent-core/policy/policy-file.ts';
import type { ActionSpace, Feature } from '../agent-core/policy/space.ts';
import type { Role, RolePolicies, Scenario } from './scenario.ts';

/** Text of a policy file, and what names it in errors. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/**
 * The policies of files by their roles in a scenario.
 *
 * @throws HaggleError `bad-policy-file` for a text that is none, one of another scenario or of a role that there is not, one whose
 * features or actions are not those of its role, and two of one role
 */
export function rolePolicies(
  scenario: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>,
  sources: readonly PolicySource[],
): RolePolicies {
  const policies = new Map<string, ReturnType<typeof policyOf>>();
  for (const { file, text } of sources) {
    const read = parsePolicyFile(text, file);
    const role = roleOf(scenario, read, file);
    if (policies.has(role.name)) throw badFile(file, `there is another policy for the role ${read.role} already`);
    policies.set(role.name, policyOf(read));
  }
  return policies;
}

function roleOf(
  { name, roles }: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>,
  read: PolicyFile,
  file: string,
): Role {
  const role = roles.find((one) => `${name}/${one.name}` === read.role);
  if (role === undefined) {
    const known = roles.map((one) => `${name}/${one.name}`).join(', ');
    throw badFile(file, `its role is ${read.role}; ${name} has ${known === '' ? 'no role' : known}`);
  }
  const seen = difference(role.observes, read.observes);
  if (seen !== null) throw badFile(file, `what ${read.role} observes is not what it was trained on: ${seen}`);
  const done = actionDifference(role.acts, read.acts);
  if (done !== null) throw badFile(file, `what ${read.role} does is not what it was trained to: ${done}`);
  return role;
}

function difference(wanted: readonly Feature[], got: readonly Feature[]): string | null {
  if (wanted.length !== got.length) return `${wanted.length} features, the file has ${got.length}`;
  for (const [k, want] of wanted.entries()) {
    const have = got[k];
    if (have?.name === want.name && have.min === want.min && have.max === want.max) continue;
    return `feature ${k + 1} is ${worded(want)}, the file has ${worded(have)}`;
  }
  return null;
}

function actionDifference(wanted: ActionSpace, got: ActionSpace): string | null {
  if (wanted.kind === 'box' && got.kind === 'box') return difference(wanted.features, got.features);
  const words = (space: ActionSpace): string =>
    space.kind === 'box' ? 'a box' : `a choice of ${space.choices.join(', ')}`;
  return words(wanted) === words(got) ? null : `${words(wanted)}, the file has ${words(got)}`;
}

function worded(feature: Feature | undefined): string {
  return feature === undefined ? 'none' : `${feature.name} from ${feature.min} to ${feature.max}`;
}

function badFile(file: string, problem: string): HaggleError {
  return new HaggleError('bad-policy-file', `using policy file ${file}: ${problem}`);
}
