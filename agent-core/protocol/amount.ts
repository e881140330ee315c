import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** An amount of money as an integer number of micro-tokens. */
export type MicroTokens = bigint;

const AMOUNT_DIGITS = LIMITS.amountDigits;

const DECIMAL = new RegExp(`^(?:0|[1-9]\\d{0,${AMOUNT_DIGITS - 1}})$`);

/**
 * Schema of an amount of money in a message body: a `bigint` of micro-tokens in programs, a decimal string on the wire, so
 * that no reader rounds it. Non-negative, at most 30 digits, exactly one spelling.
 */
export function amount(): z.ZodCodec<z.ZodString, z.ZodBigInt> {
  return z.codec(z.string().max(AMOUNT_DIGITS).regex(DECIMAL), z.bigint().nonnegative(), {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  });
}
