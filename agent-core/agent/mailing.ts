import { HaggleError } from '../errors.ts';
import type { LetterRefusal } from '../message/mail.ts';
import type { DialogueRecord } from './dialogue-book.ts';
import type { Host } from './host.ts';

/**
 * Puts the opening of a dialogue in the mailbox of its peer: the very same message, so that whoever gets it twice takes it once.
 * False where it is not to be mailed, or was already.
 */
export function mailOpening(
  host: Pick<Host, 'mail' | 'seal'>,
  record: DialogueRecord,
  refused: (code: LetterRefusal) => void,
): boolean {
  const { letter, id, peer } = record;
  if (letter === null || host.mail === undefined) return false;
  record.letter = null;
  const [sealed] = host.seal([letter.payload]);
  if (sealed === undefined) throw new HaggleError('unsealed', 'mailing an opening: the host signed nothing');
  host.mail.post({ id, to: peer.did, way: letter.way, ...sealed }, refused);
  return true;
}
