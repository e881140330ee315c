import type { Chain } from '../../../agent-core/ledger/ledger.ts';
import type {
  Issuance,
  Operation,
  Owner,
  Post,
  Reserve,
  Transfer,
  Void,
} from '../../../agent-core/ledger/operation.ts';
import { say } from './parties.ts';

/**
 * The rules once more, as naive as can be: single-entry purses, locks in a list, a copy of everything before each chain. Nothing
 * is shared with the ledger but the types.
 */
export interface Model {
  now: number;
  purses: Map<string, bigint>;
  locks: Lock[];
  answers: Map<string, { readonly content: string; readonly code: string | null }>;
}

interface Lock {
  readonly payer: Owner;
  readonly id: string;
  readonly to: Owner;
  readonly asset: string;
  readonly expires: number;
  readonly release: string;
  left: bigint;
  state: 'open' | 'done' | 'expired';
}

const BOUND = 10n ** 30n;
const LIFE = 34_646_400_000_000;

export function emptyModel(): Model {
  return { now: 0, purses: new Map(), locks: [], answers: new Map() };
}

/** Names an account. */
export const place = (owner: Owner, asset: string): string => `${owner} ${asset}`;

export const purse = (model: Model, account: string): bigint => model.purses.get(account) ?? 0n;

/** What is locked out of an account, or for it. */
export const locked = (model: Model, account: string, side: 'payer' | 'to'): bigint =>
  model.locks
    .filter((lock) => lock.state === 'open' && place(lock[side], lock.asset) === account)
    .reduce((sum, { left }) => sum + left, 0n);

function add(model: Model, account: string, amount: bigint): void {
  model.purses.set(account, purse(model, account) + amount);
}

function copy({ now, purses, locks, answers }: Model): Model {
  return { now, purses: new Map(purses), locks: locks.map((lock) => ({ ...lock })), answers: new Map(answers) };
}

/** What the ledger should answer; changes the model. */
export function applyToModel(model: Model, { from, operations }: Chain, now: number): string {
  model.now = now;
  for (const lock of model.locks) {
    if (lock.state !== 'open' || lock.expires > now) continue;
    lock.state = 'expired';
    add(model, place(lock.payer, lock.asset), lock.left);
  }
  if (operations.length === 0) return say({ type: 'refused', code: 'empty-chain', index: null });
  const before = copy(model);
  for (const [index, operation] of operations.entries()) {
    const key = `${from} ${operation.id}`;
    const content = contentOf(from, operation);
    const known = model.answers.get(key);
    const taken = known !== undefined && known.content !== content;
    const code = taken ? 'id-taken' : known === undefined ? perform(model, from, operation) : known.code;
    if (code !== null) {
      Object.assign(model, before);
      const timeless = ['zero-amount', 'amount-too-large', 'same-account'].includes(code);
      if (!taken && !timeless && !model.answers.has(key)) model.answers.set(key, { content, code });
      return `${code} ${index}`;
    }
    model.answers.set(key, { content, code: null });
  }
  return 'applied';
}

function contentOf(from: Owner, operation: Operation): string {
  const fields: Record<string, unknown> = { rest: 'return', payer: from, ...operation, evidence: undefined };
  return Object.keys(fields)
    .toSorted()
    .map((key) => `${key}=${String(fields[key])}`)
    .join(' ');
}

function perform(model: Model, from: Owner, operation: Operation): string | null {
  if ('amount' in operation && operation.amount <= 0n) return 'zero-amount';
  if ('amount' in operation && operation.amount >= BOUND) return 'amount-too-large';
  return 'reservation' in operation ? resolve(model, from, operation) : move(model, from, operation);
}

function move(model: Model, from: Owner, operation: Transfer | Issuance | Reserve): string | null {
  const { type, to, asset, amount } = operation;
  const account = place(from, asset);
  if (to === from) return 'same-account';
  if ((from === 'issuer') !== (type === 'issue')) return 'not-allowed';
  if (type === 'issue' && amount - purse(model, account) >= BOUND) return 'supply-too-large';
  if (type === 'reserve' && (operation.expires <= model.now || operation.expires > model.now + LIFE))
    return 'bad-expiry';
  if (type !== 'issue' && purse(model, account) < amount) return 'insufficient-funds';
  add(model, account, -amount);
  if (type === 'reserve') model.locks.push({ ...operation, payer: from, left: amount, state: 'open' });
  else add(model, place(to, asset), amount);
  return null;
}

function resolve(model: Model, from: Owner, operation: Post | Void): string | null {
  const payer = operation.payer ?? from;
  const lock = model.locks.find((one) => one.payer === payer && one.id === operation.reservation);
  if (lock === undefined) return 'unknown-reservation';
  const poster = lock.release === 'payer' ? lock.payer : lock.to;
  if (operation.type === 'post' ? from !== poster : from !== lock.to && from !== lock.payer) return 'not-allowed';
  if (lock.state !== 'open') return lock.state === 'done' ? 'already-resolved' : 'reservation-expired';
  if (operation.type === 'post') {
    if (operation.amount > lock.left) return 'exceeds-reservation';
    add(model, place(lock.to, lock.asset), operation.amount);
    lock.left -= operation.amount;
    if (operation.rest === 'keep' && lock.left > 0n) return null;
  } else if (from === lock.payer) return operation.evidence === undefined ? 'evidence-required' : 'bad-evidence';
  add(model, place(lock.payer, lock.asset), lock.left);
  lock.state = 'done';
  return null;
}
