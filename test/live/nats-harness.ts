/** The bus under test over real brokers, for the cases of agent-core/testing. */
import type { ExecutionContext } from 'ava';
import type { NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import type { NatsLink } from '../../agent-core/adapters/nats-link.ts';
import type { Bus } from '../../agent-core/bus/bus.ts';
import type { BusCase, BusHarness, Stall } from '../../agent-core/testing/bus-conformance.ts';
import { PATIENCE, eventually } from './broker.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Bounds of links under test: small enough to reach. */
export const BOUNDS = { backlogBytes: 1_000_000, drainWithin: '2 s', connectWithin: PATIENCE } as const;

/** Makes a link of one of the client libraries. */
export type MakeLink = (url: string, name: string) => Promise<NatsLink>;

/** Configuration of a broker that cuts off slow subscribers soon. */
export const IMPATIENT = 'max_payload: 200000\nmax_pending: 1000000\nwrite_deadline: "1s"\n';

interface Endpoint {
  readonly bus: Bus;
  readonly link: NatsLink;
  readonly proxy: TcpProxy | null;
  /** Takes part in settling: not drained, not stalled. */
  open: boolean;
  /** Rounds of settling whose messages it got, as `round.endpoint`. */
  readonly heard: Set<string>;
}

/** What a {@link natsHarness} runs on. */
export interface HarnessParts {
  readonly servers: readonly NatsServer[];
  readonly makeLink: MakeLink;
  readonly busCase: BusCase;
}

let harnesses = 0;

/** A harness over one server or a cluster: endpoints take turns among the nodes. Everything ends with the test. */
export function natsHarness(t: ExecutionContext, { servers, makeLink, busCase }: HarnessParts): BusHarness {
  const endpoints: Endpoint[] = [];
  const prefix = `case${harnesses++}`;
  let round = 0;
  let barriers = 0;
  t.teardown(async () => {
    await Promise.all(endpoints.map(async ({ link }) => await link.bus.drain()));
  });
  const open = (): readonly Endpoint[] => endpoints.filter((endpoint) => endpoint.open);
  const connect = async (name: string): Promise<Bus> => {
    const server = serverOf(servers, endpoints.length);
    const proxy = busCase.needs === 'stall' ? await tcpProxy(server.port) : null;
    if (proxy !== null) t.teardown(async () => await proxy.close());
    const link = await makeLink(proxy === null ? server.url : `nats://127.0.0.1:${proxy.port}`, name);
    const heard = new Set<string>();
    link.bus.subscribe(`${prefix}-barrier.*`, (message) => {
      barriers += 1;
      heard.add(message.payload);
    });
    const drain = async (): Promise<void> => {
      endpoint.open = false;
      await link.bus.drain();
    };
    const bus: Bus = {
      publish: (...said) => link.bus.publish(...said),
      subscribe: (...wanted) => link.bus.subscribe(...wanted),
      flush: async () => await link.bus.flush(),
      drain,
    };
    const endpoint: Endpoint = { bus, link, proxy, open: true, heard };
    endpoints.push(endpoint);
    return bus;
  };
  /** Every endpoint says something to every other and waits to hear all: what was said before has come before. */
  const barrier = async (): Promise<void> => {
    round += 1;
    const members = open();
    const words = members.map((_, index) => `${round}.${index}`);
    const complete = (): boolean => members.every(({ heard }) => words.every((word) => heard.has(word)));
    const say = (): void => {
      for (const [index, { link }] of members.entries())
        link.bus.publish(`${prefix}-barrier.${round}`, words[index] ?? '');
      barriers += members.length;
    };
    say();
    let polls = 0;
    // Another node of a cluster may not know yet that an endpoint listens; then the word is said again.
    await eventually('every endpoint hears every other', () => {
      if (!complete() && ++polls % 40 === 0) say();
      return complete();
    });
  };
  const moved = (): number =>
    endpoints.reduce((sum, { link }) => sum + link.counters.sent + link.counters.received, 0) - barriers;
  return {
    prefix,
    maxPayloadBytes: 65_536,
    backlogBytes: BOUNDS.backlogBytes,
    connect,
    settle: async () => {
      let before: number;
      do {
        before = moved();
        await barrier();
      } while (moved() !== before);
    },
    ...(servers.length === 1 ? { interrupt: async () => await interrupt(servers, endpoints) } : {}),
    ...(servers.length === 1
      ? {
          stall: async (bus) =>
            await stall(
              servers,
              endpoints.find((e) => e.bus === bus),
            ),
        }
      : {}),
  };
}

function serverOf(servers: readonly NatsServer[], index: number): NatsServer {
  const server = servers[index % servers.length];
  if (server === undefined) throw new Error('a harness needs a server');
  return server;
}

async function interrupt(servers: readonly NatsServer[], endpoints: readonly Endpoint[]): Promise<() => Promise<void>> {
  const server = serverOf(servers, 0);
  await server.kill('SIGKILL');
  await eventually('all notice', () => endpoints.every(({ link }) => link.status === 'reconnecting'));
  return async () => {
    await server.restart();
    await eventually('all are back', () => endpoints.every((end) => !end.open || end.link.status === 'connected'));
  };
}

async function stall(servers: readonly NatsServer[], endpoint: Endpoint | undefined): Promise<Stall> {
  if (endpoint?.proxy === null || endpoint === undefined) throw new Error('this endpoint cannot be stalled');
  const { proxy, link } = endpoint;
  const server = serverOf(servers, 0);
  const isCutOff = (): boolean => server.logs.some((line) => line.includes('Slow Consumer'));
  endpoint.open = false;
  proxy.stall();
  return await Promise.resolve({
    isCutOff,
    resume: async () => {
      await eventually('the broker cuts it off', isCutOff, 30);
      proxy.resume();
      await eventually('it notices', () => link.counters.disconnects > 0);
      await eventually('it is back', () => link.status === 'connected');
      endpoint.open = true;
    },
  });
}
