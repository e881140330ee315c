/** Files that nobody else may read: made so, and refused where they are not. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, sep } from 'node:path';
import { HaggleError } from '../../errors.ts';
import { codeOf, reasonOf } from '../system-error.ts';

/** Larger than any key or passphrase; a larger file is something else. */
const PRIVATE_FILE_BYTES = 4_096;

const OTHERS = 0o077;
/** In a folder of credentials the group may read: there the bit stands for the one user whom an access list names. */
const OTHERS_OF_CREDENTIAL = 0o037;
const ROOT = 0;

/** How {@link readPrivateFile} reads. */
export interface PrivateFileOptions {
  /** What the file is, for messages: `key file`, `passphrase file`. */
  readonly what: string;
  /** Where the service manager puts secrets (`$CREDENTIALS_DIRECTORY`); see {@link readPrivateFile}. */
  readonly credentialsDirectory?: string;
}

/**
 * Reads a small secret file that only its owner may read.
 *
 * A file below `credentialsDirectory` was put there by the service manager, which owns it: root may own it, its group may
 * read it (that is how an access list shows), and a link inside the folder is followed (Kubernetes mounts secrets as links).
 *
 * @throws HaggleError `no-input`, `key-symlink`, `key-permissions`, `key-owner`, `bad-key-file`
 */
export function readPrivateFile(path: string, options: PrivateFileOptions): Buffer {
  const credential = credentialPath(path, options.credentialsDirectory);
  const file = openPrivate(credential ?? path, { path, what: options.what });
  try {
    checkPrivate(fstatSync(file), { path, what: options.what, credential: credential !== null });
    return readAll(file, path, options.what);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a new file with mode 0600; file and folder are on disk when this returns. A file that is there is never touched.
 *
 * @throws HaggleError `key-exists`, `cannot-write`
 */
export function createPrivateFile(path: string, text: string): void {
  createFile(path, text, 0o600);
}

/** As {@link createPrivateFile}, for what everybody may read (mode 0644): tokens and statements. */
export function createPublicFile(path: string, text: string): void {
  createFile(path, text, 0o644);
}

function createFile(path: string, text: string, mode: number): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  let file: number;
  try {
    file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, mode);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') {
      throw new HaggleError('key-exists', `cannot make ${path}: it exists; choose another name or move it away`, {
        cause,
      });
    }
    throw new HaggleError('cannot-write', `cannot make ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    fchmodSync(file, mode);
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (cause) {
    unlinkSync(path);
    throw new HaggleError('cannot-write', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  } finally {
    closeSync(file);
  }
  syncFolder(path);
}

/** Makes the names in the folder of `path` last. @throws HaggleError `cannot-write` */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(dirname(path), constants.O_RDONLY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (cause) {
    throw new HaggleError('cannot-write', `cannot make the folder of ${path} last: ${reasonOf(cause)}`, { cause });
  }
}

function openPrivate(real: string, { path, what }: { readonly path: string; readonly what: string }): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    // Without O_NONBLOCK the open of a pipe waits for its writer.
    return openSync(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ELOOP' || code === 'EMLINK') {
      throw new HaggleError('key-symlink', `the ${what} ${path} is a symbolic link: name the file itself`, { cause });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      const advice = 'run as its owner, or make its owner the user that runs this';
      throw new HaggleError('key-permissions', `cannot read the ${what} ${path}: permission denied; ${advice}`, {
        cause,
      });
    }
    throw new HaggleError('no-input', `cannot read the ${what} ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function checkPrivate(
  stats: Stats,
  { path, what, credential }: { readonly path: string; readonly what: string; readonly credential: boolean },
): void {
  if (!stats.isFile()) throw new HaggleError('bad-key-file', `the ${what} ${path} is not a regular file`);
  const me = process.geteuid?.();
  // A system without user ids has no such modes either.
  if (me === undefined) return;
  const trusted = stats.uid === me || me === ROOT || (credential && stats.uid === ROOT);
  if (!trusted) {
    throw new HaggleError(
      'key-owner',
      `the ${what} ${path} belongs to user ${stats.uid}, not to user ${me} that reads it: chown ${me} ${path}`,
      { fields: { path, owner: stats.uid, reader: me } },
    );
  }
  const open = stats.mode & (credential ? OTHERS_OF_CREDENTIAL : OTHERS);
  if (open === 0) return;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  throw new HaggleError(
    'key-permissions',
    `the ${what} ${path} is open to others (mode ${mode}): chmod 600 ${path}, and consider its secret known`,
    { fields: { path, mode } },
  );
}

function readAll(file: number, path: string, what: string): Buffer {
  const bytes = Buffer.alloc(PRIVATE_FILE_BYTES + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, null);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
  }
  bytes.fill(0);
  throw new HaggleError('bad-key-file', `the ${what} ${path} has more than ${PRIVATE_FILE_BYTES} bytes`);
}

/** The file that a path below the folder of credentials leads to; null for any other path. */
function credentialPath(path: string, folder: string | undefined): string | null {
  if (folder === undefined || folder === '') return null;
  try {
    const real = realpathSync(path);
    // The name too must lie in the folder: a link to a credential from elsewhere is a link as any other.
    const named = realpathSync(dirname(path));
    const root = `${realpathSync(folder)}${sep}`;
    return real.startsWith(root) && `${named}${sep}`.startsWith(root) ? real : null;
  } catch {
    // What is not there is told by the open that follows.
    return null;
  }
}
