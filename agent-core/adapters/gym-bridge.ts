import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { bridge, BRIDGE_LINE_CHARS } from '../learning/bridge.ts';
import type { DecisionEnv } from '../learning/decision-env.ts';

/** What {@link serveEnv} serves, and over which streams. */
export interface ServeEnvOptions {
  readonly env: DecisionEnv;
  /** Requests, one a line; the standard input of a process. */
  readonly input: Readable;
  /** Answers, one a line; nothing else may write to it. */
  readonly output: Writable;
}

/**
 * Serves an environment over two streams by the protocol of docs/gym-bridge.md, until a request closes it, the requests end or
 * nobody reads the answers. Then it closes the environment. A line that is too long is not kept, but answered.
 */
export async function serveEnv({ env, input, output }: ServeEnvOptions): Promise<void> {
  const served = bridge(env);
  const lines = lineReader();
  let gone = false;
  const outputGone = new Promise<void>((settle) => {
    const leave = (): void => {
      gone = true;
      input.destroy();
      settle();
    };
    output.once('error', leave).once('close', leave);
  });
  const answer = async (requests: readonly (string | null)[]): Promise<void> => {
    const answers: string[] = [];
    for (const line of requests) {
      if (served.closed) break;
      if (line === null) answers.push(served.tooLong());
      else if (line.trim() !== '') answers.push(served.answer(line));
    }
    if (answers.length === 0 || gone) return;
    if (!output.write(`${answers.join('\n')}\n`)) await Promise.race([once(output, 'drain'), outputGone]);
  };
  try {
    for await (const chunk of input) {
      await answer(lines.read(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))));
      if (served.closed) break;
    }
    await answer(lines.rest());
  } catch (error) {
    // Nobody reads the answers: an end like others.
    if (!gone) throw error;
  } finally {
    served.close();
  }
}

/** Cuts bytes into lines, of which it keeps at most so much as a request may have. */
function lineReader(): {
  /** Lines that end in these bytes; null for one that was too long. */
  read(bytes: Buffer): readonly (string | null)[];
  /** The last line, where it has no line end. */
  rest(): readonly (string | null)[];
} {
  const decoder = new StringDecoder('utf8');
  let [begun, tooLong] = ['', false];
  const end = (): string | null => {
    const line = tooLong ? null : begun;
    [begun, tooLong] = ['', false];
    return line;
  };
  return {
    read: (bytes) => {
      const [first = '', ...rest] = decoder.write(bytes).split('\n');
      const lines: (string | null)[] = [];
      const add = (text: string): void => {
        if (begun.length + text.length > BRIDGE_LINE_CHARS) [begun, tooLong] = ['', true];
        else if (!tooLong) begun += text;
      };
      add(first);
      for (const text of rest) {
        lines.push(end());
        add(text);
      }
      return lines;
    },
    rest: () => (begun === '' && !tooLong ? [] : [end()]),
  };
}
