/** How the table of the scale bench is written, and what grows how. */
import type { SigningMode } from '../agent-core/message/seal.ts';

/** One run. The city is online, with requests over four hours; Manhattan's requests are all known before the day begins. */
export interface Case {
  readonly map: 'city' | 'manhattan';
  readonly vehicles: number;
  readonly requests: number;
  readonly trade: boolean;
  readonly sign: SigningMode;
}

/** What a run showed. */
export interface Row extends Case {
  readonly name: string;
  readonly served: number;
  /** All constraints of the instance hold. */
  readonly feasible: boolean;
  readonly km: number;
  /** Sessions that changed something, and rounds of all sessions. */
  readonly deals: number;
  readonly rounds: number;
  readonly messages: number;
  readonly bytes: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** Trips of which the vehicle that was told of most was told. */
  readonly seenMost: number;
  readonly seenMean: number;
  readonly fingerprint: string;
}

/** The power of the size by which values grow: the slope of the least-squares line through the logarithms. */
function exponentOf(points: readonly { readonly size: number; readonly value: number }[]): number {
  const xs = points.map(({ size }) => Math.log(size));
  const ys = points.map(({ value }) => Math.log(value));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  let [over, under] = [0, 0];
  for (const [k, x] of xs.entries()) {
    over += (x - x0) * ((ys[k] ?? 0) - y0);
    under += (x - x0) ** 2;
  }
  return over / under;
}

/** Columns by name. */
const COLUMNS: readonly (readonly [name: string, of: (row: Row, rows: readonly Row[]) => string])[] = [
  ['row', ({ name }) => name],
  ['vehicles', ({ vehicles }) => `${vehicles}`],
  ['requests', ({ requests }) => `${requests}`],
  ['served', ({ served }) => `${served}`],
  ['feasible', ({ feasible }) => (feasible ? 'yes' : 'no')],
  ['km', ({ km }) => km.toFixed(1)],
  ['saved by trade', gain],
  ['deals', ({ deals }) => `${deals}`],
  ['rounds', ({ rounds }) => `${rounds}`],
  ['messages', ({ messages }) => `${messages}`],
  ['messages/request', ({ messages, requests }) => (messages / requests).toFixed(1)],
  ['kB/request', ({ bytes, requests }) => (bytes / requests / 1_000).toFixed(1)],
  ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
  ['peak MB', ({ peakMegabytes }) => peakMegabytes.toFixed(0)],
  ['trips seen: most', ({ seenMost }) => `${seenMost}`],
  ['mean', ({ seenMean }) => seenMean.toFixed(1)],
  ['fingerprint', ({ fingerprint }) => fingerprint.slice(0, 12)],
];

/** Rows in Markdown. `saved by trade`: how much shorter the way is than that of the same case without trade, per rider served. */
export function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map((row) => line(COLUMNS.map(([, of]) => of(row, rows))));
  return [line(COLUMNS.map(([name]) => name)), line(COLUMNS.map(() => '---')), ...body, ''].join('\n');
}

function gain(row: Row, rows: readonly Row[]): string {
  const plain = rows.find(({ map, vehicles, trade }) => map === row.map && vehicles === row.vehicles && !trade);
  if (!row.trade || plain === undefined) return '';
  return `${(100 * (1 - row.km / row.served / (plain.km / plain.served))).toFixed(1)} %`;
}

/** How messages and CPU time grow with the requests in the city: over all sizes, and over those fleets that use boards. */
export function growth(rows: readonly Row[]): string {
  const lines: string[] = [];
  for (const trade of [false, true]) {
    for (const sign of ['off', 'batch'] as const) {
      const all = rows.filter((row) => row.map === 'city' && row.trade === trade && row.sign === sign);
      const what = `City ${trade ? 'with' : 'without'} trade, signing \`${sign}\``;
      for (const least of [0, BOARDS_FROM])
        lines.push(
          ...fitted(
            what,
            all.filter(({ vehicles }) => vehicles >= least),
          ),
        );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Fleets of the bench from this size on use boards, and hold one session for each new contract. */
const BOARDS_FROM = 100;

function fitted(what: string, rows: readonly Row[]): readonly string[] {
  if (rows.length < 2) return [];
  const fit = (of: (row: Row) => number): string =>
    exponentOf(rows.map((row) => ({ size: row.requests, value: of(row) }))).toFixed(2);
  const sizes = rows.map(({ requests }) => requests).join(', ');
  const messages = fit((row) => row.messages);
  return [
    `- ${what}, ${sizes} requests: messages grow with requests^${messages}, CPU time with requests^${fit((row) => row.cpuSeconds)}.`,
  ];
}
