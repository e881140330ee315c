import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { boundedCache } from '../bounded-cache.ts';
import { assert } from '../errors.ts';
import { decodeBase64Url, encodeBase64Url } from '../identity/encoding.ts';
import { assembleSigner, checkSeed, type SignatureBackend } from '../identity/signer.ts';
import { LIMITS } from '../limits.ts';

/** PKCS #8 wrapper of an Ed25519 seed (RFC 8410 section 7): all bytes before the 32 of the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const DIGEST_BYTES = 32;

/** Importing a key costs a tenth of a verification; peers repeat. */
const importedKeys = boundedCache<KeyObject>(LIMITS.replayPeers);

/** The default backend on Node: OpenSSL's Ed25519 and SHA-256. */
export const nodeBackend: SignatureBackend = {
  name: 'node',
  signer(seed) {
    checkSeed(seed);
    const der = Buffer.concat([PKCS8_PREFIX, seed]);
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    const publicKey = rawPublicKey(createPublicKey(privateKey));
    return assembleSigner({ publicKey, sign: (message) => sign(null, message, privateKey) });
  },
  verify({ publicKey, message, signature }) {
    return verify(null, message, importedKey(publicKey), signature);
  },
  sha256(data) {
    // One-shot, and as a binary string: asking for a Buffer costs four times as much at these sizes.
    const digest = hash('sha256', data, 'binary');
    const bytes = new Uint8Array(DIGEST_BYTES);
    for (let i = 0; i < DIGEST_BYTES; i++) bytes[i] = digest.charCodeAt(i);
    return bytes;
  },
};

function importedKey(publicKey: Uint8Array): KeyObject {
  // Cached under the bytes and not under the array: an array may be overwritten by its owner.
  const x = encodeBase64Url(publicKey);
  const cached = importedKeys.get(x);
  if (cached !== undefined) return cached;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  importedKeys.set(x, key);
  return key;
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const publicKey = decodeBase64Url(key.export({ format: 'jwk' }).x ?? '');
  assert(publicKey !== null, 'node:crypto exports the x of an Ed25519 key as base64url');
  return publicKey;
}
