import type { ExecutionContext } from 'ava';
import { z } from 'zod';
import { liveDirectory } from '../../agent-core/adapters/directory/live-directory.ts';
import type { LiveAgent } from '../../agent-core/adapters/live/live-agent.ts';
import { startLiveAgent } from '../../agent-core/adapters/live/start-live-agent.ts';
import { liveMail } from '../../agent-core/adapters/mail/live-mail.ts';
import { connectNats, type NatsLink } from '../../agent-core/adapters/nats.ts';
import type { NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { defineAgent, type Agent } from '../../agent-core/agent/agent.ts';
import { boxKeyOf } from '../../agent-core/identity/box-key.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { PATIENCE, broker, brokers, eventually, live } from './broker.ts';
import { key, REALM } from './directory-harness.ts';
import { Note } from '../fixtures/note.ts';

/** What agents of this file have told: their state is theirs. */
type Told = string[];

const reader = (told: Told): Agent<void> =>
  defineAgent({
    name: 'reader',
    setup: (agent) =>
      agent.play(Note, 'reader', {
        note: (_, m) => {
          told.push(`read ${m.body.text}`);
          m.reply('thanks', {});
        },
      }),
  })();

const writer = (told: Told): Agent =>
  defineAgent({
    name: 'writer',
    params: z.object({ to: did() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const opening = { within: '1 h', mail: 'sealed' } as const;
        const answer = await ctx.ask(Note, 'writer', ctx.params.to, 'note', { text: 'private' }, opening);
        told.push('code' in answer ? answer.code : answer.type);
      }),
  })({ to: key(2).did });

/** Starts agent `number`; what it needs ends with the test. */
async function start(
  t: ExecutionContext,
  server: NatsServer,
  { number, agent }: { readonly number: number; readonly agent: Agent },
): Promise<LiveAgent> {
  const signer = key(number);
  const link = await connectNats({ servers: server.url, connectWithin: PATIENCE });
  const box = boxKeyOf(new Uint8Array(32).fill(number), nodeBackend.sha256);
  const clock = { now: () => Date.now() * 1_000 };
  const random = createRandomRoot(number).stream('directory');
  const directory = liveDirectory({ link, signer, realm: REALM, clock, random, box: box.publicKey });
  const mail = liveMail({ link, signer, realm: REALM, box, boxOf: async (who) => await directory.boxOf(who) });
  const name = `agent-${number}`;
  const running = await startLiveAgent(agent, { signer, realm: REALM, name, link, dataDir: null, directory, mail });
  t.teardown(async () => {
    await running.drain('1 s');
    directory.close();
    await link.bus.drain();
  });
  return running;
}

/** Letters in all mailboxes. */
async function letters(link: NatsLink): Promise<number> {
  const jsm = await link.connection.jetstreamManager();
  const info = await jsm.streams.info(`haggle-${REALM}-mail`).catch(() => null);
  return info?.state.messages ?? 0;
}

for (const program of brokers) {
  const on = `(nats-server ${program.version})`;

  live(`an opening waits sealed for an agent that has stopped, and is answered when it is back ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const watcher = await connectNats({ servers: server.url, connectWithin: PATIENCE });
    t.teardown(async () => await watcher.bus.drain());
    const told: Told = [];
    const first = await start(t, server, { number: 2, agent: reader(told) });
    await first.drain('1 s');
    await start(t, server, { number: 1, agent: writer(told) });
    await eventually('the letter waits', async () => (await letters(watcher)) === 1);
    t.deepEqual(told, []);
    await start(t, server, { number: 2, agent: reader(told) });
    await eventually('it is answered', () => told.length === 2);
    t.deepEqual(told, ['read private', 'thanks']);
  });
}
