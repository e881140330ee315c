/** Settings that no compiler has seen, checked by zod. */
import { inspect } from 'node:util';
import { z } from 'zod';
import { assert, HaggleError } from '../../errors.ts';

/** A schema for each setting of this type, none for any other. */
export type SchemasOf<Settings> = { readonly [Name in keyof Settings]-?: z.ZodType<Settings[Name] | undefined> };

/** An object of these settings; whoever misspells one is told which there are. */
export function settings<Schemas extends z.core.$ZodLooseShape>(
  schemas: Schemas,
): z.ZodObject<Schemas, z.core.$strict> {
  const known = Object.keys(schemas).join(', ');
  return z.strictObject(schemas, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' ? `has no setting ${keys.join(', ')}; it has ${known}` : undefined,
  });
}

/** A whole number from 1. */
export const count = z.int().min(1);

/** A finite number above 0. */
export const positive = z.number().positive();

/** A function of this type, as far as that can be seen. */
export function callback<Call>(): z.ZodType<Call> {
  return z.custom<Call>((value) => typeof value === 'function', 'expected a function');
}

/** Enough of a value to know it again. */
const SHOWN_CHARS = 80;

/** The settings with their defaults filled in. @throws HaggleError `bad-training` naming the setting, its bound and what it got */
export function settled<Settings>(of: string, schema: z.ZodType<Settings>, value: unknown): Settings {
  const read = schema.safeParse(value, { reportInput: true });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  assert(issue !== undefined, 'what is refused has an issue');
  const got = inspect(issue.input, { depth: 0, compact: true, breakLength: Infinity });
  const shown = got.length <= SHOWN_CHARS ? got : `${got.slice(0, SHOWN_CHARS)}…`;
  throw new HaggleError('bad-training', `${[of, ...issue.path].join('.')}: ${issue.message}, got ${shown}`);
}
