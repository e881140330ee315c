/** A chain as it is signed and sent: canonical JSON `{ from, operations, realm, v }`, under the signing purpose `transfer`. */
import { HaggleError } from '../errors.ts';
import { decodeBase64Url, encodeBase64Url } from '../identity/encoding.ts';
import { isDid, publicKeyOf, type Did } from '../identity/did-key.ts';
import type { SignatureBackend, Signer } from '../identity/signer.ts';
import { verifyStrict } from '../identity/strict.ts';
import { LIMITS } from '../limits.ts';
import { canonicalize } from '../message/canonical.ts';
import type { RecordedMessage } from '../message/open.ts';
import { scanCanonical } from '../message/scan.ts';
import { signable } from '../message/signable.ts';
import type { Chain } from './ledger.ts';
import { refused, type Operation, type Owner, type Refused } from './operation.ts';
import { decodeOperation, encodeOperation } from './operation-codec.ts';

/** A chain under way to a ledger. */
export interface SealedChain {
  readonly from: Did;
  readonly text: string;
  /** In base64url; null where nothing is signed (mode `off`). */
  readonly signature: string | null;
  /** What proves the operation of this index. Signed by others, so neither part of the text nor signed again. */
  readonly evidence: readonly ChainEvidence[];
}

/** Evidence for one operation of a chain. */
export interface ChainEvidence {
  readonly index: number;
  readonly message: RecordedMessage;
}

/** Options of {@link openChain}. */
export interface ChainOptions {
  readonly realm: string;
  readonly backend: SignatureBackend;
  readonly requireSignature: boolean;
}

/** No operation has more members. */
const KEYS_PER_OPERATION = 8;
const KEYS_OF_CHAIN = 4;
const SCAN_LIMITS = {
  payloadBytes: LIMITS.chainBytes,
  jsonDepth: 3,
  jsonKeys: KEYS_OF_CHAIN + KEYS_PER_OPERATION * LIMITS.chainOperations,
};

/**
 * The canonical text of a chain: what is signed, hashed and sent. `LIMITS.chainBytes` holds the longest one.
 *
 * @throws HaggleError `malformed-operation` naming the operation and its field, `chain-too-long`
 */
export function encodeChain(realm: string, { from, operations }: Chain): string {
  if (operations.length > LIMITS.chainOperations) {
    throw new HaggleError(
      'chain-too-long',
      `submitting ${operations.length} operations: a chain has at most ${LIMITS.chainOperations}`,
    );
  }
  return canonicalize({ from, operations: operations.map((operation) => encodeOperation(operation)), realm, v: 1 });
}

/** Encodes a chain and signs it, where there is a signer. @throws HaggleError as {@link encodeChain} */
export function sealChain(realm: string, chain: Chain & { readonly from: Did }, signer: Signer | null): SealedChain {
  const text = encodeChain(realm, chain);
  const signature = signer === null ? null : encodeBase64Url(signer.sign(signable('transfer', text)));
  return { from: chain.from, text, signature, evidence: evidenceOf(chain.operations) };
}

/**
 * The chain in what was sent, or why it is not to be applied. Checks cost, signature over the text, canonical form, shape,
 * submitter and realm, in this order. Never throws, whatever comes in.
 */
export function openChain(sealed: SealedChain, options: ChainOptions): Chain | Refused {
  const { from, text } = sealed;
  if (!hasForm(sealed) || !isDid(from)) return refused('malformed-chain');
  const fault = scanCanonical(text, SCAN_LIMITS);
  if (fault?.code === 'payload-too-large') return refused('chain-too-large');
  if (fault?.code === 'ill-formed-text') return refused('malformed-chain');
  const unproved = signatureFault(sealed, options);
  if (unproved !== null) return unproved;
  if (fault !== null) return refused('malformed-chain');
  const value: unknown = JSON.parse(text);
  if (!isChainShape(value)) return refused('malformed-chain');
  if (value.from !== from) return refused('sender-mismatch');
  if (value.realm !== options.realm) return refused('wrong-realm');
  const operations: Operation[] = [];
  for (const [index, json] of value.operations.entries()) {
    const operation = decodeOperation(json);
    if (typeof operation === 'string') return refused('malformed-chain', index);
    operations.push(operation);
  }
  return withEvidence(from, operations, sealed.evidence);
}

/** True for a chain that was opened, false for its refusal. */
export function isOpenChain(opened: Chain | Refused): opened is Chain {
  return 'operations' in opened;
}

/** A chain comes from strangers: its types are a claim. */
function hasForm({ from, text, signature, evidence }: SealedChain): boolean {
  if (typeof from !== 'string' || typeof text !== 'string') return false;
  if (signature !== null && typeof signature !== 'string') return false;
  return Array.isArray(evidence) && evidence.length <= LIMITS.chainOperations && evidence.every(isEvidence);
}

function isEvidence(value: unknown): boolean {
  if (!isObject(value) || typeof value['index'] !== 'number' || !isObject(value['message'])) return false;
  const { subject, payload, headers } = value['message'];
  const texts = isObject(headers) ? [subject, payload, ...Object.values(headers)] : [null];
  return texts.every((text) => typeof text === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function signatureFault(sealed: SealedChain, { backend, requireSignature }: ChainOptions): Refused | null {
  const { from, text, signature } = sealed;
  if (signature === null) return requireSignature ? refused('unsigned') : null;
  const bytes = decodeBase64Url(signature);
  if (bytes === null) return refused('bad-signature');
  const signed = { publicKey: publicKeyOf(from), message: signable('transfer', text), signature: bytes };
  return verifyStrict(backend, signed) ? null : refused('bad-signature');
}

interface ChainShape {
  readonly from: unknown;
  readonly realm: unknown;
  readonly operations: readonly unknown[];
}

function isChainShape(value: unknown): value is ChainShape {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== KEYS_OF_CHAIN) return false;
  return (
    'v' in value &&
    value.v === 1 &&
    'from' in value &&
    'realm' in value &&
    'operations' in value &&
    Array.isArray(value.operations)
  );
}

function evidenceOf(operations: readonly Operation[]): readonly ChainEvidence[] {
  return operations.flatMap((operation, index) =>
    operation.type === 'void' && operation.evidence !== undefined ? [{ index, message: operation.evidence }] : [],
  );
}

function withEvidence(from: Owner, operations: Operation[], evidence: readonly ChainEvidence[]): Chain {
  for (const { index, message } of evidence) {
    const operation = operations[index];
    if (operation?.type === 'void') operations[index] = { ...operation, evidence: message };
  }
  return { from, operations };
}
