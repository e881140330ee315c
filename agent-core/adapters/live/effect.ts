import type { CardWords } from '../../directory/card.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { DirectoryQuery } from '../../directory/query.ts';
import type { JsonValue } from '../../message/canonical.ts';

/** What a life wants of the outside beside messages. It is done after the instant; an answer comes as an input, by the number of the call. */
export type Effect =
  | { readonly type: 'announce'; readonly words: CardWords }
  | { readonly type: 'withdraw' }
  | { readonly type: 'find'; readonly call: number; readonly query: DirectoryQuery };

/** Performs effects in the name of one life. */
export function perform(
  effects: readonly Effect[],
  directory: DirectoryPort | undefined,
  answered: (call: number, value: JsonValue) => void,
): void {
  for (const effect of effects) {
    if (effect.type === 'announce') directory?.announce(effect.words);
    else if (effect.type === 'withdraw') directory?.withdraw();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- cards are plain JSON, as their port says
    else directory?.find(effect.query, (cards) => answered(effect.call, cards as unknown as JsonValue));
  }
}

/** Of the effects of a life that is executed again, those that are still wanted: what has no answer yet, and the last word on whether it is there. */
export function stillWanted(effects: readonly Effect[], answered: ReadonlySet<number>): readonly Effect[] {
  const presence = effects.findLast(({ type }) => type !== 'find');
  const finds = effects.filter((effect) => effect.type === 'find' && !answered.has(effect.call));
  return presence === undefined ? finds : [presence, ...finds];
}
