/** What homes did, by home and hour. Alone, what a home trades it trades with the utility. */
export interface CommunitySolution {
  /** At the wires of the battery: above zero where it was charged. */
  readonly chargeKwh: Readonly<Record<string, readonly number[]>>;
  /** Bought less sold, with what the utility sold and took by meter. */
  readonly tradesKwh: Readonly<Record<string, readonly number[]>>;
  /** Tokens paid less received. */
  readonly bill: Readonly<Record<string, number>>;
  /** Tokens that each home would have paid without a market, by its own reckoning. */
  readonly alone?: Readonly<Record<string, number>>;
  /** Tokens that each home paid to others at the end so that nobody pays more than alone; below zero where it received. Part of the bill. */
  readonly shared?: Readonly<Record<string, number>>;
  /** By hour, tokens a kWh at which the market cleared; null where nothing was traded. */
  readonly pricePerKwh?: readonly (number | null)[];
  /** Tokens that the utility received of all homes. */
  readonly utilityReceives?: number;
  /** kWh that the utility sold by meter, for no trade covered them. */
  readonly meteredKwh?: number;
}
