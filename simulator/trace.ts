import type { Headers } from '../agent-core/bus/bus.ts';
import { assert } from '../agent-core/errors.ts';
import type { Delivery } from './delivery.ts';
import type { OrderKey } from './event-queue.ts';
import { combinedFingerprint, createFingerprint } from './fingerprint.ts';
import type { Kernel } from './kernel.ts';
import type { Network } from './network.ts';

/** One delivery as a trace keeps it, its place in the total order, the message and the signature it came with; or one decision. */
export interface TraceRecord extends OrderKey {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly payload: string;
  readonly headers: Headers;
}

/** The record of a delivery. */
export function traceRecord(key: OrderKey, { from, to, message }: Delivery): TraceRecord {
  const { time, priority, sourceKey, sourceCounter } = key;
  const { subject, payload, headers } = message;
  return { time, priority, sourceKey, sourceCounter, from, to, subject, payload, headers };
}

/** Hands every delivery of a network, and every decision, to `keep`. */
export function recordDeliveries(
  { network, kernel }: { readonly network: Network; readonly kernel: Kernel },
  keep: (record: TraceRecord) => void,
): void {
  network.observe((delivery) => {
    const key = kernel.current;
    assert(key !== undefined, 'a delivery happens inside an event');
    keep(traceRecord(key, delivery));
  });
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
