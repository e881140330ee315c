import { z } from 'zod';
import { HaggleError } from '../agent-core/errors.ts';
import type { TraceRecord } from '../simulator/trace.ts';
import { openLineFile } from './files.ts';

const headerSchema = z.strictObject({
  haggleTrace: z.literal(1),
  scenario: z.string(),
  seed: z.number().int(),
  sign: z.enum(['each', 'batch', 'off']),
});

const recordSchema = z.strictObject({
  time: z.number().int(),
  priority: z.number().int(),
  sourceKey: z.number().int(),
  sourceCounter: z.number().int(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  payload: z.string(),
  headers: z.record(z.string(), z.string()),
});

const footerSchema = z.strictObject({
  deliveries: z.number().int().nonnegative(),
  fingerprint: z.string(),
  /** Of what agents submitted to the ledger: part of the run's fingerprint, but no delivery. Left out where they did not. */
  chains: z.string().optional(),
});

/** First line of a trace. */
export type TraceHeader = z.output<typeof headerSchema>;

/** Last line of a trace. */
export type TraceFooter = z.output<typeof footerSchema>;

/** A whole trace. */
export interface Trace {
  readonly header: TraceHeader;
  readonly records: readonly TraceRecord[];
  readonly footer: TraceFooter;
}

/** Reads a trace. @throws HaggleError `bad-trace` naming file and line. */
export function parseTrace(text: string, file: string): Trace {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length < 2) {
    throw new HaggleError(
      'bad-trace',
      `${file}: a trace has at least 2 lines, header and fingerprint; this has ${lines.length}`,
    );
  }
  const read = <T>(schema: z.ZodType<T>, line: number): T => {
    const result = schema.safeParse(parseLine(lines[line] ?? '', { file, line }));
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new HaggleError(
      'bad-trace',
      `${file}:${line + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
    );
  };
  const header = read(headerSchema, 0);
  const records = lines.slice(1, -1).map((_, index) => read(recordSchema, index + 1));
  return { header, records, footer: read(footerSchema, lines.length - 1) };
}

function parseLine(text: string, { file, line }: { readonly file: string; readonly line: number }): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HaggleError('bad-trace', `${file}:${line + 1}: not a JSON document, or cut off`, { cause });
  }
}

/** A recording under way. */
export interface TraceFile {
  readonly record: (record: TraceRecord) => void;
  commit(footer: Omit<TraceFooter, 'deliveries'>): void;
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
    commit(run) {
      const footer: TraceFooter = { deliveries, ...run };
      file.write(JSON.stringify(footer));
      file.commit();
    },
    discard: () => file.discard(),
  };
}
