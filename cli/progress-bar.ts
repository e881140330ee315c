import type { RoundProgress } from '../scenarios/scenario.ts';

/** A progress bar on a terminal; silent where the stream is none. */
export interface ProgressBar {
  readonly show: (progress: RoundProgress) => void;
  readonly clear: () => void;
}

const WIDTH = 28;
const MIN_INTERVAL_MS = 80;

/** A bar on `stream`. Agreement is reached multiplicatively, so the bar is logarithmic in the disagreement left. */
export function createProgressBar(stream: NodeJS.WriteStream, label: string): ProgressBar {
  const line = createLine(stream);
  let furthest = 0;
  return {
    show({ round, disagreement }) {
      furthest = Math.max(furthest, shareDone(disagreement));
      line.show(() => `${label}  ${barOf(furthest)}  round ${round}  disagreement ${disagreement.toExponential(1)}`);
    },
    clear: () => line.clear(),
  };
}

/** A bar of things that are counted. */
export interface CountBar {
  /** `words` stand behind the counts. */
  readonly show: (done: number, of: number, words?: string) => void;
  readonly clear: () => void;
}

/** A bar on `stream` that fills as things are done; silent where the stream is no terminal. */
export function createCountBar(stream: NodeJS.WriteStream, label: string): CountBar {
  const line = createLine(stream);
  return {
    show(done, of, words = '') {
      const counts = `${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`;
      line.show(() => `${label}  ${barOf(done / of)}  ${counts}${words === '' ? '' : `  ${words}`}`);
    },
    clear: () => line.clear(),
  };
}

/** One line of a terminal that is written over, not too often. */
function createLine(stream: NodeJS.WriteStream): { show(text: () => string): void; clear(): void } {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = 0;
  return {
    show(text) {
      const now = Date.now();
      if (now - shown < MIN_INTERVAL_MS) return;
      shown = now;
      stream.write(`\r\u001b[K${text()}`);
    },
    clear() {
      if (shown > 0) stream.write('\r\u001b[K');
    },
  };
}

function barOf(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
}

/** 0 at a disagreement of 10⁶ times the tolerance or more, 1 at the tolerance. */
function shareDone(disagreement: number): number {
  if (!(disagreement > 1)) return 1;
  return Math.max(0, 1 - Math.log10(disagreement) / 6);
}
