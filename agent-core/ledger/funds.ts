import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN, type Asset, type ChainOutcome, type Issuance } from './operation.ts';
import { encodeOperation } from './operation-codec.ts';

/** What an agent starts with: micro-tokens, or an amount of each asset. */
export type Funds = bigint | Readonly<Record<Asset, bigint>>;

/** Who gets funds, and under which id they are booked. */
export interface Funding {
  readonly name: string;
  readonly to: Did;
  /** Start of the id of each operation; the asset is its end. */
  readonly id: string;
}

/**
 * Has funds issued as one chain, which `apply` hands to the book; for `{}` there is none.
 *
 * @throws HaggleError `bad-funds` naming the agent, the amount and the asset, for what is no amount or cannot be issued.
 */
export function issueFunds(
  funds: Funds,
  { name, to, id }: Funding,
  apply: (operations: readonly Issuance[]) => ChainOutcome,
): void {
  const operations = Object.entries(amountsOf(funds)).map(([asset, amount]) => {
    checkAmount(name, asset, amount);
    const issuance: Issuance = { type: 'issue', id: `${id}/${asset}`, to, asset, amount };
    checkForm(name, issuance);
    return issuance;
  });
  if (operations.length === 0) return;
  const outcome = apply(operations);
  if (outcome.type === 'applied') return;
  const refused = operations[outcome.index ?? 0];
  throw badFunds(`"${name}" with ${refused?.amount ?? 0n} of ${refused?.asset ?? TOKEN}: ${outcome.code}`);
}

/** What is no record of amounts is taken for an amount, and refused as one. */
function amountsOf(funds: unknown): Readonly<Record<Asset, unknown>> {
  return isRecord(funds) ? funds : { [TOKEN]: funds };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function checkAmount(name: string, asset: Asset, amount: unknown): asserts amount is bigint {
  if (typeof amount === 'bigint' && amount > 0n) return;
  const expected = 'an amount is a bigint above 0, such as 1_000_000n; {} stands for no funds';
  throw badFunds(`"${name}" with ${told(amount)} of ${asset}: ${expected}`);
}

function checkForm(name: string, issuance: Issuance): void {
  try {
    encodeOperation(issuance);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw badFunds(`"${name}" with ${issuance.amount} of ${JSON.stringify(issuance.asset)}: ${why}`, cause);
  }
}

function told(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

function badFunds(what: string, cause?: unknown): HaggleError {
  return new HaggleError('bad-funds', `funding ${what}`, { cause });
}
