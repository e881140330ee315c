/**
 * Where a live agent counts. Names are those that `/metrics` shows; messaging names follow the OpenTelemetry semantic
 * conventions. No label ever holds an agent, a dialogue or anything else that a peer chooses freely.
 */
export interface Meter {
  /** Adds to a counter. */
  add(counter: CounterName, by: number, label?: string): void;
  /** Notes one duration, in seconds. */
  observe(histogram: HistogramName, seconds: number): void;
}

/** Counters, with what their label means. */
export type CounterName =
  | 'messaging_client_sent_messages_total'
  | 'messaging_client_consumed_messages_total'
  /** Label: the code of the refusal. */
  | 'haggle_messages_refused_total'
  /** Messages answered with `not-understood`. Label: the code. */
  | 'haggle_messages_misunderstood_total'
  /** Label: the outcome. */
  | 'haggle_dialogues_ended_total'
  /** What `ctx.decide` answered. Label: the hash of the policy. */
  | 'haggle_decisions_total'
  | 'haggle_handler_errors_total'
  /** Messages given up because they expired before they could leave. */
  | 'haggle_outbox_expired_total'
  /** Messages given up because too many wait for the broker. */
  | 'haggle_outbox_overflow_total'
  /** Messages that found the inbox full. */
  | 'haggle_inbox_overflow_total'
  | 'haggle_restarts_total';

/** Histograms of seconds. */
export type HistogramName =
  | 'messaging_client_operation_duration_seconds'
  | 'messaging_process_duration_seconds'
  | 'haggle_journal_sync_duration_seconds';

const ignore = (): void => undefined;

/** A meter that keeps nothing. */
export const silentMeter: Meter = { add: ignore, observe: ignore };
