/** Orders of magnitude: what a bus tells of its own costs, and what all scale theirs by. */
import { FIXED_PU, type GeneratorOffer } from './bus-problem.ts';

/** Largest magnitude m such that some marginal cost within limits exceeds 10^(m-1); null where nobody has a choice. */
export function magnitudeOf(offers: readonly GeneratorOffer[]): number | null {
  let largest = 0;
  for (const offer of offers) {
    if (offer.maxPu - offer.minPu < FIXED_PU) continue;
    const atMin = Math.abs(offer.c1 + 2 * offer.c2 * offer.minPu);
    const atMax = Math.abs(offer.c1 + 2 * offer.c2 * offer.maxPu);
    largest = Math.max(largest, atMin, atMax);
  }
  return largest === 0 ? null : magnitudeAbove(largest);
}

/** Smallest exponent whose power of ten is not below a positive number. */
function magnitudeAbove(value: number): number {
  let magnitude = 0;
  while (powerOfTen(magnitude) < value) magnitude += 1;
  while (powerOfTen(magnitude - 1) >= value) magnitude -= 1;
  return magnitude;
}

/** 10 to a whole power, by division where it is negative: 10^-n is not exact, and both ends must get the same bits. */
export function powerOfTen(exponent: number): number {
  let power = 1;
  for (let i = 0; i < Math.min(Math.abs(exponent), 309); i++) power *= 10; // from 309 on it is Infinity, whoever asks
  return exponent < 0 ? 1 / power : power;
}

/**
 * A positive number rounded up to a power of ten, 0 left as it is. What a bus tells of its own costs, it tells like this:
 * sums of such numbers are a scale good to a factor of ten.
 */
export function orderOf(value: number): number {
  return value > 0 ? powerOfTen(magnitudeAbove(value)) : 0;
}
