import { BROKER_ROLES, SUBJECT_CLASSES } from '../agent-core/bus/permissions.ts';

const HOLDER = { realm: 'REALM', nkey: 'ME' };

/** The table of permissions as docs/keys.md shows it: one row a class, the subjects of one realm and one key. */
export function permissionTable(): string {
  const rows = SUBJECT_CLASSES.map(({ name, purpose, roles, publish, subscribe }) => [
    name,
    purpose,
    cell(publish?.(HOLDER) ?? []),
    cell(subscribe?.(HOLDER) ?? []),
    ...BROKER_ROLES.map((role) => (roles.includes(role) ? 'yes' : '')),
  ]);
  return aligned([['Class', 'For', 'Publish', 'Subscribe', ...BROKER_ROLES], ...rows]);
}

function cell(patterns: readonly string[]): string {
  return patterns.map((pattern) => `\`${pattern}\``).join(' ');
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = ' '): string =>
    `|${cells.map((text, column) => `${fill}${text.padEnd(widths[column] ?? 0, fill)}${fill}`).join('|')}|`;
  const [head = [], ...body] = rows.map((row) => [...row]);
  const rule = `|${widths.map((width) => ` ${'-'.repeat(width)} `).join('|')}|`;
  return [line(head), rule, ...body.map((row) => line(row))].join('\n');
}
