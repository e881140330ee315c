import { trusted, type Markup } from '../markup.ts';

/** What a community report needs beyond the styles of all reports. Constants of the program only. */
export const COMMUNITY_STYLE: Markup = trusted(`
:root{--between:#5aa583;--gain:#7cc4a4;--loss:#e0a09b;--sun:#f2cf6b;--b1:#f7e3c4;--b2:#eebf7c;--b3:#d8913a;--s1:#d3e5f5;--s2:#94c1e6;--s3:#4b92ca;--none:#eceef1}
@media (prefers-color-scheme:dark){:root{--between:#3f9a76;--gain:#2c7a5e;--loss:#8c3f38;--sun:#8a6f22;--b1:#4a3a22;--b2:#84602a;--b3:#cf9440;--s1:#1f3950;--s2:#2f689b;--s3:#5ea9e4;--none:#232930}}
.stock-area{fill:var(--agents-soft);fill-opacity:.75}.between{fill:var(--between)}.sun-area{fill:var(--sun)}
.alone-line{fill:none;stroke:var(--baseline);stroke-width:1.3;stroke-linejoin:round}
.optimum-line{fill:none;stroke:var(--optimum);stroke-width:1.4}.ticks{stroke:var(--muted);fill:none}.unhit{pointer-events:none}
.gain-bar{fill:var(--gain)}.loss-bar{fill:var(--loss)}.bare-mark{fill:none;stroke:var(--muted);stroke-width:1.4}
.gap-line{stroke:var(--rule);stroke-width:6;stroke-linecap:round}.gap-done{stroke:var(--agents);stroke-width:6;stroke-linecap:round}
svg .gap-name{fill:var(--ink);font-size:12.5px}
.b1{fill:var(--b1)}.b2{fill:var(--b2)}.b3{fill:var(--b3)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}.none{fill:var(--none)}
g:hover>.cell{stroke:var(--ink);stroke-width:1.5}
.tiers{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:4px 24px}.tiers .scroll>svg{min-width:400px}
.card>.scroll+.scroll{margin-top:14px}tr.sum td,tr.sum th{border-top:1px solid var(--rule);font-weight:600}
@media screen and (max-width:860px){.tiers{grid-template-columns:minmax(0,1fr)}}
@media print{:root{--between:#5aa583;--gain:#7cc4a4;--loss:#e0a09b;--sun:#f2cf6b;--b1:#f7e3c4;--b2:#eebf7c;--b3:#d8913a;--s1:#d3e5f5;--s2:#94c1e6;--s3:#4b92ca;--none:#eceef1}}
`);
