/** What a log line says: a short text, or fields. Never keys, seeds or private data of others. */
export type LogEntry = string | Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/** Where an agent writes its log. The host stamps time and agent. */
export interface Log {
  debug(entry: LogEntry): void;
  info(entry: LogEntry): void;
  warn(entry: LogEntry): void;
  error(entry: LogEntry): void;
}

const ignore = (): void => undefined;

/** A log that keeps nothing. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
