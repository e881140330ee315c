/**
 * Why a message was not accepted. The one table: codes are counted, logged and tested by these names; they are listed in
 * the order in which they are checked, so a message is refused for the first that applies.
 */
export const REFUSALS = {
  // Cost, before anything is believed.
  'payload-too-large': 'more UTF-8 bytes than LIMITS.payloadBytes',
  'ill-formed-text': 'the text has a lone surrogate, so it has no bytes that could have been signed',
  'too-deep': 'arrays and objects nested deeper than LIMITS.jsonDepth',
  'too-many-keys': 'more object members than LIMITS.jsonKeys',
  // Who says so.
  'malformed-subject': 'the last token of the subject is not the NKEY of a user',
  unsigned: 'no signature, and this receiver requires one',
  'malformed-signature': 'a signature or proof header that no sealer writes',
  'bad-signature': 'the signature is not by the key in the subject over these bytes',
  // One form.
  'not-json': 'no JSON grammar allows this text',
  truncated: 'the text ends inside a value',
  'not-canonical': 'JSON, but not as RFC 8785 writes it: white space, order of members, a number or an escape',
  'duplicate-key': 'an object names a member twice',
  'forbidden-key': 'a member named __proto__, constructor or prototype',
  'lone-surrogate': 'an escaped surrogate without its partner',
  // What it says.
  'wrong-version': 'not version 1 of the envelope',
  'malformed-envelope': 'a field is missing, unknown, too long or of the wrong kind',
  'sender-mismatch': '`from` is not the key in the subject',
  'not-for-me': '`to` is another agent',
  'wrong-realm': '`realm` is another realm',
  // When.
  'life-too-long': '`exp` is further from `sent` than LIMITS.messageLifeMicros, or LIMITS.mailLifeMicros for mail',
  'sent-in-future': '`sent` is ahead of this clock by more than LIMITS.clockSkewMicros',
  expired: '`exp` has passed, or is not beyond what the replay window has forgotten',
  // Whether it is new.
  replayed: 'this sequence number of this sender was accepted before',
  'too-old-seq': 'LIMITS.replayWindowMessages or more behind the newest of this sender, so nobody remembers',
  'replay-peers-full': 'a new sender, and LIMITS.replayPeers senders have messages that have not expired',
} as const;

/** A code of {@link REFUSALS}. */
export type RefusalCode = keyof typeof REFUSALS;

/** An expected outcome of opening a message: not accepted. */
export interface Refusal {
  readonly refused: RefusalCode;
  /** For people: which field or offset. Holds nothing of the message's content but field names. */
  readonly detail: string;
}

/** A refusal with its code and what was seen. */
export function refuse(refused: RefusalCode, detail: string = REFUSALS[refused]): Refusal {
  return { refused, detail };
}

/** True for a {@link Refusal}, of whatever it stands beside. */
export function isRefusal(outcome: object): outcome is Refusal {
  return 'refused' in outcome;
}
