import type { Auth, Authenticator } from 'nats';
import { HaggleError } from '../../errors.ts';
import { encodeBase64Url, encodeUtf8 } from '../../identity/encoding.ts';
import type { Signer } from '../../identity/signer.ts';

/**
 * What a broker may ask us to sign. Every byte string that Haggle signs for another purpose begins with a tag that holds `/`
 * and then NUL, so that none of them is a nonce: one key may serve both (docs/decisions/0016).
 */
const NONCE = /^[A-Za-z0-9_-]{8,64}$/;

/** Options of {@link authenticatorOf}. */
export interface LoginOptions {
  /** What the account's operator issued for this key; without it the broker must know the key itself (plain NKEY login). */
  readonly jwt?: string;
}

/**
 * Proves to a NATS broker that we hold an agent's key: signs the nonce of each connection. A broker that asks for nothing is
 * told nothing.
 *
 * @throws HaggleError `odd-nonce`, from the authenticator, where the broker wants something else signed
 */
export function authenticatorOf(signer: Signer, { jwt }: LoginOptions = {}): Authenticator {
  return (nonce?: string): Auth => {
    if (nonce === undefined || nonce === '') return undefined;
    const sig = encodeBase64Url(signer.sign(nonceBytes(nonce)));
    // The token names the key. Named beside it, a broker that reloads takes it for one of its configuration and cuts us off.
    return jwt === undefined ? { nkey: signer.nkey, sig } : { jwt, sig };
  };
}

/** True where a broker's nonce is one that {@link authenticatorOf} signs. */
export function isNonce(nonce: string): boolean {
  return NONCE.test(nonce);
}

function nonceBytes(nonce: string): Uint8Array {
  if (isNonce(nonce)) return encodeUtf8(nonce);
  throw new HaggleError(
    'odd-nonce',
    `the broker asks to sign ${nonce.length} characters that are no nonce of NATS (8 to 64 of A-Z a-z 0-9 _ -): refused`,
    { fields: { chars: nonce.length } },
  );
}
