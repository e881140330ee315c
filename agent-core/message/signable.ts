/**
 * Every byte string that is ever signed starts with a tag that names its purpose, then NUL, then the content. No tag holds a
 * NUL, so no two purposes share a byte string, and a signature given for one says nothing under another.
 */
import { encodeUtf8 } from '../identity/encoding.ts';

/** What a signature is for. */
export const SIGNING_PURPOSES = [
  'message',
  'batch-root',
  'transfer',
  'checkpoint',
  'agent-record',
  'key-rotation',
  'model-update',
] as const;

/** One of {@link SIGNING_PURPOSES}. */
export type SigningPurpose = (typeof SIGNING_PURPOSES)[number];

/** The tag of each purpose. A tag never changes; a new meaning gets a new version. */
export const SIGNING_TAGS: Readonly<Record<SigningPurpose, `haggle/v${number}/${SigningPurpose}`>> = {
  message: 'haggle/v1/message',
  'batch-root': 'haggle/v1/batch-root',
  transfer: 'haggle/v1/transfer',
  checkpoint: 'haggle/v1/checkpoint',
  'agent-record': 'haggle/v1/agent-record',
  'key-rotation': 'haggle/v1/key-rotation',
  'model-update': 'haggle/v1/model-update',
};

/**
 * The bytes to sign or verify: tag, NUL, content. A text stands for its UTF-8 bytes.
 *
 * @throws HaggleError `lone-surrogate`
 */
export function signable(purpose: SigningPurpose, content: Uint8Array | string): Uint8Array {
  if (typeof content === 'string') return encodeUtf8(signableText(purpose, content));
  const prefix = encodeUtf8(signableText(purpose, ''));
  const bytes = new Uint8Array(prefix.length + content.length);
  bytes.set(prefix);
  bytes.set(content, prefix.length);
  return bytes;
}

/** {@link signable} of a text, as a text: for hashing, which takes text as it is. */
export function signableText(purpose: SigningPurpose, content: string): string {
  return `${SIGNING_TAGS[purpose]}\0${content}`;
}
