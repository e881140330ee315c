import { el, rounded, type Markup } from '../markup.ts';
import { mostOf, type Series } from './runs.ts';

/** A place for a small chart. */
export interface SparkPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a small chart shows: an area, or an area with a line over it, on one scale, and times that are marked. */
export interface Spark {
  readonly area: Series;
  readonly line?: Series;
  /** From the first period to before the last. */
  readonly marked?: readonly { readonly from: number; readonly to: number }[];
}

/** More points than these cannot be told apart on so little paper. */
const POINTS_MAX = 60;

/** A series as at most so many means of neighbouring periods. */
export function thinned(series: Series, most = POINTS_MAX): Series {
  if (series.length <= most) return series;
  return Array.from({ length: most }, (_, k) => {
    const from = Math.floor((k * series.length) / most);
    const part = series.slice(from, Math.max(from + 1, Math.floor(((k + 1) * series.length) / most)));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** A chart as small as a word, from 0 to its own largest value. */
export function sparkline({ area, line, marked = [] }: Spark, place: SparkPlace): Markup {
  const top = Math.max(mostOf(area, line ?? []), 1e-9);
  const periods = Math.max(1, area.length);
  const floor = place.y + place.height;
  const points = (series: Series): readonly string[] => {
    const values = thinned(series);
    return values.map((value, k) => {
      const x = place.x + ((k + 0.5) / values.length) * place.width;
      return `${rounded(x)} ${rounded(floor - (Math.max(0, value) / top) * place.height)}`;
    });
  };
  const first = rounded(place.x + place.width / (2 * Math.min(periods, POINTS_MAX)));
  const last = rounded(place.x + place.width - place.width / (2 * Math.min(periods, POINTS_MAX)));
  return el(
    'g',
    { class: 'spark' },
    el('path', {
      class: 'spark-area',
      d: `M${first} ${rounded(floor)}L${points(area).join('L')}L${last} ${rounded(floor)}Z`,
    }),
    marked.map(({ from, to }) =>
      el('rect', {
        class: 'struck',
        x: place.x + (from / periods) * place.width,
        y: place.y,
        width: (Math.max(1, Math.min(to, periods) - from) / periods) * place.width,
        height: place.height,
      }),
    ),
    line === undefined ? null : el('path', { class: 'spark-line', d: `M${points(line).join('L')}` }),
    el('line', { class: 'spark-base', x1: place.x, x2: place.x + place.width, y1: floor, y2: floor }),
  );
}
