import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { createKeyFile } from '../../agent-core/adapters/keys/key-file.ts';
import { startLiveAgent } from '../../agent-core/adapters/live/start-live-agent.ts';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { didOf, type Did } from '../../agent-core/identity/did-key.ts';
import { referenceNetwork } from '../../agent-core/policy/kernel/reference.ts';
import { machineWall } from '../../cli/split.ts';
import { EXIT } from '../../cli/exit.ts';
import { coordinate } from '../../simulator/shards/coordinator.ts';
import type { ShardOptions } from '../../simulator/shards/shard-options.ts';
import { work } from '../../simulator/shards/worker.ts';
import { world, type World } from '../../simulator/world.ts';
import { scratch } from '../cli/haggle.ts';
import {
  adviceOf,
  adviser,
  asker,
  policiesOf,
  POLICY_TEXTS,
  QUESTIONS,
  type Policies,
  type Told,
} from '../fixtures/advisers.ts';
import { readPrometheusText, valueOf } from '../fixtures/prometheus-text.ts';
import { shardOf } from '../fixtures/split-run.ts';
import { PATIENCE, broker, eventually, live } from './broker.ts';
import { ask, eventsOf, haggleAt } from './haggle-terminal.ts';

const ADVISERS = fileURLToPath(new URL('../fixtures/live-advisers.js', import.meta.url));

const ADVICE = adviceOf(policiesOf({ compile: referenceNetwork }));
const ANSWERS = ADVICE.map(({ action }) => action);

function advised(policies: Policies, shard?: ShardOptions): World {
  const place = world({ seed: 1, strict: true, shard });
  place.spawn(adviser(policies), { name: 'adviser' });
  place.spawn(asker(place.didOf('adviser')), { name: 'asker' });
  return place;
}

const answersIn = (place: World): unknown => place.agents.find(({ name }) => name === 'asker')?.state;

async function linked(t: ExecutionContext, servers: string): Promise<Awaited<ReturnType<typeof connectNats>>> {
  const link = await connectNats({ servers, connectWithin: PATIENCE });
  t.teardown(async () => await link.bus.drain());
  return link;
}

live(
  'a policy file decides alike to the bit in one process and in 1 to 3 over a broker, by kernel and reference',
  async (t) => {
    const { url } = await broker(t);
    const alone = advised(policiesOf());
    await alone.run({ until: '10 min' });
    t.deepEqual(answersIn(alone), { answers: ANSWERS });
    const exact = advised(policiesOf({ compile: referenceNetwork }));
    await exact.run({ until: '10 min' });
    t.is(exact.fingerprint(), alone.fingerprint());
    for (const workers of [1, 2, 3]) {
      const run = `advice-${workers}`;
      const works = Array.from({ length: workers }, async (_, index) => {
        const { bus, maxPayloadBytes } = await linked(t, url);
        // The workers of one run need not compute alike.
        const policies = policiesOf(index % 2 === 0 ? {} : { compile: referenceNetwork });
        const populate = (__: unknown, shard: ShardOptions): { readonly shard: ReturnType<typeof shardOf> } => ({
          shard: shardOf(advised(policies, shard)),
        });
        await work({ bus, maxPayloadBytes, wall: machineWall, run, token: `w${index}`, populate });
      });
      const { bus, maxPayloadBytes } = await linked(t, url);
      const place = advised(policiesOf(), { worker: null, workers });
      const own = { bus, maxPayloadBytes, wall: machineWall, run, about: null };
      await coordinate({ ...own, shard: shardOf(place), until: '10 min' }).done;
      await Promise.all(works);
      t.deepEqual(answersIn(place), { answers: ANSWERS }, `${workers} workers`);
      t.is(place.fingerprint(), alone.fingerprint(), `${workers} workers`);
    }
  },
);

/** Has everything asked by an agent of this process. */
async function askAll(t: ExecutionContext, servers: string, to: Did): Promise<readonly string[]> {
  const told: Told = { answers: [] };
  const link = await linked(t, servers);
  const signer = nodeBackend.signer(new Uint8Array(32).fill(9));
  const agent = { ...asker(to), initialState: () => told };
  const running = await startLiveAgent(agent, { signer, realm: 'main', name: 'asker', link, dataDir: null });
  await eventually('every question is answered', () => told.answers.length === QUESTIONS.length);
  await running.drain('1 s');
  return told.answers;
}

for (const [kernel, options] of [
  ['the fast kernel', {}],
  ['the reference, without WebAssembly', { NODE_OPTIONS: '--jitless' }],
] as const) {
  live(
    `a live process that reads the policy file decides alike by ${kernel}, and its log and metrics tell it`,
    async (t) => {
      const { url } = await broker(t);
      const path = scratch(t);
      for (const [name, text] of Object.entries(POLICY_TEXTS)) writeFileSync(path(`${name}.json`), text);
      const did = didOf((await createKeyFile(path('adviser.key'))).publicKey);
      const files = ['--param', 'sets=sets.json', '--param', 'chooses=chooses.json'];
      const flags = ['--key', 'adviser.key', '--nats', url, '--log-level', 'debug', '--health', '0'];
      const running = haggleAt(t, path('.'), { args: ['agent', 'run', ADVISERS, ...flags, ...files], env: options });
      const { health } = JSON.parse(await running.until('"event":"ready"')) as { health: string };
      t.deepEqual(await askAll(t, url, did), ANSWERS);
      const metrics = readPrometheusText((await ask(`${health}/metrics`)).body);
      for (const { hash } of Object.values(policiesOf())) {
        t.is(valueOf(metrics, 'haggle_decisions_total', { policy: String(hash) }), QUESTIONS.length / 2);
      }
      t.is(await running.end('SIGTERM'), EXIT.ok, running.shown);
      const decided = eventsOf(running).filter(({ event }) => event === 'decided');
      t.deepEqual(
        decided.map(({ policy, observation, action }) => ({ policy, observation, action })),
        [...ADVICE],
      );
      for (const { level, trace_id: trace } of decided)
        t.regex(`${String(level)} ${String(trace)}`, /^debug [0-9a-f]{32}$/);
    },
  );
}

live('an agent whose policy file is absent or no policy does not start, and says which file', async (t) => {
  const path = scratch(t);
  await createKeyFile(path('adviser.key'));
  writeFileSync(path('sets.json'), POLICY_TEXTS.sets);
  writeFileSync(path('broken.json'), '{}\n');
  for (const [file, exit, says] of [
    ['absent.json', EXIT.noInput, /cannot read policy file absent\.json/],
    ['broken.json', EXIT.badData, /reading policy file broken\.json: format/],
  ] as const) {
    const files = ['--param', 'sets=sets.json', '--param', `chooses=${file}`];
    const running = haggleAt(t, path('.'), { args: ['agent', 'run', ADVISERS, '--key', 'adviser.key', ...files] });
    t.is(await running.ended, exit, running.shown);
    t.regex(running.shown, says);
  }
});
