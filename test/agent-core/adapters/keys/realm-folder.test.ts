import { copyFileSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decode, type Account, type User } from '@nats-io/jwt';
import test, { type ExecutionContext } from 'ava';
import {
  issueUser,
  readRealm,
  revokeUser,
  writeRealm,
  type WriteRealmOptions,
} from '../../../../agent-core/adapters/keys/realm-folder.ts';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import { permissionTemplate, BROKER_ROLES } from '../../../../agent-core/bus/permissions.ts';
import { refusal, scratch } from './secrets.ts';

const OPTIONS: WriteRealmOptions = { realm: 'bazaar', host: '127.0.0.1', port: 4222, jetstream: null };
const AGENT = nodeBackend.signer(new Uint8Array(32).fill(5));

async function realm(t: ExecutionContext, options: Partial<WriteRealmOptions> = {}): Promise<string> {
  const folder = dirname(scratch(t)('x'));
  await writeRealm(folder, { ...OPTIONS, ...options });
  return folder;
}

/** The realm's account as the broker is told of it. */
function accountOf(folder: string): Account {
  const { account } = readRealm(folder);
  const token = new RegExp(`${account}: (\\S+)`).exec(readFileSync(join(folder, 'accounts.conf'), 'utf8'))?.[1];
  const claims = decode<Account>(token ?? '');
  return claims.nats as Account;
}

test('all keys are private, and nothing else in the folder holds one', async (t) => {
  const folder = await realm(t);
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.key')) t.is(statSync(join(folder, name)).mode & 0o7777, 0o600, name);
    else t.notRegex(readFileSync(join(folder, name), 'utf8'), /secret|\bS[OAU][A-Z2-7]{56}\b/);
  }
  t.is(readdirSync(folder).filter((name) => name.endsWith('.key')).length, 3 + BROKER_ROLES.length);
});

test('the account says of each role what the table says', async (t) => {
  const { signing_keys: keys = [], limits } = accountOf(await realm(t));
  t.is(keys.length, BROKER_ROLES.length);
  for (const key of keys) {
    if (typeof key === 'string') return t.fail('a signing key without a template');
    const role = BROKER_ROLES.find((known) => known === key.role);
    if (role === undefined) return t.fail(`the role ${key.role} is not known`);
    const { publish, subscribe } = permissionTemplate(role, 'bazaar');
    t.deepEqual(key.template.pub?.allow, [...publish]);
    t.deepEqual(key.template.sub?.allow, [...subscribe]);
    t.deepEqual(key.template.resp, { max: 0, ttl: 0 });
    t.false(key.template.bearer_token);
  }
  return t.true(limits?.disallow_bearer);
});

test('a user token names the key, the account and no permission', async (t) => {
  const folder = await realm(t);
  const token = await issueUser(folder, { role: 'agent', nkey: AGENT.nkey, name: 'ann', expires: 2_000_000_000 });
  const claims = decode<User>(token);
  t.is(claims.sub, AGENT.nkey);
  t.is(claims.exp, 2_000_000_000);
  t.is(claims.iss, readRealm(folder).signers.agent);
  t.is(claims.nats.issuer_account, readRealm(folder).account);
  t.deepEqual(Object.keys(claims.nats).toSorted(), ['issuer_account', 'type', 'version']);
});

test('a revocation is remembered, never moves back, and leaves the operator and the configuration as they are', async (t) => {
  const folder = await realm(t);
  const fixed = (): string =>
    ['operator.conf', 'nats-server.conf'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const before = fixed();
  await revokeUser(folder, { nkey: AGENT.nkey, at: 1_000 });
  await revokeUser(folder, { nkey: AGENT.nkey, at: 500 });
  t.deepEqual(readRealm(folder).revoked, { [AGENT.nkey]: 1_000 });
  t.deepEqual(accountOf(folder).revocations, { [AGENT.nkey]: 1_000 });
  t.is(fixed(), before);
  t.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('the configuration listens on loopback, bounds payloads and lets nobody in without a token', async (t) => {
  const folder = await realm(t, { jetstream: '/var/lib/"nats' });
  const config = readFileSync(join(folder, 'nats-server.conf'), 'utf8');
  t.regex(config, /^host: "127\.0\.0\.1"$/m);
  t.regex(config, /^max_payload: 69632$/m);
  t.regex(config, /^ {2}store_dir: "\/var\/lib\/\\"nats"$/m);
  t.notRegex(config, /no_auth_user|authorization/);
});

test('protected keys need the passphrase to issue and to revoke', async (t) => {
  const passphrase = (): Uint8Array => Buffer.from('correct horse');
  const folder = await realm(t, { passphrase: passphrase(), cost: { logN: 8, r: 8, p: 1 } });
  const user = { role: 'agent', nkey: AGENT.nkey, name: 'ann' } as const;
  t.is(await refusal(t, () => issueUser(folder, user)), 'passphrase-needed');
  t.is(await refusal(t, () => revokeUser(folder, { nkey: AGENT.nkey, at: 1 })), 'passphrase-needed');
  await t.notThrowsAsync(issueUser(folder, { ...user, passphrase }));
  await t.notThrowsAsync(revokeUser(folder, { nkey: AGENT.nkey, at: 1, passphrase }));
});

test('a key that is not the one of the record is refused', async (t) => {
  const folder = await realm(t);
  copyFileSync(join(folder, 'role-tool.key'), join(folder, 'role-agent.key'));
  const user = { role: 'agent', nkey: AGENT.nkey, name: 'ann' } as const;
  t.is(await refusal(t, () => issueUser(folder, user)), 'bad-config');
});

test('a malformed record is told by the field that is wrong', async (t) => {
  const folder = await realm(t);
  const path = join(folder, 'realm.json');
  const good = readFileSync(path, 'utf8');
  const bad = [
    '',
    '{}',
    '[]',
    good.replace('"haggleRealm": 1', '"haggleRealm": 2'),
    good.replace('bazaar', 'ba zaar'),
    good.replace('"revoked": {}', '"revoked": {"x": 1}'),
    good.replace('"revoked": {}', '"revoked": {}, "more": 1'),
    good.replace(/"operator": "O/, '"operator": "A'),
  ];
  for (const text of bad) {
    writeFileSync(path, text);
    t.is(await refusal(t, () => readRealm(folder)), 'bad-config', text);
  }
  t.is(await refusal(t, () => readRealm(join(folder, 'nowhere'))), 'no-input');
});

test('what is no name of a realm is refused before any key is made', async (t) => {
  const folder = dirname(scratch(t)('x'));
  for (const name of ['', 'a b', 'a.b', '>', '*', 'x'.repeat(65), 'é']) {
    t.is(await refusal(t, () => writeRealm(folder, { ...OPTIONS, realm: name })), 'bad-realm');
  }
  t.deepEqual(readdirSync(folder), []);
});

test('keys that are there are never overwritten', async (t) => {
  const folder = await realm(t);
  t.is(await refusal(t, () => writeRealm(folder, OPTIONS)), 'key-exists');
});
