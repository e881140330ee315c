import type { CaseTables, Matrix, MatrixName, MatrixRow } from './case-tables.ts';
import type { Grid } from './grid.ts';
import { badMatpower, describeToken, lexer, type Lexer, type Source, type Token } from './matpower-lexer.ts';
import { gridFromTables } from './matpower-tables.ts';

/** Longest text that is read. PGLib's 200-bus case has 90,000 characters, so some 18,000 buses fit. */
export const MATPOWER_CHARS_MAX = 8_388_608;

/** Most rows of a matrix that are read: a bound on memory, far above what fits into {@link MATPOWER_CHARS_MAX} with real rows. */
export const MATPOWER_ROWS_MAX = 150_000;

/** Deepest nesting of brackets in a field that is skipped. */
const BRACKET_DEPTH_MAX = 16;

const MATRIX_NAMES: ReadonlySet<string> = new Set(['bus', 'gen', 'branch', 'gencost', 'dcline', 'bus_position']);

interface Draft {
  name: string;
  variable: string;
  baseMva: { readonly value: number; readonly offset: number } | undefined;
  readonly matrices: Map<MatrixName, Matrix>;
}

/**
 * The grid in a MATPOWER case file, format version 2, as published by PGLib-OPF. `file` names the text in messages.
 *
 * Values must be written out: an expression or an indexed assignment is refused, not skipped, because it could change what was
 * read. Fields beyond bus, gen, branch and gencost are skipped, except that an active DC line is refused. `bus_position`
 * (one row `x y` a bus) is ours, for drawing.
 *
 * @throws HaggleError `bad-matpower`, message `file:line:column: problem`, fields `file`, `line`, `column`.
 */
export function parseMatpower(text: string, options: { readonly file?: string } = {}): Grid {
  const source: Source = { text, file: options.file ?? 'case.m' };
  if (text.length > MATPOWER_CHARS_MAX) {
    throw badMatpower(source, 0, `text has ${text.length} characters, at most ${MATPOWER_CHARS_MAX} are read`);
  }
  return gridFromTables(source, readTables(source));
}

function readTables(source: Source): CaseTables {
  const tokens = lexer(source);
  const draft: Draft = { name: 'unnamed', variable: 'mpc', baseMva: undefined, matrices: new Map() };
  for (let token = tokens.take(); token.type !== 'end'; token = tokens.take()) {
    if (token.type === 'newline' || token.text === ';' || token.text === ',') continue;
    if (token.type !== 'word')
      throw badMatpower(source, token.offset, `expected a statement, found ${describeToken(token)}`);
    if (token.text === 'function') readHeader(source, tokens, draft);
    else if (token.text !== 'end' && token.text !== 'endfunction' && token.text !== 'return') {
      readAssignment({ source, tokens, draft }, token);
    }
  }
  return draft;
}

function readHeader(source: Source, tokens: Lexer, draft: Draft): void {
  const first = tokens.take();
  if (first.text === '[') {
    throw badMatpower(source, first.offset, 'format version 1 (several results) is not read, only version 2');
  }
  expectType(source, first, 'word');
  if (tokens.peek().text === '=') {
    tokens.take();
    draft.variable = first.text;
    draft.name = expectType(source, tokens.take(), 'word').text;
  } else {
    draft.name = first.text;
  }
  if (tokens.peek().text === '(') skipValue(source, tokens);
  endStatement(source, tokens);
}

interface Reading {
  readonly source: Source;
  readonly tokens: Lexer;
  readonly draft: Draft;
}

function readAssignment({ source, tokens, draft }: Reading, target: Token): void {
  const equals = tokens.take();
  if (equals.text !== '=') {
    throw badMatpower(
      source,
      target.offset,
      `only "name = value" is read, found "${target.text}" ${describeToken(equals)}`,
    );
  }
  const field = target.text.startsWith(`${draft.variable}.`) ? target.text.slice(draft.variable.length + 1) : '';
  if (field === 'version') readVersion(source, tokens);
  else if (field === 'baseMVA') {
    if (draft.baseMva !== undefined) throw badMatpower(source, target.offset, `${target.text} is assigned twice`);
    const token = expectType(source, tokens.take(), 'number');
    draft.baseMva = { value: token.value, offset: token.offset };
  } else if (isMatrixName(field)) {
    if (draft.matrices.has(field)) throw badMatpower(source, target.offset, `${target.text} is assigned twice`);
    draft.matrices.set(field, readMatrix({ source, tokens, draft }, field));
  } else skipValue(source, tokens);
  endStatement(source, tokens);
}

function isMatrixName(field: string): field is MatrixName {
  return MATRIX_NAMES.has(field);
}

function readVersion(source: Source, tokens: Lexer): void {
  const token = tokens.take();
  if (!/^(?:2|'2'|"2")$/.test(token.text)) {
    throw badMatpower(source, token.offset, `format version must be '2', found ${describeToken(token)}`);
  }
}

function readMatrix({ source, tokens }: Reading, name: MatrixName): Matrix {
  const open = tokens.take();
  if (open.text !== '[')
    throw badMatpower(source, open.offset, `${name} must be a matrix "[ … ]", found ${describeToken(open)}`);
  const rows: MatrixRow[] = [];
  for (;;) {
    const { row, last } = readRow(source, tokens, name);
    const width = rows[0]?.values.length ?? row.values.length;
    if (row.values.length > 0) {
      if (row.values.length !== width) {
        const problem = `${name} row ${rows.length + 1} has ${row.values.length} columns, the first row has ${width}`;
        throw badMatpower(source, row.offsets[0] ?? open.offset, problem);
      }
      if (rows.length === MATPOWER_ROWS_MAX) {
        throw badMatpower(source, row.offsets[0] ?? open.offset, `${name} has more than ${MATPOWER_ROWS_MAX} rows`);
      }
      rows.push(row);
    }
    if (last) return { offset: open.offset, rows };
  }
}

function readRow(source: Source, tokens: Lexer, name: MatrixName): { readonly row: MatrixRow; readonly last: boolean } {
  const values: number[] = [];
  const offsets: number[] = [];
  let touching = -1;
  for (;;) {
    const token = tokens.take();
    if (token.type === 'number') {
      if (Number.isNaN(token.value)) throw badMatpower(source, token.offset, `${name} must not contain NaN`);
      // In MATLAB "1-2" is one value, -1, while "1 -2" is two.
      if (token.offset === touching) throw badMatpower(source, token.offset, `${name} must not contain expressions`);
      touching = token.offset + token.text.length;
      values.push(token.value);
      offsets.push(token.offset);
    } else if (token.text === ';' || token.type === 'newline' || token.text === ']') {
      return { row: { values, offsets }, last: token.text === ']' };
    } else if (token.type === 'end') {
      throw badMatpower(source, token.offset, `text ends inside ${name}, "]" is missing`);
    } else if (token.text !== ',') {
      throw badMatpower(source, token.offset, `${name} must contain numbers only, found ${describeToken(token)}`);
    }
  }
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
]);

/** Takes tokens up to the end of the statement, which is left for {@link endStatement}. */
function skipValue(source: Source, tokens: Lexer): void {
  const open: { readonly closer: string; readonly offset: number }[] = [];
  for (;;) {
    const token = tokens.peek();
    const innermost = open.at(-1);
    if (token.type === 'end') {
      if (innermost === undefined) return;
      throw badMatpower(source, innermost.offset, `bracket is not closed, "${innermost.closer}" is missing`);
    }
    if (innermost === undefined && (token.type === 'newline' || token.text === ';')) return;
    tokens.take();
    if (token.type !== 'symbol') continue;
    const closer = CLOSERS.get(token.text);
    if (closer !== undefined) open.push({ closer, offset: token.offset });
    else if (innermost?.closer === token.text) open.pop();
    else if (/[\])}]/.test(token.text)) throw badMatpower(source, token.offset, `"${token.text}" closes nothing`);
    if (open.length > BRACKET_DEPTH_MAX) {
      throw badMatpower(source, token.offset, `brackets are nested deeper than ${BRACKET_DEPTH_MAX}`);
    }
  }
}

function endStatement(source: Source, tokens: Lexer): void {
  const token = tokens.take();
  if (token.text === ';' || token.text === ',' || token.type === 'newline' || token.type === 'end') return;
  throw badMatpower(source, token.offset, `expected the end of the statement, found ${describeToken(token)}`);
}

function expectType(source: Source, token: Token, type: Token['type']): Token {
  if (token.type !== type) throw badMatpower(source, token.offset, `expected a ${type}, found ${describeToken(token)}`);
  return token;
}
