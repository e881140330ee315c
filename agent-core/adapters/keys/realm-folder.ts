/**
 * The folder that `haggle nats-config` writes: the keys of a realm's operator, account and roles, what the broker is to trust,
 * and a record of it all. Everything but the keys follows from the record.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BrokerRole } from '../../bus/permissions.ts';
import { HaggleError } from '../../errors.ts';
import { nkeyOfKind, type NkeyKind } from '../../identity/nkey.ts';
import { isRealm } from '../../message/envelope.ts';
import { replaceFile } from '../replace-file.ts';
import { reasonOf } from '../system-error.ts';
import { accountsConfig, brokerConfig, operatorConfig, type BrokerConfigInput } from './broker-config.ts';
import { createKeyFile, readKeyFile, type ReadKeyOptions } from './key-file.ts';
import type { ScryptCost } from './key-format.ts';
import { accountToken, operatorToken, systemAccountToken, userToken, type TokenKey } from './nats-tokens.ts';

const RECORD = 'realm.json';
const OPERATOR = 'operator.conf';
const ACCOUNTS = 'accounts.conf';
const OPERATOR_KEY = 'operator.key';
const ACCOUNT_KEY = 'account.key';
const SYSTEM_KEY = 'system.key';

/** The file of the key that issues users of a role. */
const roleKey = (role: BrokerRole): string => `role-${role}.key`;

const Nkey = (letter: string): z.ZodString => z.string().regex(new RegExp(`^${letter}[A-Z2-7]{55}$`));

const RealmRecord = z.strictObject({
  haggleRealm: z.literal(1),
  realm: z.string().refine(isRealm, '1 to 64 of A-Z a-z 0-9 - _'),
  operator: Nkey('O'),
  account: Nkey('A'),
  system: Nkey('A'),
  signers: z.strictObject({ agent: Nkey('A'), tool: Nkey('A'), observer: Nkey('A'), worker: Nkey('A') }),
  revoked: z.record(Nkey('U'), z.int().min(0)),
});

/** What is known of a realm, without any key. */
export type RealmRecord = Readonly<z.infer<typeof RealmRecord>>;

/** Options of {@link writeRealm}. */
export interface WriteRealmOptions extends BrokerConfigInput {
  /** Protects all keys of the folder; the caller overwrites it afterwards. */
  readonly passphrase?: Uint8Array;
  /** For tests, which cannot wait half a second for each key. */
  readonly cost?: ScryptCost;
}

/** How the keys of the folder are opened. */
export type RealmKeyOptions = Pick<ReadKeyOptions, 'passphrase'>;

/**
 * Makes the keys of a new realm in an empty folder, and the broker's configuration beside them.
 *
 * @throws HaggleError `bad-realm`, `key-exists`, `cannot-write`
 */
export async function writeRealm(folder: string, options: WriteRealmOptions): Promise<RealmRecord> {
  const { realm, passphrase, cost } = options;
  if (!isRealm(realm)) {
    throw new HaggleError(
      'bad-realm',
      `a realm is 1 to 64 of A-Z a-z 0-9 - _, got ${JSON.stringify(realm.slice(0, 80))}`,
    );
  }
  const make = async (file: string, kind: NkeyKind): Promise<string> => {
    const protection = { ...(passphrase === undefined ? {} : { passphrase }), ...(cost === undefined ? {} : { cost }) };
    const { publicKey } = await createKeyFile(join(folder, file), { kind, ...protection });
    return nkeyOfKind(kind, publicKey);
  };
  const record: RealmRecord = {
    haggleRealm: 1,
    realm,
    operator: await make(OPERATOR_KEY, 'operator'),
    account: await make(ACCOUNT_KEY, 'account'),
    system: await make(SYSTEM_KEY, 'account'),
    signers: {
      agent: await make(roleKey('agent'), 'account'),
      tool: await make(roleKey('tool'), 'account'),
      observer: await make(roleKey('observer'), 'account'),
      worker: await make(roleKey('worker'), 'account'),
    },
    revoked: {},
  };
  const read = passphrase === undefined ? {} : { passphrase: () => Uint8Array.from(passphrase) };
  replaceFile(join(folder, 'nats-server.conf'), brokerConfig(options));
  replaceFile(join(folder, RECORD), recordText(record));
  await withOperator(folder, { ...read, record }, async (operator) => {
    const systemAccount = record.system;
    const token = await operatorToken({ name: realm, operator, systemAccount });
    replaceFile(join(folder, OPERATOR), operatorConfig({ operator: token, systemAccount }));
    await writeAccounts(folder, record, operator);
  });
  return record;
}

/** The record of a realm's folder. @throws HaggleError `no-input`, `bad-config` */
export function readRealm(folder: string): RealmRecord {
  const path = join(folder, RECORD);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const advice = 'name a folder that haggle nats-config made';
    throw new HaggleError('no-input', `cannot read ${path}: ${reasonOf(cause)}; ${advice}`, { cause });
  }
  const read = RealmRecord.safeParse(parsed(text, path));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  throw new HaggleError('bad-config', `${path} is not the record of a realm: ${where}`, { fields: { path } });
}

/** What {@link issueUser} issues. */
export interface IssueUserInput extends RealmKeyOptions {
  readonly role: BrokerRole;
  /** NKEY of the agent or person: their seed is not needed and must not be here. */
  readonly nkey: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  /** Second of Unix time from which the token counts no more; for ever if left out. */
  readonly expires?: number;
}

/**
 * A token with which the holder of a key may log in under a role. The broker learns of it only when it is shown.
 *
 * @throws HaggleError as {@link readRealm} and `readKeyFile`; `bad-config` where the folder's keys are not its record's
 */
export async function issueUser(folder: string, input: IssueUserInput): Promise<string> {
  const { role, nkey, name, expires } = input;
  const { account, signers } = readRealm(folder);
  const file = join(folder, roleKey(role));
  return withTokenKey(file, { ...input, kind: 'account', expected: signers[role] }, (signer) =>
    userToken({ name, nkey, account, signer, ...(expires === undefined ? {} : { expires }) }),
  );
}

/** What {@link revokeUser} revokes. */
export interface RevokeUserInput extends RealmKeyOptions {
  readonly nkey: string;
  /** Second of Unix time: tokens issued up to then count no more, later ones do. */
  readonly at: number;
}

/**
 * Makes all tokens that a key has now worthless, once the brokers have read the new `accounts.conf`. Safe to repeat.
 *
 * @throws HaggleError as {@link issueUser}
 */
export async function revokeUser(folder: string, input: RevokeUserInput): Promise<RealmRecord> {
  const before = readRealm(folder);
  const at = Math.max(input.at, before.revoked[input.nkey] ?? 0);
  const record = { ...before, revoked: { ...before.revoked, [input.nkey]: at } };
  // The record first: whoever is interrupted here repeats the command, and nothing is forgotten.
  replaceFile(join(folder, RECORD), recordText(record));
  await withOperator(folder, { ...input, record }, (operator) => writeAccounts(folder, record, operator));
  return record;
}

async function writeAccounts(folder: string, record: RealmRecord, operator: TokenKey): Promise<void> {
  const { realm, account, system, signers, revoked } = record;
  const tokens = {
    [system]: await systemAccountToken({ operator, account: system }),
    [account]: await accountToken({ name: realm, operator, account, realm, signers, revoked }),
  };
  replaceFile(join(folder, ACCOUNTS), accountsConfig(tokens));
}

interface OperatorInput extends RealmKeyOptions {
  readonly record: RealmRecord;
}

function withOperator<T>(folder: string, input: OperatorInput, use: (operator: TokenKey) => Promise<T>): Promise<T> {
  const { record, ...options } = input;
  const expected = record.operator;
  return withTokenKey(join(folder, OPERATOR_KEY), { ...options, kind: 'operator', expected }, use);
}

interface TokenKeyInput extends RealmKeyOptions {
  readonly kind: NkeyKind;
  /** NKEY that the record names. */
  readonly expected: string;
}

/** Opens a key of the folder for as long as `use` needs it. */
async function withTokenKey<T>(
  path: string,
  { kind, expected, passphrase }: TokenKeyInput,
  use: (key: TokenKey) => Promise<T>,
): Promise<T> {
  const key = await readKeyFile(path, { kind, ...(passphrase === undefined ? {} : { passphrase }) });
  try {
    if (nkeyOfKind(kind, key.publicKey) !== expected) {
      throw new HaggleError('bad-config', `${path} is not the key that ${RECORD} beside it names: ${expected}`);
    }
    return await use({ kind, signer: key.signer });
  } finally {
    key.dispose();
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HaggleError('bad-config', `${path} is not JSON`, { cause });
  }
}

function recordText(record: RealmRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
