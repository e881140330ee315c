import { z } from 'zod';
import { amount } from './amount.ts';

/** The parts of a JSON Schema that this file reads; anything else is told by its type alone. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** The wire side of a body as a JSON Schema (draft 2020-12). */
export function wireSchema(body: z.ZodType): SchemaNode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read as far as it has the form that is looked for
  return z.toJSONSchema(body, { io: 'input' }) as SchemaNode;
}

/** What marks an amount of money on the wire. */
const AMOUNT_PATTERN = wireSchema(amount()).pattern;

/** The fields of a body, each as `name: what it holds`; one text without a name where the body is no object. */
export function fieldTexts(body: SchemaNode): readonly string[] {
  if (body.type !== 'object' || body.properties === undefined) return [nodeText(body)];
  return Object.entries(body.properties).map(([name, node]) => {
    return `${name}${body.required?.includes(name) === true ? '' : '?'}: ${nodeText(node)}`;
  });
}

function nodeText(node: SchemaNode): string {
  if ('const' in node) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  const options = node.anyOf ?? node.oneOf;
  if (options !== undefined) return options.map(nodeText).join(' | ');
  const { type = 'any' } = node;
  if (typeof type !== 'string') return type.map((each) => nodeText({ ...node, type: each })).join(' | ');
  switch (type) {
    case 'array':
      return arrayText(node);
    case 'object':
      return objectText(node);
    case 'string':
      return node.pattern !== undefined && node.pattern === AMOUNT_PATTERN ? 'amount' : 'string';
    case 'integer':
    case 'number':
      return [type, ...bounds(node)].join(' ');
    default:
      return type;
  }
}

function arrayText({ items, prefixItems, maxItems }: SchemaNode): string {
  if (prefixItems !== undefined) return `[${prefixItems.map(nodeText).join(', ')}]`;
  const item = nodeText(items ?? {});
  const most = maxItems === undefined ? '' : ` (at most ${maxItems})`;
  return `${/[ |]/.test(item) && !item.startsWith('[') ? `(${item})` : item}[]${most}`;
}

function objectText(node: SchemaNode): string {
  const { properties, additionalProperties } = node;
  if (properties === undefined && typeof additionalProperties === 'object') {
    return `{ [name]: ${nodeText(additionalProperties)} }`;
  }
  const fields = fieldTexts({ ...node, properties: properties ?? {} });
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** Bounds that say something: those of a safe integer go without saying. */
function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): readonly string[] {
  const low = [...bound('>', exclusiveMinimum), ...bound('≥', minimum)];
  const high = [...bound('<', exclusiveMaximum), ...bound('≤', maximum)];
  return low.length > 0 && high.length > 0 ? [...low, 'and', ...high] : [...low, ...high];
}

function bound(sign: string, value: number | undefined): readonly string[] {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? [] : [`${sign} ${value}`];
}
