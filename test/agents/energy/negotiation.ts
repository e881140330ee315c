import { createCoordination, hear } from '../../../agents/energy/coordination.ts';
import type { BusKnowledge, Coordination, Heard } from '../../../agents/energy/coordination-state.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { PriceCoordination } from '../../../agent-core/protocol/price-coordination.ts';
import type { Grid } from '../../../scenarios/energy/grid.ts';
import { busParameters } from '../../../scenarios/energy/population.ts';

/** A message under way between two buses. */
export interface UnderWay {
  readonly from: number;
  readonly to: number;
  readonly type: Heard['type'];
  readonly body: unknown;
}

/** Options of {@link negotiate}. */
export interface Choices {
  /** Which busy link delivers next; the first one where it has run out. */
  readonly picks?: Iterator<number>;
  /** Changes a message before it is heard, or loses it. */
  readonly tamper?: (message: UnderWay) => UnderWay | null;
  /** Looks at the receiver right before it hears. */
  readonly before?: (message: UnderWay, receiver: Coordination) => void;
}

/** What came of it. */
export interface Negotiated {
  readonly buses: ReadonlyMap<number, Coordination>;
  readonly messages: number;
}

/** What every bus of a grid knows at the start. */
export function knowledgeOf(grid: Grid): BusKnowledge[] {
  const nobody = 'did:key:test' as Did;
  return [...busParameters(grid, () => nobody).values()].map(({ node, loadPu, generators, lines, neighbours }) => ({
    node,
    loadPu,
    offers: generators,
    lines,
    neighbours: neighbours.map((neighbour) => neighbour.node),
  }));
}

/** Lets the buses talk, without agents, until nothing is under way. Each link delivers in order; bodies pass their schemas. */
export function negotiate(knowledge: readonly BusKnowledge[], choices: Choices = {}): Negotiated {
  const buses = new Map(knowledge.map((known) => [known.node, createCoordination(known)]));
  const links = new Map<string, UnderWay[]>();
  let messages = 0;
  const send = (message: UnderWay): void => {
    const key = `${message.from}>${message.to}`;
    const link = links.get(key) ?? [];
    links.set(key, link);
    link.push({ ...message, body: PriceCoordination.messages[message.type].body.parse(message.body) });
  };
  const listen = (bus: Coordination, heard: Heard | null): void => {
    const { node, neighbours } = bus.knowledge;
    for (const { to, type, body } of hear(bus, heard)) send({ from: node, to: neighbours[to] ?? -1, type, body });
  };
  for (const { node, lines, neighbours } of knowledge) {
    const body = { node, links: lines.length };
    for (const to of neighbours.filter((other) => other > node)) send({ from: node, to, type: 'hello', body });
  }
  for (const bus of buses.values()) listen(bus, null);
  for (;;) {
    const busy = [...links.values()].filter((link) => link.length > 0);
    const link = busy[(choices.picks?.next().value ?? 0) % Math.max(1, busy.length)];
    const head = link?.shift();
    if (head === undefined) return { buses, messages };
    const message = choices.tamper === undefined ? head : choices.tamper(head);
    const receiver = buses.get(head.to);
    if (message === null || receiver === undefined) continue;
    messages += 1;
    choices.before?.(message, receiver);
    const { node, lines, neighbours } = receiver.knowledge;
    if (message.type === 'hello') {
      send({ from: node, to: message.from, type: 'welcome', body: { node, links: lines.length } });
    }
    listen(receiver, { from: neighbours.indexOf(message.from), type: message.type, body: message.body } as Heard);
  }
}

/** Cost of the outputs agreed, in $/h, as far as it depends on them. */
export function variableCost(buses: Iterable<Coordination>): number {
  let cost = 0;
  for (const { knowledge, problem } of buses) {
    for (const [k, { c1, c2 }] of knowledge.offers.entries()) {
      const output = problem.generators[k]?.outputPu ?? 0;
      cost += c1 * output + c2 * output * output;
    }
  }
  return cost;
}
