import type { TraceRecord } from '../simulator/trace.ts';
import { openLineFile } from './files.ts';

/** First line of a trace. */
export interface TraceHeader {
  readonly haggleTrace: 1;
  readonly scenario: string;
  readonly seed: number;
  readonly sign: string;
}

/** Last line of a trace. */
export interface TraceFooter {
  readonly deliveries: number;
  readonly fingerprint: string;
}

/** A recording under way. */
export interface TraceFile {
  record(record: TraceRecord): void;
  commit(fingerprint: string): void;
  discard(): void;
}

/** Starts a trace: JSON Lines, a header, one line per delivery with its signature, a footer with the fingerprint. */
export function openTraceFile(path: string, about: Omit<TraceHeader, 'haggleTrace'>): TraceFile {
  const file = openLineFile(path);
  let deliveries = 0;
  const header: TraceHeader = { haggleTrace: 1, ...about };
  file.write(JSON.stringify(header));
  return {
    record(record) {
      deliveries += 1;
      file.write(JSON.stringify(record));
    },
    commit(fingerprint) {
      const footer: TraceFooter = { deliveries, fingerprint };
      file.write(JSON.stringify(footer));
      file.commit();
    },
    discard: () => file.discard(),
  };
}
