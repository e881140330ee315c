import test from 'ava';
import { createMetrics } from '../../../../agent-core/adapters/live/metrics.ts';
import { readPrometheusText, valueOf } from '../../../fixtures/prometheus-text.ts';

test('a meter of nothing is a page with every name, help and type', (t) => {
  const families = readPrometheusText(createMetrics().text([]));
  t.true(families.size >= 11);
  for (const { help } of families.values()) t.true(help.length > 5);
  t.is(valueOf(families, 'haggle_handler_errors_total'), 0);
  t.is(valueOf(families, 'messaging_client_sent_messages_total', { messaging_system: 'nats' }), 0);
});

test('counters add up by label, and histograms are cumulative', (t) => {
  const metrics = createMetrics();
  metrics.add('haggle_messages_refused_total', 1, 'expired');
  metrics.add('haggle_messages_refused_total', 2, 'expired');
  metrics.add('haggle_messages_refused_total', 1, 'unsigned');
  for (const seconds of [0.004, 0.02, 99]) metrics.observe('messaging_process_duration_seconds', seconds);
  const families = readPrometheusText(metrics.text([]));
  t.is(valueOf(families, 'haggle_messages_refused_total', { code: 'expired' }), 3);
  t.is(valueOf(families, 'haggle_messages_refused_total', { code: 'unsigned' }), 1);
  const name = 'messaging_process_duration_seconds';
  t.is(valueOf(families, `${name}_bucket`, { le: '0.005' }), 1);
  t.is(valueOf(families, `${name}_bucket`, { le: '0.025' }), 2);
  t.is(valueOf(families, `${name}_bucket`, { le: '10' }), 2);
  t.is(valueOf(families, `${name}_count`), 3);
});

test('labels beyond 64 are counted together as other, and nothing is lost', (t) => {
  const metrics = createMetrics();
  for (let i = 0; i < 1_000; i++) metrics.add('haggle_dialogues_ended_total', 1, `made-up-${i}`);
  metrics.add('haggle_dialogues_ended_total', 1, 'made-up-3');
  const samples = readPrometheusText(metrics.text([])).get('haggle_dialogues_ended_total')?.samples ?? [];
  t.is(samples.length, 65);
  t.is(
    samples.reduce((sum, { value }) => sum + value, 0),
    1_001,
  );
  t.is(samples.find(({ labels }) => labels.get('outcome') === 'other')?.value, 1_000 - 64);
});

test('a label may hold anything, and gauges of one name stand together', (t) => {
  const metrics = createMetrics();
  metrics.add('haggle_messages_refused_total', 1, 'a"b\\c\nd,{}=');
  const help = 'Line one\nline two \\ end';
  const families = readPrometheusText(
    metrics.text([
      { name: 'g', help, value: 1, labels: { a: '1' } },
      { name: 'h', help, value: Number.NaN },
      { name: 'g', help, value: Infinity, labels: { a: '2' } },
      { name: 'c_total', help, value: 1e21, type: 'counter' },
    ]),
  );
  t.is(valueOf(families, 'haggle_messages_refused_total', { code: 'a"b\\c\nd,{}=' }), 1);
  t.is(families.get('g')?.samples.length, 2);
  t.is(valueOf(families, 'g', { a: '2' }), Infinity);
  t.is(valueOf(families, 'c_total'), 1e21);
});

for (const [what, text] of [
  ['no end of line', '# HELP a b\n# TYPE a gauge\na 1'],
  ['a sample without type', 'a 1\n'],
  ['a type without help', '# TYPE a gauge\na 1\n'],
  ['a series twice', '# HELP a b\n# TYPE a gauge\na 1\na 2\n'],
  ['a bad number', '# HELP a b\n# TYPE a gauge\na one\n'],
  ['a label without quotes', '# HELP a b\n# TYPE a gauge\na{b=c} 1\n'],
] as const) {
  test(`the reader of these tests refuses ${what}`, (t) => {
    t.throws(() => readPrometheusText(text), { instanceOf: TypeError });
  });
}
