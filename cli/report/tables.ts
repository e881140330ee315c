import type { SimulationResult } from '../../scenarios/simulate.ts';
import type { DispatchFacts } from './facts.ts';
import { el, type Markup } from './markup.ts';
import { counted, decimal, errorSize, fixed } from './numbers.ts';
import { comparison, folded, type Measure } from './table.ts';

const MEASURES: Readonly<Record<string, Measure>> = {
  costPerHour: { words: 'Cost', unit: '$/h', format: (value) => fixed(value, 2) },
  worstOverloadPu: { words: 'Worst line overload', unit: 'p.u.', format: errorSize },
  worstBalanceMismatchPu: { words: 'Worst balance mismatch of a bus', unit: 'p.u.', format: errorSize },
  worstAngleViolationRad: { words: 'Worst angle beyond its limit', unit: 'rad', format: errorSize },
  priceOptimalityErrorPerMwh: { words: 'Prices short of supporting the dispatch', unit: '$/MWh', format: errorSize },
  worstGeneratorViolationPu: { words: 'Worst generator output beyond its limits', unit: 'p.u.', format: errorSize },
  congestedBranches: { words: 'Lines at or beyond their limit', unit: '', format: (value) => decimal(value, 0) },
  meanAbsPriceErrorPerMwh: { words: 'Mean price difference from the optimum', unit: '$/MWh', format: errorSize },
  maxPriceErrorPerMwh: { words: 'Largest price difference from the optimum', unit: '$/MWh', format: errorSize },
};

/** Agents, baseline and optimum side by side. */
export function comparisonTable(result: SimulationResult): Markup {
  return comparison(
    'Agents, merit order and optimum compared',
    [
      { title: 'Agents', kpis: result.agents },
      { title: 'Merit order', kpis: result.baseline },
      { title: 'Optimum', kpis: result.optimum },
    ],
    MEASURES,
  );
}

/** Every line, bus and generator in numbers, folded away. */
export function dataTables({ lines, buses, units }: DispatchFacts): Markup {
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'All numbers'),
    folded(counted(lines.length, 'line'), {
      caption: 'Lines; positive flows run from the first bus to the second',
      head: ['Line', 'Limit, MW', 'Flow, MW', 'Loading, %', 'Merit order flow, MW', 'Merit order loading, %'],
      rows: lines.map(({ name, active, limitMw, flowMw, loading, baselineFlowMw, baselineLoading }) => {
        if (!active) return [name, 'out of service', '–', '–', '–', '–'];
        const limited = limitMw < Infinity;
        const share = (of: number): string => (limited ? fixed(of * 100, 1) : '–');
        return [
          name,
          limited ? fixed(limitMw, 1) : 'none',
          fixed(flowMw, 2),
          share(loading),
          fixed(baselineFlowMw, 2),
          share(baselineLoading),
        ];
      }),
    }),
    folded(counted(buses.length, 'bus', 'buses'), {
      caption: 'Buses',
      head: ['Bus', 'Load, MW', 'Generation, MW', 'Price, $/MWh', 'Optimum price, $/MWh', 'Merit order price, $/MWh'],
      rows: buses.map((bus) => [
        bus.isolated ? `${bus.id} (isolated)` : String(bus.id),
        fixed(bus.loadMw, 2),
        bus.generators > 0 ? fixed(bus.generationMw, 2) : '–',
        ...[bus.price, bus.optimumPrice, bus.baselinePrice].map(orDash(3)),
      ]),
    }),
    folded(counted(units.length, 'generator'), {
      caption: 'Generators',
      head: ['At bus', 'Least, MW', 'Largest, MW', 'Agents, MW', 'Optimum, MW', 'Merit order, MW', 'Next MWh, $'],
      rows: units.map((unit) => [
        unit.active ? String(unit.busId) : `${unit.busId} (out of service)`,
        fixed(unit.minMw, 1),
        fixed(unit.maxMw, 1),
        ...[unit.outputMw, unit.optimumMw, unit.baselineMw].map(orDash(2)),
        unit.active ? fixed(unit.marginalCost, 2) : '–',
      ]),
    }),
  );
}

function orDash(digits: number): (value: number | null) => string {
  return (value) => (value === null ? '–' : fixed(value, digits));
}
