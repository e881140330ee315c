import test from 'ava';
import { transcript } from '../../../agent-core/testing/transcript.ts';
import { GainSharing } from '../../../agents/supply-chain/gain-sharing.ts';
import { MarketSale, PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { SupplyContract } from '../../../agents/supply-chain/supply-contract.ts';
import { DEFAULT_OPTIONS } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply } from '../../../scenarios/supply-chain/population.ts';
import { world } from '../../../simulator/world.ts';
import { chain, instanceOf } from './networks.ts';

const CHAIN = chain({
  factory: { items: [{ product: 'goods', stock: 4, holding: 0, perOutput: 1 }], operatingCost: 0.5 },
  retailer: { stock: 10 },
  toFactory: { leadTime: 0, price: 1 },
  toRetailer: { leadTime: 0, price: 2 },
  market: { price: 4, penalty: 1 },
});

/** Amounts in whole tokens. The factory has a stock of 4 and buys no more: what it ordered now it could ship only in the next period. */
const SAID = `\
 300.001 s  retailer-1 → factory-2  d1  supply-contract/call (cfp)               { from: 0, lot: 4, asOf: 300000000 }
 300.002 s  factory-2 → raw-9       d2  supply-contract/call (cfp)               { from: 0, lot: 4, asOf: 300000000 }
 300.003 s  raw-9 → factory-2       d2  supply-contract/quote (propose)          { more: [1], fewer: [1], penalty: 0 }
 300.004 s  factory-2 → retailer-1  d1  supply-contract/quote (propose)          { more: [0.5], fewer: [null], penalty: 0.1 }
 300.005 s  retailer-1 → factory-2  d1  supply-contract/amend (accept-proposal)  { kind: "buy", period: 0, price: 0.828125 }
 300.006 s  factory-2 → retailer-1  d1  supply-contract/amended (inform)         {}
 300.007 s  retailer-1 → factory-2  d3  supply-contract/call (cfp)               { from: 0, lot: 4, asOf: 300000000 }
 300.008 s  factory-2 → retailer-1  d3  supply-contract/quote (propose)          { more: [null], fewer: [0.5], penalty: 0.1 }
2400.001 s  factory-2 → raw-9       d4  purchase-order/order (request)           { period: 0, quantity: 0, alone: 1, escrow: null }
2400.002 s  raw-9 → factory-2       d4  purchase-order/ship (inform)             { period: 0, quantity: 0, due: 0, credit: 0, penalty: 0, alone: 1 }
2400.003 s  retailer-1 → factory-2  d5  purchase-order/order (request)           { period: 0, quantity: 4, alone: 1.581138830084189, escrow: "order/0/0" }
2700.005 s  factory-2 → retailer-1  d5  purchase-order/ship (inform)             { period: 0, quantity: 4, due: 3.3125, credit: 0, penalty: 0, alone: 1.581138830084189 }
3010.001 s  market-0 → retailer-1   d6  market-sale/demand (request)             { period: 0, quantity: 12 }
3010.002 s  retailer-1 → market-0   d6  market-sale/sale (inform)                { sold: 12, waiting: 0, due: 48 }
3010.005 s  market-0 → retailer-1   d6  market-sale/paid (confirm)               {}
3300.005 s  factory-2 → retailer-1  d7  gain-sharing/gain (inform)               { gain: "-59208" }
3420.003 s  retailer-1 → factory-2  d7  gain-sharing/share (propose)             { pays: [], receives: [{ party: @retailer-1, amount: 1.001646 }] }
3420.004 s  factory-2 → retailer-1  d7  gain-sharing/paid (accept-proposal)      {}
`;

test('a period of a chain, as it is spoken: contracts, orders, shipments, sales, shares', async (t) => {
  const place = world({ seed: 1, sign: 'off', strict: true, record: true });
  const options = { ...DEFAULT_OPTIONS, lots: [4], paths: 40 };
  populateSupply(place, instanceOf(CHAIN, [12]), { options, profitOf: () => 0 });
  await place.run();
  const protocols = [SupplyContract, PurchaseOrder, MarketSale, GainSharing];
  t.is(transcript(place.trace, { protocols }), SAID);
});
