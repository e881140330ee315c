/** What to do about an error that says itself only what is wrong, by its code. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['broker-unreachable', '`haggle broker start` starts one here, --nats says where another is'],
  [
    'journal-diverged',
    'start it with the code and parameters that it had, end it with ^C, and change them then; or give up what it had under way with --on-diverged abandon',
  ],
  ['journal-corrupt', 'mend the file from a copy, or give up what the agent had under way with --on-diverged abandon'],
  [
    'policy-not-asked',
    'who is asked depends on the instance and on the rules that --set gives: change them, or leave this policy out',
  ],
  [
    'checkpoint-mismatch',
    'train with the settings that it was begun with; or delete the checkpoint, or name another --out, to begin anew',
  ],
  ['checkpoint-exists', '--resume goes on from it; delete it, or name another --out, to begin anew'],
  ['no-checkpoint', 'leave out --resume to begin anew'],
  ['journal-of-another', 'give each agent a folder of its own with --data or --name'],
]);

/** An error's message, and in the same line what to do about it, where that is known. */
export function advised(code: string, message: string): string {
  const advice = ADVICE.get(code);
  return advice === undefined ? message : `${message} (${advice})`;
}
