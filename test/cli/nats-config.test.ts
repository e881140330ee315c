import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { decode } from '@nats-io/jwt';
import test from 'ava';
import { z } from 'zod';
import { haggle, scratch } from './haggle.ts';

const Made = z.object({
  realm: z.string(),
  folder: z.string(),
  config: z.string(),
  signers: z.record(z.string(), z.string()),
});
const Issued = z.object({ nkey: z.string(), role: z.string(), expires: z.int().nullable(), token: z.string() });

test('nats-config makes a private folder once, and refuses to overwrite it', async (t) => {
  const at = scratch(t);
  const made = await haggle('nats-config', '--realm', 'bazaar', '--out', at('r'), '--json');
  t.is(made.code, 0, made.err);
  t.is(Made.parse(JSON.parse(made.out)).realm, 'bazaar');
  t.is(statSync(at('r')).mode & 0o7777, 0o700);
  t.deepEqual(readdirSync(at('.')), ['r']);
  const before = readFileSync(at('r/realm.json'), 'utf8');
  const again = await haggle('nats-config', '--realm', 'bazaar', '--out', at('r'));
  t.is(again.code, 73);
  t.is(readFileSync(at('r/realm.json'), 'utf8'), before);
});

test('wrong flags are told and leave nothing behind', async (t) => {
  const at = scratch(t);
  const attempts: readonly (readonly string[])[] = [
    [],
    ['--realm', 'bazaar'],
    ['--out', at('r')],
    ['--realm', 'ba zaar', '--out', at('r')],
    ['--realm', 'bazaar', '--out', at('r'), '--port', '0'],
    ['--realm', 'bazaar', '--out', at('r'), '--port', '65536'],
  ];
  for (const attempt of attempts) t.is((await haggle('nats-config', ...attempt)).code, 2, attempt.join(' '));
  t.deepEqual(readdirSync(at('.')), []);
});

test('an agent is named by its key file, its NKEY or its did', async (t) => {
  const at = scratch(t);
  await haggle('nats-config', '--realm', 'bazaar', '--out', at('r'));
  const { did, nkey } = z
    .object({ did: z.string(), nkey: z.string() })
    .parse(JSON.parse((await haggle('keys', 'new', at('k'), '--json')).out));
  for (const agent of [did, nkey, at('k')]) {
    const issued = await haggle('nats-config', 'user', '--dir', at('r'), '--agent', agent, '--json');
    t.is(Issued.parse(JSON.parse(issued.out)).nkey, nkey, issued.err);
  }
  const file = await haggle(
    'nats-config',
    'user',
    '--dir',
    at('r'),
    '--agent',
    nkey,
    '--expires',
    '30d',
    '--token',
    at('t'),
  );
  t.is(file.code, 0, file.err);
  const life = (decode(readFileSync(at('t'), 'utf8').trim()).exp ?? 0) - Date.now() / 1_000;
  t.true(life > 29 * 86_400 && life < 31 * 86_400);
  t.is((await haggle('nats-config', 'user', '--dir', at('r'), '--agent', nkey, '--token', at('t'))).code, 73);
});

test('what cannot be issued or revoked has its code', async (t) => {
  const at = scratch(t);
  await haggle('nats-config', '--realm', 'bazaar', '--out', at('r'));
  await haggle('keys', 'new', at('k'));
  const code = async (...args: readonly string[]): Promise<number> => (await haggle('nats-config', ...args)).code;
  t.is(await code('user', '--dir', at('r'), '--agent', 'did:key:z6MkWrong'), 2);
  t.is(await code('user', '--dir', at('r'), '--agent', at('none')), 66);
  t.is(await code('user', '--dir', at('r'), '--agent', at('r/account.key')), 65);
  t.is(await code('user', '--dir', at('r'), '--agent', at('k'), '--expires', 'soon'), 2);
  t.is(await code('user', '--dir', at('r'), '--agent', at('k'), '--role', 'king'), 2);
  t.is(await code('user', '--dir', at('none'), '--agent', at('k')), 66);
  t.is(await code('revoke', '--dir', at('r'), '--agent', at('k')), 0);
  writeFileSync(at('r/realm.json'), '{}');
  t.is(await code('revoke', '--dir', at('r'), '--agent', at('k')), 78);
});
