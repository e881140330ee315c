import { createRandomRoot } from '../../../../agent-core/random.ts';
import { generateCommunity } from '../../../../scenarios/energy/community/generator.ts';
import type { CommunityInstance } from '../../../../scenarios/energy/community/community.ts';

/** A generated community; chance follows from the seed. */
export function street(parameters: Readonly<Record<string, string | number>> = {}, seed = 1): CommunityInstance {
  const texts = Object.entries({ homes: 4, days: 3, ...parameters }).map(([key, value]): [string, string] => [
    key,
    String(value),
  ]);
  return generateCommunity(new Map(texts), createRandomRoot(seed).stream('instance', 'energy'));
}
