import type { Clock } from '../clock.ts';
import { checkTags, type AgentCard, type CardWords } from '../directory/card.ts';
import type { DirectoryPort } from '../directory/port.ts';
import { matches, ranked } from '../directory/query.ts';
import { RECORD_VALIDITY_MICROS } from '../directory/validity.ts';
import type { Did } from '../identity/did-key.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';

/** What the card of a peer says. */
export interface PeerCard {
  /** Protocols with the role that the peer plays. */
  readonly plays?: readonly { readonly protocol: AnyProtocol; readonly role: string }[];
  readonly tags?: readonly string[];
}

/** The directory of a bench: cards that the test hands out, and that of the agent itself. Questions are answered when the bench says so. */
export class BenchDirectory {
  readonly #clock: Clock;
  readonly #cards = new Map<Did, AgentCard>();
  readonly #questions: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True while the agent waits for an answer. */
  get waiting(): boolean {
    return this.#questions.length > 0;
  }

  /** Answers what was asked so far, in the order of the calls. */
  answer(): void {
    for (const question of this.#questions.splice(0)) question();
  }

  cardOf(agent: Did): AgentCard | null {
    return this.#cards.get(agent) ?? null;
  }

  /** Gives a peer its card, in the place of the one it had. @throws HaggleError `bad-tags` */
  introduce(agent: Did, name: string, { plays = [], tags = [] }: PeerCard): AgentCard {
    const roles = new Map<string, Set<string>>();
    for (const { protocol, role } of plays) roles.set(protocol.id, (roles.get(protocol.id) ?? new Set()).add(role));
    const protocols = [...roles].map(([id, played]) => ({ id, roles: [...played].toSorted() }));
    return this.#write(agent, {
      name,
      protocols: protocols.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      tags: checkTags(tags, `peer "${name}"`),
    });
  }

  /** The agent's way to the directory. */
  port(agent: Did): DirectoryPort {
    return {
      announce: (words) => void this.#write(agent, words),
      withdraw: () => void this.#cards.delete(agent),
      find: (query, done) => {
        this.#questions.push(() => {
          const found = [...this.#cards.values()].filter((card) => card.agent !== agent && matches(card, query));
          done(ranked(found, agent, query.limit));
        });
      },
    };
  }

  #write(agent: Did, words: CardWords): AgentCard {
    const issued = this.#clock.now();
    const card = { agent, ...words, issued, expires: issued + RECORD_VALIDITY_MICROS };
    this.#cards.set(agent, card);
    return card;
  }
}
