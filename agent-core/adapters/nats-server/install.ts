import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HaggleError } from '../../errors.ts';
import { cacheFolder, versionOf } from './find.ts';
import { withLock } from './install-lock.ts';

/** The release that is installed where the way of installing lets us choose. */
export const PINNED_NATS_VERSION = '2.12.15';

/**
 * SHA-256 of the archives `nats-server-v2.12.15-linux-<arch>.tar.gz` of the official release, as the build of the official
 * image `nats:2.12.15-alpine3.22` checks them (docker-library/repo-info, repos/nats/remote/2.12.15-alpine3.22.md).
 */
const ARCHIVE_SHA256: ReadonlyMap<string, string> = new Map([
  ['amd64', '58ab8131f819263897e2fc38e503e1b755b63bcafeecc7d12582487df48ca15e'],
  ['arm64', 'b724db99fefbf8f5c808baa82819ee50350aee9734017e4a478f7e545cef3ab6'],
  ['386', 'e20fd919512273ed8ee553f5076bd76b1fc5e78a3cf83eafed4e0b40582f9b87'],
  ['ppc64le', '56447e72ec0551fa27a4368388dee475e028d4d5de6d97a802d944c6f278cf1e'],
  ['s390x', '5db960be875da499f1354f41c0a7780303fb9644cf62d35022677e77b4178029'],
]);

/** Names of processors: Node's, and those of the releases. */
const ARCH: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['s390x', 's390x'],
]);

const ARCHIVE_BYTES = 100_000_000;
const RUN_MILLIS = 15 * 60_000;
const FETCH_MILLIS = 5 * 60_000;

/**
 * Ways to install, in the order they are tried: `go` builds the pinned release (its modules are checked against Go's
 * checksum database), `archive` takes the official binary of the pinned release for Linux, `brew` and `apt` what Homebrew and
 * Debian have. None needs root.
 */
export const INSTALL_METHODS = ['go', 'archive', 'brew', 'apt'] as const;

/** One of {@link INSTALL_METHODS}. */
export type InstallMethod = (typeof INSTALL_METHODS)[number];

/** Options of {@link installNatsServer}. */
export interface InstallOptions {
  /** Only this way; else all of {@link INSTALL_METHODS} until one works. */
  readonly method?: InstallMethod;
  /** Folder that gets `<version>/nats-server`; `nats-server` in the cache folder if left out. */
  readonly to?: string;
  /** Hears what is being tried. */
  readonly onStep?: (text: string) => void;
  /** The outside world; for tests. */
  readonly tools?: InstallTools;
}

/** What installing needs of the machine. */
export interface InstallTools {
  readonly platform: string;
  readonly arch: string;
  /** Runs a program to its end in `folder`. Rejects where it cannot be run or fails. */
  run(program: string, args: readonly string[], options: RunOptions): Promise<string>;
  /** Fetches a file over https. */
  fetch(url: string): Promise<Uint8Array>;
}

/** How {@link InstallTools.run} runs a program. */
export interface RunOptions {
  readonly folder: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What was installed. */
export interface InstalledNats {
  readonly path: string;
  readonly version: string;
  /** How; `cache` where the pinned release was there already. */
  readonly method: InstallMethod | 'cache';
}

/**
 * Installs a nats-server into the cache, where `findNatsServer` looks. What fails leaves nothing behind; two processes that
 * install at once wait for each other.
 *
 * @throws HaggleError `install-failed` with what each way said
 */
export async function installNatsServer(options: InstallOptions = {}): Promise<InstalledNats> {
  const { method, to = join(cacheFolder(), 'nats-server'), tools = machine, onStep } = options;
  const reasons: string[] = [];
  mkdirSync(to, { recursive: true });
  return await withLock(join(to, '.lock'), async () => {
    for (const way of method === undefined ? INSTALL_METHODS : [method]) {
      onStep?.(STEPS[way]);
      try {
        return await installBy(way, to, tools);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        reasons.push(`${way}: ${reason}`);
        onStep?.(`  ${reason}`);
      }
    }
    throw new HaggleError('install-failed', `no nats-server could be installed; ${reasons.join('; ')}`);
  });
}

const STEPS: Readonly<Record<InstallMethod, string>> = {
  go: `building nats-server ${PINNED_NATS_VERSION} with Go (a minute or two)`,
  archive: `fetching the official release archive of nats-server ${PINNED_NATS_VERSION}`,
  brew: 'installing nats-server with Homebrew',
  apt: "unpacking Debian's package of nats-server",
};

async function installBy(method: InstallMethod, to: string, tools: InstallTools): Promise<InstalledNats> {
  const there = join(to, PINNED_NATS_VERSION, 'nats-server');
  const pinned = method === 'go' || method === 'archive';
  if (pinned && existsSync(there) && (await versionOf(there)) === PINNED_NATS_VERSION) {
    return { path: there, version: PINNED_NATS_VERSION, method: 'cache' };
  }
  const folder = join(to, `.install-${randomUUID()}`);
  mkdirSync(folder);
  try {
    const made = await WAYS[method](folder, tools);
    const version = await versionOf(made);
    if (version === null) throw new HaggleError('install-failed', `${method} gave a program that does not run`);
    // On its own in a folder that takes its place in one step: whoever looks sees all of it or nothing.
    const ready = join(folder, 'ready');
    mkdirSync(ready);
    renameSync(made, join(ready, 'nats-server'));
    chmodSync(join(ready, 'nats-server'), 0o755);
    const path = join(to, version, 'nats-server');
    if (!existsSync(path)) {
      rmSync(dirname(path), { recursive: true, force: true });
      renameSync(ready, dirname(path));
    }
    return { path, version, method };
  } finally {
    // Go makes its module folders read-only, so that they would outlive an attempt to remove them.
    await tools.run('chmod', ['-R', 'u+w', folder], { folder }).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each leaves the program somewhere in the folder and gives its path. */
const WAYS: Readonly<Record<InstallMethod, (folder: string, tools: InstallTools) => Promise<string>>> = {
  async go(folder, tools) {
    const env = { GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '' };
    await tools.run('go', ['install', `github.com/nats-io/nats-server/v2@v${PINNED_NATS_VERSION}`], { folder, env });
    return join(folder, 'nats-server');
  },
  async archive(folder, tools) {
    const { platform, arch } = tools;
    const name = ARCH.get(arch) ?? arch;
    const expected = platform === 'linux' ? ARCHIVE_SHA256.get(name) : undefined;
    if (expected === undefined) {
      throw new HaggleError(
        'install-failed',
        `the checksum of the archive for ${platform} on ${arch} is not known here`,
      );
    }
    const stem = `nats-server-v${PINNED_NATS_VERSION}-linux-${name}`;
    const url = `https://github.com/nats-io/nats-server/releases/download/v${PINNED_NATS_VERSION}/${stem}.tar.gz`;
    const bytes = await tools.fetch(url);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== expected) {
      throw new HaggleError('install-failed', `${url} has SHA-256 ${actual}, expected ${expected}: not used`);
    }
    writeFileSync(join(folder, 'archive.tar.gz'), bytes);
    await tools.run('tar', ['-xzf', 'archive.tar.gz', `${stem}/nats-server`], { folder });
    return join(folder, stem, 'nats-server');
  },
  async brew(folder, tools) {
    await tools.run('brew', ['install', 'nats-server'], { folder });
    const prefix = (await tools.run('brew', ['--prefix', 'nats-server'], { folder })).trim();
    const copy = join(folder, 'nats-server');
    await tools.run('cp', [join(prefix, 'bin', 'nats-server'), copy], { folder });
    return copy;
  },
  async apt(folder, tools) {
    // Not `apt-get install`: that needs root and starts a service.
    await tools.run('apt-get', ['download', 'nats-server'], { folder });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new HaggleError('install-failed', 'apt-get download left no package');
    await tools.run('dpkg-deb', ['-x', archive, 'unpacked'], { folder });
    for (const place of ['usr/sbin', 'usr/bin']) {
      const path = join(folder, 'unpacked', place, 'nats-server');
      if (existsSync(path)) return path;
    }
    throw new HaggleError('install-failed', `${archive} holds no nats-server`);
  },
};

const machine: InstallTools = {
  platform: process.platform,
  arch: process.arch,
  async run(program, args, { folder, env = {} }) {
    return await new Promise((resolve, reject) => {
      const options = { cwd: folder, env: { ...process.env, ...env }, timeout: RUN_MILLIS, maxBuffer: 10_000_000 };
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(runError(program, error, stderr));
      });
    });
  },
  async fetch(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MILLIS) }).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new HaggleError('install-failed', `${url} cannot be fetched: ${String(cause)}`, { cause: error });
    });
    if (!response.ok) throw new HaggleError('install-failed', `${url} answered ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > ARCHIVE_BYTES) throw new HaggleError('install-failed', `${url} has ${bytes.length} bytes`);
    return bytes;
  },
};

function runError(program: string, error: NodeJS.ErrnoException | Error, stderr: string): HaggleError {
  const missing = 'code' in error && error.code === 'ENOENT';
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const reason = missing ? `${program} is not installed` : `${program} failed: ${last === '' ? error.message : last}`;
  return new HaggleError('install-failed', reason, { cause: error });
}
