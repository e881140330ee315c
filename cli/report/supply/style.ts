import { trusted, type Markup } from '../markup.ts';

/** What a supply chain report needs beyond the styles of all reports. Constants of the program only. */
export const SUPPLY_STYLE: Markup = trusted(`
:root{--lane:#a9c9e6;--demand:#0a6b4e;--gain:#7cc4a4;--loss:#e0a09b;--p1:#eaf2fa;--p2:#cfe2f3;--p3:#a9cbe9;--p4:#7fb1dd}
@media (prefers-color-scheme:dark){:root{--lane:#2b5b84;--demand:#4cc9a0;--gain:#2c7a5e;--loss:#8c3f38;--p1:#1b2733;--p2:#1f3950;--p3:#264f75;--p4:#2f689b}}
.lane{fill:none;stroke:var(--lane);stroke-linecap:butt}.lane.unused{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 4;stroke-opacity:.6}
.lane.cut{stroke:var(--over);stroke-dasharray:7 4;stroke-opacity:.75}
.lanes>g:hover .lane{stroke:var(--agents)}
.firm{fill:var(--card);stroke:var(--rule);stroke-width:1.2}.firm.many{fill:var(--page);stroke-dasharray:4 3}.firm.hurt{stroke:var(--over);stroke-width:1.8}
svg .firm-name{fill:var(--ink);font-weight:600;font-size:12.5px}svg .firm-note{font-size:11px;font-variant-numeric:tabular-nums}
svg .tier-title{fill:var(--ink);font-size:13px;font-weight:600}svg .over-label{fill:var(--over);font-weight:700}
.stock-disc{fill:var(--agents)}.sales-disc{fill:var(--demand)}.source{fill:var(--muted)}
.spark-area{fill:var(--agents-soft)}.spark-line{fill:none;stroke:var(--demand);stroke-width:1.3;stroke-linejoin:round}.spark-base{stroke:var(--rule)}
.struck{fill:var(--over);fill-opacity:.2}
.stock-area{fill:var(--agents-soft);fill-opacity:.75}
.optimum-line{fill:none;stroke:var(--optimum);stroke-width:1.5}.demand-line{fill:none;stroke:var(--demand);stroke-width:2;stroke-linejoin:round}
.short-bar{fill:var(--over);fill-opacity:.55}
.tiers{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:4px 24px}.tiers h3{grid-column:1/-1;font-size:.95rem;margin:12px 0 0}
.gain-bar{fill:var(--gain)}.loss-bar{fill:var(--loss)}.before-ring{fill:var(--card);stroke:var(--agents);stroke-width:1.6}
.even{stroke:var(--good);stroke-width:1.4;stroke-dasharray:5 4}svg .even-label{fill:var(--good);font-size:11.5px}
.matrix td.p1{background:var(--p1)}.matrix td.p2{background:var(--p2)}.matrix td.p3{background:var(--p3)}.matrix td.p4{background:var(--p4)}
.matrix td.sum,.matrix th.sum{border-left:1px solid var(--rule);font-weight:600}.matrix tr.sum td,.matrix tr.sum th{border-top:1px solid var(--rule);font-weight:600}
.matrix th,.matrix td{padding:6px 9px}.card>.scroll+.scroll{margin-top:14px}
@media screen and (max-width:860px){.tiers{grid-template-columns:minmax(0,1fr)}}
@media print{:root{--lane:#a9c9e6;--demand:#0a6b4e;--gain:#7cc4a4;--loss:#e0a09b;--p1:#eaf2fa;--p2:#cfe2f3;--p3:#a9cbe9;--p4:#7fb1dd}}
`);
