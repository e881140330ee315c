import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { PriceCoordination } from '../../../agent-core/protocol/price-coordination.ts';
import { gridBus, type GridBusParams, type GridBusState } from '../../../agents/energy/grid-bus.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world, type World } from '../../../simulator/world.ts';

/** A chain of buses 0, 1, 2 … with a cheap generator at the first; `missing` does not know its left neighbour. */
function chain(place: World, count: number, missing = -1): PlacedAgent<GridBusState>[] {
  return Array.from({ length: count }, (_, node) => {
    const others = [node - 1, node + 1].filter(
      (other) => other >= 0 && other < count && !(node === missing && other === node - 1),
    );
    const params: GridBusParams = {
      node,
      loadPu: node === 0 ? 0 : 0.5,
      generators: node === 0 ? [{ row: 0, minPu: 0, maxPu: 5, c1: 1000, c2: 0 }] : [],
      lines: others.map((other, k) => ({
        row: Math.min(node, other),
        neighbour: k,
        outward: other > node,
        susceptancePu: 10,
        lowPu: -4,
        highPu: 4,
      })),
      neighbours: others.map((other) => ({ node: other, did: place.didOf(`bus-${other}`) })),
    };
    return place.spawn(gridBus(params), { name: `bus-${node}` });
  });
}

test('buses in a chain agree, close every dialogue and fall silent', async (t) => {
  const place = world({ seed: 1, strict: true });
  const buses = chain(place, 5);
  t.is((await place.run()).end, 'idle');
  for (const { state, counters } of buses) {
    t.is(state.coordination.phase, 'agreed');
    t.is(counters.dialoguesOpen, 0);
    t.is(counters.misunderstood.size, 0);
    t.is(counters.refused.size, 0);
  }
  t.true(Math.abs((buses[0]?.state.coordination.problem.generators[0]?.outputPu ?? 0) - 2) < 1e-6);
});

test('a bus that nobody answers fails at the deadline, and all that wait for it with it', async (t) => {
  const place = world({ seed: 1, strict: true });
  const buses = chain(place, 4);
  buses[3]?.stop();
  await place.run();
  t.deepEqual(
    buses.slice(0, 3).map(({ state }) => state.coordination.phase),
    ['failed', 'failed', 'failed'],
  );
  for (const { counters } of buses) t.is(counters.dialoguesOpen, 0);
});

test('a bus without a line to who greets it says so, and failure spreads at once', async (t) => {
  const place = world({ seed: 1, strict: true });
  const buses = chain(place, 4, 2);
  const phases = (): readonly string[] => buses.map(({ state }) => state.coordination.phase);
  await place.run({ until: '20 ms' });
  // Bus 2 and 3 know nothing of 0 and 1: they go on alone, and find that nobody can serve their load.
  t.deepEqual(phases(), ['failed', 'failed', 'rounds', 'rounds']);
  await place.run();
  t.deepEqual(phases(), ['failed', 'failed', 'failed', 'failed']);
  for (const { counters } of buses) t.is(counters.dialoguesOpen, 0);
});

test('a bus that stops in the middle of the rounds ends the negotiation of all at once', async (t) => {
  const place = world({ seed: 1, strict: true });
  const buses = chain(place, 6);
  await place.run({ done: () => (buses[0]?.state.coordination.round.rounds ?? 0) >= 2, maxEvents: 200 });
  t.is(buses[5]?.state.coordination.phase, 'rounds');
  buses[2]?.stop();
  const { now } = await place.run();
  t.true(now < 1_000_000);
  for (const { state, name } of buses) t.is(state.coordination.phase, 'failed', name);
});

test('a stranger that greets a bus is turned away, and the negotiation goes on', async (t) => {
  const place = world({ seed: 1, strict: true });
  const buses = chain(place, 4);
  const stranger = defineAgent({
    name: 'stranger',
    state: () => ({ answers: [] as string[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const greeting = { node: 0, links: 1 };
        const victim = place.didOf('bus-2');
        const answer = await ctx.ask(PriceCoordination, 'initiator', victim, 'hello', greeting, { within: '1 h' });
        ctx.state.answers.push(answer.type);
      }),
  });
  const { state } = place.spawn(stranger());
  await place.run();
  t.deepEqual(state.answers, ['failure']);
  for (const bus of buses) t.is(bus.state.coordination.phase, 'agreed', bus.name);
});
