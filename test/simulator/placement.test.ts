import test from 'ava';
import type { Host } from '../../agent-core/agent/host.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { silentLog } from '../../agent-core/log.ts';
import { createVerifiedRoots } from '../../agent-core/message/evidence.ts';
import { createOpener } from '../../agent-core/message/open.ts';
import { createReplayWindow } from '../../agent-core/message/replay-window.ts';
import { createSealer } from '../../agent-core/message/seal.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { createKernel } from '../../simulator/kernel.ts';
import { createNetwork, type Sending } from '../../simulator/network.ts';
import { place, type Placement } from '../../simulator/placement.ts';
import { meter, reader } from '../fixtures/metering.ts';

/** A meter and its reader on a network that a thief is on as well. */
function neighbourhood() {
  const kernel = createKernel();
  const random = createRandomRoot(1);
  const network = createNetwork({ kernel, random, latency: { min: 10 } });
  const signers = new Map(
    ['meter', 'reader'].map((name, index) => [name, nodeBackend.signer(new Uint8Array(32).fill(index + 1))]),
  );
  const hostOf = (name: string): Host => {
    const signer = signers.get(name);
    if (signer === undefined) throw new RangeError(name);
    const source = kernel.source(name);
    const sealer = createSealer({ mode: 'each', signer, backend: nodeBackend });
    const opener = createOpener({
      me: signer.did,
      realm: 'test',
      backend: nodeBackend,
      clock: kernel,
      requireSignature: true,
      verifiedRoots: createVerifiedRoots(),
      replay: createReplayWindow(),
    });
    return {
      realm: 'test',
      self: signer.did,
      nkey: signer.nkey,
      name,
      clock: kernel,
      bus: network.attach(name),
      log: silentLog,
      stream: (...purpose) => random.stream(name, ...purpose),
      seal: (payloads) => sealer.seal(payloads),
      receive: (message) => opener.open(message),
      wakeAt: (time, wake) => source.at(time, () => wake(), undefined),
      cancelWake: (handle) => kernel.cancel(handle),
      endOfInstant: (call) => call(),
      guarded: (call) => call(),
      asyncStarted: () => kernel.pause(),
      handlerFailed: (error) => {
        throw error;
      },
    };
  };
  const settle = async (until: number): Promise<void> => {
    while (kernel.run({ until }) === 'paused') {
      await new Promise(setImmediate);
      for (const placement of all) placement.flush();
    }
  };
  const ground = (name: string) => ({
    host: hostOf(name),
    soonStart: (start: () => void) => start(),
    betweenEvents: (action: () => void) => action(),
  });
  const target = signers.get('meter')?.did ?? '';
  const [home, asker] = [place(meter({ meanKWh: 1 }), ground('meter')), place(reader({ target }), ground('reader'))];
  const all: readonly Placement<unknown>[] = [home, asker];
  return { kernel, network, thief: network.attach('thief'), home, settle };
}

const HOUR = 3_600_000_000;

test('a message that a life of an agent took is refused by the next one, as a replay while it is valid', async (t) => {
  const { network, thief, home, settle } = neighbourhood();
  const stolen: Sending[] = [];
  network.observeSent((sending) => void (sending.from === 'reader' && stolen.push(sending)));
  await settle(HOUR + 1_000);
  t.is(home.placed.counters.accepted, 1);
  t.is(stolen.length, 1);
  home.placed.crash();
  home.placed.restart();
  t.is(home.placed.counters.accepted, 0);
  const again = ({ message }: Sending): void =>
    thief.publish(message.subject, message.payload, { headers: message.headers });
  stolen.forEach(again);
  await settle(HOUR + 2_000);
  t.deepEqual([...home.placed.counters.refused], [['replayed', 1]]);
  stolen.forEach(again);
  await settle(HOUR + 2_000 + 6_000_000);
  stolen.forEach(again);
  await settle(2 * HOUR - 1);
  t.deepEqual(
    [...home.placed.counters.refused],
    [
      ['replayed', 2],
      ['expired', 1],
    ],
  );
  t.is(home.placed.counters.accepted, 0);
});

test('a restart is refused to an agent that has not crashed', (t) => {
  const { home } = neighbourhood();
  t.throws(() => home.placed.restart(), { code: 'not-crashed', message: /"meter": it is running/ });
  t.false(home.restart());
  t.true(home.crash());
  t.true(home.restart());
});
