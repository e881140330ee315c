import type { Log, LogEntry } from '../../log.ts';

/** How much is logged: a level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options of {@link createJsonLog}. */
export interface JsonLogOptions {
  /** The least that is written. */
  readonly level: LogLevel;
  /** Who writes: the `agent` of every line. */
  readonly agent: string;
  /** Takes one line, line feed included. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A log of one JSON object a line. */
export interface JsonLog extends Log {
  /** Changes how much is written from now on. */
  setLevel(level: LogLevel): void;
}

/** Fields of one line, and characters of one text in it: a peer's text must not fill a disk with one line. */
const FIELDS_MAX = 32;
const TEXT_CHARS = 1_024;

/** What only this log may say. */
const OWN: ReadonlySet<string> = new Set(['ts', 'level', 'agent']);

/**
 * Texts that look like secrets: seeds and private keys as NATS writes them (nkeys: `S` or `P`, then base32), tokens (RFC 7519)
 * and private keys in PEM. Whoever logs one has made a mistake; the line must not make it worse.
 */
const SECRET = /\b[SP][A-Z2-7]{56,111}\b|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*/g;

/**
 * A log of JSON Lines: `ts` (ISO 8601), `level`, `agent`, then what the entry says; a text is its `msg`. Numbers, texts and
 * truth values are written, `bigint` in decimal digits; of everything else only what it is, because keys come as bytes and
 * objects, and a text that looks like a secret is left out.
 */
export function createJsonLog({ level, agent, write, now }: JsonLogOptions): JsonLog {
  let least = LOG_LEVELS.indexOf(level);
  const writer =
    (name: LogLevel) =>
    (entry: LogEntry): void => {
      if (LOG_LEVELS.indexOf(name) < least) return;
      const said = typeof entry === 'string' ? { msg: entry } : entry;
      const fields = Object.entries(said)
        .filter(([, value]) => value !== undefined)
        .slice(0, FIELDS_MAX)
        .map(([key, value]) => [OWN.has(key) ? `said_${key}` : key, printable(value)] as const);
      const line = { ts: new Date(now()).toISOString(), level: name, agent, ...Object.fromEntries(fields) };
      write(`${JSON.stringify(line)}\n`);
    };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    setLevel(next) {
      least = LOG_LEVELS.indexOf(next);
    },
  };
}

/** A value as a line may hold it. Agents are programs of others: what they hand in need not be what its type says. */
function printable(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'string') return value instanceof Uint8Array ? '[bytes]' : `[${typeof value}]`;
  const text = value.length > TEXT_CHARS ? `${value.slice(0, TEXT_CHARS)}…` : value;
  return text.replaceAll(SECRET, '[secret]');
}
