import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import { createKeyFile, readKeyFacts, readKeyFile } from '../../../../agent-core/adapters/keys/key-file.ts';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import { SEED, advice, printed, refusal, scratch, spellings } from './secrets.ts';

const CHEAP = { logN: 8, r: 8, p: 1 };

const words = (text: string): Uint8Array => Buffer.from(text);

test('a new key is read back: same signer, same sealing key, mode 0600 and two lines', async (t) => {
  const path = scratch(t)('agent.key');
  const facts = await createKeyFile(path, { seed: SEED });
  t.is(statSync(path).mode & 0o7777, 0o600);
  t.regex(readFileSync(path, 'utf8'), /^# Haggle agent key of did:key:z6Mk\S+; secret: .+\n[A-Za-z0-9+/]+=*\n$/);
  const key = await readKeyFile(path);
  t.deepEqual(key.publicKey, facts.publicKey);
  t.is(key.signer.did, nodeBackend.signer(SEED).did);
  t.deepEqual(key.signer.sign(words('x')), nodeBackend.signer(SEED).sign(words('x')));
  t.deepEqual(readKeyFacts(path), { kind: 'agent', publicKey: facts.publicKey, protected: false });
});

test('two keys made one after the other differ', async (t) => {
  const at = scratch(t);
  const one = await createKeyFile(at('one'));
  const two = await createKeyFile(at('two'));
  t.notDeepEqual(one.publicKey, two.publicKey);
});

test('a key is not made in a folder that is not there', async (t) => {
  const at = scratch(t);
  t.is(await refusal(t, () => createKeyFile(at('no/agent.key'), { seed: SEED })), 'cannot-write');
});

test('a seed of another length is refused', async (t) => {
  t.is(await refusal(t, () => createKeyFile(scratch(t)('k'), { seed: SEED.subarray(1) })), 'bad-seed');
});

test('a file that is not there is no-input', async (t) => {
  t.is(await refusal(t, () => readKeyFile(scratch(t)('none'))), 'no-input');
});

test('what is no key file is refused with the reason', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('good'), { seed: SEED });
  const [comment = '', key = ''] = readFileSync(at('good'), 'utf8').split('\n');
  const bad: readonly [text: string, says: RegExp][] = [
    ['', /two lines/],
    [comment, /two lines/],
    [`${key}\n`, /two lines/],
    [`${comment}\n${key}\n\n`, /two lines/],
    [`${comment.slice(2)}\n${key}\n`, /two lines/],
    [`${comment}\r\n${key}\r\n`, /base64/],
    [`${comment}\n ${key}\n`, /base64/],
    [`${comment}\n${key.slice(0, -4)}\n`, /bytes/],
    [`${comment}\n${key.replace(/^./, 'X')}\n`, /checksum/],
    [`${comment}\nSUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n`, /base64|bytes/],
    [`-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`, /two lines/],
  ];
  for (const [index, [text, says]] of bad.entries()) {
    const path = at(`bad-${index}`);
    writeFileSync(path, text, { mode: 0o600 });
    t.is(await refusal(t, () => readKeyFile(path)), 'bad-key-file');
    t.regex(await advice(t, () => readKeyFile(path)), says);
  }
});

test('a key file without its last line break is still one', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  truncateSync(path, statSync(path).size - 1);
  await t.notThrowsAsync(readKeyFile(path));
});

test('every change of one character of the key is noticed', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('good'), { seed: SEED });
  const text = readFileSync(at('good'), 'utf8');
  const start = text.indexOf('\n') + 1;
  const draw = fc.tuple(fc.integer({ min: start, max: text.length - 2 }), fc.integer({ min: 33, max: 126 }));
  await fc.assert(
    fc.asyncProperty(draw, async ([index, code]) => {
      const character = String.fromCharCode(code);
      fc.pre(text[index] !== character);
      writeFileSync(at('bad'), `${text.slice(0, index)}${character}${text.slice(index + 1)}`, { mode: 0o600 });
      t.is(await refusal(t, () => readKeyFile(at('bad'))), 'bad-key-file');
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('a file cut anywhere is refused', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('good'), { seed: SEED });
  const text = readFileSync(at('good'));
  for (let length = 0; length < text.length - 1; length++) {
    writeFileSync(at('cut'), text.subarray(0, length), { mode: 0o600 });
    t.is(await refusal(t, () => readKeyFile(at('cut'))), 'bad-key-file', `${length} bytes`);
  }
});

test('the key of an operator or account does not serve as an agent', async (t) => {
  const at = scratch(t);
  for (const kind of ['operator', 'account'] as const) {
    await createKeyFile(at(kind), { seed: SEED, kind });
    t.is(await refusal(t, () => readKeyFile(at(kind))), 'wrong-key-kind');
    t.is((await readKeyFile(at(kind), { kind })).kind, kind);
    t.is(readKeyFacts(at(kind)).kind, kind);
  }
});

test('a passphrase protects the seed: neither it nor the seed is in the file', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED, passphrase: words('correct horse'), cost: CHEAP });
  const bytes = Buffer.from(readFileSync(path, 'utf8').split('\n')[1] ?? '', 'base64');
  t.is(bytes.indexOf(SEED), -1);
  t.true(readKeyFacts(path).protected);
  const key = await readKeyFile(path, { passphrase: () => words('correct horse') });
  t.is(key.signer.did, nodeBackend.signer(SEED).did);
  t.true(key.protected);
});

test('the default cost of a passphrase is N = 2^17, and it opens', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED, passphrase: words('correct horse') });
  const bytes = Buffer.from(readFileSync(path, 'utf8').split('\n')[1] ?? '', 'base64');
  t.deepEqual([...bytes.subarray(4, 9)], [83, 99, 17, 8, 1]);
  await t.notThrowsAsync(readKeyFile(path, { passphrase: () => words('correct horse') }));
});

test('the same key and passphrase never give the same file', async (t) => {
  const at = scratch(t);
  const options = { seed: SEED, passphrase: words('correct horse'), cost: CHEAP };
  await createKeyFile(at('one'), options);
  await createKeyFile(at('two'), options);
  t.notDeepEqual(readFileSync(at('one')), readFileSync(at('two')));
});

test('a wrong passphrase is told from a damaged file, and no passphrase from a wrong one', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED, passphrase: words('correct horse'), cost: CHEAP });
  t.is(await refusal(t, () => readKeyFile(path, { passphrase: () => words('correct house') })), 'wrong-passphrase');
  t.is(await refusal(t, () => readKeyFile(path, { passphrase: () => words('') })), 'wrong-passphrase');
  t.is(await refusal(t, () => readKeyFile(path)), 'passphrase-needed');
  const shown = printed(await t.throwsAsync(readKeyFile(path, { passphrase: () => words('correct house') })));
  t.false(shown.includes('correct house'));
});

test('a passphrase is not asked for where none is needed, and overwritten after use', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('plain'), { seed: SEED });
  await readKeyFile(at('plain'), { passphrase: () => t.fail() });
  await createKeyFile(at('sealed'), { seed: SEED, passphrase: words('correct horse'), cost: CHEAP });
  const passphrase = words('correct horse');
  await readKeyFile(at('sealed'), { passphrase: () => passphrase });
  t.true(passphrase.every((byte) => byte === 0));
});

test('a file that asks for more than 1 GiB of scrypt is refused', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('key'), { seed: SEED, passphrase: words('correct horse'), cost: CHEAP });
  const [comment = '', encoded = ''] = readFileSync(at('key'), 'utf8').split('\n');
  for (const cost of [
    [21, 8, 1],
    [17, 9, 1],
    [17, 8, 2],
    [0, 8, 1],
    [17, 0, 1],
    [255, 255, 255],
  ]) {
    const bytes = Buffer.from(encoded, 'base64');
    bytes.set(cost, 6);
    bytes.set(Buffer.from(nodeBackend.sha256(bytes.subarray(0, 121))).subarray(0, 16), 121);
    writeFileSync(at('costly'), `${comment}\n${bytes.toString('base64')}\n`, { mode: 0o600 });
    t.regex(await advice(t, () => readKeyFile(at('costly'))), /scrypt/);
  }
});

test('the public key of a protected file cannot be exchanged: the seed no longer opens', async (t) => {
  const at = scratch(t);
  const passphrase = (): Uint8Array => words('correct horse');
  await createKeyFile(at('key'), { seed: SEED, passphrase: passphrase(), cost: CHEAP });
  const [comment = '', encoded = ''] = readFileSync(at('key'), 'utf8').split('\n');
  const bytes = Buffer.from(encoded, 'base64');
  bytes.set(nodeBackend.signer(SEED.map((byte) => byte ^ 1)).publicKey, 41);
  bytes.set(Buffer.from(nodeBackend.sha256(bytes.subarray(0, 121))).subarray(0, 16), 121);
  writeFileSync(at('other'), `${comment}\n${bytes.toString('base64')}\n`, { mode: 0o600 });
  t.is(await refusal(t, () => readKeyFile(at('other'), { passphrase })), 'wrong-passphrase');
});

test('a seed and a public key that do not belong together are refused', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('key'), { seed: SEED });
  const [comment = '', encoded = ''] = readFileSync(at('key'), 'utf8').split('\n');
  const bytes = Buffer.from(encoded, 'base64');
  bytes.set(nodeBackend.signer(SEED.map((byte) => byte ^ 1)).publicKey, 41);
  bytes.set(Buffer.from(nodeBackend.sha256(bytes.subarray(0, 121))).subarray(0, 16), 121);
  writeFileSync(at('other'), `${comment}\n${bytes.toString('base64')}\n`, { mode: 0o600 });
  t.is(await refusal(t, () => readKeyFile(at('other'))), 'bad-key-file');
});

test('an open key prints without its secrets', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const shown = printed(await readKeyFile(path));
  for (const spelling of spellings(SEED)) t.false(shown.includes(spelling));
  t.true(shown.includes('Signer(did:key:'));
});

test('a key that was disposed of neither signs nor opens mail', async (t) => {
  const path = scratch(t)('agent.key');
  await createKeyFile(path, { seed: SEED });
  const key = await readKeyFile(path);
  key.dispose();
  t.throws(() => key.signer.sign(words('x')), { code: 'key-disposed' });
  const mail = { nonce: new Uint8Array(24), sealed: new Uint8Array(20), from: key.box.publicKey };
  t.throws(() => key.box.open(mail), { code: 'key-disposed' });
});

/** Reads a key as another user, in a process of its own: what the code of the refusal is, or `ok`. */
/** A folder in which every user may walk. */
