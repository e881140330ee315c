/** What an agent with a good login tries against the others of a guarded realm. */
import { headers, type NatsConnection } from 'nats';
import { listen } from '../../agent-core/adapters/live/listen.ts';
import { natsLink } from '../../agent-core/adapters/nats-link.ts';
import { prepareRealm } from '../../agent-core/adapters/realm-streams.ts';
import type { BusMessage } from '../../agent-core/bus/bus.ts';
import { streamsOf } from '../../agent-core/bus/permissions.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { brokers, eventually, live } from './broker.ts';
import { guardedBroker, REALM, signerOf } from './guarded-broker.ts';

const [VICTIM, THIRD, ATTACKER, TOOL] = [signerOf(1), signerOf(2), signerOf(3), signerOf(9)];
const { agents, agentStream } = streamsOf(REALM);
const recordSubject = (nkey: string): string => `$KV.${agents}.${nkey}`;

async function recordKept(victim: NatsConnection): Promise<string | undefined> {
  const kv = await victim.jetstream().views.kv(agents, { bindOnly: true });
  return (await kv.get(VICTIM.nkey))?.string();
}

async function rollUp(attacker: NatsConnection): Promise<void> {
  const all = headers();
  all.set('Nats-Rollup', 'all');
  await attacker.request(recordSubject(ATTACKER.nkey), 'only me', { timeout: 2_000, headers: all });
}

for (const program of brokers) {
  live(`${program.version}: nobody wipes the directory by rolling up the own record`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const tool = await login(TOOL, 'tool');
    await prepareRealm(tool, { realm: REALM, replicas: 1 });
    const [victim, attacker] = [await login(VICTIM), await login(ATTACKER)];
    await victim.request(recordSubject(VICTIM.nkey), 'record');
    await rollUp(attacker);
    t.is(await recordKept(victim), 'record');
  });

  live(`${program.version}: a bucket that could be rolled up cannot once the realm is prepared again`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const tool = await login(TOOL, 'tool');
    await tool.jetstream().views.kv(agents, { history: 1 });
    await prepareRealm(tool, { realm: REALM, replicas: 1 });
    const [victim, attacker] = [await login(VICTIM), await login(ATTACKER)];
    await victim.request(recordSubject(VICTIM.nkey), 'record');
    await rollUp(attacker);
    t.is(await recordKept(victim), 'record');
  });

  live(`${program.version}: a stream that is asked to answer in an inbox is not heard there`, async (t) => {
    const { login } = await guardedBroker(t, program);
    await prepareRealm(await login(TOOL, 'tool'), { realm: REALM, replicas: 1 });
    const [victim, attacker] = [await login(VICTIM), await login(ATTACKER)];
    const raw: string[] = [];
    victim.subscribe(subjects.inboxOf(REALM, VICTIM.nkey), { callback: (_, { subject }) => void raw.push(subject) });
    const heard: BusMessage[] = [];
    const link = natsLink(victim, { headers });
    t.teardown(listen({ link, realm: REALM, signer: VICTIM }, (message) => void heard.push(message)));
    await victim.flush();
    const asThird = subjects.inbox(REALM, VICTIM.nkey, THIRD.nkey);
    const unreachable = subjects.unreachable(REALM, VICTIM.nkey, { id: 'm1', to: THIRD.nkey });
    const ask = `$JS.API.DIRECT.GET.${agentStream}.${recordSubject(ATTACKER.nkey)}`;
    await attacker.request(recordSubject(ATTACKER.nkey), 'as if said by a third');
    attacker.publish(ask, '', { reply: asThird });
    await eventually('the broker has answered', () => raw.length === 1);
    await attacker.request(recordSubject(ATTACKER.nkey), '', {
      timeout: 2_000,
      headers: headers(503, 'No Responders'),
    });
    attacker.publish(ask, '', { reply: unreachable });
    await eventually('the broker has answered again', () => raw.length === 2);
    await victim.flush();
    t.deepEqual(raw, [asThird, unreachable]);
    t.deepEqual(heard, []);
  });
}

// Skipped by name where there is no server; failed where one is required.
if (brokers.length === 0) live('what agents try against each other fails on a real broker', (t) => t.fail());
