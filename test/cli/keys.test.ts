import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { isDid } from '../../agent-core/identity/did-key.ts';
import { openKeyRotation } from '../../agent-core/identity/key-rotation.ts';
import { spellings } from '../agent-core/adapters/keys/secrets.ts';
import { haggle, scratch } from './haggle.ts';

const Facts = z.strictObject({
  file: z.string(),
  kind: z.literal('agent'),
  did: z.string().refine(isDid),
  nkey: z.string().regex(/^U[A-Z2-7]{55}$/),
  box: z.string().length(43).nullable(),
  protected: z.boolean(),
});

test('keys new makes a private file, and keys show says the same of it', async (t) => {
  const file = scratch(t)('agent.key');
  const made = await haggle('keys', 'new', file, '--json');
  t.is(made.code, 0, made.err);
  t.is(statSync(file).mode & 0o7777, 0o600);
  const shown = await haggle('keys', 'show', file, '--json');
  t.deepEqual(Facts.parse(JSON.parse(shown.out)), Facts.parse(JSON.parse(made.out)));
  const plain = await haggle('keys', 'show', file);
  t.regex(plain.out, /^did +did:key:z6Mk\S+\nnkey +U\S{55}\nx25519 +\S{43}\nprotected +by the file system only$/m);
});

test('keys new does not touch a file that is there', async (t) => {
  const file = scratch(t)('agent.key');
  writeFileSync(file, 'precious');
  const again = await haggle('keys', 'new', file);
  t.is(again.code, 73);
  t.regex(again.err, /it exists/);
  t.is(readFileSync(file, 'utf8'), 'precious');
});

test('a passphrase comes from a file, never from an argument', async (t) => {
  const at = scratch(t);
  writeFileSync(at('pass'), 'correct horse\n', { mode: 0o600 });
  const made = await haggle('keys', 'new', at('k'), '--passphrase-file', at('pass'), '--json');
  t.is(made.code, 0, made.err);
  const { protected: sealed, box } = Facts.parse(JSON.parse(made.out));
  t.true(sealed);
  t.is(Facts.parse(JSON.parse((await haggle('keys', 'show', at('k'), '--json')).out)).box, null);
  const opened = await haggle('keys', 'show', at('k'), '--passphrase-file', at('pass'), '--json');
  t.is(Facts.parse(JSON.parse(opened.out)).box, box);
  writeFileSync(at('wrong'), 'correct house\n', { mode: 0o600 });
  const refused = await haggle('keys', 'show', at('k'), '--passphrase-file', at('wrong'));
  t.is(refused.code, 77);
  t.regex(refused.err, /the passphrase does not open the key file/);
  t.is((await haggle('keys', 'new', at('n'), '--passphrase', 'correct horse')).code, 2);
  t.is((await haggle('keys', 'new', at('n'), '--protect')).code, 77);
});

test('every way in which a key file can be wrong has its code and one line', async (t) => {
  const at = scratch(t);
  await haggle('keys', 'new', at('good'));
  writeFileSync(at('open'), readFileSync(at('good')));
  chmodSync(at('open'), 0o644);
  symlinkSync(at('good'), at('link'));
  writeFileSync(at('cut'), readFileSync(at('good')).subarray(0, 200), { mode: 0o600 });
  const expected: readonly (readonly [name: string, code: number, says: RegExp])[] = [
    ['none', 66, /no such file/],
    ['open', 77, /chmod 600/],
    ['link', 77, /symbolic link/],
    ['cut', 65, /is not a key file/],
  ];
  for (const [name, code, says] of expected) {
    const { code: got, err } = await haggle('keys', 'show', at(name));
    t.is(got, code, name);
    t.regex(err, says);
    t.is(err.trim().split('\n').length, 1);
  }
});

test('keys rotate exchanges the key and leaves a statement that holds', async (t) => {
  const at = scratch(t);
  const made = Facts.parse(JSON.parse((await haggle('keys', 'new', at('k'), '--json')).out));
  const done = await haggle('keys', 'rotate', at('k'), '--since', '2027-01-31T12:00:00Z', '--json');
  t.is(done.code, 0, done.err);
  const now = Facts.parse(JSON.parse((await haggle('keys', 'show', at('k'), '--json')).out));
  const statement = readFileSync(at('k.1.rotation.json'), 'utf8').trimEnd();
  const since = Date.UTC(2027, 0, 31, 12) * 1_000;
  t.deepEqual(openKeyRotation(nodeBackend, statement), { from: made.did, to: now.did, since });
  t.is(Facts.parse(JSON.parse((await haggle('keys', 'show', at('k.1.old'), '--json')).out)).did, made.did);
  t.is((await haggle('keys', 'rotate', at('k'), '--since', 'tomorrow')).code, 2);
});

test('no command prints a seed, whatever it is asked for', async (t) => {
  const at = scratch(t);
  await haggle('nats-config', '--realm', 'bazaar', '--out', at('r'));
  await haggle('keys', 'new', at('k'));
  const secrets = [seedIn(at('k')), seedIn(at('r/operator.key')), seedIn(at('r/role-agent.key'))].flatMap(spellings);
  const commands: readonly (readonly string[])[] = [
    ['keys', 'show', at('k'), '--json'],
    ['keys', 'show', at('r/operator.key')],
    ['keys', 'new', at('k')],
    ['nats-config', 'user', '--dir', at('r'), '--agent', at('k'), '--json'],
    ['nats-config', 'user', '--dir', at('r'), '--agent', at('r/operator.key')],
    ['nats-config', 'revoke', '--dir', at('r'), '--agent', at('k'), '--json'],
    ['keys', 'rotate', at('k'), '--json'],
    ['keys', 'rotate', at('r/role-agent.key')],
  ];
  for (const command of commands) {
    const { out, err } = await haggle(...command);
    t.true(out.length + err.length > 0);
    for (const secret of secrets) t.false(`${out}${err}`.includes(secret), command.join(' '));
  }
});

/** The seed in a key file without a passphrase. */
function seedIn(file: string): Uint8Array {
  return Buffer.from(readFileSync(file, 'utf8').split('\n')[1] ?? '', 'base64').subarray(73, 105);
}
