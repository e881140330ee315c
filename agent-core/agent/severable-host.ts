import type { DirectoryPort } from '../directory/port.ts';
import type { MailPort } from '../message/mail.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Host } from './host.ts';
import { tracedLog } from './tracing.ts';

/** A host of which an agent can be cut off. */
export interface Severable {
  readonly host: Host;
  /** Calls off every wake-up that is pending; from now on nothing is published, submitted or woken, and no answer comes. */
  sever(): void;
}

/** Puts a switch between a host and the runtime of its agent, and the traces of what it handles where it follows them. */
export function severable(outside: Host): Severable {
  const { bus, tracing } = outside;
  const wakes = new Set<number>();
  let severed = false;
  return {
    host: {
      ...outside,
      ...(tracing === undefined ? {} : { log: tracedLog(outside.log, tracing) }),
      ...(outside.ledger === undefined ? {} : { ledger: severableLedger(outside.ledger, () => severed) }),
      ...(outside.directory === undefined ? {} : { directory: severableDirectory(outside.directory, () => severed) }),
      ...(outside.mail === undefined ? {} : { mail: severableMail(outside.mail, () => severed) }),
      bus: {
        publish: (subject, payload, options) => {
          if (!severed) bus.publish(subject, payload, options);
        },
        subscribe: (subject, listener, options) => bus.subscribe(subject, listener, options),
        flush: () => bus.flush(),
        drain: () => bus.drain(),
      },
      wakeAt(time, wake) {
        if (severed) return 0;
        const handle = outside.wakeAt(time, () => {
          wakes.delete(handle);
          tracing?.forget();
          wake();
        });
        wakes.add(handle);
        return handle;
      },
      cancelWake(handle) {
        if (wakes.delete(handle)) outside.cancelWake(handle);
      },
    },
    sever() {
      severed = true;
      for (const handle of wakes) outside.cancelWake(handle);
      wakes.clear();
    },
  };
}

/** What an agent has said of itself stays said until its record expires, as after a cut of power; nobody hears an answer. */
function severableDirectory(directory: DirectoryPort, severed: () => boolean): DirectoryPort {
  return {
    announce(words) {
      if (!severed()) directory.announce(words);
    },
    withdraw() {
      if (!severed()) directory.withdraw();
    },
    find(query, done) {
      if (severed()) return;
      directory.find(query, (cards) => {
        if (!severed()) done(cards);
      });
    },
  };
}

function severableMail(mail: MailPort, severed: () => boolean): MailPort {
  return {
    post(letter, refused) {
      if (severed()) return;
      mail.post(letter, (code) => {
        if (!severed()) refused(code);
      });
    },
    collect: (take) => mail.collect(take),
  };
}

/** What was submitted before the cut has its effect; nobody hears of it. */
function severableLedger(ledger: LedgerPort, severed: () => boolean): LedgerPort {
  const unlessSevered =
    <T>(done: (answer: T) => void) =>
    (answer: T): void => {
      if (!severed()) done(answer);
    };
  return {
    submit(operations, done) {
      if (!severed()) ledger.submit(operations, unlessSevered(done));
    },
    balance(asset, done) {
      if (!severed()) ledger.balance(asset, unlessSevered(done));
    },
    reservation(name, done) {
      if (!severed()) ledger.reservation(name, unlessSevered(done));
    },
  };
}
