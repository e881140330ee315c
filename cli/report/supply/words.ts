import type { SupplyInstance, SupplyNode } from '../../../scenarios/supply-chain/network.ts';
import { decimal, fixed, sentenceStart } from '../numbers.ts';

const KINDS: Readonly<Record<SupplyNode['kind'], readonly [one: string, many: string]>> = {
  raw: ['Raw source', 'Raw sources'],
  factory: ['Factory', 'Factories'],
  distributor: ['Distributor', 'Distributors'],
  retailer: ['Retailer', 'Retailers'],
};

/** Factory 4. */
export function nodeName({ kind, id }: Pick<SupplyNode, 'kind' | 'id'>): string {
  return `${KINDS[kind][0]} ${id}`;
}

/** Market 0. */
export function marketName(id: number): string {
  return `Market ${id}`;
}

/** What the nodes of a tier are together, with a capital. */
export function kindWords(kinds: ReadonlySet<SupplyNode['kind']>): string {
  const words = [...kinds].toSorted().map((kind) => KINDS[kind][1]);
  return sentenceStart(words.join(' and ').toLowerCase());
}

/** Names of nodes and markets by their ids, and what stands for none of them as it is. */
export function namesOf({ network }: SupplyInstance): (id: string) => string {
  const names = new Map(network.nodes.map((node) => [String(node.id), nodeName(node)]));
  for (const { market } of network.markets) names.set(String(market), marketName(market));
  return (id) => names.get(id) ?? (id === 'costs' ? 'Costs' : id);
}

/** Money to hundredths of a token, without its unit. */
export function money(value: number): string {
  return fixed(value, 2);
}

/** Tokens of an amount in micro-tokens; 0 where it is no amount. */
export function tokensOf(micros: string): number {
  const value = Number(micros) / 1e6;
  return Number.isFinite(value) ? value : 0;
}

/** 812.34 tokens. */
export function tokens(value: number): string {
  return `${money(value)} tokens`;
}

/** +3.20 or −1.05: money that was gained or lost. */
export function gained(value: number): string {
  const text = money(value);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** An amount of goods in as many digits as say something. */
export function amount(value: number): string {
  return decimal(value, Math.abs(value) < 100 ? 1 : 0);
}

/** An amount of goods where there is little room: 38k for 38,112. */
export function brief(value: number): string {
  return Math.abs(value) < 1e4
    ? amount(value)
    : Math.abs(value) < 1e7
      ? `${decimal(value / 1e3, 0)}k`
      : `${decimal(value / 1e6, 0)}M`;
}

/** 12.5 units. */
export function units(value: number): string {
  return `${amount(value)} ${value === 1 ? 'unit' : 'units'}`;
}

/** 97.3 %; a share that is not quite whole never reads as 100 %. */
export function percent(share: number): string {
  const text = decimal(share * 100, 1);
  return `${text === '100' && share < 1 - 1e-9 ? '> 99.9' : text} %`;
}

/** Periods are counted from 1 for people: periods 5 to 9, or period 5. `to` is the first that is not meant. */
export function periodSpan(from: number, to: number): string {
  return to - from <= 1 ? `period ${from + 1}` : `periods ${from + 1} to ${to}`;
}
