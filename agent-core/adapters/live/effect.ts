import type { CardWords } from '../../directory/card.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { DirectoryQuery } from '../../directory/query.ts';
import type { JsonValue } from '../../message/canonical.ts';
import type { Letter, MailPort } from '../../message/mail.ts';
import type { Sealed } from '../../message/seal.ts';

/** What a life wants of the outside beside messages. It is done after the instant; an answer comes as an input, by the number of the call. */
export type Effect =
  | { readonly type: 'announce'; readonly words: CardWords }
  | { readonly type: 'withdraw' }
  | { readonly type: 'find'; readonly call: number; readonly query: DirectoryQuery }
  /** Answered with null once it was posted, and with a code where it was refused later. */
  | { readonly type: 'post'; readonly call: number; readonly letter: Letter };

/** What effects are performed with. */
export interface Outside {
  readonly directory: DirectoryPort | undefined;
  readonly mail: MailPort | undefined;
  /** A life signs nothing by itself: what leaves is signed here. */
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
}

/** Performs effects in the name of one life. */
export function perform(
  effects: readonly Effect[],
  { directory, mail, seal }: Outside,
  answered: (call: number, value: JsonValue) => void,
): void {
  for (const effect of effects) {
    switch (effect.type) {
      case 'announce':
        directory?.announce(effect.words);
        break;
      case 'withdraw':
        directory?.withdraw();
        break;
      case 'find':
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- cards are plain JSON, as their port says
        directory?.find(effect.query, (cards) => answered(effect.call, cards as unknown as JsonValue));
        break;
      case 'post':
        mail?.post(sealedLetter(effect.letter, seal), (code) => answered(effect.call, code));
        answered(effect.call, null);
    }
  }
}

function sealedLetter(letter: Letter, seal: Outside['seal']): Letter {
  const [sealed] = seal([letter.payload]);
  return { ...letter, headers: { ...sealed?.headers, ...letter.headers } };
}

/** Of the effects of a life that is executed again, those that are still wanted: what has no answer yet, and the last word on whether it is there. */
export function stillWanted(effects: readonly Effect[], answered: ReadonlySet<number>): readonly Effect[] {
  const presence = effects.findLast((effect) => !('call' in effect));
  const calls = effects.filter((effect) => 'call' in effect && !answered.has(effect.call));
  return presence === undefined ? calls : [presence, ...calls];
}
