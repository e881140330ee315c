import { HaggleError } from '../../agent-core/errors.ts';
import { stateDiagram } from '../../agent-core/protocol/diagram.ts';
import { messageReference, protocolMarkdown, protocolSchema, textTable } from '../../agent-core/protocol/reference.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { CATALOGUE, catalogueEntry, type CatalogueEntry } from '../protocol-catalogue.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** Flag as commander names it → what it prints of one protocol. */
const FORMS = {
  markdown: ({ protocol, ...words }: CatalogueEntry) => protocolMarkdown(protocol, words),
  mermaid: ({ protocol }: CatalogueEntry) => stateDiagram(protocol),
  jsonSchema: ({ protocol }: CatalogueEntry) => `${JSON.stringify(protocolSchema(protocol), null, 2)}\n`,
} as const;

/** `haggle protocols [name]`: lists the protocols of the library, or describes one. */
export function protocolsCommand(name: string | undefined, flags: Flags): ExitCode {
  const forms = Object.entries(FORMS).filter(([form]) => flags[form] === true);
  const [form] = forms;
  if (forms.length > 1) {
    throw new HaggleError('bad-flag', '--markdown, --mermaid and --json-schema exclude each other');
  }
  if (name === undefined) process.stdout.write(all(form?.[0]));
  else process.stdout.write((form?.[1] ?? description)(catalogueEntry(name)));
  return EXIT.ok;
}

function all(form: string | undefined): string {
  if (form === undefined) return list();
  if (form === 'markdown') return referencePage(CATALOGUE);
  throw new HaggleError('bad-flag', '--mermaid and --json-schema need the name of a protocol');
}

function list(): string {
  const rows = CATALOGUE.map(({ protocol: { name, version, roles, digest } }) => [
    name,
    version,
    roles.join(', '),
    digest,
  ]);
  return `${textTable([['name', 'version', 'roles', 'digest'], ...rows]).join('\n')}\n`;
}

/** One protocol as text for a terminal. */
function description({ protocol, about, source }: CatalogueEntry): string {
  const rows = messageReference(protocol).flatMap(({ type, as, from, fields, states }) =>
    // One line a field, the rest of the row beside the first.
    Array.from({ length: Math.max(1, fields.length) }, (_, line) =>
      line === 0 ? [type, as, from, states.join(', '), fields[0] ?? ''] : ['', '', '', '', fields[line] ?? ''],
    ),
  );
  return [
    `${protocol.name} ${protocol.version}: ${about}`,
    '',
    `roles    ${protocol.roles.join(', ')}`,
    `digest   ${protocol.digest}`,
    `source   ${source}`,
    '',
    ...textTable([['message', 'performative', 'from', 'in state', 'body'], ...rows]),
    '',
  ].join('\n');
}

/** The whole reference as a page of the documentation. */
export function referencePage(entries: readonly CatalogueEntry[]): string {
  return [
    '# Protocols',
    '',
    '<!-- Written by `npm run docs:protocols` from the protocol values; a test fails where it is stale. -->',
    '',
    'The protocols that come with the library, in the words of [the architecture](architecture.md). A protocol that takes schemas',
    'of yours is shown with plain examples. [deals.md](deals.md) shows each in use and how it can end. Besides its own messages,',
    'either side may end any dialogue with `failure`, and gets `not-understood` for what the protocol does not allow. An `amount` is',
    'money in micro-tokens: a `bigint` in programs, a decimal string on the wire. `haggle protocols <name> --json-schema` prints the',
    'bodies for programs in other languages.',
    '',
    ...entries.map(({ protocol, ...words }) => protocolMarkdown(protocol, words)),
  ].join('\n');
}
