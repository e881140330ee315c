/**
 * The performatives (in FIPA 00037's words: communicative acts) that Haggle's protocols use. A message type has a name of its own within its
 * protocol; the performative says what it does, for people, traces and other agent systems.
 */
export const PERFORMATIVES = [
  'accept-proposal',
  'agree',
  'cancel',
  'cfp',
  'confirm',
  'disconfirm',
  'failure',
  'inform',
  'not-understood',
  'propose',
  'query-if',
  'query-ref',
  'refuse',
  'reject-proposal',
  'request',
  'subscribe',
] as const;

/** One of {@link PERFORMATIVES}. */
export type Performative = (typeof PERFORMATIVES)[number];
