import { z } from 'zod';
import type { ChildRecord } from './run-folder.ts';

const Status = z.object({
  state: z.string(),
  notReady: z.array(z.string()),
  uptimeSeconds: z.number(),
  dialoguesOpen: z.number(),
  sent: z.number(),
  received: z.number(),
});

/** What an agent says of itself. */
export type AgentStatus = Readonly<z.infer<typeof Status>>;

/** An agent on this machine that does not answer in this time does not work. */
const ANSWER_MILLIS = 2_000;

/** Asks an agent how it is; null where it does not answer. */
export async function statusOf({ health }: ChildRecord): Promise<AgentStatus | null> {
  if (health === null) return null;
  try {
    const response = await fetch(`${health}/status`, { signal: AbortSignal.timeout(ANSWER_MILLIS) });
    const read = Status.safeParse(await response.json());
    return read.success ? read.data : null;
  } catch {
    // It is ending, or hangs: no answer says so.
    return null;
  }
}
