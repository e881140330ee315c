import { connectNats } from '../../agent-core/adapters/nats.ts';
import { busCases } from '../../agent-core/testing/bus-conformance.ts';
import { broker, brokers, cluster, live } from './broker.ts';
import { BOUNDS, IMPATIENT, natsHarness, type MakeLink } from './nats-harness.ts';

const makeLink: MakeLink = async (url, name) => await connectNats({ servers: url, name, ...BOUNDS });

// Cases that stop a broker or flood it take their turns: on a small machine they would be each other's slow subscribers.
for (const busCase of busCases) {
  const { title, needs } = busCase;
  for (const program of brokers) {
    (needs === undefined ? live : live)(`${title} (nats-server ${program.version})`, async (t) => {
      const server = await broker(t, { program, config: needs === 'stall' ? IMPATIENT : '' });
      await t.notThrowsAsync(busCase.run(natsHarness(t, { servers: [server], makeLink, busCase })));
    });
  }
}

live('the cases hold between the nodes of a cluster of three', async (t) => {
  const { nodes } = await cluster(t, 3);
  // What an endpoint does whose node goes away is a matter of its link: it goes to another node, see nats-link.test.ts.
  for (const busCase of busCases.filter(({ needs }) => needs === undefined)) {
    await t.notThrowsAsync(busCase.run(natsHarness(t, { servers: nodes, makeLink, busCase })), busCase.title);
  }
});
