import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readKeyFacts } from '../../agent-core/adapters/keys/key-file.ts';
import { createPublicFile } from '../../agent-core/adapters/keys/private-file.ts';
import { issueUser, readRealm, revokeUser, writeRealm } from '../../agent-core/adapters/keys/realm-folder.ts';
import { ROLES, streamsOf } from '../../agent-core/bus/permissions.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { isDid, publicKeyOf } from '../../agent-core/identity/did-key.ts';
import { nkeyOf, publicKeyOfNkey } from '../../agent-core/identity/nkey.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { makeFolder } from '../files.ts';
import { spanOf } from '../flag-values.ts';
import { credentials, passphraseSources } from '../key.ts';
import { existingPassphrase } from '../passphrase.ts';
import { makeRealmStreams } from '../realm-streams.ts';
import { wantedPassphrase } from './keys.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

const DEFAULT_NATS = 'nats://127.0.0.1:4222';

/** `haggle nats-config --realm NAME --out DIR`. */
export async function natsConfigCommand(flags: Flags): Promise<ExitCode> {
  const realm = needed(flags, 'realm', '--realm');
  const out = needed(flags, 'out', '--out');
  const port = portOf(textOf(flags, 'port') ?? '');
  const host = textOf(flags, 'host') ?? '127.0.0.1';
  const passphrase = await wantedPassphrase(out, flags);
  const record = await makeFolder(out, (draft) =>
    writeRealm(draft, {
      realm,
      host,
      port,
      jetstream: textOf(flags, 'jetstream') ?? null,
      ...(passphrase === null ? {} : { passphrase }),
    }),
  );
  passphrase?.fill(0);
  const config = join(out, 'nats-server.conf');
  if (flags['json'] === true) {
    const { operator, account, system, signers } = record;
    process.stdout.write(`${JSON.stringify({ realm, folder: out, config, operator, account, system, signers })}\n`);
    return EXIT.ok;
  }
  process.stdout.write(
    `${out}/ is made. Keep its .key files where only you can read them; the broker needs the .conf files only. Next:\n\n` +
      `  nats-server -c ${config}\n` +
      (flags['jetstream'] === undefined ? '' : `  haggle nats-config streams --dir ${out}\n`) +
      `  haggle nats-config user --dir ${out} --agent <key file> --token <file>\n`,
  );
  return EXIT.ok;
}

/** `haggle nats-config user --dir DIR --agent KEY`. */
export async function issueUserCommand(flags: Flags): Promise<ExitCode> {
  const folder = needed(flags, 'dir', '--dir');
  const nkey = agentNkey(needed(flags, 'agent', '--agent'));
  const role = ROLES.find((known) => known === flags['role']) ?? 'agent';
  const life = textOf(flags, 'expires');
  const expires = life === undefined ? undefined : nowSeconds() + lifeSeconds(life);
  const token = await issueUser(folder, {
    role,
    nkey,
    name: textOf(flags, 'name') ?? nkey,
    ...(expires === undefined ? {} : { expires }),
    ...keyOptions(folder, flags),
  });
  const file = textOf(flags, 'token') ?? null;
  if (file !== null) createPublicFile(file, `${token}\n`);
  if (flags['json'] === true) {
    process.stdout.write(`${JSON.stringify({ nkey, role, expires: expires ?? null, file, token })}\n`);
  } else if (file === null) process.stdout.write(`${token}\n`);
  else process.stdout.write(`${file} is made: ${nkey} may log in as ${role}.\n`);
  return EXIT.ok;
}

/** `haggle nats-config revoke --dir DIR --agent KEY`. */
export async function revokeUserCommand(flags: Flags): Promise<ExitCode> {
  const folder = needed(flags, 'dir', '--dir');
  const nkey = agentNkey(needed(flags, 'agent', '--agent'));
  const { revoked } = await revokeUser(folder, { nkey, at: nowSeconds(), ...keyOptions(folder, flags) });
  const file = join(folder, 'accounts.conf');
  if (flags['json'] === true) {
    process.stdout.write(`${JSON.stringify({ nkey, issuedUpTo: revoked[nkey], file })}\n`);
    return EXIT.ok;
  }
  process.stdout.write(
    `All tokens of ${nkey} issued until now are revoked in ${file}. Each broker must read it:\n\n` +
      '  nats-server --signal reload=<its process id>\n',
  );
  return EXIT.ok;
}

/** `haggle nats-config streams --dir DIR`. */
export async function streamsCommand(flags: Flags): Promise<ExitCode> {
  const folder = needed(flags, 'dir', '--dir');
  const servers = (textOf(flags, 'nats') ?? process.env['HAGGLE_NATS'] ?? DEFAULT_NATS).split(',');
  const replicas = Number(textOf(flags, 'replicas') ?? 1);
  if (![1, 3, 5].includes(replicas)) {
    throw new HaggleError('bad-flag', `--replicas takes 1, 3 or 5, got "${String(flags['replicas'])}"`);
  }
  await makeRealmStreams({ folder, servers, replicas, ...keyOptions(folder, flags) });
  const { realm } = readRealm(folder);
  const { agents, mailStream } = streamsOf(realm);
  if (flags['json'] === true) process.stdout.write(`${JSON.stringify({ realm, bucket: agents, mailStream })}\n`);
  else
    process.stdout.write(`Realm ${realm} has its directory (bucket ${agents}) and its mail (stream ${mailStream}).\n`);
  return EXIT.ok;
}

/** The NKEY of an agent that is named by its NKEY, its did or its key file. */
function agentNkey(named: string): string {
  if (publicKeyOfNkey(named) !== null) return named;
  if (isDid(named)) return nkeyOf(publicKeyOf(named));
  if (!existsSync(named) && /^(?:did:|[A-Z2-7]{56}$)/.test(named)) {
    throw new HaggleError(
      'bad-flag',
      `--agent ${named} is neither the NKEY nor the did of an agent: a character is wrong`,
    );
  }
  const { kind, publicKey } = readKeyFacts(named, credentials());
  if (kind === 'agent') return nkeyOf(publicKey);
  throw new HaggleError('wrong-key-kind', `the key file ${named} holds a key of an ${kind}; one of an agent is needed`);
}

function keyOptions(folder: string, flags: Flags): { readonly passphrase: () => Promise<Uint8Array> } {
  const sources = passphraseSources(textOf(flags, 'passphraseFile'));
  return { passphrase: () => existingPassphrase(folder, sources) };
}

function lifeSeconds(text: string): number {
  const seconds = Math.floor(spanOf(text, '--expires') / 1_000_000);
  if (seconds < 1) throw new HaggleError('bad-flag', `--expires takes at least 1s, got "${text}"`);
  return seconds;
}

const PORT_MAX = 65_535;

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= PORT_MAX) return port;
  throw new HaggleError('bad-flag', `--port takes a number from 1 to ${PORT_MAX}, got "${text}"`);
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

function needed(flags: Flags, name: string, flag: string): string {
  const value = textOf(flags, name);
  if (value !== undefined && value !== '') return value;
  throw new HaggleError('bad-flag', `${flag} is needed`);
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
