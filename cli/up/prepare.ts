import { existsSync, writeFileSync } from 'node:fs';
import { createKeyFile, readKeyFacts } from '../../agent-core/adapters/keys/key-file.ts';
import { issueUser, readRealm, writeRealm } from '../../agent-core/adapters/keys/realm-folder.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { didOf } from '../../agent-core/identity/did-key.ts';
import { nkeyOf } from '../../agent-core/identity/nkey.ts';
import { loadAgent, type LoadedAgent } from '../agent-module.ts';
import { agentFrom } from '../agent-params.ts';
import { credentials } from '../key.ts';
import { namesIn, withAddresses, type AgentEntry, type HaggleFile } from './haggle-file.ts';
import { runPaths } from './run-folder.ts';

/** An agent that can be started: its key is there, its parameters fit, its address is known. */
export interface PreparedAgent {
  readonly entry: AgentEntry;
  readonly did: string;
  readonly nkey: string;
  /** Names of agents, or of entries, that it is told of: they listen before it starts, so that it speaks to nobody who is not there. */
  readonly after: ReadonlySet<string>;
  /** What its process is started with. */
  readonly args: (nats: string) => readonly string[];
}

/**
 * Makes everything that the agents need before the first of them starts, and checks what can be checked: modules, keys,
 * parameters. Nothing runs yet.
 *
 * @throws HaggleError `bad-config` with the place in the file; the errors of key files
 */
export async function prepareAgents(file: HaggleFile, folder: string): Promise<readonly PreparedAgent[]> {
  const modules = await loadModules(file);
  const identities = new Map<string, Identity>();
  for (const entry of file.agents) identities.set(entry.name, await identityOf(entry, file));
  const addresses = new Map<string, string[]>();
  for (const { name, entry } of file.agents) {
    const { did = '' } = identities.get(name) ?? {};
    addresses.set(name, [did]);
    if (name !== entry) addresses.set(entry, [...(addresses.get(entry) ?? []), did]);
  }
  return file.agents.map((entry) => {
    const place = ['agents', entry.entry, 'params'];
    const params = withAddresses(entry.params, addresses, (path, message) => file.fault([...place, ...path], message));
    const loaded = modules.get(entry.entry);
    const values = typeof params === 'object' && params !== null ? { ...params } : {};
    if (loaded !== undefined) checkParams(loaded, values, { file, place });
    writeFileSync(runPaths.params(folder, entry.name), `${JSON.stringify(values, null, 2)}\n`);
    const { did = '', nkey = '' } = identities.get(entry.name) ?? {};
    return {
      entry,
      did,
      nkey,
      after: new Set(namesIn(entry.params)),
      args: (nats) => argsOf(entry, { file, folder, nats }),
    };
  });
}

interface Identity {
  readonly did: string;
  readonly nkey: string;
}

async function loadModules(file: HaggleFile): Promise<ReadonlyMap<string, LoadedAgent>> {
  const modules = new Map<string, LoadedAgent>();
  for (const { entry, file: path, exportName } of file.agents) {
    if (modules.has(entry)) continue;
    try {
      modules.set(entry, await loadAgent(path, exportName));
    } catch (error) {
      if (!(error instanceof HaggleError)) throw error;
      const key = error.message.includes('--export') || exportName !== undefined ? 'export' : 'file';
      throw file.fault(['agents', entry, key], error.message.replace('--export', 'export:'));
    }
  }
  return modules;
}

async function identityOf({ key, entry }: AgentEntry, file: HaggleFile): Promise<Identity> {
  if (!existsSync(key)) {
    const advice = 'name one with key: or write keys: auto at the top of the file';
    if (!file.makesKeys) throw file.fault(['agents', entry], `there is no key ${key}; ${advice}`);
    await createKeyFile(key);
  }
  const { publicKey } = readKeyFacts(key, credentials());
  return { did: didOf(publicKey), nkey: nkeyOf(publicKey) };
}

function checkParams(
  loaded: LoadedAgent,
  values: Readonly<Record<string, unknown>>,
  { file, place }: { readonly file: HaggleFile; readonly place: readonly string[] },
): void {
  try {
    agentFrom(loaded, { values, texts: new Map() });
  } catch (error) {
    if (!(error instanceof HaggleError)) throw error;
    const [name] = Object.keys(values).filter((each) => new RegExp(`[ "]${each}[":.[]`).test(error.message));
    throw file.fault(name === undefined ? place : [...place, name], error.message);
  }
}

function argsOf(
  { name, file: module, exportName, key, logLevel, sign }: AgentEntry,
  { file, folder, nats }: { readonly file: HaggleFile; readonly folder: string; readonly nats: string },
): readonly string[] {
  const flags = {
    key,
    nats,
    realm: file.realm,
    name,
    data: runPaths.journal(folder, name),
    params: runPaths.params(folder, name),
    health: '127.0.0.1:0',
    'log-level': logLevel,
    sign,
    drain: file.drain,
    ...(exportName === undefined ? {} : { export: exportName }),
    ...(hasAccounts(file) ? { jwt: runPaths.token(folder, name) } : {}),
  };
  return ['agent', 'run', module, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
}

/** Whether the broker is ours and asks for logins. */
export function hasAccounts({ broker }: HaggleFile): boolean {
  return broker?.accounts === true;
}

/**
 * The configuration of our own broker: made once, together with the keys that issue logins; a login for every agent and for
 * whoever speaks by hand.
 *
 * @returns the path of the broker's configuration
 * @throws HaggleError `bad-config` where the folder was made for another realm
 */
export async function prepareBroker(
  file: HaggleFile,
  folder: string,
  agents: readonly PreparedAgent[],
): Promise<string> {
  const home = runPaths.broker(folder);
  const { realm } = file;
  if (existsSync(`${home}/realm.json`)) {
    const made = readRealm(home).realm;
    if (made !== realm)
      throw file.fault(['realm'], `${home} was made for the realm "${made}": move it away, or keep that name`);
  } else {
    await writeRealm(home, { realm, host: '127.0.0.1', port: file.broker?.port ?? 0, jetstream: null });
  }
  for (const { entry, nkey } of agents) {
    const token = await issueUser(home, { role: 'agent', nkey, name: entry.name });
    writeFileSync(runPaths.token(folder, entry.name), `${token}\n`, { mode: 0o600 });
  }
  const key = runPaths.consoleKey(folder);
  if (!existsSync(key)) await createKeyFile(key);
  const nkey = nkeyOf(readKeyFacts(key).publicKey);
  const token = await issueUser(home, { role: 'tool', nkey, name: 'console' });
  writeFileSync(runPaths.consoleToken(folder), `${token}\n`, { mode: 0o600 });
  return `${home}/nats-server.conf`;
}
