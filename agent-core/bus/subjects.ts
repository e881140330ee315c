import { HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Subjects of a realm. The one place that builds their names; permissions on the broker follow the same pattern. */
export const subjects = {
  /** Direct messages: `haggle.<realm>.in.<to>.<from>`; both ends are NKEY public keys. */
  inbox: (realm: string, to: string, from: string): string => `haggle.${realm}.in.${to}.${from}`,
  /** Everything that is sent to one agent. */
  inboxOf: (realm: string, to: string): string => `haggle.${realm}.in.${to}.*`,
  /**
   * Where the bus says that nobody listens to a message of `from`: an inbox subject of its own, so that its one subscription
   * hears it. The last token names the message and whom it was meant for.
   */
  unreachable: (realm: string, from: string, message: { readonly id: string; readonly to: string }): string =>
    `haggle.${realm}.in.${from}.${message.id}-${message.to}`,
  /** Messages for an agent that is away: `haggle.<realm>.mail.<to>.<from>`. */
  mail: (realm: string, to: string, from: string): string => `haggle.${realm}.mail.${to}.${from}`,
  /** All mail of one agent. */
  mailOf: (realm: string, to: string): string => `haggle.${realm}.mail.${to}.*`,
  /** What an agent announces: `haggle.<realm>.ev.<from>.<topic>`. */
  event: (realm: string, from: string, topic: string): string => `haggle.${realm}.ev.${from}.${topic}`,
} as const;

/** The last token of an inbox subject: the NKEY that the broker let publish there. */
export function senderToken(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/**
 * Checks a subject. `pattern` allows the wildcards `*` (one token) and `>` (last token, one or more).
 *
 * @throws HaggleError `bad-subject`
 */
export function checkSubject(subject: string, kind: 'literal' | 'pattern'): void {
  const fault = subjectFault(subject, kind);
  if (fault !== null) {
    throw new HaggleError('bad-subject', `subject ${JSON.stringify(subject.slice(0, 80))} ${fault}`);
  }
}

function subjectFault(subject: string, kind: 'literal' | 'pattern'): string | null {
  if (subject.length === 0) return 'is empty';
  if (subject.length > LIMITS.subjectChars) return `is longer than ${LIMITS.subjectChars} characters`;
  const tokens = subject.split('.');
  for (const [index, token] of tokens.entries()) {
    if (token.length === 0) return 'has an empty token';
    if (hasSpaceOrControl(token)) return 'has white space or a control character';
    const wild = token === '*' || token === '>';
    if (wild && kind === 'literal') return 'has a wildcard where none is allowed';
    if (token === '>' && index !== tokens.length - 1) return 'has ">" before its last token';
  }
  return null;
}

function hasSpaceOrControl(token: string): boolean {
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}
