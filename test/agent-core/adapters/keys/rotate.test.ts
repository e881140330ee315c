import { existsSync, linkSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import test from 'ava';
import { createKeyFile, readKeyFacts, readKeyFile } from '../../../../agent-core/adapters/keys/key-file.ts';
import { rotateKeyFile } from '../../../../agent-core/adapters/keys/rotate.ts';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import { openKeyRotation, signKeyRotation } from '../../../../agent-core/identity/key-rotation.ts';
import { refusal, scratch, SEED } from './secrets.ts';

const CHEAP = { logN: 8, r: 8, p: 1 };
const since = 1_800_000_000_000_000;
const OLD = nodeBackend.signer(SEED);
const words = (): Uint8Array => Buffer.from('correct horse');

test('the file holds a new key, the old one is kept, and a statement of both joins them', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const done = await rotateKeyFile(path, { since });
  const now = await readKeyFile(path);
  t.is(done.from, OLD.did);
  t.is(now.signer.did, done.to);
  t.not(done.to, done.from);
  t.is((await readKeyFile(done.oldFile)).signer.did, OLD.did);
  t.is(statSync(done.oldFile).mode & 0o7777, 0o600);
  const statement = readFileSync(done.statementFile, 'utf8').trimEnd();
  t.deepEqual(openKeyRotation(nodeBackend, statement), { from: done.from, to: done.to, since });
  t.false(existsSync(`${path}.next`));
});

test('keys follow each other by number', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const first = await rotateKeyFile(path, { since });
  const second = await rotateKeyFile(path, { since });
  t.is(first.oldFile, `${path}.1.old`);
  t.is(second.oldFile, `${path}.2.old`);
  t.is(second.from, first.to);
});

test('a protected key is followed by one with the same passphrase, which is asked for once', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED, passphrase: words(), cost: CHEAP });
  let asked = 0;
  const passphrase = (): Uint8Array => {
    asked += 1;
    return words();
  };
  await rotateKeyFile(path, { since, passphrase, cost: CHEAP });
  t.is(asked, 1);
  t.true(readKeyFacts(path).protected);
  t.true(readKeyFacts(`${path}.1.old`).protected);
  await t.notThrowsAsync(readKeyFile(path, { passphrase: words }));
});

test('a wrong passphrase changes nothing', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('k'), { seed: SEED, passphrase: words(), cost: CHEAP });
  const before = readFileSync(at('k'));
  const wrong = { since, passphrase: (): Uint8Array => Buffer.from('wrong'), cost: CHEAP };
  t.is(await refusal(t, () => rotateKeyFile(at('k'), wrong)), 'wrong-passphrase');
  t.is(await refusal(t, () => rotateKeyFile(at('k'), { since })), 'passphrase-needed');
  t.deepEqual(readFileSync(at('k')), before);
  t.deepEqual(readdirSync(dirname(at('k'))), ['k']);
});

// What each step leaves behind where the process ends right after it.
test('who is interrupted after the new key was made goes on with that key', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const { publicKey } = await createKeyFile(`${path}.next`);
  await rotateKeyFile(path, { since });
  t.deepEqual(readKeyFacts(path).publicKey, publicKey);
});

test('who is interrupted after the statement, or after the old key got its second name, keeps to what was stated', async (t) => {
  for (const linked of [false, true]) {
    const path = scratch(t)('agent.key');
    await createKeyFile(path, { seed: SEED });
    await createKeyFile(`${path}.next`);
    const next = await readKeyFile(`${path}.next`);
    const statement = signKeyRotation({ old: OLD, next: next.signer, since });
    writeFileSync(`${path}.1.rotation.json`, `${statement}\n`);
    if (linked) linkSync(path, `${path}.1.old`);
    const done = await rotateKeyFile(path, { since: since + 1 });
    t.is(done.statement, statement);
    t.is(done.oldFile, `${path}.1.old`);
    t.is((await readKeyFile(path)).signer.did, next.signer.did);
    t.is((await readKeyFile(done.oldFile)).signer.did, OLD.did);
    t.is(readdirSync(dirname(path)).length, 3);
  }
});

test('files of other rotations and of others are left as they are', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const foreign = [`${path}.1.rotation.json`, `${path}.2.old`];
  for (const file of foreign) writeFileSync(file, 'of somebody else');
  const done = await rotateKeyFile(path, { since });
  t.is(done.oldFile, `${path}.3.old`);
  for (const file of foreign) t.is(readFileSync(file, 'utf8'), 'of somebody else');
});

test('a successor that cannot be read stops the exchange and says so', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('k'), { seed: SEED });
  writeFileSync(at('k.next'), '# cut\n', { mode: 0o600 });
  t.is(await refusal(t, () => rotateKeyFile(at('k'), { since })), 'bad-key-file');
  t.is((await readKeyFile(at('k'))).signer.did, OLD.did);
});
