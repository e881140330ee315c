import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  createKeyFile,
  readKeyFacts,
  readKeyFile,
  type ReadKeyOptions,
} from '../../../../agent-core/adapters/keys/key-file.ts';
import { SEED, advice, refusal, scratch } from './secrets.ts';

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

test('a mask of the process does not make the file unreadable to its owner', async (t) => {
  const path = scratch(t)('agent.key');
  const main = new URL('../../../../agent-core/adapters/keys/key-file.js', import.meta.url).href;
  const program = `process.umask(0o777); const { createKeyFile } = await import(${JSON.stringify(main)}); await createKeyFile(${JSON.stringify(path)});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program]);
  t.is(statSync(path).mode & 0o7777, 0o600);
});

test('a file, a folder or a link of that name is never overwritten', async (t) => {
  const at = scratch(t);
  writeFileSync(at('file'), 'precious');
  symlinkSync(at('file'), at('link'));
  symlinkSync(at('nowhere'), at('dangling'));
  mkdirSync(at('folder'));
  for (const name of ['file', 'link', 'dangling', 'folder']) {
    t.is(await refusal(t, () => createKeyFile(at(name), { seed: SEED })), 'key-exists', name);
  }
  t.is(readFileSync(at('file'), 'utf8'), 'precious');
  t.deepEqual(readdirSync(dirname(at('x'))).toSorted(), ['dangling', 'file', 'folder', 'link']);
});

for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o777, 0o660, 0o444]) {
  test(`mode 0${mode.toString(8)} is refused, and the message says how to mend it`, async (t) => {
    const path = scratch(t)('agent.key');
    await createKeyFile(path, { seed: SEED });
    chmodSync(path, mode);
    t.is(await refusal(t, () => readKeyFile(path)), 'key-permissions');
    t.true((await advice(t, () => readKeyFile(path))).includes(`chmod 600 ${path}`));
    t.is(await refusal(t, () => readKeyFacts(path)), 'key-permissions');
  });
}

for (const mode of [0o600, 0o400, 0o700]) {
  test(`mode 0${mode.toString(8)} is accepted`, async (t) => {
    const path = scratch(t)('agent.key');
    await createKeyFile(path, { seed: SEED });
    chmodSync(path, mode);
    await t.notThrowsAsync(readKeyFile(path));
  });
}

test('a symbolic link is refused even where it leads to a good key', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  symlinkSync(at('agent.key'), at('link'));
  t.is(await refusal(t, () => readKeyFile(at('link'))), 'key-symlink');
});

test('a second name of the same file is the same file', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  linkSync(at('agent.key'), at('other'));
  await t.notThrowsAsync(readKeyFile(at('other')));
});

test('a folder and a pipe are refused, and the pipe does not block', async (t) => {
  const at = scratch(t);
  mkdirSync(at('folder'));
  execFileSync('mkfifo', ['-m', '600', at('pipe')]);
  t.is(await refusal(t, () => readKeyFile(at('folder'))), 'bad-key-file');
  t.is(await refusal(t, () => readKeyFile(at('pipe'))), 'bad-key-file');
});

test('a device is refused', async (t) => {
  const code = await refusal(t, () => readKeyFile('/dev/zero'));
  t.true(code === 'bad-key-file' || code === 'key-owner');
});

test('a file that is too large is refused without being read on', async (t) => {
  const path = scratch(t)('agent.key');
  writeFileSync(path, '# x\n', { mode: 0o600 });
  truncateSync(path, 10_000_000_000);
  t.is(await refusal(t, () => readKeyFile(path)), 'bad-key-file');
});

test('a credential of the service manager may be readable to its group and reached by a link of its folder', async (t) => {
  const at = scratch(t);
  mkdirSync(at('credentials'));
  mkdirSync(at('credentials/..data'));
  await createKeyFile(at('credentials/..data/agent.key'), { seed: SEED });
  symlinkSync('..data/agent.key', at('credentials/agent.key'));
  chmodSync(at('credentials/..data/agent.key'), 0o440);
  const options: ReadKeyOptions = { credentialsDirectory: at('credentials') };
  await t.notThrowsAsync(readKeyFile(at('credentials/agent.key'), options));
  t.is(await refusal(t, () => readKeyFile(at('credentials/agent.key'))), 'key-symlink');
  t.is(await refusal(t, () => readKeyFile(at('credentials/..data/agent.key'))), 'key-permissions');
  for (const mode of [0o444, 0o460, 0o450]) {
    chmodSync(at('credentials/..data/agent.key'), mode);
    t.is(await refusal(t, () => readKeyFile(at('credentials/agent.key'), options)), 'key-permissions');
  }
});

test('links into and out of the folder of credentials are links as any other', async (t) => {
  const at = scratch(t);
  mkdirSync(at('credentials'));
  await createKeyFile(at('credentials/agent.key'), { seed: SEED });
  await createKeyFile(at('outside.key'), { seed: SEED });
  symlinkSync(at('credentials/agent.key'), at('in'));
  symlinkSync(at('outside.key'), at('credentials/out'));
  const options: ReadKeyOptions = { credentialsDirectory: at('credentials') };
  t.is(await refusal(t, () => readKeyFile(at('in'), options)), 'key-symlink');
  t.is(await refusal(t, () => readKeyFile(at('credentials/out'), options)), 'key-symlink');
});

test('a folder of credentials that is not there or not named changes nothing', async (t) => {
  const at = scratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  for (const credentialsDirectory of ['', at('none')]) {
    await t.notThrowsAsync(readKeyFile(at('agent.key'), { credentialsDirectory }));
  }
});

const NOBODY = 65_534;

function readAs(user: number, path: string, options: ReadKeyOptions = {}): string {
  const main = new URL('../../../../agent-core/adapters/keys/key-file.js', import.meta.url).href;
  const program = `
    const { readKeyFile } = await import(${JSON.stringify(main)});
    process.setegid(${user});
    process.seteuid(${user});
    console.log(await readKeyFile(${JSON.stringify(path)}, ${JSON.stringify(options)}).then(() => 'ok', (e) => e.code));
  `;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).trim();
}

function openScratch(t: ExecutionContext): (name: string) => string {
  const at = scratch(t);
  chmodSync(at('.'), 0o755);
  return at;
}

asRoot("another user cannot read root's key", async (t) => {
  const at = openScratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  t.is(readAs(NOBODY, at('agent.key')), 'key-permissions');
});

asRoot('a key of another owner is refused even where its mode lets it be read', async (t) => {
  const at = openScratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  chownSync(at('agent.key'), 12_345, NOBODY);
  chmodSync(at('agent.key'), 0o640);
  t.is(readAs(NOBODY, at('agent.key')), 'key-owner');
  chownSync(at('agent.key'), 0, NOBODY);
  t.is(readAs(NOBODY, at('agent.key')), 'key-owner');
});

asRoot('a user reads the key that belongs to them', async (t) => {
  const at = openScratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  chownSync(at('agent.key'), NOBODY, NOBODY);
  t.is(readAs(NOBODY, at('agent.key')), 'ok');
});

asRoot('root reads the key of any user', async (t) => {
  const at = openScratch(t);
  await createKeyFile(at('agent.key'), { seed: SEED });
  chownSync(at('agent.key'), NOBODY, NOBODY);
  await t.notThrowsAsync(readKeyFile(at('agent.key')));
});

asRoot("a service reads root's credential through its group, and nobody else's", async (t) => {
  const at = openScratch(t);
  mkdirSync(at('credentials'), { mode: 0o755 });
  await createKeyFile(at('credentials/agent.key'), { seed: SEED });
  chownSync(at('credentials/agent.key'), 0, NOBODY);
  chmodSync(at('credentials/agent.key'), 0o440);
  const options = { credentialsDirectory: at('credentials') };
  t.is(readAs(NOBODY, at('credentials/agent.key'), options), 'ok');
  chownSync(at('credentials/agent.key'), 12_345, NOBODY);
  t.is(readAs(NOBODY, at('credentials/agent.key'), options), 'key-owner');
});
