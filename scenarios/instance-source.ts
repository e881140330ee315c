import { z } from 'zod';
import { HaggleError } from '../agent-core/errors.ts';
import { createRandomRoot, type RandomStream } from '../agent-core/random.ts';
import { rolePolicies, type PolicySource } from './role-policies.ts';
import type { Scenario } from './scenario.ts';

/** Texts of the files of a folder by their paths in it, with `/` between. */
export type FolderFiles = ReadonlyMap<string, string>;

/** Where an instance comes from: a file, a folder of files that belong together, or parameters of the scenario's generator. */
export type InstanceSource = {
  /** Changes to the instance, such as `mode=online`. */
  readonly settings: ReadonlyMap<string, string>;
  /** What its agents decide by, each in its role; the scenario's own where none is given. */
  readonly policies?: readonly PolicySource[];
} & (
  | { readonly type: 'file'; readonly file: string; readonly text: string }
  | { readonly type: 'folder'; readonly folder: string; readonly files: FolderFiles }
  | { readonly type: 'generated'; readonly parameters: ReadonlyMap<string, string> }
);

const pairs = z.array(z.tuple([z.string(), z.string()])).transform((entries) => new Map(entries));

const shared = {
  settings: pairs,
  policies: z.array(z.strictObject({ file: z.string(), text: z.string() })),
};
/** Schema of an {@link InstanceSource} as JSON: maps are lists of pairs. */
export const instanceSourceSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('file'), file: z.string(), text: z.string(), ...shared }),
  z.strictObject({ type: z.literal('folder'), folder: z.string(), files: pairs, ...shared }),
  z.strictObject({ type: z.literal('generated'), parameters: pairs, ...shared }),
]);

/** A source as {@link instanceSourceSchema} reads it. */
export function sourceJson(source: InstanceSource): z.input<typeof instanceSourceSchema> {
  const common = { settings: [...source.settings], policies: [...(source.policies ?? [])] };
  if (source.type === 'file') return { type: 'file', file: source.file, text: source.text, ...common };
  if (source.type === 'folder') return { type: 'folder', folder: source.folder, files: [...source.files], ...common };
  return { type: 'generated', parameters: [...source.parameters], ...common };
}

/**
 * The instance that a source describes; all chance of a generated one follows from the seed.
 *
 * @throws HaggleError what the scenario throws for it; `bad-flag` for a folder or a setting where the scenario knows none;
 * `bad-policy-file`, `no-such-role` for policies that are not for its agents
 */
export function loadInstance<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  source: InstanceSource,
  seed: number,
): Instance {
  const instance = withSettings(scenario, source, seed);
  const { policies = [] } = source;
  return policies.length === 0 ? instance : scenario.withPolicies(instance, rolePolicies(scenario, policies));
}

function withSettings<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  source: InstanceSource,
  seed: number,
): Instance {
  const instance = unset(scenario, source, seed);
  const { settings } = source;
  if (settings.size === 0) return instance;
  if (scenario.configure === undefined) {
    const [name] = settings.keys();
    throw new HaggleError('bad-flag', `${scenario.name} knows no settings, got "${name}"`);
  }
  return scenario.configure(instance, settings, chanceOf(scenario, seed));
}

function unset<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  source: InstanceSource,
  seed: number,
): Instance {
  const random = chanceOf(scenario, seed);
  if (source.type === 'file') return scenario.parse(source.text, source.file, random);
  if (source.type === 'generated') return generateInstance(scenario, source.parameters, seed);
  if (scenario.parseFolder !== undefined) return scenario.parseFolder(source.files, source.folder, random);
  throw new HaggleError('bad-flag', `${scenario.name} reads files, ${source.folder} is a folder`);
}

/** The instance that a scenario generates from parameters and a seed. */
export function generateInstance<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  parameters: ReadonlyMap<string, string>,
  seed: number,
): Instance {
  return scenario.generate(parameters, chanceOf(scenario, seed));
}

/** What is left to chance in an instance follows from the seed: afresh from its beginning wherever it is asked for. */
function chanceOf(scenario: { readonly name: string }, seed: number): RandomStream {
  return createRandomRoot(seed).stream('instance', scenario.name);
}
