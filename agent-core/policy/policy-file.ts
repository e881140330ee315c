/**
 * A trained policy as one JSON document in canonical form (RFC 8785) with a line end behind it: what it sees and does, how
 * observations are scaled, its layers and weights, and how it came to be. Nothing in it is run, and nothing but this is accepted.
 */
import * as z from 'zod';
import { assert, HaggleError } from '../errors.ts';
import { decodeBase64Url, encodeBase64Url } from '../identity/encoding.ts';
import { canonicalize } from '../message/canonical.ts';
import { scanCanonical } from '../message/scan.ts';
import { checkShapes, NETWORK_LIMITS, type NetworkDescription } from './network.ts';
import {
  checkNetworkPolicy,
  networkPolicy,
  type NetworkPolicyOptions,
  type NetworkPolicySpec,
} from './network-policy.ts';
import type { Policy } from './policy.ts';
import { box, discrete, SPACE_MAX } from './space.ts';
import { layersFrom, shapeOf, WEIGHT_BYTES, weightBytes, weightsDigest } from './weights.ts';

/** How a policy came to be: enough to make it again, and nothing of when or where. */
export interface PolicyOrigin {
  readonly algorithm: string;
  /** That trained it. */
  readonly command: string;
  readonly seeds: readonly number[];
  /** Of the training: results differ in their last bits between them. */
  readonly backend: string;
  /** Version of Haggle. */
  readonly haggle: string;
  /** What was measured, and on what. */
  readonly score: string;
}

/** A trained policy and what is to be known about it. */
export interface PolicyFile extends NetworkPolicySpec {
  /** Whom it can act for: `energy/home`. */
  readonly role: string;
  readonly origin: PolicyOrigin;
}

const FORMAT = 'haggle-policy/1';

/** Bounds of a policy file. */
export const POLICY_FILE_LIMITS = { bytes: 16 << 20, seeds: 10_000, words: 4_000 } as const;

/** Two spaces with three members a feature each, and the rest. */
const SCAN_LIMITS = { payloadBytes: POLICY_FILE_LIMITS.bytes, jsonDepth: 6, jsonKeys: 6 * SPACE_MAX + 200 };

/** No line ends and no control characters: these texts are shown in terminals. */
const line = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{C}+$/u, 'must have no control characters');
const label = line(200);
const words = line(POLICY_FILE_LIMITS.words);
const width = z.number().int().min(1).max(NETWORK_LIMITS.width);
const features = z.array(z.strictObject({ name: label, min: z.number(), max: z.number() })).max(SPACE_MAX);

const schema = z.strictObject({
  format: z.literal(FORMAT),
  name: label,
  role: z
    .string()
    .max(100)
    .regex(/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/, 'must be words as in energy/home'),
  observes: features.min(1),
  acts: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('box'), features: features.min(1) }),
    z.strictObject({ kind: z.literal('discrete'), choices: z.array(label).min(1).max(SPACE_MAX) }),
  ]),
  normaliser: z.strictObject({
    means: z.array(z.number()).max(SPACE_MAX),
    deviations: z.array(z.number()).max(SPACE_MAX),
    clip: z.number(),
  }),
  layers: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('dense'),
          inputs: width,
          outputs: width,
          activation: z.enum(['linear', 'relu', 'tanh', 'softmax']),
        }),
        z.strictObject({ type: z.literal('layer-norm'), size: width, epsilon: z.number() }),
      ]),
    )
    .min(1)
    .max(NETWORK_LIMITS.layers),
  weights: z.strictObject({ base64url: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  origin: z.strictObject({
    algorithm: label,
    command: words,
    seeds: z.array(z.number().int().min(0)).min(1).max(POLICY_FILE_LIMITS.seeds),
    backend: label,
    haggle: label,
    score: words,
  }),
});

type Document = z.infer<typeof schema>;

/**
 * Reads a policy file.
 *
 * @param file - names it in errors
 * @throws HaggleError `bad-policy-file` naming file, field, value and bound, for anything but what {@link formatPolicyFile} writes
 */
export function parsePolicyFile(text: string, file: string): PolicyFile {
  const document = documentOf(text, file);
  return naming(file, () => {
    // Sizes first: what a shape claims is allocated only once the weights are known to be there.
    const weights = checkShapes(document.layers);
    const { layers, acts, name, role, normaliser, origin } = document;
    const read: PolicyFile = {
      name,
      role,
      observes: box(document.observes).features,
      acts: acts.kind === 'box' ? box(acts.features) : discrete(acts.choices),
      normaliser,
      network: { layers: layersFrom(layers, bytesOf(document, weights)) },
      origin,
    };
    checkNetworkPolicy(read);
    return read;
  });
}

function documentOf(text: string, file: string): Document {
  const json = text.endsWith('\n') ? text.slice(0, -1) : text;
  const fault = scanCanonical(json, SCAN_LIMITS);
  if (fault !== null) {
    const bound = fault.code === 'payload-too-large' ? `, the limit is ${SCAN_LIMITS.payloadBytes} bytes` : '';
    throw badFile(file, `${fault.code} at character ${fault.offset}${bound}; it must be canonical JSON (RFC 8785)`);
  }
  const read = schema.safeParse(JSON.parse(json), { reportInput: true });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  assert(issue !== undefined, 'what is refused has an issue');
  const field = issue.path.map(String).join('.');
  throw badFile(file, `${field === '' ? 'the document' : field}: ${issue.message}${shown(issue.input)}`, { field });
}

const SHOWN_CHARS = 60;

function shown(value: unknown): string {
  if (value === undefined || (typeof value === 'object' && value !== null)) return '';
  const all = JSON.stringify(value);
  return `, got ${all.length > SHOWN_CHARS ? `${all.slice(0, SHOWN_CHARS)}… (${all.length} characters)` : all}`;
}

function bytesOf({ weights }: Document, count: number): Uint8Array {
  const chars = Math.ceil((count * WEIGHT_BYTES * 8) / 6);
  const refuse = (problem: string): never => {
    throw new HaggleError('bad-policy-file', `weights.${problem}`);
  };
  if (weights.base64url.length !== chars) {
    refuse(
      `base64url: ${count} weights of ${WEIGHT_BYTES} bytes are ${chars} characters, got ${weights.base64url.length}`,
    );
  }
  const bytes = decodeBase64Url(weights.base64url) ?? refuse('base64url: is not base64url without padding');
  const digest = weightsDigest(bytes);
  if (digest !== weights.sha256) refuse(`sha256: that of the weights is ${digest}, got ${weights.sha256}`);
  return bytes;
}

/** Says of what a check of ours refuses in which file it stands. */
function naming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof HaggleError) throw badFile(file, cause.message, { cause });
    throw cause;
  }
}

function badFile(file: string, problem: string, { field = '', cause }: FileFault = {}): HaggleError {
  return new HaggleError('bad-policy-file', `reading policy file ${file}: ${problem}`, {
    fields: { file, field },
    cause,
  });
}

interface FileFault {
  readonly field?: string;
  readonly cause?: HaggleError;
}

/**
 * The text of a policy file: the same policy gives the same text.
 *
 * @throws HaggleError `bad-policy-file` for what {@link parsePolicyFile} would not read
 */
export function formatPolicyFile(policy: PolicyFile): string {
  naming(policy.name, () => checkNetworkPolicy(policy));
  const { name, role, observes, acts, normaliser, network, origin } = policy;
  const document: Document = {
    format: FORMAT,
    name,
    role,
    observes: observes.map(({ name: feature, min, max }) => ({ name: feature, min, max })),
    acts:
      acts.kind === 'box'
        ? { kind: 'box', features: acts.features.map(({ name: feature, min, max }) => ({ name: feature, min, max })) }
        : { kind: 'discrete', choices: [...acts.choices] },
    normaliser: { means: [...normaliser.means], deviations: [...normaliser.deviations], clip: normaliser.clip },
    layers: network.layers.map(shapeOf),
    weights: writtenWeights(network),
    origin: { ...origin, seeds: [...origin.seeds] },
  };
  const written = `${naming(name, () => canonicalize(document))}\n`;
  parsePolicyFile(written, name);
  return written;
}

function writtenWeights({ layers }: NetworkDescription): Document['weights'] {
  const bytes = weightBytes(layers);
  return { base64url: encodeBase64Url(bytes), sha256: weightsDigest(bytes) };
}

/** The policy of a file; its hash is over all that decides, not over how it came to be. */
export function policyOf(file: PolicyFile, options: NetworkPolicyOptions = {}): Policy {
  return networkPolicy(file, options);
}
