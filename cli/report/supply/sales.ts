import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { linearAxis } from '../scale.ts';
import { folded, table, type TableText } from '../table.ts';
import { demandSeries, mostOf, soldSeries, totalOf, unservedSeries, type Series, type SupplyRuns } from './runs.ts';
import { areaMark, lineMark, periodAxis } from './tier-course.ts';
import { amount, marketName, nodeName, percent, units } from './words.ts';

const WIDTH = 1120;
const HEIGHT = 300;
const PLOT = { left: 56, right: 1108, top: 34, bottom: 252 };
/** Rows that stand open; more are folded away. */
const OPEN_MAX = 8;
const ROWS_MAX = 500;

/** What all markets asked for, what they were sold, and what they had to wait for or lost. */
export function salesFigure(runs: SupplyRuns): Markup {
  const { instance, agents } = runs;
  const all = [...instance.network.markets.keys()];
  const [demand, sold, short] = [demandSeries(instance, all), soldSeries(agents, all), unservedSeries(agents, all)];
  const shortWords = instance.backlog ? 'wait at the end of a period' : 'are lost in a period';
  const served = runs.all.map(({ title, kpis }) => `${title.toLowerCase()} ${percent(kpis['inTimeShare'] ?? 0)}`);
  const text = marketTable(runs);
  return figure(
    {
      heading: 'Demand and sales of the markets',
      caption: `The markets asked for ${units(totalOf(demand))} and the agents sold ${amount(totalOf(sold))}; at most ${units(mostOf(short))} ${shortWords}. Served in the period of demand: ${served.join(', ')}.`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'stock-area', x: 1, y: 2, width: 24, height: 10 }), words: 'sold by the agents' },
      { sample: el('path', { class: 'demand-line', d: 'M1 7H25' }), words: 'demand' },
      {
        sample: el('rect', { class: 'short-bar', x: 9, y: 1, width: 8, height: 12 }),
        words: instance.backlog ? 'waits for delivery' : 'lost for want of stock',
      },
    ]),
    scrolling('Chart of demand and sales', chart(instance, { demand, sold, short })),
    text.rows.length <= OPEN_MAX ? table(text) : folded(counted(instance.network.markets.length, 'market'), text),
  );
}

interface Sales {
  readonly demand: Series;
  readonly sold: Series;
  readonly short: Series;
}

function chart({ periods, backlog }: SupplyInstance, { demand, sold, short }: Sales): Markup {
  const x = periodAxis(periods, [PLOT.left, PLOT.right]);
  const y = linearAxis({ low: 0, high: Math.max(1, mostOf(demand, sold, short)), range: [PLOT.bottom, PLOT.top] });
  const wide = Math.min(18, ((PLOT.right - PLOT.left) / Math.max(1, periods)) * 0.4);
  return drawing(
    {
      id: 'sales',
      title: 'Demand, sales and what was not served, by period',
      description: `Demand ${units(totalOf(demand))}, sold ${units(totalOf(sold))}, at most ${units(mostOf(short))} ${backlog ? 'waiting' : 'lost in a period'}`,
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({ axis: y, title: 'Units in a period', at: PLOT.left, to: PLOT.right }),
    horizontalAxis({ axis: x, title: 'Period', at: PLOT.bottom, to: PLOT.bottom }),
    areaMark(sold, { x, y }),
    short.map((value, t) =>
      value <= 1e-9
        ? null
        : el(
            'rect',
            {
              class: 'short-bar',
              x: x.at(t + 1) - wide / 2,
              y: y.at(value),
              width: wide,
              height: PLOT.bottom - y.at(value),
            },
            el('title', {}, `Period ${t + 1}: ${units(value)} ${backlog ? 'wait' : 'lost'}`),
          ),
    ),
    lineMark('demand-line', demand, { x, y }),
  );
}

function marketTable(runs: SupplyRuns): TableText {
  const { instance } = runs;
  const { nodes, markets } = instance.network;
  const nameOf = new Map(nodes.map((node) => [node.id, nodeName(node)]));
  const soldBy = runs.all.map((run) => ({ run, title: run.title.toLowerCase() }));
  return {
    caption: 'Markets with their demand and what they were sold',
    head: [
      'Market',
      'Served by',
      'Price, tokens',
      'Penalty, tokens',
      'Demand, units',
      ...soldBy.map(({ title }) => `Sold, ${title}`),
    ],
    rows: markets.slice(0, ROWS_MAX).map(({ market, retailer, price, penalty }, lane) => {
      const asked = totalOf(demandSeries(instance, [lane]));
      return [
        marketName(market),
        nameOf.get(retailer) ?? '–',
        decimal(price, 3),
        decimal(penalty, 3),
        amount(asked),
        ...soldBy.map(({ run }) => {
          const sold = totalOf(soldSeries(run, [lane]));
          return asked > 0 ? `${amount(sold)} (${percent(sold / asked)})` : amount(sold);
        }),
      ];
    }),
  };
}
