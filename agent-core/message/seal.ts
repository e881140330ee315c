import type { Headers } from '../bus/bus.ts';
import { encodeBase64Url } from '../identity/encoding.ts';
import type { SignatureBackend, Signer } from '../identity/signer.ts';
import { LIMITS } from '../limits.ts';
import { batchLeaf, batchRootBytes, PROOF_HEADER, SIGNATURE_HEADER } from './evidence.ts';
import { merkleTree, type MerkleTree } from './merkle.ts';
import { signable } from './signable.ts';

/** How payloads are signed: each alone, one signature over the payloads of a flush, or not (benchmarks). */
export type SigningMode = 'each' | 'batch' | 'off';

/** A payload with the headers that prove its sender. */
export interface Sealed {
  readonly payload: string;
  readonly headers: Headers;
}

/** Signs what one agent sends. */
export interface Sealer {
  readonly mode: SigningMode;
  /**
   * Seals the payloads of one flush, in order.
   *
   * @throws HaggleError `lone-surrogate` where a payload has no UTF-8 form (`encodeEnvelope` writes none such).
   */
  seal(payloads: readonly string[]): readonly Sealed[];
}

/** Options of {@link createSealer}. */
export interface SealerOptions {
  readonly mode: SigningMode;
  readonly signer: Signer;
  readonly backend: SignatureBackend;
}

const NO_HEADERS: Headers = Object.freeze({});

/** A sealer; a receiver accepts what any mode with a signature writes, whatever mode it uses itself. */
export function createSealer(options: SealerOptions): Sealer {
  return { mode: options.mode, seal: SEALS[options.mode](options) };
}

const SEALS: Readonly<Record<SigningMode, (options: SealerOptions) => Sealer['seal']>> = {
  each: (options) => (payloads) => payloads.map((payload) => sealAlone(options, payload)),
  batch: (options) => (payloads) => sealInBatches(options, payloads),
  off: () => (payloads) => payloads.map((payload) => ({ payload, headers: NO_HEADERS })),
};

function sealAlone({ signer }: SealerOptions, payload: string): Sealed {
  const signature = signer.sign(signable('message', payload));
  return { payload, headers: { [SIGNATURE_HEADER]: encodeBase64Url(signature) } };
}

function sealInBatches(options: SealerOptions, payloads: readonly string[]): readonly Sealed[] {
  if (payloads.length <= LIMITS.batchMessages) return sealBatch(options, payloads);
  const sealed: Sealed[] = [];
  for (let at = 0; at < payloads.length; at += LIMITS.batchMessages) {
    sealed.push(...sealBatch(options, payloads.slice(at, at + LIMITS.batchMessages)));
  }
  return sealed;
}

function sealBatch({ signer, backend }: SealerOptions, payloads: readonly string[]): readonly Sealed[] {
  if (payloads.length === 0) return [];
  const size = payloads.length;
  const tree = merkleTree(
    backend.sha256,
    payloads.map((payload) => batchLeaf(backend, payload)),
  );
  const signature = encodeBase64Url(signer.sign(batchRootBytes(tree.root, size)));
  const paths = pathTexts(tree);
  return payloads.map((payload, index) => ({
    payload,
    headers: { [SIGNATURE_HEADER]: signature, [PROOF_HEADER]: `${index}.${size}.${paths[index] ?? ''}` },
  }));
}

/** The path of every leaf as text. From the root down, so that a node is written once and shared by all below it. */
function pathTexts(tree: MerkleTree): readonly string[] {
  let above: readonly string[] = [''];
  for (let height = tree.levels.length - 2; height >= 0; height--) {
    const level = (tree.levels[height] ?? []).map(encodeBase64Url);
    const parents = above;
    above = level.map((_, i) => (level[i % 2 === 1 ? i - 1 : i + 1] ?? '') + (parents[Math.floor(i / 2)] ?? ''));
  }
  return above;
}
