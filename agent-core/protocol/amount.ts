import { z } from 'zod';

/** An amount of money as an integer number of micro-tokens. */
export type MicroTokens = bigint;

/** Digits of the largest amount: more than any supply, few enough to stay cheap. */
const AMOUNT_DIGITS = 30;

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
