import type { Micros } from '../clock.ts';
import { canonicalize } from '../message/canonical.ts';
import { signable } from '../message/signable.ts';
import { isDid, publicKeyOf, type Did } from './did-key.ts';
import { decodeBase64Url, encodeBase64Url } from './encoding.ts';
import type { SignatureBackend, Signer } from './signer.ts';
import { verifyStrict } from './strict.ts';

/** One key is followed by another. */
export interface KeyRotation {
  readonly from: Did;
  readonly to: Did;
  /** Unix time in microseconds from which the new key speaks for the agent, and the old one no more. */
  readonly since: Micros;
}

/** What {@link signKeyRotation} needs: both keys, for one evening in the same hand. */
export interface KeyRotationInput {
  readonly old: Signer;
  readonly next: Signer;
  readonly since: Micros;
}

const VERSION = 1;

/**
 * The statement that one key follows another, as one line of canonical JSON. Both sign it: the old key says who follows it, the
 * new one that it agrees, so that nobody can pass a bad name on to a stranger.
 */
export function signKeyRotation({ old, next, since }: KeyRotationInput): string {
  const statement = canonicalize({ from: old.did, since, to: next.did, v: VERSION });
  const content = signable('key-rotation', statement);
  return canonicalize({
    accepted: encodeBase64Url(next.sign(content)),
    signed: encodeBase64Url(old.sign(content)),
    statement,
  });
}

/**
 * What a rotation says, or null where it is not exactly what {@link signKeyRotation} writes for two keys, or a signature does
 * not hold. Never throws: it reads what strangers send.
 */
export function openKeyRotation(backend: SignatureBackend, text: string): KeyRotation | null {
  const outer = members(text, 'accepted,signed,statement');
  const statement = outer?.['statement'];
  if (typeof statement !== 'string') return null;
  const rotation = read(statement);
  if (rotation === null) return null;
  const message = signable('key-rotation', statement);
  const holds = (did: Did, signature: unknown): boolean => {
    const bytes = typeof signature === 'string' ? decodeBase64Url(signature) : null;
    return bytes !== null && verifyStrict(backend, { publicKey: publicKeyOf(did), message, signature: bytes });
  };
  return holds(rotation.from, outer?.['signed']) && holds(rotation.to, outer?.['accepted']) ? rotation : null;
}

function read(statement: string): KeyRotation | null {
  const inner = members(statement, 'from,since,to,v');
  if (inner?.['v'] !== VERSION) return null;
  const { from, since, to } = inner;
  if (typeof from !== 'string' || !isDid(from) || typeof to !== 'string' || !isDid(to) || from === to) return null;
  if (typeof since !== 'number' || !Number.isSafeInteger(since) || since < 0) return null;
  return { from, to, since };
}

/** A rotation has some 500 characters. */
const TEXT_CHARS = 1_024;

/** The members of an object in canonical form that has exactly these, or null. */
function members(text: string, names: string): Readonly<Record<string, unknown>> | null {
  if (text.length > TEXT_CHARS) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Object.keys(value).join(',') !== names) return null;
    return canonicalize(value) === text ? { ...value } : null;
  } catch {
    // Not JSON, or nothing that has a canonical form.
    return null;
  }
}
