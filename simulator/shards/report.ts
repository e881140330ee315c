import type { JsonValue } from '../../agent-core/message/canonical.ts';
import { countIn, listIn, objectIn, textIn, type JsonObject } from './checks.ts';
import type { ShardReport } from './shard.ts';

/** A final report as JSON. */
export function encodeShardReport(report: ShardReport): JsonValue {
  const { events, counters, decisions, fingerprints, agents, book } = report;
  return {
    events,
    counters: { ...counters },
    decisions,
    fingerprints,
    agents,
    book: book === null ? null : { ...book, snapshot: { ...book.snapshot } },
  };
}

/** @throws HaggleError `bad-wire` */
export function decodeShardReport(json: JsonValue): ShardReport {
  const report = objectIn(json, 'a final report');
  const counters = objectIn(report['counters'], 'counters');
  const count = (name: string): number => countIn(counters[name], name);
  return {
    events: countIn(report['events'], 'events'),
    counters: {
      published: count('published'),
      delivered: count('delivered'),
      dropped: count('dropped'),
      bytes: count('bytes'),
      noResponders: count('noResponders'),
      lost: count('lost'),
      duplicated: count('duplicated'),
      blocked: count('blocked'),
    },
    decisions: valuesIn(report['decisions'], 'decisions', countIn),
    fingerprints: valuesIn(report['fingerprints'], 'fingerprints', textIn),
    agents: listIn(report['agents'], 'agents').map(checkedAgent),
    book: report['book'] === null ? null : decodeBook(objectIn(report['book'], 'book')),
  };
}

function checkedAgent(json: JsonValue): JsonValue {
  const agent = objectIn(json, 'an agent');
  textIn(agent['name'], 'name');
  textIn(agent['lifecycle'], 'lifecycle');
  objectIn(agent['counters'], 'counters');
  if (agent['problem'] !== undefined) textIn(agent['problem'], 'problem');
  return agent;
}

function decodeBook({ snapshot, chains, journal }: JsonObject): ShardReport['book'] {
  const { now, books } = objectIn(snapshot, 'snapshot');
  return {
    snapshot: { v: 1, now: countIn(now, 'now'), books: listIn(books, 'books') },
    chains: valuesIn(chains, 'chains', textIn),
    journal: listIn(journal, 'journal'),
  };
}

/** An object whose members are all of one form. */
function valuesIn<T>(
  value: JsonValue | undefined,
  what: string,
  read: (value: JsonValue, what: string) => T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(objectIn(value, what)).map(([name, each]) => [name, read(each, what)] as const);
  return Object.fromEntries(entries);
}
