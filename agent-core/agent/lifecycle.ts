import { createActor, setup } from 'xstate';

/**
 * Life of an agent.
 *
 * - `created`: placed, nothing runs; no message is taken.
 * - `running`: start handlers ran or run; messages and timers reach it.
 * - `draining`: asked to stop; nothing new begins, what was said is flushed.
 * - `stopped`, `failed`: over; subscriptions and timers are gone.
 * - `crashed`: over from one instant to the next; nothing ran on the way and nobody was told.
 */
export type LifecycleState = 'created' | 'running' | 'draining' | 'stopped' | 'failed' | 'crashed';

/** What moves an agent through its life. */
export type LifecycleEvent = 'start' | 'stop' | 'drained' | 'fail' | 'crash';

const machine = setup({}).createMachine({
  id: 'agent',
  initial: 'created',
  states: {
    created: { on: { start: 'running', stop: 'stopped', fail: 'failed', crash: 'crashed' } },
    running: { on: { stop: 'draining', fail: 'failed', crash: 'crashed' } },
    draining: { on: { drained: 'stopped', fail: 'failed', crash: 'crashed' } },
    stopped: { type: 'final' },
    failed: { type: 'final' },
    crashed: { type: 'final' },
  },
});

/** A running lifecycle. */
export interface Lifecycle {
  readonly state: LifecycleState;
  /** Moves on; false where the event means nothing in the present state. */
  send(event: LifecycleEvent): boolean;
}

/** Starts the lifecycle of one agent in `created`. */
export function createLifecycle(agent: string): Lifecycle {
  const actor = createActor(machine, { id: agent });
  actor.start();
  const read = (): LifecycleState => actor.getSnapshot().value;
  return {
    get state() {
      return read();
    },
    send(event) {
      const before = read();
      actor.send({ type: event });
      return read() !== before;
    },
  };
}
