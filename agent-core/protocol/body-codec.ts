/**
 * Bodies between programs and the wire. Zod decides; this file only chooses, once a schema, the fastest of its ways that
 * gives the same verdict and the same data: compiled parsing, and for encoding a schema turned round.
 */
import { z } from 'zod';

/** What a check of a body gives: its data, or why there is none. */
export type BodyResult = z.ZodSafeParseResult<unknown>;

/** Both directions of one body schema. */
export interface BodyCodec {
  /** The body that a program reads, from its wire form: the verdict of `schema.safeParse`. */
  decode(wire: unknown): BodyResult;
  /** The wire form of a body that a program wrote: the verdict of `schema.safeEncode`. */
  encode(body: unknown): BodyResult;
}

/**
 * Checks that only look at a value, so that they say the same in both directions. Not among them are `overwrite`, which
 * changes it, and `custom`, which may.
 */
const LOOKING_CHECKS: ReadonlySet<string> = new Set([
  'greater_than',
  'less_than',
  'multiple_of',
  'number_format',
  'bigint_format',
  'min_length',
  'max_length',
  'length_equals',
]);

/**
 * The codec of a schema. Encoding in zod takes two passes through every node and is 20 times as slow as compiled parsing.
 * So a schema of plain values, arrays and objects, with codecs at its leaves, is turned round (each codec inverted) and
 * compiled: parsing with it is encoding. Where a schema holds anything else, and where the fast way finds a fault, zod's
 * own `safeEncode` has the word.
 */
export function bodyCodec(schema: z.ZodType): BodyCodec {
  let decoder: z.ZodType | undefined;
  let encoder: z.ZodType | null | undefined;
  return {
    decode(wire) {
      // Not before the first message: most protocols of a process are never spoken.
      decoder ??= compiled(schema);
      return decoder.safeParse(wire);
    },
    encode(body) {
      if (encoder === undefined) encoder = encoderOf(schema);
      const result = encoder?.safeParse(body);
      return result?.success === true ? result : schema.safeEncode(body);
    },
  };
}

/** True where {@link bodyCodec} encodes with the schema turned round. */
export function encodesByParsing(schema: z.ZodType): boolean {
  return turnedRound(schema) !== null;
}

function encoderOf(schema: z.ZodType): z.ZodType | null {
  const encoder = turnedRound(schema);
  return encoder === null ? null : compiled(encoder);
}

/** Zod gives the schema back as it is where it cannot be compiled; where code may not be generated, it is not asked. */
function compiled(schema: z.ZodType): z.ZodType {
  const mayGenerate = z.config().jitless !== true && z.util.allowsEval.value;
  return mayGenerate ? z.compile(schema) : schema;
}

/** The schema whose parsing is the encoding of `schema`; itself where it has no codec; null where zod must decide. */
function turnedRound(schema: z.core.$ZodType): z.ZodType | null {
  if (!(schema instanceof z.ZodType) || !onlyLooks(schema)) return null;
  if (schema instanceof z.ZodCodec) {
    return isTwoWay(schema.def.in) && isTwoWay(schema.def.out) ? z.invertCodec(schema) : null;
  }
  if (schema instanceof z.ZodObject) return objectTurnedRound(schema);
  if (schema instanceof z.ZodArray) {
    const element = turnedRound(schema.element);
    if (element === null || element === schema.element) return element === null ? null : schema;
    return z.clone(schema, { ...schema.def, element });
  }
  if (schema instanceof z.ZodNullable) {
    const inner = turnedRound(schema.def.innerType);
    if (inner === null || inner === schema.def.innerType) return inner === null ? null : schema;
    return z.nullable(inner);
  }
  return isTwoWay(schema) ? schema : null;
}

function objectTurnedRound(schema: z.ZodObject): z.ZodType | null {
  const { catchall } = schema.def;
  if (catchall !== undefined && !(catchall instanceof z.ZodNever)) return null;
  const shape: Record<string, z.ZodType> = {};
  let changed = false;
  for (const [name, member] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const turned = turnedRound(member);
    if (turned === null) return null;
    changed ||= turned !== member;
    shape[name] = turned;
  }
  if (!changed) return schema;
  return catchall === undefined ? z.object(shape) : z.strictObject(shape);
}

/** True where parsing and encoding are the same: no codec, default, transformation or check that could change a value. */
function isTwoWay(schema: z.core.$ZodType): boolean {
  if (!(schema instanceof z.ZodType) || !onlyLooks(schema)) return false;
  if (schema instanceof z.ZodObject || schema instanceof z.ZodArray) return turnedRound(schema) === schema;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) {
    const inner: z.core.$ZodType = schema.def.innerType;
    return isTwoWay(inner);
  }
  if (schema instanceof z.ZodUnion) return schema.options.every((option: z.core.$ZodType) => isTwoWay(option));
  return isLeaf(schema);
}

const LEAF_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean', 'null', 'enum', 'literal']);

function isLeaf({ def }: z.ZodType): boolean {
  if ('coerce' in def && def.coerce === true) return false;
  // Formats of strings have types of their own, and some normalise what they accept.
  return LEAF_TYPES.has(def.type) && !(def.type === 'string' && 'format' in def);
}

function onlyLooks(schema: z.ZodType): boolean {
  return (schema.def.checks ?? []).every((check) => looks(check._zod.def));
}

function looks(check: z.core.$ZodCheckDef): boolean {
  // Of the string formats, the plain pattern; others may normalise what they accept.
  if (check.check === 'string_format') return 'format' in check && check.format === 'regex';
  return LOOKING_CHECKS.has(check.check);
}
