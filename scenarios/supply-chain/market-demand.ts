/** How a market's demand comes about, before trends, seasons and shocks. Units in a period. */
export type MarketDemand =
  | { readonly kind: 'poisson'; readonly mean: number }
  /** Never below 0. */
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  /** Of mean shape times scale. */
  | { readonly kind: 'gamma'; readonly shape: number; readonly scale: number }
  | { readonly kind: 'constant'; readonly units: number }
  /** Period by period. */
  | { readonly kind: 'given'; readonly units: readonly number[] };
