import { z } from 'zod';
import { DECISION_SUBJECT } from '../../agent-core/agent/decision.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { createVerifiedRoots } from '../../agent-core/message/evidence.ts';
import { createAuditor } from '../../agent-core/message/open.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { publicKeyOf } from '../../agent-core/identity/did-key.ts';
import { nkeyOf } from '../../agent-core/identity/nkey.ts';
import type { Envelope } from '../../agent-core/message/envelope.ts';
import { isRefusal } from '../../agent-core/message/refusals.ts';
import { createReplayWindow, type ReplayWindow } from '../../agent-core/message/replay-window.ts';
import type { OrderKey } from '../../simulator/event-queue.ts';
import { fingerprintOfTrace, type TraceRecord } from '../../simulator/trace.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { readInput } from '../files.ts';
import { parseTrace, type Trace } from '../trace-file.ts';

/** What a trace proves, and what it does not. */
export interface Verdict {
  readonly valid: boolean;
  /** Messages, with their signatures. */
  readonly deliveries: number;
  /** What policies decided: no messages, and not signed, but part of the fingerprint. */
  readonly decisions: number;
  readonly signedAlone: number;
  readonly signedInBatch: number;
  readonly unsigned: number;
  readonly fingerprint: string;
  readonly problems: readonly string[];
}

const PROBLEMS_SHOWN = 10;

/** `haggle verify <trace>`: checks every signature and recomputes the fingerprint. */
export function verifyCommand(path: string, flags: Readonly<Record<string, string | true | undefined>>): ExitCode {
  const trace = parseTrace(readInput(path), path);
  const verdict = verifyTrace(trace, { allowUnsigned: flags['allowUnsigned'] === true });
  process.stdout.write(flags['json'] === true ? `${JSON.stringify(verdict, null, 2)}\n` : describe(path, verdict));
  return verdict.valid ? EXIT.ok : EXIT.negative;
}

/** Checks every record of a trace: signature, sender, canonical form, and that together they give its fingerprint. */
export function verifyTrace(
  { header, records, footer }: Trace,
  { allowUnsigned }: { readonly allowUnsigned: boolean },
): Verdict {
  const auditor = createAuditor({
    backend: nodeBackend,
    // What is demanded is the caller's to say: a header that could switch signatures off would be edited first.
    requireSignature: !allowUnsigned,
    verifiedRoots: createVerifiedRoots(),
  });
  const problems: string[] = [];
  const counts = { each: 0, batch: 0, none: 0 };
  let decisions = 0;
  const replay = new Map<string, ReplayWindow>();
  const numbers = new Map<string, number>();
  for (const [index, record] of records.entries()) {
    const previous = records[index - 1];
    if (previous !== undefined && !isBefore(previous, record)) {
      problems.push(`delivery ${index + 1}: out-of-order (it does not come after delivery ${index})`);
    }
    if (record.subject === DECISION_SUBJECT) {
      decisions += 1;
      const fault = decisionFault(record);
      if (fault !== null) problems.push(`decision ${index + 1}: ${fault}`);
      continue;
    }
    const opened = auditor.audit(record);
    if (isRefusal(opened)) {
      problems.push(`delivery ${index + 1}: ${opened.refused} (${opened.detail})`);
      continue;
    }
    counts[opened.evidence] += 1;
    const fault = envelopeFault(opened.envelope, record, replay) ?? gapBefore(opened.envelope, numbers);
    if (fault !== null) problems.push(`delivery ${index + 1}: ${fault}`);
    if (opened.evidence !== EVIDENCE_OF[header.sign]) {
      problems.push(
        `delivery ${index + 1}: its evidence is "${opened.evidence}", the first line says sign "${header.sign}"`,
      );
    }
  }
  const fingerprint = fingerprintOfTrace(records, footer.chains ?? null);
  if (records.length !== footer.deliveries) {
    problems.push(`the trace has ${records.length} records, its last line says ${footer.deliveries}`);
  }
  if (fingerprint !== footer.fingerprint) {
    problems.push(`the fingerprint of the deliveries is ${fingerprint}, the last line says ${footer.fingerprint}`);
  }
  return {
    valid: problems.length === 0,
    deliveries: records.length - decisions,
    decisions,
    signedAlone: counts.each,
    signedInBatch: counts.batch,
    unsigned: counts.none,
    fingerprint,
    problems,
  };
}

const decisionSchema = z.strictObject({
  policy: z.string().regex(/^[0-9a-f]{32}$/),
  observation: z.string().regex(/^[0-9a-f]{32}$/),
  action: z.array(z.number()).min(1),
});

/** What is wrong with a record of a decision: it was not the agent's own, or its payload is none. */
function decisionFault({ from, to, payload }: TraceRecord): string | null {
  if (from !== to) return `not-its-own (${from} cannot decide for ${to})`;
  try {
    const read = decisionSchema.safeParse(JSON.parse(payload));
    return read.success ? null : `bad-decision (${read.error.issues[0]?.message ?? 'invalid'})`;
  } catch (error) {
    return `bad-decision (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** The total order of a run's events. A message to one agent may trade places with one to another without a trace in the fingerprint. */
function isBefore(a: OrderKey, b: OrderKey): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.priority !== b.priority) return a.priority < b.priority;
  if (a.sourceKey !== b.sourceKey) return a.sourceKey < b.sourceKey;
  return a.sourceCounter < b.sourceCounter;
}

/** The evidence that messages of a run in each signing mode carry. */
const EVIDENCE_OF = { each: 'each', batch: 'batch', off: 'none' } as const;

/** Messages that must have been there: `haggle simulate` runs without faults, and then the numbers of a pair have no gaps. */
function gapBefore({ from, to, seq }: Envelope, numbers: Map<string, number>): string | null {
  const pair = `${from} ${to}`;
  const last = numbers.get(pair) ?? 0;
  numbers.set(pair, Math.max(last, seq));
  return seq === last + 1 ? null : `missing (seq ${seq} of this sender comes after ${last})`;
}

/** What the receiver would have refused although the signature is good: a message to another, or one that it had before. */
function envelopeFault(
  envelope: Envelope,
  { subject, time }: TraceRecord,
  windows: Map<string, ReplayWindow>,
): string | null {
  const { from, to, realm, seq } = envelope;
  if (subject !== subjects.inbox(realm, nkeyOf(publicKeyOf(to)), nkeyOf(publicKeyOf(from)))) {
    return 'not-for-me (its subject is not the inbox of its receiver)';
  }
  const window = windows.get(to) ?? createReplayWindow();
  windows.set(to, window);
  const seen = window.accept(envelope, time);
  return seen === null ? null : `${seen} (seq ${seq})`;
}

function describe(path: string, verdict: Verdict): string {
  const { deliveries, decisions, signedAlone, signedInBatch, unsigned, fingerprint, problems } = verdict;
  const more = problems.length - PROBLEMS_SHOWN;
  return [
    `${path}: ${verdict.valid ? (unsigned > 0 ? 'consistent, but not signed' : 'verified') : 'NOT VERIFIED'}`,
    `deliveries       ${deliveries.toLocaleString('en-US')}`,
    ...(decisions > 0 ? [`decisions        ${decisions.toLocaleString('en-US')}`] : []),
    `signed           ${signedAlone.toLocaleString('en-US')} alone, ${signedInBatch.toLocaleString('en-US')} in batches`,
    ...(unsigned > 0 ? [`unsigned         ${unsigned.toLocaleString('en-US')}: their senders are not proven`] : []),
    `fingerprint      ${fingerprint}`,
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `problem          ${problem}`),
    ...(more > 0 ? [`                 and ${more.toLocaleString('en-US')} more`] : []),
    '',
  ].join('\n');
}
