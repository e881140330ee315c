/** Backticked names in the tables of a Markdown page that look like identifiers, without the arguments they are shown with. */
export function tableNames(markdown: string): readonly string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  const spans = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
  return [...new Set(spans.flatMap((span) => /^[A-Za-z_$][\w$]*(?=$|[(.])/.exec(span) ?? []))];
}

/** The sections of a page by heading of the second level, with all that is below it. */
export function sectionsOf(markdown: string): ReadonlyMap<string, string> {
  const parts = markdown.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')).trim(), part]));
}
