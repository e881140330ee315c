import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect, nanos } from 'nats';
import { startNatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { broker, brokers, cluster, eventually, live } from './broker.ts';

for (const program of brokers) {
  live(`nats-server ${program.version} takes connections and tells its version`, async (t) => {
    const server = await broker(t, { program });
    const connection = await connect({ servers: server.url });
    t.is(connection.info?.version, program.version);
    t.is(server.version, program.version);
    t.is(connection.info?.port, server.port);
    await connection.close();
  });

  live(`three servers ${program.version} are one cluster with a JetStream leader`, async (t) => {
    const { nodes, urls } = await cluster(t, 3, { program, jetstream: true });
    t.is(nodes.length, 3);
    t.is(urls.length, 3);
    const connection = await connect({ servers: [...urls] });
    const manager = await connection.jetstreamManager();
    const { config } = await manager.streams.add({
      name: 'S',
      subjects: ['s.>'],
      num_replicas: 3,
      max_age: nanos(60_000),
    });
    t.is(config.num_replicas, 3);
    await connection.close();
  });
}

live('a killed server restarts on its port with what JetStream kept', async (t) => {
  const server = await broker(t, { jetstream: true });
  const { port, pid } = server;
  const before = await connect({ servers: server.url });
  await (await before.jetstreamManager()).streams.add({ name: 'KEPT', subjects: ['kept'] });
  await before.jetstream().publish('kept', 'x');
  await before.close();
  await server.kill('SIGKILL');
  t.false(server.running);
  await server.restart();
  t.is(server.port, port);
  t.not(server.pid, pid);
  const after = await connect({ servers: server.url });
  const { state } = await (await after.jetstreamManager()).streams.info('KEPT');
  t.is(state.messages, 1);
  await after.close();
});

live('configuration is given as text, and the folder of a stopped server is gone', async (t) => {
  const server = await broker(t, { config: 'max_payload: 1234\n', jetstream: true });
  const connection = await connect({ servers: server.url });
  t.is(connection.info?.max_payload, 1234);
  await connection.close();
  t.true(existsSync(server.storeDir ?? ''));
  await server.stop();
  t.false(existsSync(server.storeDir ?? ''));
  await server.stop();
});

live('a malformed configuration is told with what the server says of it', async (t) => {
  const error = await t.throwsAsync(startNatsServer({ config: 'max_payload: {{{\n' }), { instanceOf: HaggleError });
  t.is(error.code, 'broker-not-started');
  t.regex(error.message, /Parse error on line 2|parse error/i);
});

live('a server does not outlive the process that started it, even one killed by SIGKILL', async (t) => {
  const run = new URL('../../agent-core/adapters/nats-server/run.js', import.meta.url);
  const script = `import { startNatsServer } from ${JSON.stringify(fileURLToPath(run))};
    const server = await startNatsServer({ jetstream: true });
    console.log(JSON.stringify({ pid: server.pid, store: server.storeDir }));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of parent.stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const { pid, store } = JSON.parse(text) as { pid: number; store: string };
  t.true(isRunning(pid));
  parent.kill('SIGKILL');
  await eventually('the server is gone', () => !isRunning(pid) && !existsSync(store));
  t.pass();
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
