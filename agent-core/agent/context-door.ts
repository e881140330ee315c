import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import type { JsonValue } from '../message/canonical.ts';
import { noMailbox } from '../message/mail.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import type { Policy } from '../policy/policy.ts';
import type { Mask } from '../policy/space.ts';
import type { Agent } from './agent.ts';
import type { Context, DialogueOptions, TimerId } from './context.ts';
import { DialogueHandle } from './conversation.ts';
import { decideFor } from './decision-door.ts';
import type { DialogueRecord } from './dialogue-book.ts';
import type { Dialogues } from './dialogues.ts';
import { createDirectoryAccess } from './directory-door.ts';
import type { Host } from './host.ts';
import { createLedgerAccess } from './ledger-door.ts';
import type { LifecycleState } from './lifecycle.ts';
import type { Program } from './program.ts';
import { startRun, type Stoppable } from './runs.ts';
import type { Turns } from './turns.ts';

/** What the context of an agent's handlers is made of. */
export interface ContextParts<Params, State> {
  readonly host: Host;
  readonly agent: Agent<Params, State>;
  readonly state: State;
  readonly dialogues: Dialogues;
  readonly turns: Turns;
  /** The runs that have not ended. */
  readonly runs: Set<Stoppable>;
  readonly lifecycle: () => LifecycleState;
  /** True from start to stop: only then does the agent speak. */
  readonly running: () => boolean;
  /** Counts what author's code threw. */
  readonly failed: (error: unknown) => void;
  readonly schedule: (tag: string, delay: Duration, data: JsonValue) => TimerId;
  readonly cancel: (timer: TimerId) => boolean;
  /** Asks for the end of the agent once the present turn is over. */
  readonly stop: () => void;
}

/** The parameters of `ctx.open` and `ctx.ask` without the protocol's types. */
type OpeningWords = readonly [
  protocol: AnyProtocol,
  role: string,
  to: Did,
  type: string,
  body: unknown,
  options: DialogueOptions,
];

/** Makes the door out of an agent's handlers. */
export function createContext<Params, State>(parts: ContextParts<Params, State>): Context<Params, State> {
  const { host, dialogues, turns } = parts;
  const checks = openingChecks(parts);
  const begin = ([protocol, role, to, , , { within, mail }]: OpeningWords, waits: boolean): DialogueRecord => {
    const deadline = host.clock.now() + micros(within);
    checks.checkOpening(protocol.name, deadline);
    if (mail !== undefined && host.mail === undefined) throw noMailbox(`opening ${protocol.name} by mail`);
    const played = waits ? dialogues.asking(protocol, role) : dialogues.played(protocol, role);
    return dialogues.begin({ role: played, to, deadline, mail });
  };
  const context = {
    self: host.self,
    name: host.name,
    params: parts.agent.params,
    state: parts.state,
    now: () => host.clock.now(),
    random: host.stream('default'),
    stream: (purpose: string) => host.stream('author', purpose),
    log: host.log,
    ledger: createLedgerAccess(host, turns),
    directory: createDirectoryAccess(host, turns),
    decide: (policy: Policy, observation: readonly number[], mask?: Mask) =>
      decideFor(host, { policy, observation, mask }),
    open: (...words: OpeningWords) => {
      const record = begin(words, false);
      withdrawOnError(dialogues, record, () => dialogues.say(record, words[3], words[4]));
      return new DialogueHandle(dialogues, record);
    },
    ask: (...words: OpeningWords) => {
      const record = begin(words, true);
      return withdrawOnError(dialogues, record, () => dialogues.ask(record, words[3], words[4]));
    },
    run: <Input, Result>(program: Program<Input, Result>, input: Input) => run(parts, checks, { program, input }),
    dialogue: (protocol: AnyProtocol, role: string, name: { readonly peer: Did; readonly id: string }) => {
      const record = dialogues.find(protocol, role, name);
      return record === undefined ? undefined : new DialogueHandle(dialogues, record);
    },
    sleep: (duration: Duration) => {
      const { promise, resolve } = turns.promise<void>();
      host.wakeAt(host.clock.now() + micros(duration), () => resolve());
      return promise;
    },
    schedule: (timer: { tag: string }, delay: Duration, data: JsonValue) => parts.schedule(timer.tag, delay, data),
    cancel: (id: TimerId) => parts.cancel(id),
    stop: () => parts.stop(),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the erased machinery meets the author's types here
  return Object.freeze(context) as unknown as Context<Params, State>;
}

interface OpeningChecks {
  readonly checkOpening: (protocol: string, deadline: Micros) => void;
  readonly checkRunning: (action: string) => void;
}

function openingChecks<Params, State>({ host, running, lifecycle }: ContextParts<Params, State>): OpeningChecks {
  const checkRunning = (action: string): void => {
    if (!running()) throw new HaggleError('agent-stopped', `${action}: the agent is ${lifecycle()}`);
  };
  return {
    checkRunning,
    checkOpening: (protocol, deadline) => {
      const life = deadline - host.clock.now();
      if (!(life > 0 && life <= LIMITS.dialogueLifeMicros)) {
        const bounds = `more than 0 and at most ${LIMITS.dialogueLifeMicros}`;
        throw new HaggleError(
          'bad-duration',
          `opening ${protocol}: within must be ${bounds} microseconds, got ${life}`,
        );
      }
      checkRunning(`opening ${protocol}`);
    },
  };
}

function run<Params, State, Input, Result>(
  { host, dialogues, turns, runs, failed }: ContextParts<Params, State>,
  checks: OpeningChecks,
  { program, input }: { readonly program: Program<Input, Result>; readonly input: Input },
): Promise<Result> {
  return startRun(
    {
      host,
      dialogues,
      turns,
      turn: (call, onError) =>
        turns.run(call, (error) => {
          failed(error);
          onError(error);
        }),
      checkOpening: checks.checkOpening,
      checkRunning: checks.checkRunning,
      running: runs,
    },
    program,
    input,
  );
}

function withdrawOnError<T>(dialogues: Dialogues, record: DialogueRecord, say: () => T): T {
  try {
    return say();
  } catch (error) {
    dialogues.abandon(record);
    throw error;
  }
}
