import type { Micros } from '../clock.ts';

/** How long the record of an agent holds unless its host says otherwise: 15 minutes. */
export const RECORD_VALIDITY_MICROS: Micros = 900_000_000;

/** A record is renewed this often within its validity, so that two renewals may be lost and the agent is still found. */
export const RENEWALS = 3;

/** From one record of an agent to its next. */
export function renewalInterval(validityMicros: Micros): Micros {
  return Math.max(1, Math.floor(validityMicros / RENEWALS));
}
