import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ExecutionContext } from 'ava';
import { HaggleError } from '../../../../agent-core/errors.ts';

/** The seed of every key file of these tests. */
export const SEED = Uint8Array.from({ length: 32 }, (_, i) => 200 - 3 * i);

/** A folder that is gone when the test is over. */
export function scratch(t: ExecutionContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** The code of the error, which must hold nothing of {@link SEED}. */
export async function refusal(t: ExecutionContext, action: () => unknown): Promise<string> {
  return (await refused(t, action))?.code ?? '';
}

/** The message of the refusal, for what it advises. */
export async function advice(t: ExecutionContext, action: () => unknown): Promise<string> {
  return (await refused(t, action))?.message ?? '';
}

async function refused(t: ExecutionContext, action: () => unknown): Promise<HaggleError | undefined> {
  const error = await t.throwsAsync(async () => action(), { instanceOf: HaggleError });
  const shown = printed(error);
  for (const spelling of spellings(SEED)) t.false(shown.includes(spelling), 'the seed shows in an error');
  return error;
}

/** Ways in which a secret of some bytes could be written down. */
export function spellings(secret: Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    bytes.toString('hex'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
    [...bytes].join(', '),
    [...bytes].join(','),
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  ];
}

/** Everything that a log, a debugger or a serialiser would show of a value, its causes included. */
export function printed(value: unknown): string {
  const texts = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? '',
    String(value),
  ];
  if (value instanceof Error) texts.push(value.message, value.stack ?? '', printed(value.cause ?? null));
  return texts.join('\n');
}
