import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HaggleError } from '../../../../agent-core/errors.ts';
import {
  installNatsServer,
  PINNED_NATS_VERSION,
  type InstallTools,
} from '../../../../agent-core/adapters/nats-server/install.ts';
import { writeProgram } from '../../../fixtures/write-program.ts';

/** What `--version` of a nats-server prints, as a shell script. */
function fakeServer(path: string, version: string): void {
  writeProgram(path, `echo "nats-server: v${version}"`);
}

function cacheOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-install-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'nats-server');
}

/** A machine on which nothing is installed; what it can do is added. */
function bare(able: Partial<InstallTools> & { readonly programs?: Programs } = {}): InstallTools {
  const { programs = {}, ...rest } = able;
  return {
    platform: 'linux',
    arch: 'x64',
    run: async (program, args, { folder, env = {} }) => {
      const known = programs[program];
      if (program === 'chmod') return '';
      if (known === undefined) throw new HaggleError('install-failed', `${program} is not installed`);
      return await Promise.resolve(known({ args, folder, env }) ?? '');
    },
    fetch: async (url) => await Promise.reject(new HaggleError('install-failed', `${url} cannot be fetched`)),
    ...rest,
  };
}

interface Call {
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}
type Programs = Readonly<Record<string, (call: Call) => string | undefined>>;

const go: Programs = {
  go: ({ args, env }) => {
    if (args[1] !== `github.com/nats-io/nats-server/v2@v${PINNED_NATS_VERSION}`) throw new TypeError('another module');
    fakeServer(join(env['GOBIN'] ?? '', 'nats-server'), PINNED_NATS_VERSION);
    return undefined;
  },
};

test('builds the pinned release with Go, tells so, and does not build it twice', async (t) => {
  const to = cacheOf(t);
  const steps: string[] = [];
  const tools = bare({ programs: go });
  const installed = await installNatsServer({ to, tools, onStep: (text) => steps.push(text) });
  t.deepEqual(installed, {
    path: join(to, PINNED_NATS_VERSION, 'nats-server'),
    version: PINNED_NATS_VERSION,
    method: 'go',
  });
  t.deepEqual(readdirSync(to), [PINNED_NATS_VERSION]);
  t.is(steps.length, 1);
  t.is((await installNatsServer({ to, tools: bare() })).method, 'cache');
});

test('tries each way in turn and tells what each of them said', async (t) => {
  const to = cacheOf(t);
  const steps: string[] = [];
  const error = await t.throwsAsync(installNatsServer({ to, tools: bare(), onStep: (text) => steps.push(text) }), {
    instanceOf: HaggleError,
  });
  t.is(error.code, 'install-failed');
  for (const part of ['go: go is not installed', 'archive: https://', 'brew: brew is', 'apt: apt-get is']) {
    t.true(error.message.includes(part), part);
  }
  t.is(steps.length, 8);
  t.deepEqual(readdirSync(to), []);
});

test("unpacks Debian's package without root", async (t) => {
  const to = cacheOf(t);
  const programs: Programs = {
    'apt-get': ({ args, folder }) => {
      t.deepEqual(args, ['download', 'nats-server']);
      writeFileSync(join(folder, 'nats-server_2.9.10-1_amd64.deb'), '');
      return undefined;
    },
    'dpkg-deb': ({ folder }) => {
      mkdirSync(join(folder, 'unpacked', 'usr', 'sbin'), { recursive: true });
      fakeServer(join(folder, 'unpacked', 'usr', 'sbin', 'nats-server'), '2.9.10');
      return undefined;
    },
  };
  const { version, method, path } = await installNatsServer({ to, tools: bare({ programs }) });
  t.deepEqual([version, method, path], ['2.9.10', 'apt', join(to, '2.9.10', 'nats-server')]);
  t.deepEqual(readdirSync(to), ['2.9.10']);
});

test('takes what Homebrew has', async (t) => {
  const to = cacheOf(t);
  const programs: Programs = {
    brew: ({ args }) => (args[0] === '--prefix' ? '/brewed\n' : ''),
    cp: ({ args, folder }) => {
      t.deepEqual(args, ['/brewed/bin/nats-server', join(folder, 'nats-server')]);
      fakeServer(join(folder, 'nats-server'), '2.14.7');
      return undefined;
    },
  };
  const { version, method } = await installNatsServer({ to, tools: bare({ platform: 'darwin', programs }) });
  t.deepEqual([version, method], ['2.14.7', 'brew']);
});

test('does not unpack an archive whose checksum is another', async (t) => {
  const to = cacheOf(t);
  const fetched: string[] = [];
  const tools = bare({
    fetch: async (url) => {
      fetched.push(url);
      return await Promise.resolve(Uint8Array.of(1, 2, 3));
    },
  });
  const error = await t.throwsAsync(installNatsServer({ to, method: 'archive', tools }), { instanceOf: HaggleError });
  t.regex(error.message, /SHA-256 039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81, expected 58ab8131/);
  t.deepEqual(fetched, [
    `https://github.com/nats-io/nats-server/releases/download/v${PINNED_NATS_VERSION}/nats-server-v${PINNED_NATS_VERSION}-linux-amd64.tar.gz`,
  ]);
  t.deepEqual(readdirSync(to), []);
});

test('asks for no archive whose checksum it does not know', async (t) => {
  for (const machine of [{ platform: 'darwin' }, { arch: 'riscv64' }]) {
    const tools = bare({ ...machine, fetch: async () => await Promise.reject(new TypeError('fetched')) });
    const error = await t.throwsAsync(installNatsServer({ to: cacheOf(t), method: 'archive', tools }));
    t.regex(error.message, /is not known here/);
  }
});

test('a program that does not run is not kept', async (t) => {
  const to = cacheOf(t);
  const programs: Programs = {
    go: ({ env }) => {
      writeFileSync(join(env['GOBIN'] ?? '', 'nats-server'), 'not a program', { mode: 0o755 });
      return undefined;
    },
  };
  const error = await t.throwsAsync(installNatsServer({ to, method: 'go', tools: bare({ programs }) }));
  t.regex(error.message, /does not run/);
  t.deepEqual(readdirSync(to), []);
});

test('two that install at once wait for each other, and a lock whose owner is gone is taken over', async (t) => {
  const to = cacheOf(t);
  mkdirSync(to, { recursive: true });
  // Beyond the largest process number of Linux (2^22): nobody's.
  writeFileSync(join(to, '.lock'), '99999999');
  const tools = bare({ programs: go });
  const both = await Promise.all([installNatsServer({ to, tools }), installNatsServer({ to, tools })]);
  t.deepEqual(both.map(({ method }) => method).toSorted(), ['cache', 'go']);
  t.false(existsSync(join(to, '.lock')));
});
