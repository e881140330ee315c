/** Operations as JSON, in both directions. Amounts are decimal strings, so that no reader rounds them. */
import { AssertionError, HaggleError } from '../errors.ts';
import { isDid } from '../identity/did-key.ts';
import type { JsonValue } from '../message/canonical.ts';
import { ISSUER, type Operation, type Owner } from './operation.ts';

const ID = /^[A-Za-z0-9._~/:-]{1,192}$/;
const REFERENCE = /^[A-Za-z0-9._~-]{1,128}$/;
const ASSET = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const ASSET_CHARS = 64;
/** Longer than any allowed amount, so that one that is too large has its own code. */
const DECIMAL = /^(?:0|[1-9][0-9]{0,59})$/;

type Fields = Readonly<Record<string, unknown>>;

/** One field of an operation: how its JSON is checked, and what it is called where it is wrong. */
interface Field {
  readonly holds: (value: unknown) => boolean;
  readonly form: string;
}

const isText = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value);

const FIELDS = {
  id: { holds: (value) => isText(ID, value), form: '1 to 192 of A-Z a-z 0-9 - . _ ~ / :' },
  to: { holds: isOwner, form: 'a did:key of Ed25519, or "issuer"' },
  asset: {
    holds: (value) => isText(ASSET, value) && String(value).length <= ASSET_CHARS,
    form: 'lower-case words joined by "-", at most 64 characters',
  },
  amount: { holds: (value) => isText(DECIMAL, value), form: 'a whole number, not negative, at most 60 digits' },
  expires: { holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0, form: 'whole microseconds' },
  release: { holds: (value) => value === 'payer' || value === 'payee', form: '"payer" or "payee"' },
  reference: { holds: (value) => isText(REFERENCE, value), form: '1 to 128 of A-Z a-z 0-9 - . _ ~' },
  reservation: { holds: (value) => isText(ID, value), form: 'the id of a reservation' },
  payer: { holds: (value) => typeof value === 'string' && isDid(value), form: 'a did:key of Ed25519' },
  rest: { holds: (value) => value === 'return' || value === 'keep', form: '"return" or "keep"' },
} satisfies Readonly<Record<string, Field>>;

type FieldName = keyof typeof FIELDS;

interface Shape {
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
}

const SHAPES: Readonly<Record<Operation['type'], Shape>> = {
  transfer: { required: ['id', 'to', 'asset', 'amount'], optional: ['reference'] },
  issue: { required: ['id', 'to', 'asset', 'amount'], optional: ['reference'] },
  reserve: { required: ['id', 'to', 'asset', 'amount', 'expires', 'release'], optional: ['reference'] },
  post: { required: ['id', 'reservation', 'amount'], optional: ['payer', 'rest'] },
  void: { required: ['id', 'reservation'], optional: ['payer'] },
};

/** True for a {@link Owner}. */
export function isOwner(value: unknown): value is Owner {
  return value === ISSUER || (typeof value === 'string' && isDid(value));
}

/**
 * The JSON of an operation, without the evidence of a `void`, which travels beside it; members in canonical order.
 *
 * @throws HaggleError `malformed-operation` naming the field that breaks its rule.
 */
export function encodeOperation(operation: Operation): JsonValue {
  const json = plain(operation);
  const fault = operationFault(json);
  if (fault !== null) throw new HaggleError('malformed-operation', `an operation of type ${operation.type}: ${fault}`);
  return json;
}

/** The operation that {@link encodeOperation} wrote as this, or what is wrong with it. */
export function decodeOperation(value: unknown): Operation | string {
  const fault = operationFault(value);
  if (!isFaultless(value, fault)) return fault ?? '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field was checked, amounts are the only ones that differ
  return ('amount' in value ? { ...value, amount: BigInt(value.amount) } : { ...value }) as Operation;
}

function plain(operation: Operation): { readonly [member: string]: JsonValue } {
  const { type, id } = operation;
  switch (operation.type) {
    case 'transfer':
    case 'issue': {
      const { amount, asset, reference, to } = operation;
      return { amount: amount.toString(), asset, id, ...(reference === undefined ? {} : { reference }), to, type };
    }
    case 'reserve': {
      const { amount, asset, expires, reference, release, to } = operation;
      const referring = reference === undefined ? {} : { reference };
      return { amount: amount.toString(), asset, expires, id, ...referring, release, to, type };
    }
    case 'post': {
      const { amount, payer, reservation, rest } = operation;
      const options = {
        ...(payer === undefined ? {} : { payer }),
        reservation,
        ...(rest === undefined ? {} : { rest }),
      };
      return { amount: amount.toString(), id, ...options, type };
    }
    case 'void': {
      const { payer, reservation } = operation;
      return { id, ...(payer === undefined ? {} : { payer }), reservation, type };
    }
  }
  throw new AssertionError('an operation has one of five types');
}

function operationFault(value: unknown): string | null {
  if (!isRecord(value)) return 'an operation is an object';
  const { type } = value;
  if (!isType(type)) return `type: one of ${Object.keys(SHAPES).join(', ')}`;
  const { required, optional } = SHAPES[type];
  let fields = 1;
  for (const name of required) {
    if (!FIELDS[name].holds(value[name])) return `${name}: ${FIELDS[name].form}`;
    fields += 1;
  }
  for (const name of optional) {
    if (value[name] === undefined) continue;
    if (!FIELDS[name].holds(value[name])) return `${name}: ${FIELDS[name].form}`;
    fields += 1;
  }
  return Object.keys(value).length === fields ? null : `exactly the fields of a ${type}`;
}

/** Tells the compiler what {@link operationFault} established. */
function isFaultless(_value: unknown, fault: string | null): _value is { readonly amount: string } | object {
  return fault === null;
}

function isType(value: unknown): value is Operation['type'] {
  return typeof value === 'string' && Object.hasOwn(SHAPES, value);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
