import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import { WORLD_WORKER } from './world-worker.ts';
import { CONTROL, type FromWorld, type ToWorld, type WorldThread } from './world-wire.ts';

/** The thread of a world, spoken to without promises: every wait blocks, and every wait has an end. */
export interface WorldLine {
  tell(message: ToWorld): void;
  /**
   * The next thing that the world says; null after `millis` of silence.
   *
   * @throws HaggleError `world-gone` where its thread has ended
   */
  hear(millis: number): FromWorld | null;
  /** Ends the thread, wherever it is. */
  end(): void;
}

/** Starts the thread of a world. It does not keep the process alive. */
export function startWorldThread(of: { readonly module: URL; readonly options: JsonValue }): WorldLine {
  const control = new Int32Array(new SharedArrayBuffer(CONTROL.words * Int32Array.BYTES_PER_ELEMENT));
  const { port1: port, port2 } = new MessageChannel();
  const data: WorldThread = {
    haggle: 'world env',
    module: of.module.href,
    options: of.options,
    control,
    port: port2,
  };
  const worker = new Worker(WORLD_WORKER, { workerData: data, transferList: [port2], name: 'world' });
  // Whoever waits has heard of it already.
  worker.on('error', () => undefined);
  worker.unref();
  return {
    tell: (message) => {
      port.postMessage(message);
      Atomics.add(control, CONTROL.told, 1);
      Atomics.notify(control, CONTROL.told);
    },
    hear: (millis) => hear({ port, control }, millis),
    end: () => {
      port.close();
      void worker.terminate();
    },
  };
}

interface Ear {
  readonly port: MessagePort;
  readonly control: Int32Array;
}

function hear({ port, control }: Ear, millis: number): FromWorld | null {
  for (;;) {
    const [gone, said] = [Atomics.load(control, CONTROL.gone), Atomics.load(control, CONTROL.said)];
    const received: { readonly message: FromWorld } | undefined = receiveMessageOnPort(port);
    if (received !== undefined) return received.message;
    if (gone === 1) throw new HaggleError('world-gone', 'the thread of the world has ended');
    if (Atomics.wait(control, CONTROL.said, said, millis) === 'timed-out') return null;
  }
}
