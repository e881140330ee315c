import type { Bus, BusMessage, PublishOptions, Subscription } from '../../../../agent-core/bus/bus.ts';
import type { LinkStatus } from '../../../../agent-core/adapters/nats.ts';
import type { LiveLink } from '../../../../agent-core/adapters/live/live-agent.ts';
import type { Timing } from '../../../../agent-core/adapters/live/timing.ts';
import type { Micros } from '../../../../agent-core/clock.ts';

/** The clocks of a machine that stand still until they are told to go on. */
export interface StillTiming extends Timing {
  /** Lets everything that can happen now happen. */
  settle(): Promise<void>;
  /** Lets time pass, timer by timer. */
  pass(span: Micros): Promise<void>;
  /** Sets the wall clock. */
  setWall(time: Micros): void;
}

/** 2026-01-01. */
export const EPOCH: Micros = 1_767_225_600_000_000;

/** Rounds of the event loop without a call for rest after which nothing is on the move. */
const QUIET_ROUNDS = 8;

export function stillTiming(): StillTiming {
  let steady = 0;
  let offset = EPOCH;
  let rests = 0;
  let next = 0;
  const timers = new Map<number, { readonly at: Micros; readonly call: () => void }>();
  const macrotask = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < QUIET_ROUNDS;) {
      const before = rests;
      await macrotask();
      quiet = rests === before ? quiet + 1 : 0;
    }
  };
  const due = (until: Micros): readonly [number, { readonly at: Micros; readonly call: () => void }] | undefined =>
    [...timers].filter(([, { at }]) => at <= until).toSorted(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  return {
    wall: () => steady + offset,
    steady: () => steady,
    after(delay, call) {
      const id = next++;
      timers.set(id, { at: steady + Math.max(0, delay), call });
      return () => void timers.delete(id);
    },
    rest: () => {
      rests += 1;
      return macrotask();
    },
    settle,
    async pass(span) {
      const until = steady + span;
      await settle();
      for (;;) {
        const first = due(until);
        if (first === undefined) break;
        const [id, { at, call }] = first;
        timers.delete(id);
        steady = Math.max(steady, at);
        call();
        await settle();
      }
      steady = until;
      await settle();
    },
    setWall(time) {
      offset = time - steady;
    },
  };
}

/** A broker in memory: delivers at once, in order; each endpoint has a link that can go down. */
export interface StillBroker {
  link(): StillLink;
  /** Everything that was published and taken, in order. */
  readonly heard: readonly BusMessage[];
}

export interface StillLink extends LiveLink {
  readonly status: LinkStatus;
  /** Cuts the link; what was published and not confirmed is lost. */
  cut(): void;
  mend(): void;
  /** Frees everything: the process is gone. */
  drop(): void;
}

interface Listening {
  readonly subject: string;
  readonly listener: (message: BusMessage) => void;
  readonly isUp: () => boolean;
}

export function stillBroker(): StillBroker {
  const listening = new Set<Listening>();
  const heard: BusMessage[] = [];
  const deliver = (message: BusMessage): boolean => {
    let taken = false;
    for (const { subject, listener, isUp } of listening) {
      if (!isUp() || !matches(subject, message.subject)) continue;
      taken = true;
      listener(message);
    }
    return taken;
  };
  const publish = (subject: string, payload: string, { headers = {}, reply }: PublishOptions): void => {
    const message: BusMessage = { subject, payload, headers, reply, noResponders: false };
    heard.push(message);
    if (deliver(message) || reply === undefined) return;
    deliver({ subject: reply, payload: '', headers: {}, reply: undefined, noResponders: true });
  };
  return {
    heard,
    link() {
      let status: LinkStatus = 'connected';
      let gone = false;
      const own = new Set<Listening>();
      const listeners = new Set<(status: LinkStatus) => void>();
      const become = (to: LinkStatus): void => {
        status = to;
        for (const listener of listeners) listener(to);
      };
      const bus: Bus = {
        publish: (subject, payload, options = {}) => {
          if (status === 'connected' && !gone) publish(subject, payload, options);
        },
        subscribe(subject, listener): Subscription {
          const entry = { subject, listener, isUp: () => status === 'connected' && !gone };
          own.add(entry);
          listening.add(entry);
          return { subject, unsubscribe: () => void listening.delete(entry) };
        },
        flush: () => (status === 'connected' ? Promise.resolve() : Promise.reject(new RangeError('the link is down'))),
        drain: () => Promise.resolve(),
      };
      return {
        bus,
        get status() {
          return status;
        },
        onStatus(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        cut: () => become('reconnecting'),
        mend: () => become('connected'),
        drop() {
          gone = true;
          for (const entry of own) listening.delete(entry);
          listeners.clear();
        },
      };
    },
  };
}

function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  return wanted.length === tokens.length && wanted.every((token, index) => token === '*' || token === tokens[index]);
}
