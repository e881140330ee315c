import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { createKeyFile } from '../../agent-core/adapters/keys/key-file.ts';
import { issueUser } from '../../agent-core/adapters/keys/realm-folder.ts';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { nkeyOf } from '../../agent-core/identity/nkey.ts';
import { MAIN, scratch } from '../cli/haggle.ts';
import { brokers, eventually, live } from '../live/broker.ts';
import { agents, type Service } from './compose.ts';
import { settingsOf, stagesOf } from './dockerfile.ts';
import { deployText } from './files.ts';
import { noBroker, startTopology, trust, type RunningNode } from './topology.ts';

const CORE = new URL('../../agent-core/index.js', import.meta.url).href;
/** An agent that waits to be spoken to. */
const MODULE = `import { defineAgent } from '${CORE}';\nexport const idle = defineAgent({ name: 'idle', setup: (agent) => { agent.every('1 s', () => {}); } });\n`;
const image = settingsOf(stagesOf(deployText('Dockerfile')).at(-1) ?? { base: '', instructions: [] });
const [program] = brokers;

live(
  'the agents of compose.yaml run by its commands, are ready, and drain on SIGTERM (needs nats-server)',
  async (t) => {
    if (program === undefined) throw noBroker();
    const { folder, accounts } = await trust(t);
    const nodes = await startTopology(t, { program, accounts });
    for (const { name, healthy } of nodes) await eventually(`${name} is healthy`, healthy, 30);
    const running = await Promise.all(
      agents.map(async ([name, service]) => await started(t, { name, service, nodes, realm: folder })),
    );
    for (const agent of running) await eventually(`${agent.name} is ready`, () => answers(agent.health, '/readyz'), 30);
    for (const { name, journal } of running) t.true(readdirSync(journal).length > 0, `${name} keeps a journal`);
    for (const { name, child, log } of running) {
      const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      child.kill('SIGTERM');
      t.is(await gone, 0, `${name}: ${log.join('\n')}`);
    }
  },
);

interface Start {
  readonly name: string;
  readonly service: Service;
  readonly nodes: readonly RunningNode[];
  readonly realm: string;
}

interface RunningAgent {
  readonly name: string;
  readonly child: ChildProcess;
  readonly health: string;
  readonly journal: string;
  readonly log: readonly string[];
}

/** The command of the service as a process: its words and variables, with this machine's paths and addresses in them. */
async function started(t: ExecutionContext, { name, service, nodes, realm }: Start): Promise<RunningAgent> {
  const path = scratch(t);
  for (const inside of ['app', 'app/agents', 'run', 'run/secrets', 'data'])
    mkdirSync(path(inside), { recursive: true });
  writeFileSync(path(`app/agents/${name}.js`), MODULE);
  writeFileSync(path(`app/agents/${name}.yaml`), 'params: {}\n');
  const { publicKey } = await createKeyFile(path(`run/secrets/${name}.key`));
  const token = await issueUser(realm, { role: 'agent', nkey: nkeyOf(publicKey), name });
  writeFileSync(path(`run/secrets/${name}.jwt`), token);

  const root = path('.');
  const here = (text: string): string => text.replace(/^(--[a-z-]+=)?(\/(?:app|run|data)\b)/, `$1${root}$2`);
  const nats = (text: string): string =>
    nodes.reduce((changed, node) => changed.replace(`//${node.name}:4222`, `//127.0.0.1:${node.server.port}`), text);
  const health = `127.0.0.1:${await freePort()}`;
  const environment = Object.entries({ ...Object.fromEntries(image), ...service.environment });
  const env = {
    PATH: process.env['PATH'],
    ...Object.fromEntries(environment.map(([key, value]) => [key, nats(here(value))])),
    HAGGLE_HEALTH: health,
  };
  const child = spawn(process.execPath, [MAIN, ...service.command.map(here)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => void child.kill('SIGKILL'));
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => void log.push(line));
  }
  return { name, child, health: `http://${health}`, journal: path('data'), log };
}

async function answers(url: string, path: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}${path}`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
