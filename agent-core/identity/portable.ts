import { sha256 } from '@noble/hashes/sha2.js';
import nacl from 'tweetnacl';
import { encodeUtf8 } from './encoding.ts';
import { assembleSigner, checkSeed, type SignatureBackend } from './signer.ts';

/**
 * The backend without any platform: tweetnacl and noble's SHA-256, plain JavaScript. About 60 times slower than node:crypto,
 * identical in its signatures and, behind `verifyStrict`, in its verdicts.
 */
export const portableBackend: SignatureBackend = {
  name: 'portable',
  signer(seed) {
    checkSeed(seed);
    const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(seed);
    return assembleSigner({ publicKey, sign: (message) => nacl.sign.detached(message, secretKey) });
  },
  verify({ publicKey, message, signature }) {
    return nacl.sign.detached.verify(message, signature, publicKey);
  },
  sha256(data) {
    return sha256(typeof data === 'string' ? encodeUtf8(data) : data);
  },
};
