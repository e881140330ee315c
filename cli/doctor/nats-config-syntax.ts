import { HaggleError } from '../../agent-core/errors.ts';

/** A value of a nats-server configuration; what is written without quotes is text as well. */
export type ConfigValue = string | readonly ConfigValue[] | ConfigBlock;

/** A block of a nats-server configuration: keys in lower case. */
export type ConfigBlock = ReadonlyMap<string, ConfigValue>;

/** True for a block. */
export function isBlock(value: ConfigValue): value is ConfigBlock {
  return value instanceof Map;
}

/** A configuration nests two or three deep; more is an attack on whoever reads it. */
const DEPTH = 32;

/** Gives the text of an included file, by its name as it is written. */
export type Include = (name: string) => string;

/**
 * Reads as much of the syntax of nats-server configurations as is needed to look for unsafe settings: blocks, lists,
 * `key: value`, `key = value`, `key value`, comments with `#` and `//`, quotes, included files. Variables stay as they are
 * written.
 *
 * @throws HaggleError `bad-config` naming the line
 */
export function parseNatsConfig(text: string, include: Include): ConfigBlock {
  return new Reader(text, include).block(null, 0);
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

const TOKEN =
  /(\n)|[^\S\n]+|(?:#|\/\/)[^\n]*|"((?:[^"\\]|\\[^])*)"|'([^']*)'|([{}[\],;:=])|((?:[^\s{}[\],;:="'#]|:(?=\S))+)/gy;

class Reader {
  readonly #tokens: readonly Token[];
  readonly #include: Include;
  #at = 0;

  constructor(text: string, include: Include) {
    this.#tokens = tokensOf(text);
    this.#include = include;
  }

  /** Members until `end`, which is null for the whole file. */
  block(end: '}' | null, depth: number): ConfigBlock {
    if (depth > DEPTH) throw this.#fault('it is nested too deeply');
    const members = new Map<string, ConfigValue>();
    for (;;) {
      const token = this.#next();
      if (token === null) {
        if (end === null) return members;
        throw this.#fault(`"${end}" is missing at the end`);
      }
      if (isMark(token, end)) return members;
      if (isMark(token, ',') || isMark(token, ';')) continue;
      if (isMark(token)) throw this.#fault(`"${token.text}" where a name should be`, token);
      this.#skip(':', '=');
      const name = token.text.toLowerCase();
      const value = this.#value(depth);
      if (name !== 'include' || typeof value !== 'string') members.set(name, value);
      else for (const member of this.#included(value, depth)) members.set(...member);
    }
  }

  #included(name: string, depth: number): ConfigBlock {
    return new Reader(this.#include(name), this.#include).block(null, depth + 1);
  }

  #value(depth: number): ConfigValue {
    const token = this.#next();
    if (token === null) throw this.#fault('the last name has no value');
    if (isMark(token, '{')) return this.block('}', depth + 1);
    if (isMark(token, '[')) return this.#list(depth + 1);
    if (isMark(token)) throw this.#fault(`"${token.text}" where a value should be`, token);
    return token.text;
  }

  #list(depth: number): readonly ConfigValue[] {
    if (depth > DEPTH) throw this.#fault('it is nested too deeply');
    const items: ConfigValue[] = [];
    for (;;) {
      this.#skip(',', ';');
      const token = this.#tokens[this.#at];
      if (token === undefined) throw this.#fault('"]" is missing at the end');
      if (isMark(token, ']')) {
        this.#at += 1;
        return items;
      }
      items.push(this.#value(depth));
    }
  }

  #next(): Token | null {
    const token = this.#tokens[this.#at] ?? null;
    this.#at += 1;
    return token;
  }

  #skip(...marks: readonly string[]): void {
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || !marks.some((mark) => isMark(token, mark))) return;
      this.#at += 1;
    }
  }

  #fault(what: string, token: Token | null = this.#tokens.at(-1) ?? null): HaggleError {
    return syntaxFault(what, token?.line ?? 1);
  }
}

const MARKS = '{}[],;:=';

/** True for a mark: any, or the one that is meant. */
function isMark({ text, quoted }: Token, mark?: string | null): boolean {
  if (quoted || text.length !== 1 || !MARKS.includes(text)) return false;
  return mark === undefined || text === mark;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw syntaxFault(`${JSON.stringify(text.slice(at, at + 10))} cannot be read`, line);
    const [all, newline, double, single, mark, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ text: quoted, quoted: true, line });
    else if (mark !== undefined || word !== undefined) tokens.push({ text: all, quoted: false, line });
    line += newline === undefined ? all.split('\n').length - 1 : 1;
    at += all.length;
  }
  return tokens;
}

function syntaxFault(what: string, line: number): HaggleError {
  return new HaggleError('bad-config', `the broker's configuration cannot be read: line ${line}: ${what}`, {
    fields: { line },
  });
}
