import { createHash } from 'node:crypto';
import type { PublishedRoutes } from './instance.ts';
import { PUBLISHED_ROUTES } from './published-routes.ts';

/** Digits of the digest that the table names: chance collisions are out of the question, and lines stay short. */
const DIGEST_DIGITS = 16;

/**
 * Digest of the numbers of a benchmark file, however they are written: what identifies an instance, for files are renamed and
 * edited. The first 16 hexadecimal digits of SHA-256.
 */
export function numbersDigest(rows: readonly (readonly number[])[]): string {
  const text = rows.map((row) => row.join(' ')).join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS);
}

/** What the literature says about exactly these numbers; null for any others. */
export function publishedFor(rows: readonly (readonly number[])[]): PublishedRoutes | null {
  return PUBLISHED_ROUTES.get(numbersDigest(rows)) ?? null;
}
