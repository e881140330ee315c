import type { Disruption, SupplyInstance, SupplyNode } from '../../../scenarios/supply-chain/network.ts';
import { shippedSeries, totalOf, type SupplyRuns } from './runs.ts';
import { kindWords, marketName, nodeName } from './words.ts';

/** What has one card on the drawing: a firm, a market, or all those of a tier that have none of their own. */
export interface Card {
  readonly kind: 'firms' | 'sources' | 'markets';
  readonly title: string;
  /** Places of nodes in the network; of market lanes for markets. */
  readonly members: readonly number[];
  /** How many firms or markets it stands for. */
  readonly count: number;
}

/** A tier from left to right, with its cards from top to bottom. */
export interface Column {
  readonly title: string;
  readonly cards: readonly Card[];
}

/** All that goes from one card to another. */
export interface Flow {
  readonly from: Card;
  readonly to: Card;
  /** Places of lanes in the network; of market lanes where `to` is a market. */
  readonly lanes: readonly number[];
  readonly units: number;
}

/** A network as it is drawn. */
export interface NetworkPlan {
  readonly columns: readonly Column[];
  readonly flows: readonly Flow[];
  /** How many firms and markets have no card of their own. */
  readonly hidden: number;
}

/** With more firms, sources and markets than these not everybody has a card. */
const SINGLE_MAX = 36;
/** With more in one tier than these they do not fit on a screen. */
const COLUMN_MAX = 12;
/** How many of a tier have a card of their own where not everybody can. */
const TOP_MAX = 6;
/** How many of these may be there because something struck them. */
const STRUCK_MAX = 3;

/** Cards of all, or of those of each tier through whom most goods go and of the others together. */
export function networkPlan(runs: SupplyRuns): NetworkPlan {
  const { network } = runs.instance;
  const tiers = [...new Set(runs.tiers)].toSorted((a, b) => b - a);
  const marketIds = [...new Set(network.markets.map(({ market }) => market))];
  const columns = [
    ...tiers.map((tier) => nodeCards(runs, tier)),
    marketIds.map((id): Card => ({
      kind: 'markets',
      title: marketName(id),
      members: [...network.markets.keys()].filter((lane) => network.markets[lane]?.market === id),
      count: 1,
    })),
  ];
  const total = columns.reduce((sum, cards) => sum + cards.length, 0);
  const all = total <= SINGLE_MAX && columns.every(({ length }) => length <= COLUMN_MAX);
  const throughput = throughputOf(runs);
  const shown = columns.map((cards) =>
    all || cards.length <= TOP_MAX + 1 ? cards : topCards(runs.instance, cards, throughput),
  );
  const flows = flowsOf(runs, shown.flat());
  const titles = [...tierTitles(runs, tiers), 'Markets'];
  return {
    columns: ordered(shown, flows).map((cards, k) => ({ title: titles[k] ?? '', cards })),
    flows,
    hidden: shown.flat().reduce((sum, { count }) => sum + (count > 1 ? count : 0), 0),
  };
}

/** What each tier is called; tiers of one kind are told apart by their number. */
export function tierTitles({ instance, tiers }: SupplyRuns, wanted: readonly number[]): readonly string[] {
  const words = wanted.map((tier) =>
    kindWords(new Set(instance.network.nodes.flatMap(({ kind }, place) => (tiers[place] === tier ? [kind] : [])))),
  );
  return words.map((word, k) =>
    words.filter((other) => other === word).length > 1 ? `${word}, tier ${wanted[k] ?? 0}` : word,
  );
}

function nodeCards({ instance, tiers }: SupplyRuns, tier: number): readonly Card[] {
  return instance.network.nodes.flatMap((node, place): Card[] =>
    tiers[place] === tier ? [{ kind: cardKind(node), title: nodeName(node), members: [place], count: 1 }] : [],
  );
}

function cardKind({ kind }: SupplyNode): Card['kind'] {
  return kind === 'raw' ? 'sources' : 'firms';
}

/** How many units go through a card in all periods: what it ships, and for markets what they ask for. */
function throughputOf({ agents, instance }: SupplyRuns): (card: Card) => number {
  const { layout, lanes } = agents.replay.environment;
  const byNode = new Float64Array(instance.network.nodes.length);
  const { history } = agents.replay;
  for (const [at, units] of history.shipped.entries()) {
    const supplier = layout.supplier[at % lanes] ?? 0;
    byNode[supplier] = (byNode[supplier] ?? 0) + units;
  }
  for (const [at, units] of history.sold.entries()) {
    const seller = layout.seller[at % instance.network.markets.length] ?? 0;
    byNode[seller] = (byNode[seller] ?? 0) + units;
  }
  return ({ kind, members }) =>
    members.reduce(
      (sum, member) => sum + (kind === 'markets' ? totalOf(instance.demand[member] ?? []) : (byNode[member] ?? 0)),
      0,
    );
}

function topCards(
  instance: SupplyInstance,
  cards: readonly Card[],
  throughput: (card: Card) => number,
): readonly Card[] {
  const struck = new Set(cards.filter((card) => strikesOn(instance, card).length > 0).slice(0, STRUCK_MAX));
  const ranked = cards
    .map((card) => ({ card, units: throughput(card) }))
    .toSorted((a, b) => Number(struck.has(b.card)) - Number(struck.has(a.card)) || b.units - a.units)
    .map(({ card }) => card);
  const rest = ranked.slice(TOP_MAX);
  const kind = rest[0]?.kind ?? 'firms';
  return [
    ...ranked.slice(0, TOP_MAX),
    { kind, title: `${rest.length} others`, members: rest.flatMap(({ members }) => members), count: rest.length },
  ];
}

function flowsOf(runs: SupplyRuns, cards: readonly Card[]): readonly Flow[] {
  const { network } = runs.instance;
  const { layout } = runs.agents.replay.environment;
  const ofNode = new Map<number, Card>();
  const ofMarket = new Map<number, Card>();
  for (const card of cards) {
    for (const member of card.members) (card.kind === 'markets' ? ofMarket : ofNode).set(member, card);
  }
  const flows = new Map<Card, Map<Card, number[]>>();
  const add = (from: Card | undefined, to: Card | undefined, lane: number): void => {
    if (from === undefined || to === undefined) return;
    const targets = flows.get(from) ?? new Map<Card, number[]>();
    flows.set(from, targets.set(to, [...(targets.get(to) ?? []), lane]));
  };
  for (const lane of network.lanes.keys()) {
    add(ofNode.get(layout.supplier[lane] ?? -1), ofNode.get(layout.buyer[lane] ?? -1), lane);
  }
  for (const lane of network.markets.keys()) add(ofNode.get(layout.seller[lane] ?? -1), ofMarket.get(lane), lane);
  const { sold } = runs.agents.replay.history;
  const soldOn = (lane: number): number =>
    sold.reduce((sum, units, at) => (at % network.markets.length === lane ? sum + units : sum), 0);
  return [...flows].flatMap(([from, targets]) =>
    [...targets].map(([to, lanes]): Flow => ({
      from,
      to,
      lanes,
      units:
        to.kind === 'markets'
          ? lanes.reduce((sum, lane) => sum + soldOn(lane), 0)
          : totalOf(shippedSeries(runs.agents, lanes)),
    })),
  );
}

/** Cards beside those with whom they trade, so that few lanes cross. What stands for many is last. */
function ordered(columns: readonly (readonly Card[])[], flows: readonly Flow[]): readonly (readonly Card[])[] {
  const result = columns.map((cards) => [...cards]);
  const height = new Map<Card, number>();
  const note = (cards: readonly Card[]): void => {
    for (const [k, card] of cards.entries()) height.set(card, (k + 0.5) / cards.length);
  };
  for (const cards of result) note(cards);
  for (let sweep = 0; sweep < 4; sweep++) {
    const order = sweep % 2 === 0 ? result.toReversed() : result;
    for (const cards of order) {
      const pull = new Map(cards.map((card) => [card, pullOf(card, flows, height)]));
      cards.sort((a, b) => Number(a.count > 1) - Number(b.count > 1) || (pull.get(a) ?? 0) - (pull.get(b) ?? 0));
      note(cards);
    }
  }
  return result;
}

/** The mean height of those with whom a card trades. */
function pullOf(card: Card, flows: readonly Flow[], height: ReadonlyMap<Card, number>): number {
  const others = flows.flatMap(({ from, to }) => (from === card ? [to] : to === card ? [from] : []));
  if (others.length === 0) return height.get(card) ?? 0;
  return others.reduce((sum, other) => sum + (height.get(other) ?? 0), 0) / others.length;
}

/** What struck a card's firms or markets. */
export function strikesOn({ network, disruptions }: SupplyInstance, { kind, members }: Card): readonly Disruption[] {
  if (disruptions.length === 0) return [];
  const ids = new Set(
    members.map((place) => (kind === 'markets' ? network.markets[place]?.market : network.nodes[place]?.id)),
  );
  return disruptions.filter((one) =>
    kind === 'markets' ? one.kind === 'demand' && ids.has(one.market) : one.kind === 'plant' && ids.has(one.node),
  );
}
