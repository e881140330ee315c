import * as crypto from 'node:crypto';
import { nativeBackend, type NativeCrypto } from '../identity/native-backend.ts';
import type { SignatureBackend } from '../identity/signer.ts';

/** The default backend on Node: OpenSSL's Ed25519 and SHA-256. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- narrows Node's many overloads to the ones in use
export const nodeBackend: SignatureBackend = nativeBackend(crypto as unknown as NativeCrypto);
