import type { Micros } from '../agent-core/clock.ts';
import type { AgentCard, CardWords } from '../agent-core/directory/card.ts';
import type { DirectoryPort } from '../agent-core/directory/port.ts';
import { matches, ranked, type DirectoryQuery } from '../agent-core/directory/query.ts';
import { RECORD_VALIDITY_MICROS, renewalInterval } from '../agent-core/directory/validity.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import { canonicalize, type JsonValue } from '../agent-core/message/canonical.ts';
import type { EventSource } from './kernel.ts';
import type { Notices } from './notices.ts';

/** Options of {@link createDirectory}. */
export interface DirectoryParts {
  readonly notices: Pick<Notices, 'on' | 'post' | 'settle'>;
  readonly now: () => Micros;
  /** From an agent to the directory, and back again. */
  readonly latencyMicros: Micros;
}

/** One agent's means of speaking to the directory. */
export interface DirectoryClient {
  readonly name: string;
  readonly did: Did;
  readonly source: EventSource;
}

/** The directory of a world: some latency away from every agent, the same for all, and never wrong. */
export interface Directory {
  port(client: DirectoryClient): DirectoryPort;
  /** An agent was cut off: its record is renewed no more. */
  crashed(client: Pick<DirectoryClient, 'name' | 'did'>): void;
  /** What is known now: for whoever set the world up. */
  cards(): readonly AgentCard[];
}

/** What the directory says of an agent. */
interface Entry {
  readonly words: CardWords;
  readonly issued: Micros;
  /** Last instant at which it is said; null as long as the agent lives, which renews its record in time. */
  readonly until: Micros | null;
}

const NOTICE = 'directory';

/** An empty directory. Announcements are notices: they schedule nothing, so that they cost worlds nothing in which nobody looks. */
export function createDirectory(parts: DirectoryParts): Directory {
  return new SimulatedDirectory(parts);
}

class SimulatedDirectory implements Directory {
  readonly #parts: DirectoryParts;
  readonly #entries = new Map<Did, Entry>();
  /** Agents that match a query, until a notice takes effect: many ask the same. */
  readonly #matching = new Map<string, readonly (readonly [Did, Entry])[]>();
  /** What each agent said last, in effect or not. */
  readonly #announced = new Map<Did, Entry>();

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
    parts.notices.on(NOTICE, (_author, body) => this.#apply(body));
  }

  port(client: DirectoryClient): DirectoryPort {
    const { now, latencyMicros } = this.#parts;
    const { did, source } = client;
    return {
      announce: (words) => this.#say(client, { words, issued: now(), until: null }),
      withdraw: () => this.#say(client, null),
      find: (query, done) => {
        source.after(latencyMicros, () => source.after(latencyMicros, done, this.#find(query, did)), undefined);
      },
    };
  }

  crashed(client: Pick<DirectoryClient, 'name' | 'did'>): void {
    const entry = this.#announced.get(client.did);
    if (entry?.until !== null) return;
    const { issued } = this.#renewed(entry);
    this.#say(client, { words: entry.words, issued, until: issued + RECORD_VALIDITY_MICROS });
  }

  cards(): readonly AgentCard[] {
    this.#parts.notices.settle();
    return this.#holding([...this.#entries]).toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
  }

  #say({ name, did }: Pick<DirectoryClient, 'name' | 'did'>, entry: Entry | null): void {
    if (entry === null) this.#announced.delete(did);
    else this.#announced.set(did, entry);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry is plain JSON
    this.#parts.notices.post(name, NOTICE, { agent: did, entry } as unknown as JsonValue);
  }

  #apply(body: JsonValue): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every notice of this kind was written by `#say`
    const { agent, entry } = body as unknown as { readonly agent: Did; readonly entry: Entry | null };
    if (entry === null) this.#entries.delete(agent);
    else this.#entries.set(agent, entry);
    this.#matching.clear();
  }

  #find(query: DirectoryQuery, asker: Did): readonly AgentCard[] {
    this.#parts.notices.settle();
    const { limit, ...wanted } = query;
    const key = canonicalize(wanted);
    let matching = this.#matching.get(key);
    if (matching === undefined) {
      matching = [...this.#entries].filter(([, { words }]) => matches(words, wanted));
      this.#matching.set(key, matching);
    }
    const others = this.#holding(matching).filter(({ agent }) => agent !== asker);
    return ranked(others, asker, limit);
  }

  #holding(entries: readonly (readonly [Did, Entry])[]): AgentCard[] {
    const now = this.#parts.now();
    return entries
      .filter(([, { until }]) => until === null || until >= now)
      .map(([agent, entry]) => ({ agent, ...entry.words, ...this.#renewed(entry) }));
  }

  /** When the record that holds now was issued, and until when it does: a living agent renews its own in time. */
  #renewed({ issued, until }: Entry): { readonly issued: Micros; readonly expires: Micros } {
    if (until !== null) return { issued, expires: until };
    const interval = renewalInterval(RECORD_VALIDITY_MICROS);
    const renewed = issued + Math.floor(Math.max(0, this.#parts.now() - issued) / interval) * interval;
    return { issued: renewed, expires: renewed + RECORD_VALIDITY_MICROS };
  }
}
