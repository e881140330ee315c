import { trusted, type Markup } from './markup.ts';

/** The style sheet of reports: light and dark by the reader's wish, one column on phones, black on white on paper. */
export const REPORT_STYLE: Markup = trusted(`
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1b1f24;--muted:#59636e;--rule:#d5d9de;--faint:#e6e9ed;
--agents:#0b6bb0;--agents-soft:#8fbbe0;--baseline:#a85f00;--over:#b3261e;--optimum:#1b1f24;--range:#dfe3e8;--good:#0a6b4e;--bad:#b3261e;
--l0:#c4c9d0;--l1:#e3b778;--l2:#e08a33;--l3:#bf4d12;--l4:#6e1508;--casing:#ffd27a;--arrow:#3d444d;--idle:#d3d8de}
@media (prefers-color-scheme:dark){:root{--page:#0f1215;--card:#181c21;--ink:#e6e9ed;--muted:#9aa5b1;--rule:#39414a;--faint:#262c33;
--agents:#5eb1f2;--agents-soft:#2f6690;--baseline:#f0b04a;--over:#ff7b6b;--optimum:#e6e9ed;--range:#333b44;--good:#4cc9a0;--bad:#ff7b6b;
--l0:#4a525c;--l1:#7f6238;--l2:#b9772a;--l3:#f2943f;--l4:#ffe0b8;--casing:#b3401a;--arrow:#c9d1d9;--idle:#3a424b}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 40px;display:grid;gap:20px;grid-template-columns:repeat(2,minmax(0,1fr))}
header,.wide,footer{grid-column:1/-1}
h1{font-size:1.65rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.12rem;margin:0 0 4px}
p{margin:0 0 10px;max-width:78ch}
.run li{min-width:0}.run{display:flex;flex-wrap:wrap;gap:2px 22px;margin:0;padding:0;list-style:none;color:var(--muted);font-size:.9rem}
.run b{overflow-wrap:anywhere;color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
.verdict{margin-top:16px;border-left:5px solid var(--good);background:var(--card);padding:14px 18px;border-radius:0 8px 8px 0}
.verdict.bad{border-color:var(--bad)}
.verdict strong{display:block;font-size:.85rem;letter-spacing:.02em;color:var(--good)}
.verdict.bad strong{color:var(--bad)}
.verdict p{font-size:1.12rem;margin:2px 0 0;max-width:110ch}.verdict p+p{font-size:1rem;color:var(--muted);margin-top:4px}
.card{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:18px 20px;min-width:0}
.wide>.caption{max-width:120ch}.caption{color:var(--muted);font-size:.92rem}
.scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible{outline:2px solid var(--agents);outline-offset:2px}
svg{display:block;width:100%;height:auto}
.scroll>svg{min-width:480px}.scroll>svg.wide{min-width:860px}
svg text{fill:var(--muted);font-size:12px;font-family:inherit}
svg .axis-title{fill:var(--ink);font-size:12.5px}
svg .tick{font-variant-numeric:tabular-nums}
.legends{display:grid;gap:2px;margin-bottom:8px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 8px;padding:0;list-style:none;font-size:.85rem}
.legends .legend{margin:0}
.legend li{display:flex;align-items:center;gap:7px}.legend svg{width:26px;height:14px;flex:none;overflow:visible}
.ramp{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin:0;font-size:.85rem;font-variant-numeric:tabular-nums}.ramp svg{width:168px;height:14px}
.grid{stroke:var(--faint)}.base{stroke:var(--muted)}
.agents-line{fill:none;stroke:var(--agents);stroke-width:2.2;stroke-linejoin:round}
.agents-dot{fill:var(--agents)}.agents-bar{fill:var(--agents-soft)}.agents-bar.at-limit{fill:var(--agents)}
.optimum-ring{fill:none;stroke:var(--optimum);stroke-width:1.1}.optimum-tick{stroke:var(--optimum);stroke-width:2.4;fill:none}
.baseline-mark{fill:var(--card);stroke:var(--baseline);stroke-width:1.3}.over-mark{fill:var(--over);stroke:var(--card);stroke-width:.8}
.baseline-line{fill:none;stroke:var(--baseline);stroke-width:1.8;stroke-dasharray:6 4}
.limit{fill:none;stroke:var(--over);stroke-width:1.6;stroke-dasharray:2 3}
.tolerance{fill:none;stroke:var(--good);stroke-width:1.6;stroke-dasharray:6 4}.agreed{fill:var(--good);opacity:.1}svg .tolerance-label{fill:var(--good)}
.range{fill:var(--range)}
.hit{fill:transparent}.hit-line{stroke:transparent;stroke-width:12}
g:hover>.hit{fill:var(--faint);opacity:.6}
svg .mark-label{fill:var(--over);font-size:11.5px}
.line{fill:none}.l0{stroke:var(--l0)}.l1{stroke:var(--l1)}.l2{stroke:var(--l2)}.l3{stroke:var(--l3)}.l4{stroke:var(--l4)}
.unlimited{stroke:var(--muted);stroke-dasharray:7 3}.off{stroke:var(--muted);stroke-dasharray:1.5 4}
.casing{stroke:var(--casing);stroke-width:11;stroke-linecap:round}
.arrow{fill:var(--arrow);stroke:var(--card);stroke-width:.8;pointer-events:none}
.bus{stroke:var(--ink);stroke-width:1.1}.bus.key{fill:#21918c}.off-bus{stroke:var(--muted);stroke-dasharray:2 2}
g:hover>.bus{stroke-width:3}
svg .bus-label{text-anchor:middle;pointer-events:none;fill:var(--ink)}
svg .on-dark{fill:#fff}svg .on-light{fill:#111}
svg .bus-label{font-size:10.5px}svg .bus-label.inside{font-size:11px}svg .line-label{font-size:11.5px}
svg .line-label{text-anchor:middle;font-weight:600;fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round;pointer-events:none}
.bar{fill:var(--agents)}.bar.other{fill:var(--agents-soft)}.bar.soft{fill:var(--idle)}
svg .bar-value{fill:var(--ink);font-variant-numeric:tabular-nums}svg .bar-name{fill:var(--ink)}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:6px 12px;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
th{font-weight:500}thead th{color:var(--muted);font-size:.85rem;border-bottom-color:var(--rule)}
.text{text-align:left}th.text:first-child{padding-left:0}
details{border-top:1px solid var(--faint)}summary{cursor:pointer;padding:9px 0}details .scroll{max-height:480px;overflow:auto;margin-bottom:12px}
.effort{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:14px 20px;margin:6px 0 14px}
.effort dt{color:var(--muted);font-size:.85rem}.effort dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}
.effort small{display:block;color:var(--muted);font-size:.8rem;line-height:1.35}
.knowledge{margin:0 0 4px;padding-left:20px;max-width:90ch}.knowledge li{margin-bottom:4px}
footer{color:var(--muted);font-size:.85rem}footer p{max-width:100ch}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.95em}
@media screen and (max-width:860px){main{grid-template-columns:minmax(0,1fr);padding:16px 10px;gap:14px}.card{padding:14px}h1{font-size:1.3rem}}
@media screen and (max-width:560px){.scroll>svg:not(.wide){min-width:0}.scroll>svg:not(.wide) text{font-size:17px}th,td{padding:6px 7px}#comparison table{font-size:.8rem}#comparison th{white-space:normal}#comparison th.text:first-child{min-width:7.5em}#comparison th:last-child,#comparison td:last-child{padding-right:0}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--muted:#444;--rule:#bbb;--faint:#ddd;--agents:#0b6bb0;--agents-soft:#8fbbe0;--baseline:#a85f00;--over:#b3261e;--optimum:#000;
--range:#dfe3e8;--good:#0a6b4e;--bad:#b3261e;--l0:#c4c9d0;--l1:#e3b778;--l2:#e08a33;--l3:#bf4d12;--l4:#6e1508;--casing:#ffd27a;--arrow:#3d444d;--idle:#d3d8de}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{font-size:10.5pt}main{padding:0;gap:10px}.card,.verdict{break-inside:avoid}.scroll{overflow:visible}.scroll>svg,.scroll>svg.wide{min-width:0}.scroll>svg:not(.wide) text{font-size:17px}.wide .axis text{font-size:13px}details:not([open]){display:none}}
`);
