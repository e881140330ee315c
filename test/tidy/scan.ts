/**
 * A small scanner for TypeScript: enough to see imports, exports, declarations and their doc comments without a compiler.
 *
 * It splits a file into tokens, so that a word inside a string, a comment, a template or a regular expression is never
 * taken for code. It does not parse expressions.
 */

/** One token; `doc` is true where a JSDoc comment stands directly before it, `depth` counts the open braces around it. */
export interface Token {
  readonly kind: 'word' | 'punct' | 'string' | 'template' | 'regex';
  readonly text: string;
  readonly line: number;
  readonly depth: number;
  readonly doc: boolean;
}

/** A reference to another module: import, re-export, dynamic import, or `new URL('./x.ts', import.meta.url)`. */
export interface ModuleReference {
  readonly specifier: string;
  readonly line: number;
}

/** A name that a file exports. `from` is the module it is taken from, null where the file itself declares it. */
export interface ExportedName {
  readonly name: string;
  readonly local: string;
  readonly from: string | null;
  readonly line: number;
}

/** What a file imports by name: local name → where it comes from. */
export interface ImportedName {
  readonly name: string;
  readonly from: string;
}

/** After these words a slash starts a regular expression, not a division. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'void',
  'delete',
  'throw',
  'else',
  'do',
  'await',
]);
const DECLARING = new Set(['const', 'let', 'function', 'class', 'interface', 'type', 'enum']);
const MODIFIERS = new Set(['export', 'async', 'abstract', 'declare']);

const SPACE = /\s+/y;
const LINE_COMMENT = /\/\/[^\n]*/y;
const BLOCK_COMMENT = /\/\*[^]*?\*\//y;
const STRING = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
const TEMPLATE_CHUNK = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const WORD = /[\p{L}\p{N}_$#]+/uy;

/** The tokens of a source text, in order. */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  const templateDepths: number[] = [];
  let at = 0;
  let line = 1;
  let depth = 0;
  let doc = false;

  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  const advance = (text: string): void => {
    at += text.length;
    line += text.split('\n').length - 1;
  };
  const add = (kind: Token['kind'], text: string): void => {
    found.push({ kind, text, line, depth, doc });
    doc = false;
    advance(text);
  };
  const addTemplate = (open: string): void => {
    advance(open);
    const chunk = take(TEMPLATE_CHUNK) ?? source.slice(at);
    if (chunk.endsWith('${')) templateDepths.push(depth);
    add('template', chunk);
  };

  while (at < source.length) {
    const comment = take(BLOCK_COMMENT) ?? take(LINE_COMMENT);
    const skipped = take(SPACE) ?? comment;
    if (skipped !== null) {
      if (comment?.startsWith('/**')) doc = true;
      advance(skipped);
      continue;
    }
    const char = source.charAt(at);
    const string = take(STRING);
    const regex = regexMayStart(found.at(-1)) ? take(REGEX) : null;
    const word = take(WORD);
    if (string !== null) add('string', string);
    else if (regex !== null) add('regex', regex);
    else if (word !== null) add('word', word);
    else if (char === '`') addTemplate(char);
    else if (char === '}' && templateDepths.at(-1) === depth) {
      templateDepths.pop();
      addTemplate(char);
    } else {
      if (char === '}') depth -= 1;
      add('punct', char);
      if (char === '{') depth += 1;
    }
  }
  return found;
}

function regexMayStart(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === 'punct') return !')]}'.includes(previous.text);
  return previous.kind === 'word' && BEFORE_REGEX.has(previous.text);
}

/** Every module that a file refers to, in any form that a literal specifier allows. */
export function moduleReferences(list: readonly Token[]): readonly ModuleReference[] {
  return list.flatMap((token, index) => {
    if (token.kind !== 'string') return [];
    const before = list[index - 1];
    const opener = list[index - 2];
    const called = before?.text === '(' && (opener?.text === 'import' || opener?.text === 'URL');
    const isUrl = opener?.text === 'URL';
    const named = before?.kind === 'word' && (before.text === 'from' || before.text === 'import');
    if (!called && !named) return [];
    const specifier = token.text.slice(1, -1);
    if (isUrl && !/^\.{1,2}\/.*\.[jt]s$/.test(specifier)) return [];
    return [{ specifier, line: token.line }];
  });
}

/** Names that a file exports: declarations and lists (`export { a as b } from './x.ts'`); `export *` and default are not names. */
export function exportedNames(list: readonly Token[]): readonly ExportedName[] {
  return list.flatMap((token, index): readonly ExportedName[] => {
    if (token.text !== 'export' || token.kind !== 'word' || token.depth !== 0) return [];
    const start = list[index + 1]?.text === 'type' && list[index + 2]?.text === '{' ? index + 2 : index + 1;
    if (list[start]?.text === '{') return listedNames(list, start);
    const name = declaredName(list, index);
    return name === null ? [] : [{ name, local: name, from: null, line: token.line }];
  });
}

/** Names that a file imports in braces, by their local name. */
export function importedNames(list: readonly Token[]): ReadonlyMap<string, ImportedName> {
  const names = new Map<string, ImportedName>();
  for (const [index, token] of list.entries()) {
    if (token.text !== 'import' || token.kind !== 'word') continue;
    const start = list[index + 1]?.text === 'type' ? index + 2 : index + 1;
    if (list[start]?.text !== '{') continue;
    for (const { name, local, from } of listedNames(list, start)) {
      if (from !== null) names.set(name, { name: local, from });
    }
  }
  return names;
}

/** Whether a file declares a name at its top level, and whether a JSDoc comment stands before one of its declarations. */
export function declarationOf(list: readonly Token[], name: string): 'documented' | 'bare' | 'missing' {
  let state: 'bare' | 'missing' = 'missing';
  for (const [index, token] of list.entries()) {
    const startsStatement = token.depth === 0 && !MODIFIERS.has(list[index - 1]?.text ?? '');
    if (!startsStatement || declaredName(list, index) !== name) continue;
    if (token.doc) return 'documented';
    state = 'bare';
  }
  return state;
}

/** `a, type b as c }` after an opening brace, and the module named behind `from`. For an import, `name` is the local name. */
function listedNames(list: readonly Token[], brace: number): readonly ExportedName[] {
  const end = list.findIndex((token, index) => index > brace && token.text === '}');
  if (end < 0) return [];
  const source = list[end + 1]?.text === 'from' ? list[end + 2] : undefined;
  const from = source?.kind === 'string' ? source.text.slice(1, -1) : null;
  const names: ExportedName[] = [];
  let entry: Token[] = [];
  for (const token of list.slice(brace + 1, end + 1)) {
    if (token.text !== ',' && token.text !== '}') {
      entry.push(token);
      continue;
    }
    const words = entry.length > 1 && entry[0]?.text === 'type' && entry[1]?.text !== 'as' ? entry.slice(1) : entry;
    const local = words[0];
    const name = words.at(-1);
    if (local && name) names.push({ name: name.text, local: local.text, from, line: name.line });
    entry = [];
  }
  return names;
}

function declaredName(list: readonly Token[], index: number): string | null {
  let at = index;
  while (MODIFIERS.has(list[at]?.text ?? '')) at += 1;
  const keyword = list[at];
  if (keyword?.kind !== 'word' || !DECLARING.has(keyword.text)) return null;
  const next = list[at + 1];
  const name = next?.text === '*' || next?.text === 'enum' ? list[at + 2] : next;
  return name?.kind === 'word' ? name.text : null;
}
