/** The repository as text in memory, so that the rules are pure and a fault can be planted without touching a disk. */
import { moduleReferences, tokens, type ModuleReference, type Token } from './scan.ts';

/** A module reference with what it points to: a file of the tree, a package, a `node:` module, or nothing that exists. */
export interface Edge extends ModuleReference {
  readonly target:
    | { readonly type: 'file'; readonly path: string }
    | { readonly type: 'package'; readonly name: string }
    | { readonly type: 'node' }
    | { readonly type: 'nothing' };
}

/** The files under check, their tokens and the imports between them. */
export interface Tree {
  readonly texts: ReadonlyMap<string, string>;
  /** Paths of all TypeScript files, sorted. */
  readonly sources: readonly string[];
  readonly tokensOf: (path: string) => readonly Token[];
  readonly edgesOf: (path: string) => readonly Edge[];
  /** Source files that the package offers to others: its exports and its programs. */
  readonly entries: readonly string[];
  /** Names of all declared packages. */
  readonly packages: ReadonlySet<string>;
}

/** Builds a tree from texts by path (forward slashes, relative to the root); reads `package.json` for entries and packages. */
export function treeOf(texts: ReadonlyMap<string, string>): Tree {
  const manifest = asRecord(JSON.parse(texts.get('package.json') ?? '{}'));
  const offered = offeredFiles(manifest);
  const sources = [...texts.keys()].filter((path) => path.endsWith('.ts')).toSorted();
  const tokenLists = new Map(sources.map((path) => [path, tokens(texts.get(path) ?? '')]));
  const tokensOf = (path: string): readonly Token[] => tokenLists.get(path) ?? [];
  const edgeLists = new Map(
    sources.map((path) => [
      path,
      moduleReferences(tokensOf(path)).map((reference) => ({
        ...reference,
        target: targetOf(reference.specifier, path, { texts, offered }),
      })),
    ]),
  );
  const packages = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((field) =>
    Object.keys(asRecord(manifest[field])),
  );
  return {
    texts,
    sources,
    tokensOf,
    edgesOf: (path) => edgeLists.get(path) ?? [],
    entries: [...new Set(offered.values())].filter((path) => texts.has(path)),
    packages: new Set(packages),
  };
}

interface Surroundings {
  readonly texts: ReadonlyMap<string, string>;
  readonly offered: ReadonlyMap<string, string>;
}

function targetOf(specifier: string, from: string, { texts, offered }: Surroundings): Edge['target'] {
  if (specifier.startsWith('node:')) return { type: 'node' };
  const own = offered.get(specifier);
  if (own !== undefined) return { type: 'file', path: own };
  if (!specifier.startsWith('.')) {
    const parts = specifier.split('/');
    return { type: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
  }
  const path = joined(from, specifier);
  const source = path.replace(/\.js$/, '.ts');
  if (texts.has(path)) return { type: 'file', path };
  return texts.has(source) ? { type: 'file', path: source } : { type: 'nothing' };
}

/** A path relative to the folder of a file, as a path relative to the root. */
export function joined(from: string, relative: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Import name → source file, from `exports` and `bin` (programs under a name nobody imports). */
function offeredFiles(manifest: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const name = typeof manifest['name'] === 'string' ? manifest['name'] : '';
  const files = new Map<string, string>();
  for (const [key, value] of Object.entries(asRecord(manifest['exports']))) {
    const file = asRecord(value)['default'];
    if (typeof file === 'string') files.set(name + key.slice(1), sourceOf(file));
  }
  for (const [key, file] of Object.entries(asRecord(manifest['bin']))) {
    if (typeof file === 'string') files.set(`bin:${key}`, sourceOf(file));
  }
  return files;
}

function sourceOf(compiled: string): string {
  return compiled.replace(/^\.?\/?dist\//, '').replace(/\.js$/, '.ts');
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
