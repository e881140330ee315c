import test from 'ava';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { exponentialSmoothing } from '../../../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { runLocalRule } from '../../../scenarios/supply-chain/references.ts';
import { INVMGMT_PRESENT, invmgmtText, publishedInstance, publishedRuns } from './published.ts';

const run = INVMGMT_PRESENT ? test : test.skip;

/** As per_seed_profit.csv names them. */
const RULES: ReadonlyMap<string, Policy> = new Map([
  ['sS', reorderPoint()],
  ['Newsvendor', newsvendor()],
  ['ExpSmoothing', exponentialSmoothing()],
  ['EchelonApprox', echelonBaseStock()],
]);

/** Profits by scenario, seed and rule, as the file has them. */
function publishedProfits(): ReadonlyMap<string, number> {
  const lines = invmgmtText('per_seed_profit.csv').split('\n').slice(1);
  return new Map(
    lines.map((line) => {
      const [scenario = '', seed = '', agent = '', profit = ''] = line.split(',');
      const [, network, demand, , backlog] = scenario.split('|');
      return [[network, demand, backlog, seed, agent].join('|'), Number(profit)];
    }),
  );
}

for (const [name, rule] of RULES) {
  run(`told the demand of the market, firms earn with ${name} what is published, in each of the 48 runs`, (t) => {
    const published = publishedProfits();
    const runs = publishedRuns();
    t.is(runs.length, 48);
    for (const one of runs) {
      const network = one.network === 'divergent' ? 'base' : 'serial';
      const key = [network, one.demand, `BL:${one.backlog ? 'True' : 'False'}`, one.seed, name].join('|');
      const { profit } = runLocalRule(publishedInstance(one), rule, { shared: true });
      const known = published.get(key) ?? Number.NaN;
      t.true(Math.abs(profit - known) < 6e-4, `${key}: ${profit}, published ${known}`);
    }
  });
}
