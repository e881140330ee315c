import type { Policy } from '../../agent-core/policy/policy.ts';

/** What a firm knows by itself when it orders: nothing of what its partners have in stock, sell or plan. */
export interface LocalView {
  /** From 0. */
  readonly period: number;
  /** With this one. */
  readonly periodsLeft: number;
  /** What was asked of the firm in each period so far, units of what it ships: by its customers' orders or by its markets. */
  readonly asked: readonly number[];
  /** Units of demand that wait; 0 for those who are not retailers. */
  readonly backlog: number;
  /** Units that can be shipped in a period; `Infinity` where nothing bounds it. */
  readonly capacity: number;
  /** What a unit that the firm ships brings, at list prices. */
  readonly price: number;
  /** Money for each unit that is asked for and not shipped, at the end of a period; 0 where there is none. */
  readonly penalty: number;
  readonly items: readonly LocalItem[];
}

/** Something that the firm stocks. */
export interface LocalItem {
  readonly stock: number;
  readonly holding: number;
  readonly perOutput: number;
  readonly suppliers: readonly LocalSupplier[];
}

/** Where it comes from. */
export interface LocalSupplier {
  readonly leadTime: number;
  readonly price: number;
  readonly pipelineCost: number;
  readonly orderCost: number;
  /** Units under way. */
  readonly onOrder: number;
}

/**
 * What a firm orders by its rule: units by item and supplier. The policy says up to which position each item is ordered; the
 * shares of its suppliers are the rule's.
 */
export type LocalOrders = (rule: Policy, view: LocalView) => readonly (readonly number[])[];
