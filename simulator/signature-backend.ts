import { nativeBackend, type NativeCrypto } from '../agent-core/identity/native-backend.ts';
import { portableBackend } from '../agent-core/identity/portable.ts';
import type { SignatureBackend } from '../agent-core/identity/signer.ts';

interface RuntimeGlobals {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NativeCrypto | undefined };
}

let native: SignatureBackend | null | undefined;

/**
 * The signature backend of a world that was given none: the runtime's own OpenSSL where there is one, else the portable one.
 * Both give the same signatures and verdicts, so the choice shows in speed alone. The one place in the simulator that looks
 * at the runtime; docs/decisions says why.
 */
export function defaultBackend(): SignatureBackend {
  if (native === undefined) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a runtime that has the property has it in this form
    const crypto = (globalThis as RuntimeGlobals).process?.getBuiltinModule?.('node:crypto');
    native = crypto === undefined ? null : nativeBackend(crypto);
  }
  return native ?? portableBackend;
}
