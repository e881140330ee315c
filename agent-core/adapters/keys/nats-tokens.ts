/**
 * The signed tokens by which a NATS broker in operator mode knows whom to trust: an operator signs accounts, an account's
 * signing keys sign users. A signing key with a template decides what its users may do.
 */
import {
  encodeAccount,
  encodeOperator,
  encodeUser,
  newScopedSigner,
  type KeyPair,
  type SigningKey,
  type UserPermissionsLimits,
} from '@nats-io/jwt';
import { permissionTemplate, BROKER_ROLES, type BrokerRole } from '../../bus/permissions.ts';
import { AssertionError } from '../../errors.ts';
import { nkeyOfKind, type NkeyKind } from '../../identity/nkey.ts';
import type { Signer } from '../../identity/signer.ts';

/** A key that signs tokens. */
export interface TokenKey {
  readonly kind: NkeyKind;
  readonly signer: Signer;
}

/** What {@link operatorToken} says. */
export interface OperatorTokenInput {
  readonly name: string;
  readonly operator: TokenKey;
  /** NKEY of the account from which brokers are watched. */
  readonly systemAccount: string;
}

/** The operator's token: signed by itself, trusted because the broker's configuration names it. */
export function operatorToken({ name, operator, systemAccount }: OperatorTokenInput): Promise<string> {
  return encodeOperator(name, keyPair(operator), { system_account: systemAccount });
}

/** What {@link accountToken} says. */
export interface AccountTokenInput {
  readonly name: string;
  readonly operator: TokenKey;
  /** NKEY of the account. */
  readonly account: string;
  readonly realm: string;
  /** NKEY of the signing key of each role. */
  readonly signers: Readonly<Record<BrokerRole, string>>;
  /** Users whose tokens count no more: those issued up to this second of Unix time. */
  readonly revoked: Readonly<Record<string, number>>;
}

/** A realm's account: who may issue users, what these may do, and which of them are revoked. */
export function accountToken(input: AccountTokenInput): Promise<string> {
  const { name, operator, account, realm, signers, revoked } = input;
  const signing_keys = BROKER_ROLES.map((role) => scopedSigner(role, realm, signers[role]));
  const claims = { limits: ACCOUNT_LIMITS, signing_keys, revocations: { ...revoked }, default_permissions: NOTHING };
  return encodeAccount(name, account, claims, { signer: keyPair(operator) });
}

/** The account for watching brokers; no agent is ever in it. */
export function systemAccountToken({
  operator,
  account,
}: Pick<AccountTokenInput, 'operator' | 'account'>): Promise<string> {
  return encodeAccount('SYS', account, { limits: SYSTEM_LIMITS }, { signer: keyPair(operator) });
}

/** What {@link userToken} says. */
export interface UserTokenInput {
  readonly name: string;
  /** NKEY of the user; its seed is not needed. */
  readonly nkey: string;
  /** NKEY of the account. */
  readonly account: string;
  /** The signing key of the role. */
  readonly signer: TokenKey;
  /** Second of Unix time from which the token counts no more; for ever if left out. */
  readonly expires?: number;
}

/** A user's token: it holds no permissions of its own, those come from the template of the key that signed it. */
export function userToken({ name, nkey, account, signer, expires }: UserTokenInput): Promise<string> {
  const options = { signer: keyPair(signer), scopedUser: true, ...(expires === undefined ? {} : { exp: expires }) };
  return encodeUser(name, nkey, account, {}, options);
}

const NO_LIMIT = -1;

const ACCOUNT_LIMITS = {
  subs: NO_LIMIT,
  data: NO_LIMIT,
  payload: NO_LIMIT,
  imports: 0,
  exports: 0,
  wildcards: false,
  conn: NO_LIMIT,
  leaf: 0,
  disallow_bearer: true,
  mem_storage: NO_LIMIT,
  disk_storage: NO_LIMIT,
  streams: NO_LIMIT,
  consumer: NO_LIMIT,
} as const;

/** The system account must not use JetStream; the broker refuses to start where it could. */
const SYSTEM_LIMITS = {
  subs: NO_LIMIT,
  data: NO_LIMIT,
  payload: NO_LIMIT,
  imports: NO_LIMIT,
  exports: NO_LIMIT,
  wildcards: true,
  conn: NO_LIMIT,
  leaf: NO_LIMIT,
  disallow_bearer: true,
} as const;

/** For a user whom the account signs with its own key instead of a role's. */
const NOTHING = { pub: { deny: ['>'] }, sub: { deny: ['>'] } };

/** More than any agent needs; keeps one login from filling the broker with subscriptions. */
const SUBSCRIPTIONS_MAX = 1_024;

function scopedSigner(role: BrokerRole, realm: string, nkey: string): SigningKey {
  const { publish, subscribe } = permissionTemplate(role, realm);
  const template: Partial<UserPermissionsLimits> = {
    pub: { allow: [...publish] },
    sub: { allow: [...subscribe] },
    subs: SUBSCRIPTIONS_MAX,
    data: NO_LIMIT,
    payload: NO_LIMIT,
    bearer_token: false,
    allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
  };
  return newScopedSigner(keyPair({ kind: 'account', nkey }), role, template);
}

/** A key as the library wants it. It asks for the private half only to see that there is one: it never gets it. */
function keyPair(key: TokenKey | { readonly kind: NkeyKind; readonly nkey: string }): KeyPair {
  const refuse = (): never => {
    throw new AssertionError('the token library asks a key for more than a signature');
  };
  const signs = 'signer' in key;
  return {
    getPublicKey: () => (signs ? nkeyOfKind(key.kind, key.signer.publicKey) : key.nkey),
    getPrivateKey: () => (signs ? new Uint8Array(0) : refuse()),
    sign: (input) => (signs ? key.signer.sign(input) : refuse()),
    getSeed: refuse,
    verify: refuse,
    clear: refuse,
    seal: refuse,
    open: refuse,
  };
}
