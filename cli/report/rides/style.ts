import { trusted, type Markup } from '../markup.ts';

/** Colours of vehicles, one after another; with more vehicles they come again with a dashed line. */
const LIGHT = [
  '#1f6fb4',
  '#d1495b',
  '#1b8a5a',
  '#8a5cc7',
  '#c46f00',
  '#00838f',
  '#b0418f',
  '#6b7a00',
  '#8c4a2f',
  '#4a4e9e',
  '#e0559a',
  '#56616d',
];
const DARK = [
  '#62b0f5',
  '#ff8087',
  '#4fcf95',
  '#bd9bff',
  '#f2a33c',
  '#3fd0dc',
  '#ef86d0',
  '#c0cc45',
  '#d39a7b',
  '#9aa2ff',
  '#ffa8cf',
  '#aab6c2',
];

/** How many vehicles have a colour of their own. */
export const COLOURS = LIGHT.length;

/** The CSS classes of a vehicle: its colour, and dashes where the colour is another vehicle's, too. */
export function vehicleClass(rank: number): string {
  return `v${rank % COLOURS}${rank < COLOURS ? '' : ' again'}`;
}

const colours = (all: readonly string[]): string => all.map((colour, k) => `--v${k}:${colour}`).join(';');
const classes = LIGHT.map((_, k) => `.v${k}{--v:var(--v${k})}`).join('');

/** What a ride-sharing report needs beyond the styles of all reports. Constants of the program only. */
export const RIDES_STYLE: Markup = trusted(`
:root{${colours(LIGHT)};--street:#d9dde2;--d0:#9dc3e6;--d1:#5f9fd6;--d2:#2f78bd;--d3:#1b5592;--d4:#0b2f5e;--empty:#e6b873}
@media (prefers-color-scheme:dark){:root{${colours(DARK)};--street:#30373f;--d0:#264d70;--d1:#2f6f9f;--d2:#3f95cf;--d3:#74bdf0;--d4:#d4ecff;--empty:#8f6a2b}}
${classes}
.street{fill:none;stroke:var(--street);stroke-width:1.2;stroke-linecap:round}
.route{fill:none;stroke:var(--v);stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round;stroke-opacity:.85}
.again .route,.route.again{stroke-dasharray:7 4}
.route.deadhead{stroke-dasharray:1.5 4.5;stroke-opacity:.75}
.vehicles:hover>g:not(:hover){opacity:.14}
.pickup{fill:var(--v);stroke:var(--card);stroke-width:1}.dropoff{fill:var(--card);stroke:var(--v);stroke-width:1.8}
.depot{fill:var(--ink);stroke:var(--card);stroke-width:1.5}
.lost{stroke:var(--over);stroke-width:2.2;fill:none}.lost.many{stroke-width:1.3;stroke-opacity:.75}.lost-way{stroke:var(--over);stroke-width:1.1;stroke-dasharray:2 4;fill:none}
.badge{fill:var(--v);stroke:var(--card);stroke-width:1.5}svg .badge-text{fill:var(--card);font-size:11px;font-weight:700;text-anchor:middle;pointer-events:none}
.heading-mark{fill:var(--v);stroke:var(--card);stroke-width:.6}
.flow{fill:none;stroke-linecap:round;stroke-linejoin:round}.d0{stroke:var(--d0)}.d1{stroke:var(--d1)}.d2{stroke:var(--d2)}.d3{stroke:var(--d3)}.d4{stroke:var(--d4)}
.haze{fill:none;stroke:var(--d2);stroke-width:1;stroke-opacity:.22}
.days{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:14px 18px;margin:14px 0 0;padding:0;list-style:none}
.days li{min-width:0}.days h3{font-size:.9rem;margin:0;display:flex;gap:7px;align-items:center}.days h3 i{width:12px;height:12px;border-radius:3px;background:var(--v);flex:none}
.days p{font-size:.8rem;color:var(--muted);margin:0 0 4px}.days svg{border:1px solid var(--faint);border-radius:4px}
.days .route{stroke-width:5}.days .deadhead{stroke-dasharray:1 13}.days .street{stroke-width:2.4}.days .pickup{stroke-width:2}.days .dropoff{stroke-width:4}
.ride{fill:var(--v);stroke:var(--card);stroke-width:.8}.seats{fill:var(--faint)}.seat-line{stroke:var(--card);stroke-width:1}
.load{fill:var(--v)}.drive{stroke:var(--v);stroke-width:3}.stand{stroke:var(--idle);stroke-width:3}.serve{stroke:var(--muted);stroke-width:3}
.on-road{fill:var(--agents)}.on-road-empty{fill:var(--empty)}.standing{fill:var(--idle)}.stander{fill:var(--muted)}
.trade{fill:var(--agents);stroke:var(--card);stroke-width:.9}
.median{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:4 3}svg .median-label{fill:var(--ink)}
.replay{display:block;width:100%;height:auto;border:1px solid var(--faint);border-radius:6px;background:var(--card)}
.controls{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin:10px 0 0}
.controls[hidden]{display:none}
.controls button,.controls select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:5px 12px;min-width:5.4em}
.controls button{background:var(--agents);border-color:var(--agents);color:var(--card);font-weight:600;cursor:pointer}
.controls input[type=range]{flex:1 1 260px;accent-color:var(--agents);min-width:140px}
.controls :focus-visible{outline:2px solid var(--ink);outline-offset:2px}
.now{margin:8px 0 0;font-variant-numeric:tabular-nums;color:var(--ink);max-width:none}
@media print{.controls{display:none}:root{${colours(LIGHT)};--street:#d9dde2;--empty:#e6b873;--d0:#9dc3e6;--d1:#5f9fd6;--d2:#2f78bd;--d3:#1b5592;--d4:#0b2f5e}.days li{break-inside:avoid}}
`);
