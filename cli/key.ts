import { readKeyFile, type OpenKey } from '../agent-core/adapters/keys/key-file.ts';
import type { NkeyKind } from '../agent-core/identity/nkey.ts';
import { existingPassphrase, type PassphraseSources } from './passphrase.ts';

/** Options of {@link openKeyFile}. */
export interface OpenKeyOptions {
  /** The value of `--passphrase-file`. */
  readonly passphraseFile?: string | undefined;
  /** An agent's if left out. */
  readonly kind?: NkeyKind;
}

/**
 * Opens a key file for a command: credentials of the service manager are taken as such, and a passphrase comes from the flag,
 * the environment or the terminal.
 *
 * @throws HaggleError as `readKeyFile` and `existingPassphrase`
 */
export function openKeyFile(path: string, { passphraseFile, kind = 'agent' }: OpenKeyOptions = {}): Promise<OpenKey> {
  return readKeyFile(path, {
    kind,
    ...credentials(),
    passphrase: () => existingPassphrase(path, passphraseSources(passphraseFile)),
  });
}

/** The folder in which the service manager puts secrets, where it does. */
export function credentials(): { readonly credentialsDirectory?: string } {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  return folder === undefined ? {} : { credentialsDirectory: folder };
}

/** Where this process may take a passphrase from. */
export function passphraseSources(file: string | undefined): PassphraseSources {
  const terminal = { input: process.stdin, output: process.stderr };
  return { ...(file === undefined ? {} : { file }), env: process.env, terminal };
}
