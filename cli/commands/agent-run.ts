import { join } from 'node:path';
import { loadAgent } from '../agent-module.ts';
import { agentFrom, givenParams } from '../agent-params.ts';
import { tokenIn } from '../broker-token.ts';
import type { ExitCode } from '../exit.ts';
import { openKeyFile } from '../key.ts';
import { runAgentProcess } from '../live/agent-process.ts';
import { runSettings, type Flags } from '../run-settings.ts';

/** Flags of `haggle agent run` that are not settings. */
export interface AgentRunFlags {
  readonly settings: Flags;
  /** `k=v`, as often as given. */
  readonly params: readonly string[];
  readonly paramsFile: string | undefined;
}

/** `haggle agent run <file>`: checks everything that can be checked alone, then connects. */
export async function agentRunCommand(file: string, flags: AgentRunFlags): Promise<ExitCode> {
  const settings = runSettings(flags.settings, process.env);
  const given = givenParams(flags.params, flags.paramsFile);
  const loaded = await loadAgent(file, settings.exportName);
  const agent = agentFrom(loaded, { ...given, values: { ...settings.params, ...given.values } });
  const jwt = settings.jwt === undefined ? undefined : tokenIn(settings.jwt);
  const { signer, box } = await openKeyFile(settings.key, { passphraseFile: settings.passphraseFile });
  const name = settings.name ?? loaded.agentName;
  const dataDir = settings.data === undefined ? join('.haggle', 'run', name, 'journal') : settings.data;
  return runAgentProcess({ agent, name, signer, box, jwt, dataDir, settings });
}
