/**
 * The rules of the house that neither the compiler nor the linter can state. Each takes a tree and returns one complaint
 * a fault, as `file:line what is wrong`; an empty list is a pass.
 *
 * Length of files and functions, `any`, non-null assertions and default exports belong to the linter; `guardsOfLint`
 * only sees to it that nobody switches those off.
 */
import { EMPTY_NAMES, FREE_PARTS, MAY_IMPORT, NODE_PARTS, PACKAGE_PLACES, partOf } from './house.ts';
import { declarationOf, exportedNames, importedNames } from './scan.ts';
import { joined, type Tree } from './tree.ts';

/** One rule: complaints about a tree. */
export type Rule = (tree: Tree) => readonly string[];

/** Every relative import names a file that exists. */
export const importsResolve: Rule = (tree) =>
  edges(tree)
    .filter(({ edge }) => edge.target.type === 'nothing')
    .map(({ path, edge }) => `${path}:${edge.line} imports ${edge.specifier}, which does not exist`);

/** No file imports itself on any way, type imports included: a cycle of types is a cycle for the reader. */
export const noCycles: Rule = (tree) => {
  const complaints: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, way: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      complaints.push(`${[...way.slice(way.indexOf(path)), path].join(' → ')} is a cycle`);
      return;
    }
    state.set(path, 'open');
    for (const next of filesBehind(tree, path)) visit(next, [...way, path]);
    state.set(path, 'done');
  };
  for (const path of tree.sources) visit(path, []);
  return complaints;
};

/** Every source file is reached from the package's entries, a bench or an example; tests alone do not keep it alive. */
export const noDeadFiles: Rule = (tree) => {
  const programs = tree.sources.filter((path) => path.startsWith('bench/') || path.startsWith('examples/'));
  const tests = tree.sources.filter((path) => path.startsWith('test/'));
  const used = reached(tree, [...tree.entries, ...programs]);
  const usedByTests = reached(tree, tests);
  return tree.sources
    .filter((path) => !path.startsWith('test/') && !used.has(path))
    .map((path) => `${path}: ${usedByTests.has(path) ? 'only tests reach it' : 'nothing reaches it'}`);
};

/** Imports between folders go in the allowed direction. */
export const directions: Rule = (tree) =>
  edges(tree).flatMap(({ path, edge }) => {
    if (edge.target.type !== 'file') return [];
    const from = partOf(path);
    const to = partOf(edge.target.path);
    if (from === null || to === null || from === to || MAY_IMPORT[from].includes(to)) return [];
    return [`${path}:${edge.line} ${from} must not import ${to}`];
  });

/** A package is declared and imported only in its place; `node:` modules only where Node may be named. */
export const dependencyPlaces: Rule = (tree) =>
  edges(tree).flatMap(({ path, edge }) => {
    const part = partOf(path);
    const where = `${path}:${edge.line}`;
    if (part === null) return [];
    if (edge.target.type === 'node') {
      return NODE_PARTS.includes(part) ? [] : [`${where} ${edge.specifier} has no place in ${part}`];
    }
    if (edge.target.type !== 'package') return [];
    const { name } = edge.target;
    if (!tree.packages.has(name)) return [`${where} ${name} is not declared in package.json`];
    if (FREE_PARTS.includes(part)) return [];
    const places = PACKAGE_PLACES.get(name) ?? [];
    if (places.some((place) => path.startsWith(place))) return [];
    return [`${where} ${name} may be imported only in ${places.join(', ') || 'bench/, test/'}`];
  });

/** Every name of an `index.ts` has a JSDoc comment where it is declared. */
export const documentedSurface: Rule = (tree) =>
  tree.sources
    .filter((path) => path.endsWith('/index.ts'))
    .flatMap((path) =>
      exportedNames(tree.tokensOf(path)).flatMap(({ name, line }) => {
        const fault = undocumented(tree, path, name);
        return fault === null ? [] : [`${path}:${line} ${name} ${fault}`];
      }),
    );

function undocumented(tree: Tree, start: string, exported: string): string | null {
  let path = start;
  let name = exported;
  for (let hops = 0; hops < 16; hops++) {
    const list = tree.tokensOf(path);
    const entry = exportedNames(list).find((candidate) => candidate.name === name);
    if (entry === undefined) return `is not exported by ${path}`;
    const imported = importedNames(list).get(entry.local);
    const from = entry.from ?? imported?.from ?? null;
    if (from === null) {
      const state = declarationOf(list, entry.local);
      if (state === 'documented') return null;
      return state === 'bare' ? `has no docstring in ${path}` : `is not declared in ${path}`;
    }
    name = entry.from === null ? (imported?.name ?? entry.local) : entry.local;
    path = joined(path, from);
    if (!tree.texts.has(path)) return `comes from ${from}, which is not a file of ours`;
  }
  return 'is re-exported in a circle';
}

/** Exports are listed one by one: no `export *`, no default export. */
export const namedExports: Rule = (tree) =>
  tree.sources.flatMap((path) =>
    tree.tokensOf(path).flatMap((token, index, list) => {
      const next = list[index + 1]?.text;
      const asDefault = token.text === 'as' && next === 'default' && list[index + 2]?.text !== 'from';
      const direct = token.text === 'export' && token.kind === 'word' && (next === '*' || next === 'default');
      return direct || asDefault ? [`${path}:${token.line} ${token.text} ${next}: export names one by one`] : [];
    }),
  );

/** Outside tests an error has a code: nothing throws a bare `Error`. */
export const namedErrors: Rule = (tree) =>
  tree.sources
    .filter((path) => !path.startsWith('test/'))
    .flatMap((path) =>
      tree.tokensOf(path).flatMap((token, index, list) => {
        const bare = ['throw', 'new', 'Error', '('].every((word, step) => list[index + step]?.text === word);
        return bare ? [`${path}:${token.line} throws a bare Error; use HaggleError or assert`] : [];
      }),
    );

/** File and folder names say what is inside. */
export const tellingNames: Rule = (tree) =>
  tree.sources
    .filter((path) => path.split('/').some((part) => EMPTY_NAMES.has(part.replace(/(\.test)?\.ts$/, ''))))
    .map((path) => `${path}: a name such as utils, common, helpers or types says nothing`);

/** No test is marked `only`, and each switched-off lint rule says why. */
export const nothingSwitchedOff: Rule = (tree) =>
  tree.sources.flatMap((path) => {
    const lines = (tree.texts.get(path) ?? '').split('\n');
    const silent = lines.flatMap((text, index) =>
      /(?:\/\/|\/\*)\s*(?:ox|es)lint-disable/.test(text) && !/ -- \S/.test(text)
        ? [`${path}:${index + 1} switches a lint rule off without saying why (-- reason)`]
        : [],
    );
    const lone = tree.tokensOf(path).flatMap((token, index, list) => {
      const marks = token.text === 'only' && list[index - 1]?.text === '.' && list[index + 1]?.text === '(';
      return marks && path.startsWith('test/') ? [`${path}:${token.line} runs only some tests`] : [];
    });
    return [...silent, ...lone];
  });

const SHARED_FOLDER = ['..', 'shared'].join('/');

/** The repository stands alone: only the check script knows of a folder beside it. */
export const standsAlone: Rule = (tree) =>
  [...tree.texts]
    .filter(([path, text]) => path !== '.ci/run' && text.includes(SHARED_FOLDER))
    .map(([path]) => `${path} mentions a folder outside the repository`);

/** The change log has a section for what is coming or for the version in package.json. */
export const currentChangelog: Rule = (tree) => {
  const version = /"version": "([^"]+)"/.exec(tree.texts.get('package.json') ?? '')?.[1] ?? '';
  const headings = (tree.texts.get('CHANGELOG.md') ?? '').split('\n').filter((line) => line.startsWith('## '));
  const current = headings.some((line) => /\bunreleased\b/i.test(line) || line.includes(`[${version}]`));
  return current ? [] : [`CHANGELOG.md has no section for ${version} and none that is unreleased`];
};

/** Relative links in README.md files and docs point to files or folders that exist. */
export const linksResolve: Rule = (tree) => {
  const folders = new Set([...tree.texts.keys()].flatMap((path) => foldersOf(path)));
  return [...tree.texts]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) =>
      linksOf(text)
        .map((link) => link.split('#')[0] ?? '')
        .filter((link) => link !== '' && !/^[a-z][a-z+.-]*:/i.test(link))
        .filter((link) => !tree.texts.has(joined(path, link)) && !folders.has(joined(path, link)))
        .map((link) => `${path} links to ${link}, which does not exist`),
    );
};

function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^(`{3,}|~{3,})[^]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const references = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...references].map((match) => match[1] ?? '');
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Lint rules that carry a promise of this house and must stay errors. */
const KEPT_LINT_RULES = [
  'max-lines',
  'max-lines-per-function',
  'max-params',
  'import/no-cycle',
  'import/no-default-export',
  'typescript/no-explicit-any',
  'typescript/no-floating-promises',
  'typescript/no-non-null-assertion',
  'typescript/switch-exhaustiveness-check',
];

/** The linter keeps its half of the rules. */
export const guardsOfLint: Rule = (tree) => {
  const config = tree.texts.get('.oxlintrc.json') ?? '';
  return KEPT_LINT_RULES.filter((rule) => !new RegExp(`"${rule}": (\\[\\s*)?"error"`).test(config)).map(
    (rule) => `.oxlintrc.json: ${rule} is not an error any more`,
  );
};

function edges(tree: Tree): readonly { path: string; edge: ReturnType<Tree['edgesOf']>[number] }[] {
  return tree.sources.flatMap((path) => tree.edgesOf(path).map((edge) => ({ path, edge })));
}

function filesBehind(tree: Tree, path: string): readonly string[] {
  return tree.edgesOf(path).flatMap((edge) => (edge.target.type === 'file' ? [edge.target.path] : []));
}

function reached(tree: Tree, roots: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    open.push(...filesBehind(tree, path));
  }
  return seen;
}
