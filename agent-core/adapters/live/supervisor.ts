import type { Agent } from '../../agent/agent.ts';
import type { ClosedCode } from '../../agent/dialogues.ts';
import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import { createGuard, type Guard } from '../../agent/guard.ts';
import type { LifecycleState } from '../../agent/lifecycle.ts';
import type { Rest } from '../../agent/rest.ts';
import type { RuntimeCounters } from '../../agent/runtime.ts';
import { seconds, type Duration } from '../../clock.ts';
import { AssertionError, HaggleError } from '../../errors.ts';
import type { Did } from '../../identity/did-key.ts';
import type { SignatureBackend } from '../../identity/signer.ts';
import { LIMITS } from '../../limits.ts';
import { silentLog, type Log } from '../../log.ts';
import type { Opener } from '../../message/open.ts';
import type { ReplayWindow } from '../../message/replay-window.ts';
import { createSealer, type Sealer } from '../../message/seal.ts';
import { nodeBackend } from '../node-crypto.ts';
import type { Beginning, Origin } from './beginning.ts';
import { perform, type Effect } from './effect.ts';
import { createEnding, type Ending } from './ending.ts';
import { createIncomingMail, type IncomingMail } from './incoming-mail.ts';
import { createHeldLog, type HeldLog } from './held-log.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { Life } from './life.ts';
import { lifeOpener } from './life-opener.ts';
import { listen } from './listen.ts';
import type { LiveAgent, LiveEnd, LiveOptions } from './live-agent.ts';
import { createLiveClock, type LiveClock } from './live-clock.ts';
import { silentMeter, type Meter } from './meter.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { Pump } from './pump.ts';
import { originOf } from './origin.ts';
import type { Recorder } from './recorder.ts';
import { relive } from './relive.ts';
import { createRestartLimit, type RestartLimit } from './restart-limit.ts';
import { createTally, NO_COUNTERS, sumOf, type Tally } from './tally.ts';
import { systemTiming, type Timing } from './timing.ts';

/** After a try to compact the journal the next comes so much later. */
const NO_REST_MICROS = 60_000_000;

/** The lives of one agent in this process, one after another. */
export class Supervisor<Params, State> implements LiveAgent {
  readonly did: Did;
  readonly nkey: string;
  readonly ended: Promise<LiveEnd>;
  readonly #agent: Agent<Params, State>;
  readonly #options: LiveOptions;
  readonly #timing: Timing;
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #backend: SignatureBackend;
  readonly #guard: Guard = createGuard();
  readonly #sealer: Sealer;
  readonly #inbox: Inbox = createInbox();
  readonly #refused = new Map<string, number>();
  readonly #outgoing: Outgoing;
  readonly #clock: LiveClock;
  readonly #mail: IncomingMail;
  #origin: Origin | null = null;
  readonly #restarts: RestartLimit;
  #life: Life<Params, State> | null = null;
  #pump: Pump | null = null;
  #recorder: Recorder | null = null;
  #confirmed: (flush: number) => void = () => undefined;
  #held: HeldLog;
  #tally: Tally;
  #resolveEnded: (end: LiveEnd) => void = () => undefined;
  readonly #ending: Ending;
  #endListening: () => void = () => undefined;
  #lastError: unknown = null;
  #noRestBefore = 0;
  /** Counted by earlier lives of this process. */
  #earlier: RuntimeCounters = NO_COUNTERS;

  constructor(agent: Agent<Params, State>, options: LiveOptions) {
    const { signer, timing = systemTiming, log = silentLog, meter = silentMeter, backend = nodeBackend } = options;
    this.did = signer.did;
    this.nkey = signer.nkey;
    this.#agent = agent;
    this.#options = options;
    this.#timing = timing;
    this.#log = log;
    this.#meter = meter;
    this.#backend = backend;
    this.#restarts = createRestartLimit(timing, options.restarts);
    this.#ending = createEnding(timing);
    this.#sealer = createSealer({ mode: options.sign ?? 'each', signer, backend });
    this.#clock = createLiveClock(timing);
    const confirmed = (flush: number): void => this.#confirmed(flush);
    this.#outgoing = createOutgoing({ link: options.link, timing, log, meter, confirmed });
    this.#mail = createIncomingMail({
      mail: options.mail,
      inbox: this.#inbox,
      arrived: () => this.#pump?.poke(),
      stored: () => this.#recorder?.stored(),
    });
    this.#held = createHeldLog(log);
    this.#tally = createTally(meter);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get lifecycle(): LifecycleState {
    return this.#life?.runtime.lifecycle ?? 'created';
  }

  get counters(): RuntimeCounters {
    return { ...sumOf(this.#earlier, this.#life?.runtime.counters ?? NO_COUNTERS), refused: this.#refused };
  }

  get notReady(): readonly string[] {
    const reasons: string[] = [];
    if (this.#options.link.status !== 'connected') reasons.push('broker');
    if (this.#recorder?.healthy === false) reasons.push('journal');
    if (this.#clock.ahead > LIMITS.clockSkewMicros) reasons.push('clock');
    if (this.#ending.draining) reasons.push('draining');
    if (this.#outgoing.crowded || this.#recorder?.overlong === true) reasons.push('overloaded');
    return reasons;
  }

  get queues(): LiveAgent['queues'] {
    const { size, oldest } = this.#outgoing;
    const since = oldest ?? this.#timing.wall();
    return { inbox: this.#inbox.size, outbox: size, outboxOldestSeconds: seconds(this.#timing.wall() - since) };
  }

  /** Listens, and goes on with the life that was cut off or starts a new one. */
  async begin(): Promise<void> {
    const { link } = this.#options;
    const origin = await originOf(this.#agent, {
      ...this.#options,
      timing: this.#timing,
      log: this.#log,
      meter: this.#meter,
      outgoing: this.#outgoing,
      seal: (payloads) => this.#sealer.seal(payloads),
      onConfirmed: (confirmed) => (this.#confirmed = confirmed),
    });
    this.#origin = origin;
    // A life is executed again under the same guard under which it was executed first.
    const uninstall = this.#guard.install();
    try {
      this.#endListening = listen(this.#options, (message) => {
        if (!this.#inbox.put(message)) this.#meter.add('haggle_inbox_overflow_total', 1);
        this.#pump?.poke();
      });
      // Whoever hears of this agent from now on must find it listening.
      if (link.status === 'connected') await link.bus.flush();
      await this.#firstLife(origin);
    } catch (error) {
      uninstall();
      this.#endListening();
      this.#outgoing.close();
      await origin.close();
      throw error;
    }
    this.#mail.begin();
    void this.#run(uninstall);
  }

  async #firstLife(origin: Origin): Promise<void> {
    try {
      await this.#enter(await origin.first());
    } catch (error) {
      const abandons = this.#options.onDiverged === 'abandon' && error instanceof HaggleError;
      if (!abandons || !['journal-corrupt', 'journal-diverged'].includes(error.code)) throw error;
      this.#log.error({ event: error.code, error: error.message });
      await this.#enter(await origin.instead());
    }
  }

  async drain(within: Duration): Promise<void> {
    this.#ending.drain(within, () => this.#stopLife());
    this.#mail.end();
    this.#pump?.poke();
    await this.ended;
  }

  async #run(uninstall: () => void): Promise<void> {
    try {
      this.#resolveEnded(await this.#live());
    } catch (error) {
      this.#log.error({ event: 'over', error: String(error) });
      this.#resolveEnded(await this.#close({ type: 'failed', error }));
    } finally {
      uninstall();
    }
  }

  /** Life after life, until one ends by itself or too many have failed. */
  async #live(): Promise<LiveEnd> {
    while (this.#pump !== null) {
      const end = await this.#pump.run();
      if (end.type === 'stopped') break;
      if (end.type === 'rest') {
        await this.#compact(end.rest);
        continue;
      }
      const lost = end.type === 'broken' ? this.#cutDown(end.error) : [];
      await Promise.race([this.#recorder?.end(lost), this.#ending.stopAsked]);
      if (this.#ending.draining) break;
      if (!this.#restarts.allows()) return this.#close({ type: 'failed', error: this.#lastError });
      this.#meter.add('haggle_restarts_total', 1);
      if (this.#origin !== null) await this.#enter(await this.#origin.next(lost));
    }
    return this.#close({ type: 'stopped' });
  }

  /** A life that is quiet goes on in a new one with a short record; where that cannot be, as it is. */
  async #compact(rest: Rest): Promise<void> {
    const recorder = this.#recorder;
    await this.#ending.inTime(recorder?.stored());
    await this.#ending.inTime(this.#outgoing.empty());
    if (recorder === null || this.#origin === null) return;
    if (this.#outgoing.size > 0 || !recorder.healthy) return this.#compactLater('what was said has not left');
    // The new record is on the disk before the old one is left: whoever is cut off between the two goes on with one of them.
    try {
      const beginning = await this.#origin.next([], rest);
      await recorder.leave();
      await this.#enter(beginning);
      this.#log.info({ event: 'journal-compacted' });
    } catch (error) {
      if (!(error instanceof HaggleError) || error.code !== 'cannot-write') throw error;
      this.#compactLater(error.message);
    }
  }

  #compactLater(error: string): void {
    this.#log.warn({ event: 'journal-not-compacted', error });
    this.#noRestBefore = this.#timing.steady() + NO_REST_MICROS;
  }

  #restOf({ runtime }: Life<Params, State>): Rest | null {
    if (this.#recorder?.long !== true || this.#ending.draining || this.#timing.steady() < this.#noRestBefore)
      return null;
    if (this.#options.link.status !== 'connected' || this.#outgoing.size > 0) return null;
    try {
      return runtime.rest();
    } catch (error) {
      this.#compactLater(String(error));
      return null;
    }
  }

  async #close(end: LiveEnd): Promise<LiveEnd> {
    this.#ending.close();
    this.#endListening();
    this.#mail.end();
    await this.#ending.inTime(this.#recorder?.stored());
    await this.#ending.inTime(this.#outgoing.empty());
    if (this.#outgoing.size > 0) this.#log.error({ event: 'left-unsaid', messages: this.#outgoing.size });
    // Whoever is cut off before this says its last words again.
    await this.#ending.inTime(this.#recorder?.end([]));
    this.#recorder?.giveUp();
    this.#outgoing.close();
    await this.#origin?.close();
    this.#log.info({ event: 'over', end: end.type });
    return end;
  }

  /** Ends a life that cannot go on; returns what its peers must be told by the next. */
  #cutDown(error: unknown): readonly LostDialogue[] {
    this.#lastError = error;
    this.#log.error({ event: 'life-broken', error: String(error) });
    const lost = this.#life?.runtime.openDialogues ?? [];
    this.#life?.runtime.crash();
    return lost;
  }

  /** Brings a life to where it had come, and makes it go on. */
  async #enter(beginning: Beginning): Promise<void> {
    const held = createHeldLog(this.#log);
    const tally = createTally(this.#meter);
    const life = this.#makeLife(beginning, held);
    const from = this.#timing.steady();
    const relived = await relive(beginning.past, {
      life,
      clock: this.#clock,
      opener: this.#opener(beginning.replay, { ...this.#backend, verify: () => true }),
      seal: (payloads) => this.#sealer.seal(payloads),
    });
    this.#clock.replayAt(this.#origin?.until ?? 0);
    held.drop();
    tally.skip(life.counters);
    const recorder = await beginning.record(relived.unsent);
    if (relived.started) {
      const { inputs, unsent } = relived;
      this.#log.info({ event: 'resumed', inputs, unsent: unsent.length, micros: this.#timing.steady() - from });
    }
    if (this.#life !== null) this.#earlier = sumOf(this.#earlier, this.#life.runtime.counters);
    this.#held = held;
    this.#tally = tally;
    this.#life = life;
    this.#recorder = recorder;
    this.#pump = new Pump({
      life,
      inbox: this.#inbox,
      opener: this.#opener(beginning.replay, this.#backend),
      recorder,
      clock: this.#clock,
      timing: this.#timing,
      stopAsked: this.#ending.stopAsked,
      meter: this.#meter,
      refused: (code) => this.#refuse(code),
      wasClosedTo: relived.closedTo,
      closedTo: () => this.#closedTo(),
      rest: () => this.#restOf(life),
      handled: (message) => this.#mail.handled(message),
      afterInstant: () => this.#afterInstant(),
    });
    this.#perform(relived.effects);
    if (relived.broken !== null) return await this.#replace(relived.broken.error);
    if (!relived.started) this.#pump.control((at) => ({ type: 'start', at }));
    if (this.#ending.isStopAsked) this.#pump.control((at) => ({ type: 'stop', at }));
    const { disown: dialogues } = beginning;
    if (dialogues.length > 0 && !relived.disowned) this.#pump.control((at) => ({ type: 'disown', at, dialogues }));
  }

  /** A new life in place of one whose machinery is broken. */
  async #replace(error: unknown): Promise<void> {
    const lost = this.#cutDown(error);
    await this.#recorder?.end(lost);
    if (this.#origin !== null) await this.#enter(await this.#origin.next(lost));
  }

  #makeLife({ seed }: Beginning, held: HeldLog): Life<Params, State> {
    const { signer, realm, name } = this.#options;
    return new Life(this.#agent, seed, {
      signer,
      realm,
      name,
      log: held.log,
      guard: this.#guard,
      hasDirectory: this.#options.directory !== undefined,
      hasMail: this.#options.mail !== undefined,
      rest: () => this.#timing.rest(),
      handlerFailed: (error) => {
        if (error instanceof AssertionError) this.#lastError = error;
      },
      strayed: () => this.#pump?.poke(),
    });
  }

  #opener(replay: ReplayWindow, backend: SignatureBackend): Opener {
    const clock = { now: () => this.#clock.now };
    const requireSignature = this.#sealer.mode !== 'off';
    return lifeOpener({ me: this.did, realm: this.#options.realm, backend, clock, requireSignature, replay });
  }

  #refuse(code: string): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    this.#meter.add('haggle_messages_refused_total', 1, code);
    this.#log.debug({ event: 'refused', code });
  }

  #closedTo(): ClosedCode | null {
    if (this.#ending.draining) return 'agent-draining';
    return this.#outgoing.crowded || this.#recorder?.overlong === true ? 'agent-overloaded' : null;
  }

  #afterInstant(): void {
    this.#held.release();
    this.#perform(this.#life?.takeEffects() ?? []);
    const life = this.#life;
    if (life === null) return;
    const { runtime } = life;
    this.#tally.pass(life.counters);
    if (this.#ending.draining && runtime.counters.dialoguesOpen === 0 && runtime.runs === 0) this.#stopLife();
  }

  #perform(effects: readonly Effect[]): void {
    const pump = this.#pump;
    const { directory, mail } = this.#options;
    perform(effects, { directory, mail, seal: (payloads) => this.#sealer.seal(payloads) }, (call, value) => {
      pump?.control((at) => ({ type: 'answer', at, call, value }));
    });
  }

  #stopLife(): void {
    if (this.#ending.stop()) this.#pump?.control((at) => ({ type: 'stop', at }));
  }
}
