import { HaggleError } from '../../agent-core/errors.ts';

/** A text and what to call it in messages. */
export interface Source {
  readonly text: string;
  readonly file: string;
}

/** A piece of a MATPOWER file. `offset` counts characters from 0. `value` is meaningful for numbers only. */
export interface Token {
  readonly type: 'word' | 'number' | 'string' | 'symbol' | 'newline' | 'end';
  readonly text: string;
  readonly value: number;
  readonly offset: number;
}

const BLANK = /[ \t\r\v\f\u00a0\ufeff]+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_.]*/y;
const NUMBER = /[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|(?:Inf|inf|NaN|nan)(?![A-Za-z0-9_]))/y;
const NUMBER_END = /[\s,;\]})%'=:*/^+\-<>&|~\ufeff]|\.\.\.|$/y;
const PRINTABLE = /[\x20-\x7e]/;
const TRANSPOSABLE = /[A-Za-z0-9_\])}.']/;

/**
 * A HaggleError `bad-matpower` that says `file:line:column: problem`. Lines and columns count from 1.
 * The position is worked out here, from the offset, so that reading a good file does not pay for it.
 */
export function badMatpower(source: Source, offset: number, problem: string): HaggleError {
  let line = 1;
  let lineStart = 0;
  for (let at = source.text.indexOf('\n'); at !== -1 && at < offset; at = source.text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  const column = offset - lineStart + 1;
  const message = `${source.file}:${line}:${column}: ${problem}`;
  return new HaggleError('bad-matpower', message, { fields: { file: source.file, line, column } });
}

/** Reads tokens one by one; comments and continued line ends are skipped. */
export interface Lexer {
  /** The next token, without taking it. */
  peek(): Token;
  /** Takes the next token. After the last one, `end` for ever. */
  take(): Token;
}

/** A lexer over `source`. Its methods throw `bad-matpower` at the first character that fits nowhere. */
export function lexer(source: Source): Lexer {
  let offset = 0;
  let ahead: Token | undefined;
  const read = (): Token => {
    offset = skipBlank(source, offset);
    const token = tokenAt(source, offset);
    offset += token.text.length;
    return token;
  };
  return {
    peek: () => (ahead ??= read()),
    take: () => {
      const token = ahead ?? read();
      ahead = undefined;
      return token;
    },
  };
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

function skipBlank(source: Source, start: number): number {
  const { text } = source;
  let offset = start;
  for (;;) {
    offset += matchAt(BLANK, text, offset)?.length ?? 0;
    if (text.startsWith('...', offset)) {
      // A continued line: the rest of it is a comment, and its end does not count.
      offset = Math.min(lineEnd(text, offset) + 1, text.length);
    } else if (text[offset] === '%') {
      offset = startsBlock(text, offset) ? blockEnd(source, offset) : lineEnd(text, offset);
    } else {
      return offset;
    }
  }
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

/** `%{` opens a block comment only when it stands alone on its line. */
function startsBlock(text: string, offset: number): boolean {
  if (text[offset + 1] !== '{') return false;
  const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
  return before.trim() === '' && text.slice(offset + 2, lineEnd(text, offset)).trim() === '';
}

function blockEnd(source: Source, start: number): number {
  const { text } = source;
  let depth = 1;
  for (let offset = lineEnd(text, start) + 1; offset < text.length; offset = lineEnd(text, offset) + 1) {
    const line = text.slice(offset, lineEnd(text, offset)).trim();
    if (line === '%{') depth += 1;
    if (line === '%}') depth -= 1;
    if (depth === 0) return lineEnd(text, offset);
  }
  throw badMatpower(source, start, 'block comment is not closed by a line "%}"');
}

function tokenAt(source: Source, offset: number): Token {
  const { text } = source;
  if (offset >= text.length) return { type: 'end', text: '', value: 0, offset };
  const character = text.charAt(offset);
  if (character === '\n') return { type: 'newline', text: '\n', value: 0, offset };
  const number = matchAt(NUMBER, text, offset);
  if (number !== undefined) return numberToken(source, offset, number);
  const word = matchAt(WORD, text, offset);
  if (word !== undefined) return { type: 'word', text: word, value: 0, offset };
  if (character === '"' || (character === "'" && !TRANSPOSABLE.test(text.charAt(offset - 1)))) {
    return stringToken(source, offset, character);
  }
  if (!PRINTABLE.test(character)) {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw badMatpower(source, offset, `unexpected character U+${code}`);
  }
  return { type: 'symbol', text: character, value: 0, offset };
}

function numberToken(source: Source, offset: number, text: string): Token {
  const end = offset + text.length;
  if (matchAt(NUMBER_END, source.text, end) === undefined) {
    const written = matchAt(/[^\s,;\]})%]*/y, source.text, offset)?.slice(0, 40) ?? text;
    throw badMatpower(source, offset, `"${printable(written)}" is not a number`);
  }
  return { type: 'number', text, value: numberOf(text), offset };
}

function numberOf(text: string): number {
  if (/inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  // MATLAB also writes the exponent as D; NaN falls through to Number's own NaN.
  // Adding 0 turns -0, which real files contain, into 0.
  return Number(text.replace(/d/i, 'e')) + 0;
}

function stringToken(source: Source, offset: number, quote: string): Token {
  const { text } = source;
  // Character by character: looking for the end of the line first would make many strings on one long line quadratic.
  for (let end = offset + 1; end < text.length && text[end] !== '\n'; end += 1) {
    if (text[end] !== quote) continue;
    if (text[end + 1] !== quote) return { type: 'string', text: text.slice(offset, end + 1), value: 0, offset };
    end += 1;
  }
  throw badMatpower(source, offset, 'string is not closed on its line');
}

/** A token as a message shows it. */
export function describeToken(token: Token): string {
  if (token.type === 'end') return 'the end of the text';
  if (token.type === 'newline') return 'the end of the line';
  const text = printable(token.text.slice(0, 40));
  return token.type === 'string' ? `the string ${text}` : `"${text}"`;
}

/** `text` with everything but printable ASCII replaced, safe for a message. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
