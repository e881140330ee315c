import { z } from 'zod';
import { isDid, type Did } from '../identity/did-key.ts';

/** Room for any address: those of Ed25519 keys have 56 characters. */
const DID_CHARS = 128;

const FORM = "must be an agent's did:key address";

/** Schema of an agent's address, in parameters and in message bodies. */
export function did(): z.ZodType<Did, string> {
  return z.string({ error: FORM }).max(DID_CHARS, { error: FORM, abort: true }).refine(isDid, { error: FORM });
}
