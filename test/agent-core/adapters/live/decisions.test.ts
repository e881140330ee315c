import test from 'ava';
import { createMetrics, type Metrics } from '../../../../agent-core/adapters/live/metrics.ts';
import { referenceNetwork } from '../../../../agent-core/policy/kernel/reference.ts';
import { readPrometheusText, valueOf } from '../../../fixtures/prometheus-text.ts';
import { adviceOf, adviser, asker, policiesOf, QUESTIONS, type Told } from '../../../fixtures/advisers.ts';
import { mortal, place, signerOf, type Placed } from './place.ts';

/** Lines of the log that tell of decisions. */
function decisionsIn(log: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  return (log as readonly Readonly<Record<string, unknown>>[]).filter(({ event }) => event === 'decided');
}

async function startAsker(where: ReturnType<typeof place>, told: Told): Promise<Placed> {
  return await where.start(2, { ...asker(signerOf(1).did), initialState: () => told });
}

function counted(metrics: Metrics): readonly (number | undefined)[] {
  const families = readPrometheusText(metrics.text([]));
  const { sets, chooses } = policiesOf();
  return [sets, chooses].map(({ hash }) => valueOf(families, 'haggle_decisions_total', { policy: hash }));
}

test('a live agent logs each of its decisions with the dialogue it was for, and counts it by policy', async (t) => {
  const where = place();
  const meter = createMetrics();
  const { log } = await where.start(1, adviser(policiesOf()), { meter });
  const told: Told = { answers: [] };
  await startAsker(where, told);
  await where.timing.pass(1_000_000);
  const lines = decisionsIn(log);
  const wanted = adviceOf(policiesOf());
  t.deepEqual(
    lines.map(({ policy, observation, action }) => ({ policy, observation, action })),
    wanted,
  );
  t.deepEqual(
    told.answers,
    wanted.map(({ action }) => action),
  );
  for (const { dialogue, trace_id: trace } of lines)
    t.regex(`${String(dialogue)} ${String(trace)}`, /^\S+ [0-9a-f]{32}$/);
  t.deepEqual(counted(meter), [QUESTIONS.length / 2, QUESTIONS.length / 2]);
});

test('what a killed agent decided before is decided alike when it is executed again, and neither logged nor counted twice', async (t) => {
  const where = place();
  const meter = createMetrics();
  const adviserLife = await mortal(where, { n: 1, agent: adviser(policiesOf()), meter });
  const told: Told = { answers: [] };
  await startAsker(where, told);
  await where.timing.pass(1_000_000);
  t.is(told.answers.length, QUESTIONS.length);
  const before = decisionsIn(adviserLife.log).length;
  // A single other bit in an answer would be an error, journal-diverged.
  await adviserLife.rise(Infinity);
  t.deepEqual(decisionsIn(adviserLife.log), []);
  t.true((adviserLife.log as { event?: string }[]).some(({ event }) => event === 'resumed'));
  const again: Told = { answers: [] };
  await where.start(3, { ...asker(signerOf(1).did), initialState: () => again });
  await where.timing.pass(1_000_000);
  t.deepEqual(again.answers, told.answers);
  t.is(decisionsIn(adviserLife.log).length, before);
  t.deepEqual(counted(meter), [QUESTIONS.length, QUESTIONS.length]);
  adviserLife.kill();
});

test('a life that was decided by the kernel is executed again by the reference: no answer differs', async (t) => {
  const where = place();
  const life = await mortal(where, { n: 1, agent: adviser(policiesOf()) });
  await startAsker(where, { answers: [] });
  await where.timing.pass(1_000_000);
  life.kill(Infinity);
  const reference = adviser(policiesOf({ compile: referenceNetwork }));
  const { log } = await where.start(1, reference, { dataDir: 'memory', files: life.files });
  t.like(
    (log as { event?: string }[]).find(({ event }) => event === 'resumed'),
    { event: 'resumed', inputs: QUESTIONS.length + 1 },
  );
});

test('after a kill an agent with another policy is refused', async (t) => {
  const where = place();
  const { sets, chooses } = policiesOf();
  const life = await mortal(where, { n: 1, agent: adviser({ sets, chooses }) });
  await where.timing.pass(1_000_000);
  life.kill(Infinity);
  const other = adviser({ sets: { ...sets, hash: '0'.repeat(32) }, chooses });
  await t.throwsAsync(where.start(1, other, { dataDir: 'memory', files: life.files }), { code: 'journal-diverged' });
});
