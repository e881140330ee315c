/** A colour as red, green and blue from 0 to 255. */
type Rgb = readonly [red: number, green: number, blue: number];

/** Perceptually even from dark blue to yellow, readable with every kind of colour vision (the idea of matplotlib's viridis). */
const PRICE_STOPS: readonly Rgb[] = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** The colour at `share` of the price scale, 0 lowest to 1 highest, as `#rrggbb`. */
export function priceColour(share: number): string {
  const place = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * (PRICE_STOPS.length - 1);
  const below = Math.min(PRICE_STOPS.length - 2, Math.floor(place));
  const mix = [0, 1, 2].map((channel) => {
    const from = PRICE_STOPS[below]?.[channel] ?? 0;
    const to = PRICE_STOPS[below + 1]?.[channel] ?? 0;
    return Math.round(from + (place - below) * (to - from));
  });
  return `#${mix.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** The CSS class of text that is read well on {@link priceColour} of the same share. */
export function inkOn(share: number): 'on-light' | 'on-dark' {
  return share > 0.5 ? 'on-light' : 'on-dark';
}

/** Loading classes of lines on the map: up to which share, CSS class, stroke width in pixels and words for the legend. */
export const LOADING_CLASSES = [
  { below: 0.25, name: 'l0', width: 1.4, words: 'below 25 %' },
  { below: 0.5, name: 'l1', width: 2, words: '25–50 %' },
  { below: 0.75, name: 'l2', width: 2.8, words: '50–75 %' },
  { below: 0.9999, name: 'l3', width: 3.8, words: '75–100 %' },
  { below: Infinity, name: 'l4', width: 5.5, words: 'at the limit' },
] as const;

/** The class of a line loaded to `loading` of its limit. */
export function loadingClass(loading: number): (typeof LOADING_CLASSES)[number] {
  return LOADING_CLASSES.find(({ below }) => loading < below) ?? LOADING_CLASSES[4];
}
