/** What a node ships is made of so much of each thing that it stocks. */
export interface SupplyItem {
  /** As the suppliers of this item call what they ship. */
  readonly product: string;
  /** Units in stock before the first period. */
  readonly stock: number;
  /** Money for each unit that is in stock at the end of a period. */
  readonly holding: number;
  /** Units that go into one unit of what the node ships. */
  readonly perOutput: number;
}

/** What a node is, by its place in the network. */
export type SupplyKind = 'raw' | 'factory' | 'distributor' | 'retailer';

/** A firm. Raw sources have no stock and no bounds; retailers sell to markets and to nobody else. */
export interface SupplyNode {
  readonly id: number;
  readonly kind: SupplyKind;
  /** What it ships. */
  readonly product: string;
  /** What it stocks; none for raw sources, one for distributors and retailers. */
  readonly items: readonly SupplyItem[];
  /** Units that it can ship in a period; `Infinity` where nothing bounds it. */
  readonly capacity: number;
  /** Money for each unit that it ships. */
  readonly operatingCost: number;
}

/** A way from a supplier to a buyer. Lanes are served in their order: who comes first gets what there is. */
export interface SupplyLane {
  readonly supplier: number;
  readonly buyer: number;
  /** Whole periods from order to arrival; what arrives in a period can be sold in it, and shipped on from the next. */
  readonly leadTime: number;
  /** List price of a unit, paid when it is shipped. */
  readonly price: number;
  /** Money, of the buyer, for each unit that is under way at the end of a period. */
  readonly pipelineCost: number;
  /** Money, of the buyer, for each period in which something is shipped. */
  readonly orderCost: number;
}

/** A market that a retailer serves. */
export interface MarketLane {
  readonly retailer: number;
  readonly market: number;
  readonly price: number;
  /** Money for each unit of demand that is not served, at the end of a period. */
  readonly penalty: number;
}

/** Who supplies whom, under which costs. Units are real numbers; money is in tokens. */
export interface SupplyNetwork {
  readonly name: string;
  readonly nodes: readonly SupplyNode[];
  readonly lanes: readonly SupplyLane[];
  readonly markets: readonly MarketLane[];
}

/** Something that goes wrong in periods `from` to before `to`; who is struck learns of it, and of its end, in period `from`. */
export type Disruption =
  /** The node ships at most this share of its capacity, or of everything where that is not bounded and the share is 0. */
  | {
      readonly kind: 'plant';
      readonly node: number;
      readonly from: number;
      readonly to: number;
      readonly share: number;
    }
  /** Nothing can be shipped on the lane; what is under way arrives. */
  | {
      readonly kind: 'lane';
      readonly supplier: number;
      readonly buyer: number;
      readonly from: number;
      readonly to: number;
    }
  /** Already in the demand of the instance; told for the report. */
  | {
      readonly kind: 'demand';
      readonly market: number;
      readonly from: number;
      readonly to: number;
      readonly factor: number;
    };

/** A network, a demand, and the rules of the game. */
export interface SupplyInstance {
  /** As the result shows it. */
  readonly name: string;
  readonly network: SupplyNetwork;
  readonly periods: number;
  /** Demand that is not served waits; otherwise it is lost. */
  readonly backlog: boolean;
  /** Profit of period t counts `discount` to the power of t. */
  readonly discount: number;
  /** Units by market lane and period. */
  readonly demand: readonly (readonly number[])[];
  readonly disruptions: readonly Disruption[];
}
