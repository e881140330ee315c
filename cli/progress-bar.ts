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
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = 0;
  let furthest = 0;
  return {
    show({ round, disagreement }) {
      const now = Date.now();
      if (now - shown < MIN_INTERVAL_MS) return;
      shown = now;
      furthest = Math.max(furthest, shareDone(disagreement));
      const full = Math.round(furthest * WIDTH);
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
      stream.write(`\r\u001b[K${label}  ${bar}  round ${round}  disagreement ${disagreement.toExponential(1)}`);
    },
    clear() {
      if (shown > 0) stream.write('\r\u001b[K');
    },
  };
}

/** 0 at a disagreement of 10⁶ times the tolerance or more, 1 at the tolerance. */
function shareDone(disagreement: number): number {
  if (!(disagreement > 1)) return 1;
  return Math.max(0, 1 - Math.log10(disagreement) / 6);
}
