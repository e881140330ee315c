import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agents } from './compose.ts';
import { deployText, deployYaml, ROOT } from './files.ts';
import type { Manifest } from './manifests.ts';
import { unit, valuesOf } from './unit.ts';

/** How one of the files starts an agent: the words after `haggle`, and the variables beside them. */
export interface AgentCommand {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What `haggle agent run` is told, in each of the files that start one. */
export const agentCommands: readonly AgentCommand[] = [
  ...agents.map(([name, { command, environment = {} }]) => ({
    file: `compose.yaml, ${name}`,
    words: command,
    environment,
  })),
  {
    file: 'haggle@.service',
    words: (valuesOf(unit, 'ExecStart')[0] ?? '').split(' ').slice(1),
    environment: {},
  },
  { file: 'kustomize/base/agent', ...manifestCommand() },
];

function manifestCommand(): Omit<AgentCommand, 'file'> {
  const [container] = (deployYaml('kustomize/base/agent/statefulset.yaml') as Manifest).spec.template.spec.containers;
  return { words: container?.args ?? [], environment: {} };
}

/** Value of a setting of an agent, by its flag or its variable; undefined where the file leaves it to its default. */
export function settingOf({ words, environment }: AgentCommand, name: string): string | undefined {
  const flag = words.find((word) => word.startsWith(`--${name}=`));
  return flag?.slice(name.length + 3) ?? environment[`HAGGLE_${name.toUpperCase()}`];
}

/** Names of the flags in a command. */
export function flagsOf({ words }: AgentCommand): readonly string[] {
  return words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] ?? '');
}

/** Variables of `haggle agent run` that any of the files sets, or tells the operator to set. */
export function variablesNamed(): readonly string[] {
  const files = [
    'compose.yaml',
    'Dockerfile',
    'haggle@.service',
    'kustomize/agents/seller/kustomization.yaml',
    'kustomize/overlays/production/kustomization.yaml',
  ];
  const named = files.flatMap((file) => deployText(file).match(/\bHAGGLE_[A-Z_]+\b/g) ?? []);
  // Where the files keep the name of the module; an argument, not a setting.
  return [...new Set(named)].filter((name) => name !== 'HAGGLE_MODULE').toSorted();
}

/** The section on the settings of `haggle agent run` in docs/running-agents.md. */
export function documentedSettings(): string {
  const text = readFileSync(join(ROOT, 'docs/running-agents.md'), 'utf8');
  const [, section] = /^## \d+\. Settings\n([^]*?)(?=^## |$(?![^]))/m.exec(text) ?? [];
  if (section === undefined) throw new Error('docs/running-agents.md has no section on settings');
  return section;
}
