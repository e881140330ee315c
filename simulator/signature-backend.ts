import { nativeBackend, type NativeCrypto } from '../agent-core/identity/native-backend.ts';
import { portableBackend } from '../agent-core/identity/portable.ts';
import type { SignatureBackend } from '../agent-core/identity/signer.ts';
import { builtinModule, hasFunctions } from '../agent-core/builtin-module.ts';

function isNativeCrypto(module: unknown): module is NativeCrypto {
  return hasFunctions(module, ['createPrivateKey', 'createPublicKey', 'sign', 'verify', 'hash']);
}

let native: SignatureBackend | null | undefined;

/**
 * The signature backend of a world that was given none: the runtime's own OpenSSL where there is one, else the portable one.
 * Both give the same signatures and verdicts, so the choice shows in speed alone; docs/decisions says why.
 */
export function defaultBackend(): SignatureBackend {
  if (native === undefined) {
    const crypto = builtinModule('node:crypto', isNativeCrypto);
    native = crypto === undefined ? null : nativeBackend(crypto);
  }
  return native ?? portableBackend;
}
