/** `haggle nats-config streams`: what a guarded realm keeps in JetStream, made by nobody who is an agent. */
import { streamsOf } from '../../agent-core/bus/permissions.ts';
import { EXIT } from '../../cli/exit.ts';
import { haggle } from '../cli/haggle.ts';
import { broker, brokers, cluster, live } from './broker.ts';
import { guardedBroker, REALM, realmFolder, signerOf } from './guarded-broker.ts';

for (const program of brokers) {
  live(`makes the bucket and the stream of a guarded realm, twice with one result (${program.version})`, async (t) => {
    const { server, folder, login } = await guardedBroker(t, program);
    for (let time = 0; time < 2; time++) {
      const { code, out, err } = await haggle('nats-config', 'streams', '--dir', folder, '--nats', server.url);
      t.is(code, EXIT.ok, err);
      t.is(
        out,
        `Realm ${REALM} has its directory (bucket haggle-${REALM}-agents) and its mail (stream haggle-${REALM}-mail).\n`,
      );
    }
    const tool = await login(signerOf(9), 'tool');
    const { streams } = await tool.jetstreamManager({ checkAPI: false });
    t.deepEqual((await streams.info(`KV_${streamsOf(REALM).agents}`)).config.subjects, [
      `$KV.haggle-${REALM}-agents.>`,
    ]);
    t.deepEqual((await streams.info(streamsOf(REALM).mailStream)).config.subjects, [`haggle.${REALM}.mail.*.*`]);
  });
}

live('keeps as many copies in a cluster as it is told', async (t) => {
  const { folder, config } = await realmFolder(t);
  const { urls } = await cluster(t, 3, { config, jetstream: true });
  const flags = ['--dir', folder, '--nats', urls.join(','), '--replicas', '3', '--json'];
  const { code, out, err } = await haggle('nats-config', 'streams', ...flags);
  t.is(code, EXIT.ok, err);
  t.deepEqual(JSON.parse(out), { realm: REALM, bucket: `haggle-${REALM}-agents`, mailStream: `haggle-${REALM}-mail` });
});

live('says that a broker has no JetStream, and refuses a number of copies that no cluster keeps', async (t) => {
  const { folder, config } = await realmFolder(t);
  const { url } = await broker(t, { config });
  const without = await haggle('nats-config', 'streams', '--dir', folder, '--nats', url);
  t.is(without.code, EXIT.unavailable);
  t.is(without.err, `haggle: making the streams of realm "${REALM}": it has no JetStream\n`);
  const two = await haggle('nats-config', 'streams', '--dir', folder, '--nats', url, '--replicas', '2');
  t.is(two.code, EXIT.usage);
  t.regex(two.err, /--replicas takes 1, 3 or 5, got "2"/);
});
