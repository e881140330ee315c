import { RECEIPT_HEADER } from '../../agent/outbox.ts';
import type { BusMessage, Headers } from '../../bus/bus.ts';
import { PROOF_HEADER, SIGNATURE_HEADER } from '../../message/evidence.ts';
import { MAIL_HEADER } from '../../message/mail.ts';
import type { RecordedMessage } from '../../message/open.ts';

/** The headers that an agent asks for. */
const ASKED_FOR = [SIGNATURE_HEADER, PROOF_HEADER, MAIL_HEADER, RECEIPT_HEADER] as const;

/** A proof of the largest batch takes half of it. */
const HEADER_CHARS = 1_024;

/**
 * A message without what nobody asks for. Headers are not signed, and a broker takes a megabyte of them: whoever passes a message
 * on could fill journals and memory with them.
 */
export function keptMessage({ subject, payload, headers }: BusMessage): RecordedMessage {
  const kept: Record<string, string> = {};
  for (const name of ASKED_FOR) {
    const value = headers[name];
    if (value !== undefined) kept[name] = value.slice(0, HEADER_CHARS);
  }
  return { subject, payload, headers: kept satisfies Headers };
}
