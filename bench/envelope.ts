/** Rates of the message path on one core, by CPU time: `node dist/bench/envelope.js`. */
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { portableBackend } from '../agent-core/identity/portable.ts';
import type { SignatureBackend } from '../agent-core/identity/signer.ts';
import { verifyStrict } from '../agent-core/identity/strict.ts';
import { canonicalize } from '../agent-core/message/canonical.ts';
import { encodeEnvelope, type Envelope } from '../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../agent-core/message/evidence.ts';
import { createOpener } from '../agent-core/message/open.ts';
import { isRefusal } from '../agent-core/message/refusals.ts';
import { createReplayWindow } from '../agent-core/message/replay-window.ts';
import { scanCanonical } from '../agent-core/message/scan.ts';
import { createSealer, type SigningMode } from '../agent-core/message/seal.ts';
import { subjects } from '../agent-core/bus/subjects.ts';
import { assert } from '../agent-core/errors.ts';

const BATCH = 64;
const TRIALS = 5;

const alice = nodeBackend.signer(new Uint8Array(32).fill(1));
const bob = nodeBackend.signer(new Uint8Array(32).fill(2));
const sample: Envelope = {
  body: { price: '12500000', quantity: 40, unit: 'kWh', window: [1_700_000_000_000_000, 1_700_000_900_000_000] },
  dialogue: 'd-000123',
  exp: 1_700_000_030_000_000,
  by: 1_700_003_600_000_000,
  from: alice.did,
  id: 'm-000000123',
  protocol: 'contract-net/1.0.0/Zm9vYmFyYmF6cXV4',
  re: 'm-000000122',
  realm: 'bench',
  sent: 1_700_000_000_000_000,
  seq: 12_345,
  to: bob.did,
  type: 'propose',
  v: 1,
};

/** Best CPU microseconds of one call over several trials: the least disturbed by others on the machine. */
function cost(calls: number, run: () => void): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < TRIALS; trial++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / calls);
  }
  return best;
}

function repeat(calls: number, call: () => unknown): number {
  return cost(calls, () => {
    for (let i = 0; i < calls; i++) call();
  });
}

function path(mode: SigningMode, backend: SignatureBackend, flushes: number): number {
  const sealer = createSealer({ mode, signer: backend.signer(new Uint8Array(32).fill(1)), backend });
  const subject = subjects.inbox('bench', bob.nkey, alice.nkey);
  let seq = 0;
  return cost(flushes * BATCH, () => {
    const opener = createOpener({
      me: bob.did,
      realm: 'bench',
      backend,
      clock: { now: () => sample.sent },
      requireSignature: mode !== 'off',
      verifiedRoots: createVerifiedRoots(),
      replay: createReplayWindow(),
    });
    for (let flush = 0; flush < flushes; flush++) {
      const payloads: string[] = [];
      for (let i = 0; i < BATCH; i++) {
        seq += 1;
        payloads.push(encodeEnvelope({ ...sample, seq }));
      }
      for (const { payload, headers } of sealer.seal(payloads)) {
        const opened = opener.open({ subject, payload, headers });
        assert(!isRefusal(opened), 'the bench opens what it seals');
      }
    }
  });
}

function print(name: string, micros: number): void {
  console.log(
    `${name.padEnd(44)} ${micros.toFixed(2).padStart(9)} us ${Math.round(1e6 / micros)
      .toLocaleString('en')
      .padStart(12)} /s`,
  );
}

const text = Buffer.from(encodeEnvelope(sample)).toString();
const message = new TextEncoder().encode(text);
const signature = alice.sign(message);
const signed = { publicKey: alice.publicKey, message, signature };
const invalid: SignatureBackend = { ...nodeBackend, verify: () => true };

console.log(`one envelope of ${text.length} bytes, CPU time of one core, best of ${TRIALS}`);
print(
  'JSON.stringify',
  repeat(100_000, () => JSON.stringify(sample)),
);
print(
  'canonicalize',
  repeat(100_000, () => canonicalize(sample)),
);
print(
  'encodeEnvelope',
  repeat(100_000, () => encodeEnvelope(sample)),
);
print(
  'JSON.parse',
  repeat(100_000, () => JSON.parse(text)),
);
print(
  'scanCanonical',
  repeat(100_000, () => scanCanonical(text)),
);
print(
  'strict checks before the backend',
  repeat(100_000, () => verifyStrict(invalid, signed)),
);
print(
  'sha256 node',
  repeat(100_000, () => nodeBackend.sha256(text)),
);
print(
  'sign node',
  repeat(3_000, () => alice.sign(message)),
);
print(
  'verify strict node',
  repeat(2_000, () => verifyStrict(nodeBackend, signed)),
);
print(
  'verify strict portable',
  repeat(30, () => verifyStrict(portableBackend, signed)),
);
print('encode + seal + open, off', path('off', nodeBackend, 500));
print(`encode + seal + open, batch of ${BATCH}`, path('batch', nodeBackend, 200));
print('encode + seal + open, each', path('each', nodeBackend, 20));
