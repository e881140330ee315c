import type { ClosedCode } from '../../agent/dialogues.ts';
import type { Rest } from '../../agent/rest.ts';
import type { BusMessage } from '../../bus/bus.ts';
import { publicKeyOfNkey } from '../../identity/nkey.ts';
import { senderToken } from '../../bus/subjects.ts';
import type { Micros } from '../../clock.ts';
import { LIMITS } from '../../limits.ts';
import type { Opener } from '../../message/open.ts';
import { isRefusal } from '../../message/refusals.ts';
import type { Inbox } from './inbox.ts';
import type { Input } from './input.ts';
import { keptMessage } from './kept-message.ts';
import type { Life } from './life.ts';
import type { LiveClock } from './live-clock.ts';
import type { Meter } from './meter.ts';
import type { Recorder } from './recorder.ts';
import type { Timing } from './timing.ts';

/** An input that has no instant yet. */
export type Control = (at: Micros) => Input;

/** What a pump needs. */
export interface PumpParts {
  readonly life: Life<unknown, unknown>;
  readonly inbox: Inbox;
  readonly opener: Opener;
  readonly recorder: Recorder;
  readonly clock: LiveClock;
  readonly timing: Timing;
  /** Resolves once the agent is asked to stop: the control that stops it is there. */
  readonly stopAsked: Promise<void>;
  readonly meter: Meter;
  readonly refused: (code: string) => void;
  /** Why strangers can open nothing, as the life knows it. */
  readonly wasClosedTo: ClosedCode | null;
  /** Why strangers should open nothing now. */
  readonly closedTo: () => ClosedCode | null;
  /** Where the life should go on in another, and is quiet: all that it is. */
  readonly rest: () => Rest | null;
  /** Called with each message once it was handled or refused. */
  readonly handled: (message: BusMessage) => void;
  /** Called after each instant. */
  readonly afterInstant: () => void;
}

/** How a life ended. */
export type LifeEnd =
  | { readonly type: 'stopped' }
  | { readonly type: 'failed' }
  /** It is quiet: another life may go on from here, or this one. */
  | { readonly type: 'rest'; readonly rest: Rest }
  /** The agent's machinery broke, or a handler went on by itself: the peers know nothing of it. */
  | { readonly type: 'broken'; readonly error: unknown };

/** Moves one life: takes inputs one at a time, each at an instant of its own, and lets what was said leave. */
export class Pump {
  readonly #parts: PumpParts;
  readonly #controls: Control[] = [];
  #closedTo: ClosedCode | null;
  #messageNext = true;
  #wakeUp: (() => void) | null = null;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#closedTo = parts.wasClosedTo;
  }

  /** Gives an input that neither the bus nor the clock brings. */
  control(control: Control): void {
    this.#controls.push(control);
    this.poke();
  }

  /** Something may have happened. */
  poke(): void {
    this.#wakeUp?.();
  }

  /** Runs until the life is over. */
  async run(): Promise<LifeEnd> {
    const { recorder, timing, stopAsked } = this.#parts;
    for (;;) {
      const room = recorder.room();
      // Whoever stops does not wait for a disk that may stay full.
      if (room !== undefined) await Promise.race([room, stopAsked]);
      const end = await this.#instant();
      if (end !== null) return end;
      if (!this.#isDue()) await this.#idle();
      // A burst comes in one after another: what has arrived meanwhile belongs to the same instant.
      await timing.rest();
    }
  }

  async #instant(): Promise<LifeEnd | null> {
    const { life, recorder, afterInstant } = this.#parts;
    try {
      await this.#handleSome();
      recorder.instant(life.endInstant());
    } catch (error) {
      return { type: 'broken', error };
    }
    afterInstant();
    if (life.foreign !== null) return { type: 'broken', error: life.foreign };
    const { lifecycle } = life.runtime;
    if (lifecycle === 'stopped' || lifecycle === 'failed') return { type: lifecycle };
    const rest = this.#controls.length === 0 ? this.#parts.rest() : null;
    return rest === null ? null : { type: 'rest', rest };
  }

  async #handleSome(): Promise<void> {
    const { life, clock } = this.#parts;
    for (let handled = 0; handled < LIMITS.instantInputs && isGoingOn(life); handled++) {
      clock.advance();
      const control = this.#nextControl();
      if (control !== undefined) await this.#handle(control(clock.now));
      else if (this.#wakeComesFirst()) await this.#wake();
      else if (!(await this.#message())) return;
    }
  }

  #nextControl(): Control | undefined {
    const closedTo = this.#parts.closedTo();
    if (closedTo === this.#closedTo || this.#parts.life.runtime.lifecycle !== 'running') return this.#controls.shift();
    this.#closedTo = closedTo;
    return (at) => ({ type: 'close', at, code: closedTo });
  }

  /** A wake-up that is due and messages that wait take turns, so that neither can starve the other. */
  #wakeComesFirst(): boolean {
    const { life, clock, inbox } = this.#parts;
    const wake = life.nextWake;
    if (wake === null || wake.time > clock.now) return false;
    this.#messageNext = !this.#messageNext;
    return !this.#messageNext || inbox.size === 0;
  }

  #wake(): Promise<void> | void {
    const { life, clock } = this.#parts;
    const wake = life.nextWake;
    if (wake !== null) return this.#handle({ type: 'wake', at: clock.now, handle: wake.handle, due: wake.time });
  }

  /** False where none waits. */
  async #message(): Promise<boolean> {
    const { inbox, meter, timing } = this.#parts;
    const message = inbox.take();
    if (message === undefined) return false;
    const from = timing.steady();
    const handled = message.noResponders ? this.#unreachable(message) : this.#open(message);
    if (handled !== undefined) await handled;
    this.#parts.handled(message);
    meter.add('messaging_client_consumed_messages_total', 1);
    meter.observe('messaging_process_duration_seconds', (timing.steady() - from) / 1_000_000);
    return true;
  }

  #unreachable({ subject }: BusMessage): Promise<void> | void {
    const token = senderToken(subject);
    const end = token.lastIndexOf('-');
    // Without an id it is no answer to anything: a peer can send the like under its own name, and must not fill the journal.
    if (end > 0 && publicKeyOfNkey(token.slice(end + 1)) !== null) {
      return this.#handle({ type: 'unreachable', at: this.#parts.clock.now, subject });
    }
  }

  /** What is refused is counted and moves nothing. */
  #open(arrived: BusMessage): Promise<void> | void {
    const { opener, refused, recorder, life, clock } = this.#parts;
    const message = keptMessage(arrived);
    const opened = opener.open(message);
    if (isRefusal(opened)) return refused(opened.refused);
    const input: Input = { type: 'message', at: clock.now, message };
    recorder.input(input);
    return life.handle(input, opened);
  }

  #handle(input: Input): Promise<void> | void {
    this.#parts.recorder.input(input);
    return this.#parts.life.handle(input);
  }

  #isDue(): boolean {
    const { inbox, life, clock, closedTo } = this.#parts;
    if (inbox.size > 0 || this.#controls.length > 0 || closedTo() !== this.#closedTo) return true;
    const wake = life.nextWake;
    return wake !== null && wake.time <= clock.now;
  }

  async #idle(): Promise<void> {
    const { life, clock, timing } = this.#parts;
    const wake = life.nextWake;
    await new Promise<void>((resolve) => {
      const takeBack = wake === null ? undefined : timing.after(wake.time - clock.now, resolve);
      this.#wakeUp = () => {
        takeBack?.();
        resolve();
      };
    });
    this.#wakeUp = null;
    clock.advance();
  }
}

/** `created` too: its first input is the start. */
function isGoingOn({ runtime, foreign }: Life<unknown, unknown>): boolean {
  return foreign === null && (runtime.lifecycle === 'running' || runtime.lifecycle === 'created');
}
