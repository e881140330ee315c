import { DECISION_SUBJECT, type DecisionRecord } from '../agent-core/agent/decision.ts';
import type { Bus } from '../agent-core/bus/bus.ts';
import type { Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { LIMITS } from '../agent-core/limits.ts';
import type { RandomRoot } from '../agent-core/random.ts';
import type { Delivery, NetworkCounters, Sending } from './delivery.ts';
import { arrive, Endpoint, learnListeners, type Listening, type Wires } from './endpoint.ts';
import type { OrderKey } from './event-slots.ts';
import type { Kernel } from './kernel.ts';
import { checkPartition, type FaultModel, type LatencyModel, type Partition } from './link.ts';
import { createNotices, type Notices } from './notices.ts';
import type { MessageCargo, SendElsewhere } from './shards/parcel.ts';
import { SubjectIndex } from './subject-index.ts';

export type { Delivery, NetworkCounters, Sending } from './delivery.ts';
export type { LatencyModel, LatencyRange, Link } from './link.ts';

/**
 * A simulated network with core NATS semantics in virtual time.
 *
 * Nobody knows what happens elsewhere before a message could have come from there. So what is subscribed or unsubscribed while
 * the network runs is known to senders one least latency later ({@link Notices}); whoever unsubscribes hears nothing more
 * from that moment, and what is sent to it meanwhile is dropped. What is subscribed before a run or between two is known at once.
 */
export interface Network {
  /**
   * The bus of a new endpoint.
   *
   * @throws HaggleError `duplicate-source`, `source-collision`
   */
  attach(name: string): Bus;
  /** Says that an endpoint of this name is in another part of the world; notices say what it listens to. */
  attachElsewhere(name: string): void;
  /** Takes in a message from another part of the world. @throws HaggleError `bad-parcel` */
  accept(key: OrderKey, cargo: MessageCargo): void;
  /** Calls `listener` at each delivery, before the subscriber. Returns what ends it. */
  observe(listener: (delivery: Delivery) => void): () => void;
  /** Shows observers what an agent decided, as if it had told itself: the payload is the record as JSON. Counts as no traffic. */
  note(agent: string, decision: DecisionRecord): void;
  /** Calls `listener` at each publish, also of what is lost or heard by nobody. Returns what ends it. */
  observeSent(listener: (sending: Sending) => void): () => void;
  readonly counters: NetworkCounters;
  /** Decisions that were noted so far, by the hash of the policy that was asked. */
  readonly decisions: ReadonlyMap<string, number>;
}

/** Options of {@link createNetwork}. */
export interface NetworkOptions {
  readonly kernel: Kernel;
  /**
   * Streams used: `('latency', from, to)` a link whose latency varies, `('queue', publisher)` a publisher to queue groups,
   * `('loss', from, to)`, `('duplicate', from, to)` and `('duplicate-latency', from, to)` a link with such a fault.
   */
  readonly random: RandomRoot;
  readonly latency: LatencyModel;
  /** What goes wrong on links; nothing if left out. */
  readonly faults?: FaultModel | undefined;
  /** Who is cut off from whom, and when. */
  readonly partitions?: readonly Partition[] | undefined;
  /** UTF-8 bytes of one payload; `LIMITS.payloadBytes` if left out. */
  readonly maxPayloadBytes?: number;
  /** How senders learn who listens; at once and without delay if left out. */
  readonly notices?: Notices;
  /** Takes what goes to an endpoint elsewhere. */
  readonly sendElsewhere?: SendElsewhere | undefined;
}

/**
 * A network on a kernel. Every endpoint is an event source of the kernel, named `bus/<endpoint>`; a publish schedules one
 * delivery for each matched subscription, a latency later, unless a fault of the link decides otherwise.
 *
 * @throws HaggleError `bad-partition`
 */
export function createNetwork(options: NetworkOptions): Network {
  const { kernel, random, latency, faults, partitions, maxPayloadBytes = LIMITS.payloadBytes } = options;
  for (const partition of partitions ?? []) checkPartition(partition);
  const wires: Wires = {
    kernel,
    links: { random, latency, faults, partitions },
    maxPayloadBytes,
    index: new SubjectIndex<Listening>(),
    notices: options.notices ?? createNotices({ now: () => kernel.now(), live: () => false, delay: 0 }),
    sendElsewhere: options.sendElsewhere,
    endpoints: new Map(),
    observers: new Set(),
    sentObservers: new Set(),
    counters: { published: 0, delivered: 0, dropped: 0, bytes: 0, noResponders: 0, lost: 0, duplicated: 0, blocked: 0 },
  };
  const decisions = new Map<string, number>();
  learnListeners(wires);
  const attach = (name: string, here: boolean): Endpoint => {
    const endpoint = new Endpoint(name, here, wires);
    wires.endpoints.set(name, endpoint);
    return endpoint;
  };
  return {
    attach: (name) => attach(name, true),
    attachElsewhere: (name) => void attach(name, false),
    accept: (key, cargo) => takeIn(wires, key, cargo),
    observe: (listener) => {
      wires.observers.add(listener);
      return () => void wires.observers.delete(listener);
    },
    note: (agent, decision) => {
      decisions.set(decision.policy, (decisions.get(decision.policy) ?? 0) + 1);
      const delivery = decisionDelivery(agent, decision, kernel.now());
      for (const observer of wires.observers) observer(delivery);
    },
    observeSent: (listener) => {
      wires.sentObservers.add(listener);
      return () => void wires.sentObservers.delete(listener);
    },
    get counters() {
      return { ...wires.counters };
    },
    decisions,
  };
}

function decisionDelivery(agent: string, decision: DecisionRecord, time: Micros): Delivery {
  const payload = JSON.stringify(decision);
  const message = { subject: DECISION_SUBJECT, payload, headers: {}, reply: undefined, noResponders: false };
  return { time, from: agent, to: agent, message };
}

function takeIn({ kernel, endpoints }: Wires, key: OrderKey, cargo: MessageCargo): void {
  const from = endpoints.get(cargo.from);
  const to = endpoints.get(cargo.to);
  if (from === undefined || to?.here !== true) throw badParcel(`a message from "${cargo.from}" to "${cargo.to}"`);
  kernel.insert(key, arrive, to.await(cargo, from));
}

/** The error of a parcel that is not for this part of the world. */
export function badParcel(what: string): HaggleError {
  return new HaggleError('bad-parcel', `${what} came to a part of the world that cannot take it`);
}
