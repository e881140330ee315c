import type { CardWords } from '../../directory/card.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { DirectoryQuery } from '../../directory/query.ts';
import type { JsonValue } from '../../message/canonical.ts';
import type { Letter } from '../../message/mail.ts';
import type { Sealed } from '../../message/seal.ts';
import type { LiveMail } from '../mail/live-mail.ts';

/** What a life wants of the outside beside messages. It is done after the instant; an answer comes as an input, by the number of the call. */
export type Effect =
  | { readonly type: 'announce'; readonly words: CardWords }
  | { readonly type: 'withdraw' }
  | { readonly type: 'find'; readonly call: number; readonly query: DirectoryQuery }
  /** The answer is why the letter was not kept, or null. */
  | { readonly type: 'post'; readonly call: number; readonly letter: Omit<Letter, 'headers'> };

/** The outside that effects reach. */
export interface Outside {
  readonly directory: DirectoryPort | undefined;
  readonly mail: Pick<LiveMail, 'post'> | undefined;
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
}

/** Performs effects in the name of one life. */
export function perform(
  effects: readonly Effect[],
  outside: Outside,
  answered: (call: number, value: JsonValue) => void,
): void {
  const { directory } = outside;
  for (const effect of effects) {
    if (effect.type === 'announce') directory?.announce(effect.words);
    else if (effect.type === 'withdraw') directory?.withdraw();
    else if (effect.type === 'post') void post(effect, outside, answered);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- cards are plain JSON, as their port says
    else directory?.find(effect.query, (cards) => answered(effect.call, cards as unknown as JsonValue));
  }
}

/** A letter was said before, and kept with all that led to it: the same text is signed again, to the same bytes. */
async function post(
  { call, letter }: Effect & { readonly type: 'post' },
  { mail, seal }: Outside,
  answered: (call: number, value: JsonValue) => void,
): Promise<void> {
  for (const sealed of seal([letter.payload])) {
    const refused = await mail?.post({ ...letter, ...sealed });
    answered(call, refused ?? null);
  }
}

/** Of the effects of a life that is executed again, those that are still wanted: what has no answer yet, and the last word on whether it is there. */
export function stillWanted(effects: readonly Effect[], answered: ReadonlySet<number>): readonly Effect[] {
  const presence = effects.findLast(({ type }) => type === 'announce' || type === 'withdraw');
  const calls = effects.filter((effect) => 'call' in effect && !answered.has(effect.call));
  return presence === undefined ? calls : [presence, ...calls];
}
