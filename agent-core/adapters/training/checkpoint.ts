import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import { replaceFile } from '../replace-file.ts';
import { codeOf, reasonOf } from '../system-error.ts';

/** Named columns of numbers. */
export type SavedArrays = Readonly<Record<string, Float32Array | Float64Array>>;

/** A training as it can be taken up again. */
export interface Checkpoint {
  /** JSON. */
  readonly facts: unknown;
  readonly arrays: SavedArrays;
}

/** `haggle-checkpoint/1`, the SHA-256 of the rest, the length of the header, the header, the arrays. */
const MAGIC = new TextEncoder().encode('haggle-checkpoint/1\n');
const HASH_BYTES = 32;
/** Of the header's length. */
const SIZE_BYTES = 4;

const headerSchema = z.object({
  facts: z.unknown(),
  arrays: z.array(z.object({ name: z.string(), bits: z.literal([32, 64]), length: z.int().min(0) })),
});
type Header = z.infer<typeof headerSchema>;

/** A checkpoint as bytes; numbers are little-endian. */
export function encodeCheckpoint({ facts, arrays }: Checkpoint): Uint8Array {
  const entries = Object.entries(arrays).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const header: Header = {
    facts,
    arrays: entries.map(([name, values]) => ({
      name,
      bits: values instanceof Float32Array ? 32 : 64,
      length: values.length,
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = new DataView(new ArrayBuffer(SIZE_BYTES));
  size.setUint32(0, text.length, true);
  const parts = [new Uint8Array(size.buffer), text, ...entries.map(([, values]) => littleEndian(values))];
  const rest = Buffer.concat(parts);
  return Buffer.concat([MAGIC, createHash('sha256').update(rest).digest(), rest]);
}

/** @throws HaggleError `bad-checkpoint` for bytes that are none, or not all of them */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const rest = bytes.subarray(MAGIC.length + HASH_BYTES);
  const sum = bytes.subarray(MAGIC.length, MAGIC.length + HASH_BYTES);
  if (!MAGIC.every((byte, k) => bytes[k] === byte) || !createHash('sha256').update(rest).digest().equals(sum)) {
    throw new HaggleError('bad-checkpoint', `${name} is no checkpoint, or was changed or cut off`);
  }
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const length = rest.length < SIZE_BYTES ? 0 : view.getUint32(0, true);
  const header = headerOf(rest.subarray(SIZE_BYTES, SIZE_BYTES + length), name);
  if (new Set(header.arrays.map((array) => array.name)).size < header.arrays.length) {
    throw new HaggleError('bad-checkpoint', `${name} has two arrays of one name`);
  }
  let at = SIZE_BYTES + length;
  const claimed = header.arrays.reduce((bytesSoFar, array) => bytesSoFar + (array.bits / 8) * array.length, at);
  if (claimed !== rest.length) {
    throw new HaggleError(
      'bad-checkpoint',
      `${name} must have the ${claimed} bytes that its header tells of, has ${rest.length}`,
    );
  }
  const arrays: [string, Float32Array | Float64Array][] = [];
  for (const array of header.arrays) {
    const values = array.bits === 32 ? new Float32Array(array.length) : new Float64Array(array.length);
    for (let k = 0; k < array.length; k++) {
      values[k] = array.bits === 32 ? view.getFloat32(at, true) : view.getFloat64(at, true);
      at += array.bits / 8;
    }
    arrays.push([array.name, values]);
  }
  return { facts: header.facts, arrays: Object.fromEntries(arrays) };
}

function headerOf(bytes: Uint8Array, name: string): Header {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new HaggleError('bad-checkpoint', `${name} must have a header that lists its arrays`, { cause });
  }
}

/** Writes a checkpoint whole or not at all. @throws HaggleError `cannot-write` */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  replaceFile(file, encodeCheckpoint(checkpoint));
}

/**
 * Reads a checkpoint; null where there is no such file.
 *
 * @throws HaggleError `cannot-read` also for what is no regular file, such as a folder or a pipe; `bad-checkpoint`
 */
export async function readCheckpoint(file: string): Promise<Checkpoint | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(file);
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    if (codeOf(cause) === 'ENOENT') return null;
    throw new HaggleError('cannot-read', `cannot read the checkpoint ${file}: ${reasonOf(cause)}`, { cause });
  }
  return decodeCheckpoint(bytes, file);
}

async function readRegular(file: string): Promise<Uint8Array> {
  // Without O_NONBLOCK the open of a pipe waits for its writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await handle.stat()).isFile()) return await handle.readFile();
    throw new HaggleError('cannot-read', `cannot read the checkpoint ${file}: it is no regular file`);
  } finally {
    await handle.close();
  }
}

/** Arrays under names that begin with `prefix`. */
export function prefixed(prefix: string, arrays: SavedArrays): SavedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [`${prefix}.${name}`, values]));
}

/** The arrays whose names begin with `prefix`, without it. */
export function under(prefix: string, arrays: SavedArrays): SavedArrays {
  const start = `${prefix}.`;
  return Object.fromEntries(
    Object.entries(arrays).flatMap(([name, values]) =>
      name.startsWith(start) ? [[name.slice(start.length), values]] : [],
    ),
  );
}

function littleEndian(values: Float32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [k, value] of values.entries()) {
    if (values instanceof Float32Array) view.setFloat32(4 * k, value, true);
    else view.setFloat64(8 * k, value, true);
  }
  return bytes;
}
