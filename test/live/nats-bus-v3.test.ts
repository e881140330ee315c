import { connect, headers } from '@nats-io/transport-node';
import { natsLink } from '../../agent-core/adapters/nats-link.ts';
import { busCases } from '../../agent-core/testing/bus-conformance.ts';
import { broker, cluster, live } from './broker.ts';
import { BOUNDS, IMPATIENT, natsHarness, type MakeLink } from './nats-harness.ts';

/** A connection that an application made itself with version 3 of the client library. */
const makeLink: MakeLink = async (url, name) => {
  const connection = await connect({ servers: url, name, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  return natsLink(connection, { headers, ...BOUNDS });
};

// Cases that stop a broker or flood it take their turns: on a small machine they would be each other's slow subscribers.
for (const busCase of busCases) {
  (busCase.needs === undefined ? live : live)(busCase.title, async (t) => {
    const server = await broker(t, { config: busCase.needs === 'stall' ? IMPATIENT : '' });
    await t.notThrowsAsync(busCase.run(natsHarness(t, { servers: [server], makeLink, busCase })));
  });
}

live('the cases hold between the nodes of a cluster of three', async (t) => {
  const { nodes } = await cluster(t, 3);
  for (const busCase of busCases.filter(({ needs }) => needs === undefined)) {
    await t.notThrowsAsync(busCase.run(natsHarness(t, { servers: nodes, makeLink, busCase })), busCase.title);
  }
});
