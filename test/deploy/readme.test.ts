import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'ava';
import { MAIN, scratch } from '../cli/haggle.ts';
import { blocksOf } from '../docs-blocks.ts';
import { writeProgram } from '../fixtures/write-program.ts';
import { compose, mountsOf, nodes } from './compose.ts';
import { deployText, needs, run, sorted } from './files.ts';

const [keysFirst] = blocksOf(deployText('README.md')).filter(({ language }) => language === 'sh');

needs('sh')(
  'the page makes every key, token and account file that compose.yaml mounts, and hides them from git',
  async (t) => {
    const path = scratch(t);
    const [folder, bin] = [path('deploy'), path('bin')];
    for (const each of [folder, bin]) mkdirSync(each);
    writeProgram(join(bin, 'haggle'), `exec "${process.execPath}" "${MAIN}" "$@"`);
    const env = { ...process.env, NODE_OPTIONS: '', PATH: `${bin}${delimiter}${process.env['PATH']}` };
    const { code, out, err } = await run('sh', ['-e', '-c', `cd "${folder}"\n${keysFirst?.text}`], { env });
    t.is(code, 0, `${out}${err}`);

    for (const { file } of Object.values(compose.secrets)) {
      const mode = statSync(join(folder, file)).mode & 0o777;
      if (file.endsWith('.key')) t.is(mode, 0o600, file);
    }
    const [node] = nodes;
    const accounts =
      node === undefined ? undefined : mountsOf(node[1]).find(({ path: at }) => at === '/etc/nats/accounts');
    const included = [...deployText('nats/cluster.conf').matchAll(/^include "accounts\/(.*)"$/gm)].map(
      ([, name]) => name,
    );
    t.deepEqual(sorted(readdirSync(join(folder, accounts?.source ?? ''))), sorted(included));
    for (const name of included) t.is(statSync(join(folder, accounts?.source ?? '', name ?? '')).mode & 0o777, 0o644);

    const hidden = deployText('.gitignore').split('\n');
    const made = readdirSync(folder).flatMap((name) => (name === 'nats' ? ['nats/accounts'] : [name]));
    for (const name of made) t.true(hidden.includes(`/${name}/`), name);
    t.false(existsSync(join(folder, 'nats/accounts/account.key')));
    t.regex(readFileSync(join(folder, 'keys/seller.jwt'), 'utf8'), /^eyJ/);
  },
);

test('no key, token or account file lies in the repository', (t) => {
  for (const name of ['keys', 'realm', 'nats/accounts']) t.true(deployText('.gitignore').includes(`/${name}/\n`));
});
