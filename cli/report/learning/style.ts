import { trusted, type Markup } from '../markup.ts';

/** What a report of a training needs beyond the styles of all reports. Constants of the program only. */
export const LEARNING_STYLE: Markup = trusted(`
.reward-line{fill:none;stroke:var(--baseline);stroke-width:1.2;stroke-linejoin:round;stroke-opacity:.75}.lone{stroke-width:2.2}
.unhit{pointer-events:none}.tiers{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:4px 24px}.tiers .scroll>svg{min-width:400px}
.card h3{font-size:.98rem;margin:18px 0 4px}.card>.scroll+.scroll{margin-top:14px}
.origin{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 20px;margin:6px 0 0}.origin dt{color:var(--muted)}.origin dd{margin:0;overflow-wrap:anywhere}
@media screen and (max-width:860px){.tiers{grid-template-columns:minmax(0,1fr)}}
@media screen and (max-width:560px){.origin{grid-template-columns:minmax(0,1fr)}.origin dd{margin-bottom:8px}}
`);
