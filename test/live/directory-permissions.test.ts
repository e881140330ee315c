/** Directory, mailbox and service with no more than the permissions of an agent. */
import type { ExecutionContext } from 'ava';
import { headers } from 'nats';
import { serveAgent } from '../../agent-core/adapters/directory/agent-service.ts';
import { liveDirectory, type LiveDirectory } from '../../agent-core/adapters/directory/live-directory.ts';
import { liveMail, type LiveMail } from '../../agent-core/adapters/mail/live-mail.ts';
import { natsLink } from '../../agent-core/adapters/nats-link.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { prepareRealm } from '../../agent-core/adapters/realm-streams.ts';
import type { AgentCard } from '../../agent-core/directory/card.ts';
import { boxKeyOf } from '../../agent-core/identity/box-key.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import type { BusMessage } from '../../agent-core/bus/bus.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { brokers, eventually, live } from './broker.ts';
import { guardedBroker, REALM, refusalsOn, signerOf, type GuardedBroker, type Refusals } from './guarded-broker.ts';

interface Member {
  readonly signer: Signer;
  readonly directory: LiveDirectory;
  readonly mail: LiveMail;
  readonly refusals: Refusals;
  readonly service: Promise<unknown>;
  readonly found: () => Promise<readonly AgentCard[]>;
}

async function member(t: ExecutionContext, guarded: GuardedBroker, number: number): Promise<Member> {
  const signer = signerOf(number);
  const connection = await guarded.login(signer);
  const refusals = refusalsOn(connection);
  const link = natsLink(connection, { headers });
  const box = boxKeyOf(new Uint8Array(32).fill(number), nodeBackend.sha256);
  const clock = { now: () => Date.now() * 1_000 };
  const random = createRandomRoot(number).stream('directory');
  const directory = liveDirectory({ link, signer, realm: REALM, clock, random, box: box.publicKey });
  const mail = liveMail({ link, signer, realm: REALM, box, boxOf: async (who) => await directory.boxOf(who) });
  const words = { name: `agent-${number}`, protocols: [{ id: 'haul/1.0.0/abc', roles: ['participant'] }], tags: [] };
  directory.announce(words);
  t.teardown(() => directory.close());
  return {
    signer,
    directory,
    mail,
    refusals,
    service: serveAgent(connection, { did: signer.did, realm: REALM, protocols: words.protocols }),
    found: async () =>
      await new Promise((resolve) => {
        directory.find({}, resolve);
      }),
  };
}

for (const program of brokers) {
  live(
    `an agent needs no more than its permissions to be found, to mail and to be seen (nats-server ${program.version})`,
    async (t) => {
      const guarded = await guardedBroker(t, program);
      const tool = await guarded.login(signerOf(9), 'tool');
      await prepareRealm(tool, { realm: REALM, replicas: 1 });
      const [one, two] = [await member(t, guarded, 1), await member(t, guarded, 2)];
      await eventually('they find each other', async () => {
        return (await one.found()).length === 1 && (await two.found()).length === 1;
      });
      const kv = await tool.jetstream().views.kv(`haggle-${REALM}-agents`);
      await eventually('both are in the bucket', async () => {
        return (await kv.get(one.signer.nkey)) !== null && (await kv.get(two.signer.nkey)) !== null;
      });
      const got: BusMessage[] = [];
      const end = two.mail.collect((message, taken) => {
        got.push(message);
        taken();
      });
      const letter = { id: 'm1', to: two.signer.did, way: 'sealed', payload: 'words', headers: {} } as const;
      t.is(await one.mail.post(letter), null);
      await eventually('the letter is there', () => got.length === 1);
      t.is(got[0]?.payload, 'words');
      await end();
      await Promise.all([one.service, two.service]);
      const seen: string[] = [];
      for await (const { metadata } of await tool.services.client().ping('haggle-agent'))
        seen.push(metadata?.['did'] ?? '');
      t.deepEqual(seen.toSorted(), [one.signer.did, two.signer.did].toSorted());
      t.deepEqual([...(await one.refusals.settled()), ...(await two.refusals.settled())], []);
      t.deepEqual([...one.directory.faults, ...two.directory.faults], []);
      t.deepEqual([...one.mail.faults, ...two.mail.faults], []);
    },
  );
}
