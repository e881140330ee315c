import { once } from 'node:events';
import { promisify } from 'node:util';
import { connect as dial, createServer, type AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { connect } from 'nats';
import { connectNats, type NatsLink, type NatsOptions } from '../../agent-core/adapters/nats.ts';
import type { LinkFault } from '../../agent-core/adapters/nats-connection.ts';
import type { LinkStatus } from '../../agent-core/adapters/nats-link.ts';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Log, LogEntry } from '../../agent-core/log.ts';
import { PATIENCE, broker, cluster, eventually, live } from './broker.ts';

const USERS = 'authorization { users: [{ user: ann, password: secret }] }\n';

async function linked(t: ExecutionContext, options: NatsOptions): Promise<NatsLink> {
  const link = await connectNats({ drainWithin: '200 ms', connectWithin: PATIENCE, ...options });
  t.teardown(async () => await link.bus.drain());
  return link;
}

async function refused(t: ExecutionContext, options: NatsOptions): Promise<HaggleError> {
  const error = await t.throwsAsync(connectNats(options), { instanceOf: HaggleError });
  t.false(error.message.includes('secret'), error.message);
  t.false(JSON.stringify(error.fields).includes('secret'));
  return error;
}

function faultsOf(link: NatsLink): LinkFault[] {
  const faults: LinkFault[] = [];
  link.onFault((fault) => faults.push(fault));
  return faults;
}

function keeping(): Log & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const keep = (entry: LogEntry): void => void entries.push(entry);
  return { entries, debug: keep, info: keep, warn: keep, error: keep };
}

live('tells what the broker is', async (t) => {
  const server = await broker(t, { jetstream: true, config: 'max_payload: 5000\n' });
  const link = await linked(t, { servers: server.url });
  t.is(link.status, 'connected');
  t.is(link.brokerVersion, server.version);
  t.true(link.jetstream);
  t.is(link.maxPayloadBytes, 5_000);
  t.is(link.connection.getServer(), `127.0.0.1:${server.port}`);
});

live('names address and reason where nothing listens', async (t) => {
  const port = await freePort();
  const error = await refused(t, { servers: `nats://ann:secret@127.0.0.1:${port}` });
  t.is(error.code, 'broker-unreachable');
  t.is(error.message, `cannot reach a broker at nats://127.0.0.1:${port}: nothing listens there`);
});

live('gives up on a host that does not answer within the time given', async (t) => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1');
  t.teardown(() => mute.close());
  await once(mute, 'listening');
  const servers = `nats://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const error = await refused(t, { servers, connectWithin: '50 ms' });
  t.is(error.code, 'broker-unreachable');
  t.regex(error.message, /did not answer in time/);
  await eventually('no socket is left that would keep the process alive', async () => {
    return (await promisify(mute.getConnections.bind(mute))()) === 0;
  });
});

live('leaves one socket behind however often a host takes a connection and says nothing', async (t) => {
  const server = await broker(t);
  const link = await linked(t, { servers: server.url, connectWithin: '1 s' });
  await server.kill();
  const mute = createServer(() => undefined).listen(server.port, '127.0.0.1');
  t.teardown(() => mute.close());
  const sockets = promisify(mute.getConnections.bind(mute));
  let dials = 0;
  mute.on('connection', () => (dials += 1));
  await eventually('it has come back three times', () => dials >= 3);
  // The end of one may be heard after the beginning of the next.
  await eventually('one is left', async () => (await sockets()) <= 1);
  await link.bus.drain();
  await eventually('none is left of a link that is closed', async () => (await sockets()) === 0);
  t.is(await sockets(), 0);
});

live('says so where what answers is no broker, or nothing', async (t) => {
  const odd = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  t.teardown(() => odd.close());
  await once(odd, 'listening');
  const error = await refused(t, { servers: `nats://127.0.0.1:${(odd.address() as AddressInfo).port}` });
  t.is(error.code, 'broker-unreachable');
  t.regex(error.message, /no NATS broker/);
  const shut = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  t.teardown(() => shut.close());
  await once(shut, 'listening');
  const hung = await refused(t, { servers: `nats://127.0.0.1:${(shut.address() as AddressInfo).port}` });
  t.is(hung.code, 'broker-unreachable');
  t.regex(hung.message, /closed the connection/);
});

live('refuses an address that is none, and no address at all', async (t) => {
  t.is((await refused(t, { servers: 'http://ann:secret@127.0.0.1' })).code, 'bad-broker-address');
  t.is((await refused(t, { servers: [] })).code, 'bad-broker-address');
});

live('tells a refused login from an unreachable broker, and never shows the login', async (t) => {
  const { port } = await broker(t, { config: USERS });
  for (const login of ['', 'ann:secretly@', 'secret@']) {
    const error = await refused(t, { servers: `nats://${login}127.0.0.1:${port}` });
    t.is(error.code, 'broker-refused', login);
    t.is(error.message, `the broker at nats://127.0.0.1:${port} refused our login: Authorization Violation`);
  }
  const link = await linked(t, { servers: `nats://ann:secret@127.0.0.1:${port}` });
  await link.bus.flush();
  t.is(link.status, 'connected');
});

live('comes back although its login was refused for a while', async (t) => {
  const first = await broker(t, { config: USERS });
  const { port } = first;
  const link = await linked(t, { servers: `nats://ann:secret@127.0.0.1:${port}` });
  const statuses: LinkStatus[] = [];
  link.onStatus((status) => statuses.push(status));
  const faults = faultsOf(link);
  await first.stop();
  const stranger = await broker(t, { port, config: 'authorization { users: [{ user: bob, password: other }] }\n' });
  await eventually('refused twice', () => link.counters.loginsRefused >= 2);
  t.is(link.status, 'reconnecting');
  t.like(faults[0], { type: 'login-refused' });
  await stranger.stop();
  await broker(t, { port, config: USERS });
  await eventually('back', () => link.status === 'connected');
  await link.bus.flush();
  t.deepEqual(statuses, ['reconnecting', 'connected']);
  t.is(link.counters.disconnects, 1);
});

live('an authenticator that throws ends no connection', async (t) => {
  const server = await broker(t);
  const log = keeping();
  let able = true;
  const authenticator = (): undefined => {
    if (!able) throw new TypeError('no key at hand');
  };
  const link = await linked(t, { servers: server.url, authenticator, log });
  able = false;
  await server.restart();
  await eventually('back', () => link.status === 'connected' && link.counters.disconnects === 1);
  t.true(log.entries.some((entry) => JSON.stringify(entry).includes('no key at hand')));
});

live('a forbidden subject is told and ends nothing else', async (t) => {
  const { port } = await broker(t, {
    config: `authorization { users: [{ user: ann, password: secret,
      permissions: { publish: ["open.>"], subscribe: ["open.>"] } }] }\n`,
  });
  const log = keeping();
  const link = await linked(t, { servers: `nats://ann:secret@127.0.0.1:${port}`, log });
  const faults = faultsOf(link);
  const heard: string[] = [];
  link.bus.subscribe('open.x', ({ payload }) => heard.push(payload));
  link.bus.subscribe('closed.x', ({ payload }) => heard.push(payload));
  link.bus.subscribe('closed.y', ({ payload }) => heard.push(payload), { queue: 'crew' });
  link.bus.publish('closed.x', 'forbidden');
  link.bus.publish('open.x', 'allowed');
  await link.bus.flush();
  await link.bus.flush();
  t.deepEqual(heard, ['allowed']);
  t.deepEqual(faults, [
    { type: 'forbidden', operation: 'subscribe', subject: 'closed.x' },
    { type: 'forbidden', operation: 'subscribe', subject: 'closed.y' },
    { type: 'forbidden', operation: 'publish', subject: 'closed.x' },
  ]);
  t.is(link.counters.forbidden, 3);
  t.is(link.status, 'connected');
  t.true(JSON.stringify(log.entries).includes('closed.x'));
});

live('drops and counts what is no text or has malformed headers, and goes on', async (t) => {
  const server = await broker(t);
  const link = await linked(t, { servers: server.url });
  const faults = faultsOf(link);
  const heard: string[] = [];
  link.bus.subscribe('x', ({ payload }) => heard.push(payload));
  await link.bus.flush();
  const raw = await connect({ servers: server.url });
  raw.publish('x', Uint8Array.of(0xff, 0xfe));
  raw.publish('x', Uint8Array.of(0xed, 0xa0, 0x80));
  await raw.flush();
  await raw.close();
  const socket = dial({ port: server.port, host: '127.0.0.1' });
  const head = 'NATS/1.0\r\nA B: c\r\n\r\n';
  socket.write('CONNECT {"headers":true,"verbose":false}\r\n');
  socket.write(`HPUB x ${head.length} ${head.length + 1}\r\n${head}y\r\nPUB x 1\r\nz\r\nPING\r\n`);
  for await (const chunk of socket) if (String(chunk).includes('PONG')) break;
  await eventually('the last arrives', () => heard.includes('z'));
  t.deepEqual(heard, ['z']);
  t.is(link.counters.invalidMessages, 3);
  t.deepEqual(faults[0], { type: 'invalid-message', subject: 'x' });
});

live('a listener that throws is told and stops nothing', async (t) => {
  const server = await broker(t);
  const log = keeping();
  const link = await linked(t, { servers: server.url, log });
  const faults = faultsOf(link);
  const heard: string[] = [];
  link.bus.subscribe('x', () => {
    throw new RangeError('mine');
  });
  link.bus.subscribe('x', ({ payload }) => heard.push(payload));
  for (const text of ['1', '2', '3', '4', '5']) link.bus.publish('x', text);
  await link.bus.flush();
  t.deepEqual(heard, ['1', '2', '3', '4', '5']);
  t.is(link.counters.listenerFailures, 5);
  t.like(faults[0], { type: 'listener-failed', subject: 'x' });
  // Powers of two only: a peer must not be able to fill the log.
  t.is(log.entries.length, 3);
  t.true(JSON.stringify(log.entries).includes('RangeError: mine'));
});

live('a listener of faults or of the status that throws is told and stops nothing', async (t) => {
  const server = await broker(t);
  const log = keeping();
  const link = await linked(t, { servers: server.url, log });
  const fail = (): void => {
    throw new RangeError('a listener of ours');
  };
  link.onFault(fail);
  link.onStatus(fail);
  const faults = faultsOf(link);
  link.bus.subscribe('x', fail);
  link.bus.publish('x', '1');
  link.bus.publish('x', '2');
  await link.bus.flush();
  t.is(faults.length, 2);
  await server.restart();
  await eventually('back', () => link.status === 'connected' && link.counters.disconnects === 1);
  const told = log.entries.filter((entry) => JSON.stringify(entry).includes('link-listener-failed'));
  t.is(told.length, 4);
});

live('refuses a header that would end its line, also while the broker is away', async (t) => {
  const server = await broker(t);
  const link = await linked(t, { servers: server.url });
  const headers = { 'Haggle-Sig': 'a\r\nForged: yes' };
  t.is(t.throws(() => link.bus.publish('x', '', { headers }), { instanceOf: HaggleError }).code, 'bad-header');
  await server.kill();
  await eventually('it notices', () => link.status === 'reconnecting');
  t.is(t.throws(() => link.bus.publish('x', '', { headers }), { instanceOf: HaggleError }).code, 'bad-header');
});

live('a broker that is there but takes nothing fills the backlog, and then publish fails', async (t) => {
  const server = await broker(t);
  const link = await linked(t, { servers: server.url, backlogBytes: 1_000_000 });
  await link.bus.flush();
  await server.kill('SIGSTOP');
  const text = 'x'.repeat(50_000);
  const error = t.throws(
    () => {
      for (let index = 0; index < 100; index++) link.bus.publish('x', text);
    },
    { instanceOf: HaggleError },
  );
  t.is(error.code, 'bus-backlog-full');
  t.regex(error.message, /too slow to take them/);
  t.is(link.counters.sent, 20);
  await server.kill('SIGCONT');
  await link.bus.flush();
  t.is(link.counters.backlogBytes, 0);
  link.bus.publish('x', text);
  t.pass();
});

live('tells of what it held and could not send: the link closed, or the broker takes none so large', async (t) => {
  const server = await broker(t);
  const { port } = server;
  const [large, closing] = [await linked(t, { servers: server.url }), await linked(t, { servers: server.url })];
  const [tooLarge, unsent] = [faultsOf(large), faultsOf(closing)];
  await server.stop();
  await eventually('both notice', () => [large, closing].every(({ status }) => status === 'reconnecting'));
  large.bus.publish('x', 'x'.repeat(2_000));
  large.bus.publish('x', 'small');
  closing.bus.publish('x', '1');
  closing.bus.publish('x', '2');
  await closing.bus.drain();
  await eventually('closed', () => closing.status === 'closed');
  t.like(unsent[0], { type: 'lost', messages: 2 });
  t.is(closing.counters.lost, 2);
  await broker(t, { port, config: 'max_payload: 1000\n' });
  await large.bus.flush();
  t.like(tooLarge[0], { type: 'lost', messages: 1 });
  t.is(large.maxPayloadBytes, 1_000);
  t.is(large.counters.sent, 1);
});

live('counts headers into what a broker takes at most', async (t) => {
  const server = await broker(t, { config: 'max_payload: 1000\n' });
  const link = await linked(t, { servers: server.url });
  link.bus.publish('x', 'x'.repeat(1_000));
  const publish = (): void => link.bus.publish('x', 'x'.repeat(980), { headers: { Sig: 'y'.repeat(20) } });
  t.is(t.throws(publish, { instanceOf: HaggleError }).code, 'payload-too-large');
  await link.bus.flush();
  t.is(link.status, 'connected');
});

live('flush of a closed link says so', async (t) => {
  const server = await broker(t);
  const link = await linked(t, { servers: server.url });
  await server.kill();
  await eventually('it notices', () => link.status === 'reconnecting');
  const waiting = t.throwsAsync(link.bus.flush(), { instanceOf: HaggleError });
  await link.bus.drain();
  t.is((await waiting).code, 'bus-closed');
});

live('a client of a node that dies goes on at another node of the cluster', async (t) => {
  const servers = await cluster(t, 3);
  const { nodes, urls } = servers;
  const [first, second] = nodes;
  const mobile = await linked(t, { servers: urls[0] ?? '' });
  const steady = await linked(t, { servers: urls[1] ?? '' });
  const heard: string[] = [];
  mobile.bus.subscribe('news', ({ payload }) => heard.push(payload));
  await mobile.bus.flush();
  await first?.kill('SIGKILL');
  await eventually('it moved', () => mobile.status === 'connected' && mobile.counters.disconnects === 1);
  t.not(mobile.connection.getServer(), `127.0.0.1:${first?.port}`);
  await servers.ready();
  await eventually('it hears again', async () => {
    steady.bus.publish('news', 'after');
    await steady.bus.flush();
    return heard.includes('after');
  });
  t.true(second?.running);
});
