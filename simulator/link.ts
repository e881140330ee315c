import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { RandomRoot, RandomStream } from '../agent-core/random.ts';

/** A directed link between two endpoints. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** Latency of a link: `min`, or uniform over the whole microseconds from `min` to `max`. */
export interface LatencyRange {
  readonly min: Micros;
  readonly max?: Micros;
}

/** One range for all links, or a range by link, asked once a link. */
export type LatencyModel = LatencyRange | ((link: Link) => LatencyRange);

/** What goes wrong on a link, at random. A link from an endpoint to itself has no faults. */
export interface LinkFaults {
  /** Probability that a message is lost, from 0 to 1; 0 if left out. */
  readonly loss?: number;
  /** Probability that a message which is not lost comes twice, the copy after a latency of its own; 0 if left out. */
  readonly duplicate?: number;
  /** True lets a message overtake earlier ones. Otherwise the order on a link is kept. */
  readonly reorder?: boolean;
  /** Time from which messages meet none of these faults any more; never if left out. */
  readonly until?: Duration;
}

/** The same faults on all links, or faults by link, asked once a link. */
export type FaultModel = LinkFaults | ((link: Link) => LinkFaults);

/**
 * A time in which groups of endpoints are cut off from each other. Members of one group still reach each other, and an
 * endpoint in no group reaches all. What was sent before `from` arrives.
 */
export interface Partition {
  readonly groups: readonly (readonly string[])[];
  /** The first instant at which nothing gets through. */
  readonly from: Duration;
  /** The first instant at which all gets through again; never if left out. */
  readonly until?: Duration;
  /** True cuts one direction only: the first of two groups no longer reaches the second, which still reaches the first. */
  readonly oneWay?: boolean;
}

/** What became of a message on its way to one subscription, as decided when it was sent. */
export type Fate =
  /** It is under way; it arrives unless the subscription ends before. */
  | 'sent'
  /** It is under way, and a copy of it too. */
  | 'duplicated'
  /** The link lost it. */
  | 'lost'
  /** A partition was in the way. */
  | 'blocked';

/** A link as it runs. */
export interface LinkState {
  readonly min: Micros;
  readonly max: Micros;
  /** Undefined where the latency is constant: such a link draws nothing. */
  readonly latency: RandomStream | undefined;
  readonly faults: RunningFaults | undefined;
  /** Latest arrival so far. */
  last: Micros;
}

/** Faults of a link as they run; a fault of probability 0 has no stream and draws nothing. */
export interface RunningFaults {
  readonly loss: Chance | undefined;
  readonly duplicate: Chance | undefined;
  /** Latencies of the copies, apart from those of the messages, which a copy must not shift. */
  readonly copyLatency: RandomStream | undefined;
  readonly reorder: boolean;
  readonly until: Micros;
  readonly cuts: readonly { readonly from: Micros; readonly until: Micros }[];
}

interface Chance {
  readonly probability: number;
  readonly stream: RandomStream;
}

/** What the links of a network are made from. */
export interface LinkParts {
  readonly random: RandomRoot;
  readonly latency: LatencyModel;
  readonly faults?: FaultModel | undefined;
  readonly partitions?: readonly Partition[] | undefined;
}

/** Opens a link. @throws HaggleError `bad-latency`, `bad-link-faults`, `bad-duration` */
export function openLink(names: Link, parts: LinkParts): LinkState {
  const { random, latency } = parts;
  const { min, max = min } = typeof latency === 'function' ? latency(names) : latency;
  checkLatency(names, min, max);
  const varies = min !== max;
  return {
    min,
    max,
    latency: varies ? random.stream('latency', names.from, names.to) : undefined,
    faults: runningFaults(names, parts, varies),
    last: 0,
  };
}

function runningFaults(names: Link, parts: LinkParts, varies: boolean): RunningFaults | undefined {
  const { random, faults: model = {}, partitions = [] } = parts;
  const { from, to } = names;
  if (from === to) return undefined;
  const faults = typeof model === 'function' ? model(names) : model;
  checkLinkFaults(faults, `${from} -> ${to}`);
  const { reorder = false, until } = faults;
  const cuts = partitions.filter((partition) => separates(partition, names)).map(spanOf);
  const loss = chance(faults.loss, () => random.stream('loss', from, to));
  const duplicate = chance(faults.duplicate, () => random.stream('duplicate', from, to));
  if (loss === undefined && duplicate === undefined && !reorder && cuts.length === 0) return undefined;
  return {
    loss,
    duplicate,
    copyLatency: varies && duplicate !== undefined ? random.stream('duplicate-latency', from, to) : undefined,
    reorder,
    until: until === undefined ? Infinity : micros(until),
    cuts,
  };
}

function chance(probability: number | undefined, stream: () => RandomStream): Chance | undefined {
  return probability === undefined || probability === 0 ? undefined : { probability, stream: stream() };
}

/** The latency of a copy, from a stream of its own. */
export function copyLatency({ min, max, faults }: LinkState): Micros {
  return faults?.copyLatency?.integer(min, max) ?? min;
}

/**
 * Decides what becomes of a message sent now. It draws for every fault that the link has, whatever the outcome: the n-th
 * message of a link meets the same chance whether or not another fault is switched on.
 */
export function drawFate(faults: RunningFaults, now: Micros): Fate {
  const faulty = now < faults.until;
  const lost = faulty && happens(faults.loss);
  const copied = faulty && happens(faults.duplicate);
  if (faults.cuts.some(({ from, until }) => from <= now && now < until)) return 'blocked';
  if (lost) return 'lost';
  return copied ? 'duplicated' : 'sent';
}

function happens(event: Chance | undefined): boolean {
  return event !== undefined && event.stream.uniform() < event.probability;
}

/** True where a partition cuts this direction of a link. */
function separates({ groups, oneWay = false }: Partition, { from, to }: Link): boolean {
  const sender = groups.findIndex((group) => group.includes(from));
  const receiver = groups.findIndex((group) => group.includes(to));
  if (sender < 0 || receiver < 0 || sender === receiver) return false;
  return oneWay ? sender === 0 : true;
}

function spanOf({ from, until }: Partition): { readonly from: Micros; readonly until: Micros } {
  return { from: micros(from), until: until === undefined ? Infinity : micros(until) };
}

function checkLatency(link: Link, min: Micros, max: Micros): void {
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && max >= min) return;
  throw new HaggleError(
    'bad-latency',
    `latency of ${link.from} -> ${link.to} must be whole microseconds with 0 <= min <= max, got ${min} to ${max}`,
  );
}

/**
 * Checks faults of a link; `where` names it in the error.
 *
 * @throws HaggleError `bad-link-faults` for a probability outside 0 to 1, `bad-duration`
 */
export function checkLinkFaults(faults: LinkFaults, where: string): void {
  for (const kind of ['loss', 'duplicate'] as const) {
    const probability = faults[kind];
    if (probability === undefined || (probability >= 0 && probability <= 1)) continue;
    throw new HaggleError('bad-link-faults', `${kind} of ${where} must be from 0 to 1, got ${probability}`);
  }
  if (faults.until !== undefined) micros(faults.until);
}

/**
 * Checks a partition.
 *
 * @throws HaggleError `bad-partition` unless it has two groups or more (exactly two where it is one-way), none empty, no
 * name in two of them, and ends after it begins; `bad-duration`
 */
export function checkPartition(partition: Partition): void {
  const { groups, oneWay = false } = partition;
  const { from, until } = spanOf(partition);
  const names = groups.flat();
  const fail = (what: string): never => {
    throw new HaggleError('bad-partition', `partition from ${from} us: ${what}`, { fields: { from } });
  };
  if (groups.length < 2) fail(`it needs two groups or more, got ${groups.length}`);
  if (oneWay && groups.length !== 2) fail(`one-way needs exactly two groups, got ${groups.length}`);
  if (groups.some((group) => group.length === 0)) fail('a group is empty');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail(`"${twice}" is named twice`);
  if (until <= from) fail(`it must end after it begins, got ${until} us`);
}
