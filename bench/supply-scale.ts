/**
 * What a negotiated period costs as networks grow: `node dist/bench/supply-scale.js [--sign batch] [firms …]`. Generated networks with
 * components, assembly and two or three suppliers of every item, 30 periods, one seed; unsigned unless said otherwise.
 */
import { parseArgs } from 'node:util';
import { createRandomRoot } from '../agent-core/random.ts';
import { simulate } from '../scenarios/simulate.ts';
import { generateSupply } from '../scenarios/supply-chain/generator.ts';
import { supplyNetworks } from '../scenarios/supply-chain/network-scenario.ts';

const PERIODS = 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sign: { type: 'string', default: 'off' } },
});
const sizes = positionals.length > 0 ? positionals : ['12', '20', '40', '100', '200'];

console.log(
  '| firms | lanes | gap to the oracle % | base stock alone, gap % | firms poorer | messages a period | a firm and period | CPU s a period | memory MB |',
);
console.log('|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
for (const firms of sizes) {
  const parameters = new Map([
    ['firms', firms],
    ['periods', String(PERIODS)],
  ]);
  const instance = generateSupply(parameters, createRandomRoot(1).stream('scale', firms));
  const problem = supplyNetworks.of(instance);
  const { result } = await simulate(supplyNetworks, problem, {
    seed: 1,
    sign: values.sign === 'batch' ? 'batch' : 'off',
  });
  const optimum = result.optimum?.['profit'];
  const alone = result.baseline['profit'];
  const aloneGap = optimum === undefined || alone === undefined ? null : (optimum - alone) / optimum;
  const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1));
  const perPeriod = result.messages / PERIODS;
  const cells = [
    firms,
    instance.network.lanes.length,
    percent(result.gap),
    percent(aloneGap),
    result.agents['firmsPoorer'] ?? '–',
    perPeriod.toFixed(0),
    (perPeriod / instance.network.nodes.length).toFixed(1),
    (result.cpuSeconds / PERIODS).toFixed(2),
    (process.memoryUsage().rss / 2 ** 20).toFixed(0),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
