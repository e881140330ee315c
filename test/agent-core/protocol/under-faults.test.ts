import test from 'ava';
import * as fc from 'fast-check';
import type { DialogueEnd } from '../../../agent-core/agent/dialogue.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { bearsOut } from '../../../agent-core/protocol/dialogue-record.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { randomFaults } from '../../../simulator/random-faults.ts';
import { world } from '../../../simulator/world.ts';
import { createJudge, createRecords, judged, type KeptRecord } from '../../fixtures/dialogue-records.ts';
import { CALLER, CASTS } from '../../fixtures/casts.ts';
import type { Results } from '../../fixtures/library.ts';
import { nothingLeft } from '../../fixtures/under-fire.ts';
import { WAYS } from '../../fixtures/ways.ts';

interface Claim {
  readonly self: Did;
  readonly at: number;
  readonly end: DialogueEnd;
}

/** One run: a cast, its faults and its impostors, all drawn from the seed. */
async function play(seed: number) {
  const random = createRandomRoot(seed).stream('play');
  const cast = random.pick(CASTS);
  const records = createRecords();
  const drawn = randomFaults(random, { agents: cast.names, horizon: '40 s', restarts: true });
  const place = world({ seed, latency: ['1 ms', '3 s'], ...drawn, ...records.options });
  const claims: Claim[] = [];
  const watch = (self: Did, end: DialogueEnd): void => void claims.push({ self, end, at: place.now() });
  const impostors = new Set<Did>();
  const crashed = new Set(drawn.faultPlan.flatMap((fault) => (fault.type === 'crash' ? [fault.agent] : [])));
  const runs: Results[] = [];
  for (const name of cast.names) {
    const script = random.uniform() < 0.3 ? cast.impostor(name, random) : null;
    if (script !== null) impostors.add(place.didOf(name));
    const didOf = (of: string): Did => place.didOf(of);
    const way = random.pick(WAYS);
    const { state } = place.spawn(script ?? cast.agent(name, { didOf, way, watch }), { name });
    if (isResults(state) && !crashed.has(name) && (way === 'honest' || name === CALLER)) runs.push(state);
  }
  await place.run({ maxEvents: 100_000 });
  return { cast, place, records, claims, impostors, runs };
}

function isResults(state: unknown): state is Results {
  return typeof state === 'object' && state !== null && 'endedAt' in state;
}

/** Every program of the casts sets itself 60 s at most; the last restart of an agent is at 40 s. */
const DEADLINE_MICROS = 100_000_000;

test('under loss, delay, copies, crashes and rule-breakers every dialogue ends in time, as the signed record of each side proves', async (t) => {
  const auditor = createJudge();
  const met = { results: 0, claims: 0, convicted: 0, agreed: 0, lost: 0, crashed: 0 };
  const outcomes = new Set<string>();
  const property = fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
    const { cast, place, records, claims, impostors, runs } = await play(seed);
    const protocolOf = ({ protocol: id }: KeptRecord) => cast.protocols.find((protocol) => protocol.id === id);
    nothingLeft(t, place);
    if (place.traffic.lost > 0) met.lost += 1;
    if (place.agents.some(({ lifecycle }) => lifecycle === 'crashed')) met.crashed += 1;
    for (const { results, started, endedAt } of runs) {
      t.is(
        results.length,
        started,
        `${cast.protocols[0]?.name}: every program of an agent that did not crash came to a result`,
      );
      t.true(endedAt <= DEADLINE_MICROS, `${cast.protocols[0]?.name}: the last of them at ${endedAt} us`);
      met.results += results.length;
    }
    for (const { self, end, at } of claims) {
      const record = records.find(self, end.dialogue);
      t.truthy(record, `a record of ${JSON.stringify(end)}`);
      const protocol = record === undefined ? undefined : protocolOf(record);
      if (record === undefined || protocol === undefined) continue;
      const proven = judged(auditor, { protocol, record });
      t.true(
        bearsOut(proven, end),
        `claimed ${JSON.stringify({ ...end, recorded: '' })}, proven ${JSON.stringify(proven)}`,
      );
      t.true(at <= proven.by, 'it ended by its deadline');
      met.claims += 1;
      outcomes.add(`${protocol.name} ${end.outcome} ${end.state}`);
    }
    for (const record of records.all()) {
      const protocol = protocolOf(record);
      if (impostors.has(record.holder) || protocol === undefined || !opens(record)) continue;
      const proven = judged(auditor, { protocol, record });
      for (const { by } of proven.faults) t.true(impostors.has(by), `${by} is honest, and was convicted`);
      met.convicted += proven.faults.length;
      // Who claims that it is done by the other's word has that word signed, and it ended the other's side the same way.
      const said = proven.outcome === 'done' ? proven.decisive : null;
      const other = records.find(record.peer, record.dialogue);
      if (said === null || other === undefined || record.messages.at(-1) === undefined) continue;
      const word = other.messages.find(({ payload }) => payload === said.payload);
      const own = JSON.parse(said.payload) as { from: Did };
      if (own.from === record.holder) continue;
      t.truthy(word, 'the other side has it in its own record');
      if (impostors.has(record.peer)) continue;
      const theirs = judged(auditor, { protocol, record: other });
      t.deepEqual([theirs.outcome, theirs.state], [proven.outcome, proven.state]);
      met.agreed += 1;
    }
  });
  // The example: a peer answers and stops at one instant, so that what we say to its answer leaves after we heard the stop.
  await fc.assert(property, { seed: 3_101, numRuns: 300, examples: [[133_231]] });
  t.log(JSON.stringify(met), [...outcomes].toSorted().join(', '));
  for (const [what, times] of Object.entries(met)) t.true(times >= 10, `${what}: ${times}`);
});

/** Whether the opening message arrived: what came of a dialogue that never began proves nothing. */
function opens({ messages, dialogue }: KeptRecord): boolean {
  return messages.some(({ payload }) => (JSON.parse(payload) as { id: string }).id === dialogue);
}
