import { DECISION_SUBJECT, type DecisionRecord } from '../agent-core/agent/decision.ts';
import type { Headers } from '../agent-core/bus/bus.ts';
import type { Micros } from '../agent-core/clock.ts';
import type { Delivery } from './network.ts';
import type { OrderKey } from './event-queue.ts';
import { combinedFingerprint, createFingerprint } from './fingerprint.ts';

/** One delivery as a trace keeps it, its place in the total order, the message and the signature it came with; or one decision. */
export interface TraceRecord extends OrderKey {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly payload: string;
  readonly headers: Headers;
}

/** What a decision looks like to who records deliveries: its payload is the record as JSON. */
export function decisionDelivery(agent: string, decision: DecisionRecord, time: Micros): Delivery {
  const payload = JSON.stringify(decision);
  const message = { subject: DECISION_SUBJECT, payload, headers: {}, reply: undefined, noResponders: false };
  return { time, from: agent, to: agent, message };
}

/** The record of a delivery. */
export function traceRecord(key: OrderKey, { from, to, message }: Delivery): TraceRecord {
  const { time, priority, sourceKey, sourceCounter } = key;
  const { subject, payload, headers } = message;
  return { time, priority, sourceKey, sourceCounter, from, to, subject, payload, headers };
}

/** The fingerprint that a run with these deliveries has. `chains`: that of what its agents submitted to the ledger. */
export function fingerprintOfTrace(records: Iterable<TraceRecord>, chains: string | null = null): string {
  const fingerprint = createFingerprint();
  for (const record of records) {
    const { from, to, subject, payload, headers, time } = record;
    const message = { subject, payload, headers, reply: undefined, noResponders: false };
    fingerprint.record(record, { time, from, to, message });
  }
  return combinedFingerprint(fingerprint.global(), chains);
}
