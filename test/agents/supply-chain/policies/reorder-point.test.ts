import test from 'ava';
import * as fc from 'fast-check';
import { localOrders, type LocalView } from '../../../../agents/supply-chain/local-rule.ts';
import { normalQuantile } from '../../../../agents/supply-chain/policies/normal-quantile.ts';
import { reorderPoint, type ReorderPointSettings } from '../../../../agents/supply-chain/policies/reorder-point.ts';
import { ITEM, SUPPLIER, VIEW, withStock } from '../views.ts';

function ordered(view: LocalView, settings: ReorderPointSettings = {}): number {
  return localOrders(reorderPoint(settings), view)[0]?.[0] ?? Number.NaN;
}

const REORDER_AT = 100 + normalQuantile(0.95) * Math.sqrt(10) * Math.sqrt(5);

test('orders nothing while the position is at s or above, and up to S below', (t) => {
  const lot = Math.sqrt(2 * 20 * 10);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 400, noNaN: true }), (stock) => {
      const units = ordered(withStock(stock));
      if (stock >= REORDER_AT) t.is(units, 0);
      else if (stock < REORDER_AT - 1e-9) t.true(Math.abs(units + stock - (REORDER_AT + lot)) < 1e-9);
    }),
  );
  t.is(ordered(withStock(REORDER_AT)), 0);
});

test('the dearer an order, the larger the lot: by the root, as Harris has it', (t) => {
  const lot = (orderCost: number): number =>
    ordered({ ...VIEW, items: [{ ...ITEM, suppliers: [{ ...SUPPLIER, orderCost }] }] }) - REORDER_AT;
  t.true(Math.abs(lot(3) - Math.sqrt((2 * 20 * 3) / 0.03)) < 1e-9);
  t.true(Math.abs(lot(12) - 2 * lot(3)) < 1e-9);
});

test('where an order costs nothing it counts ten units of operation, or of holding', (t) => {
  const operated = ordered({ ...VIEW, operatingCost: 0.06 }) - REORDER_AT;
  t.true(Math.abs(operated - Math.sqrt((2 * 20 * 10 * 0.06) / 0.03)) < 1e-9);
});

test('a lot of what costs nothing to hold is the demand of the lead time', (t) => {
  const units = ordered({ ...VIEW, items: [{ ...ITEM, holding: 0 }] });
  t.true(Math.abs(units - (REORDER_AT + 100)) < 1e-9);
});
