import type { CounterName, HistogramName, Meter } from './meter.ts';

/** A value that is looked up when somebody asks. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** `gauge` if left out. */
  readonly type?: 'gauge' | 'counter';
}

/** A meter that `/metrics` can show. */
export interface Metrics extends Meter {
  /** What a counter stands at, over all its labels. */
  total(counter: CounterName): number;
  /** Everything counted so far, then the gauges, in the Prometheus text format 0.0.4. */
  text(gauges: readonly Gauge[]): string;
}

/** Content type of {@link Metrics.text}. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Series of one counter: what comes beyond is counted together as `other`. */
const SERIES_MAX = 64;
const OTHER = 'other';

/** Upper bounds in seconds, as the OpenTelemetry conventions advise for durations of messaging. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

interface CounterWords {
  readonly help: string;
  /** Name of its label; null where it has none. */
  readonly label: string | null;
  readonly fixed?: Readonly<Record<string, string>>;
}

const NATS = { messaging_system: 'nats' } as const;

const COUNTERS: Readonly<Record<CounterName, CounterWords>> = {
  messaging_client_sent_messages_total: { help: 'Messages handed to the broker.', label: null, fixed: NATS },
  messaging_client_consumed_messages_total: { help: 'Messages taken from the broker.', label: null, fixed: NATS },
  haggle_messages_refused_total: { help: 'Messages refused before anything in them was believed.', label: 'code' },
  haggle_messages_misunderstood_total: { help: 'Messages answered with not-understood.', label: 'code' },
  haggle_dialogues_ended_total: { help: 'Dialogues that ended.', label: 'outcome' },
  haggle_decisions_total: { help: 'Decisions of policies.', label: 'policy' },
  haggle_handler_errors_total: { help: "Errors thrown by the agent's handlers.", label: null },
  haggle_outbox_expired_total: { help: 'Messages given up because they expired before they could leave.', label: null },
  haggle_outbox_overflow_total: { help: 'Messages given up because the outbox was full.', label: null },
  haggle_inbox_overflow_total: { help: 'Messages dropped because the inbox was full.', label: null },
  haggle_restarts_total: { help: 'Restarts of the agent inside this process.', label: null },
};

const HISTOGRAMS: Readonly<Record<HistogramName, string>> = {
  messaging_client_operation_duration_seconds: 'Time from saying a message to handing it to the broker.',
  messaging_process_duration_seconds: 'Time to handle one message.',
  haggle_journal_sync_duration_seconds: 'Time until the journal was safe on disk.',
};

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** A meter of nothing yet. */
export function createMetrics(): Metrics {
  const counters = new Map<CounterName, Map<string, number>>();
  const histograms = new Map<HistogramName, Histogram>();
  return {
    add(counter, by, label = '') {
      const series = counters.get(counter) ?? new Map<string, number>();
      counters.set(counter, series);
      const key = series.has(label) || series.size < SERIES_MAX ? label : OTHER;
      series.set(key, (series.get(key) ?? 0) + by);
    },
    observe(name, seconds) {
      const histogram = histograms.get(name) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
      histograms.set(name, histogram);
      const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.sum += seconds;
      histogram.count += 1;
    },
    total: (counter) => [...(counters.get(counter)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    text: (gauges) =>
      [
        ...entriesOf(COUNTERS).flatMap(([name, words]) => counterLines(name, words, counters.get(name))),
        ...entriesOf(HISTOGRAMS).flatMap(([name, help]) => histogramLines(name, help, histograms.get(name))),
        ...gaugeLines(gauges),
        '',
      ].join('\n'),
  };
}

function counterLines(name: string, words: CounterWords, series: ReadonlyMap<string, number> = new Map()): string[] {
  const { help, label, fixed = {} } = words;
  // A counter that never moved is there at 0, so that the first increase shows in a rate.
  const known = label === null && series.size === 0 ? new Map([['', 0]]) : series;
  const values = [...known].map(([value, count]) => {
    const labels = label === null ? fixed : { ...fixed, [label]: value };
    return sample(name, labels, count);
  });
  return [...head(name, help, 'counter'), ...values];
}

function histogramLines(name: string, help: string, histogram: Histogram | undefined): string[] {
  const { counts, sum, count } = histogram ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
  let below = 0;
  const buckets = BUCKETS.map((bound, index) => {
    below += counts[index] ?? 0;
    return sample(`${name}_bucket`, { le: String(bound) }, below);
  });
  return [
    ...head(name, help, 'histogram'),
    ...buckets,
    sample(`${name}_bucket`, { le: '+Inf' }, count),
    sample(`${name}_sum`, {}, sum),
    sample(`${name}_count`, {}, count),
  ];
}

/** Samples of one name stand together under one head. */
function gaugeLines(gauges: readonly Gauge[]): string[] {
  const names = [...new Set(gauges.map(({ name }) => name))];
  return names.flatMap((name) => {
    const same = gauges.filter((gauge) => gauge.name === name);
    const { help = '', type = 'gauge' } = same[0] ?? {};
    return [...head(name, help, type), ...same.map(({ labels = {}, value }) => sample(name, labels, value))];
  });
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

/** The entries of a record with the type of its keys. */
function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a literal record has exactly the keys of its type
  return Object.entries(record) as [K, V][];
}
