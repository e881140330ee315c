import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import type { Envelope } from '../../agent-core/message/envelope.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { PATIENCE, broker, eventually, live } from './broker.ts';
import { endedOf, proc } from '../../bench/live-processes.ts';

const ROUNDS = 60;

live(
  'agents that are killed with -9 forget no promise, use no number twice and end every dialogue by name',
  async (t) => {
    t.timeout(60_000);
    const server = await broker(t);
    const folder = await mkdtemp(join(tmpdir(), 'haggle-live-'));
    t.teardown(async () => await rm(folder, { recursive: true, force: true }));
    const listener = await connectNats({ servers: server.url, connectWithin: PATIENCE });
    t.teardown(async () => await listener.bus.drain());
    const said = new Map<string, string>();
    listener.bus.subscribe('haggle.test.in.*.*', ({ payload, noResponders }) => {
      if (noResponders) return;
      const { from, to, seq } = JSON.parse(payload) as Envelope;
      const key = `${from} ${to} ${seq}`;
      t.is(said.get(key) ?? payload, payload, 'a number stands for two messages');
      said.set(key, payload);
    });
    const carrier = proc(['carrier', '1', server.url, join(folder, 'carrier')]);
    t.teardown(() => carrier.kill());
    await eventually('the carrier runs', () => carrier.report !== null);
    const { did } = nodeBackend.signer(new Uint8Array(32).fill(1));
    const shipper = proc(['shipper', '2', server.url, join(folder, 'shipper'), did, String(ROUNDS)]);
    t.teardown(() => shipper.kill());
    const chance = createRandomRoot('kills').stream('kills');
    for (let kill = 0; kill < 6; kill++) {
      const victim = chance.pick([carrier, shipper]);
      await eventually('it runs', () => victim.report !== null);
      await new Promise((resolve) => {
        setTimeout(resolve, chance.integer(0, 150));
      });
      await victim.kill();
      victim.start();
    }
    await eventually('every dialogue has ended', () => endedOf(shipper) === ROUNDS && carrier.report?.open === 0, 30);
    t.is(shipper.report?.open, 0);
    t.log({
      shipper: shipper.report?.ended,
      carrier: carrier.report?.ended,
      messages: said.size,
      resumedMicros: [...carrier.resumed, ...shipper.resumed],
    });
    t.is(carrier.resumed.length + shipper.resumed.length, 6, [...carrier.complaints, ...shipper.complaints].join('\n'));
    t.is(await shipper.drain(), 0);
    t.is(await carrier.drain(), 0);
  },
);
