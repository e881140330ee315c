/** A setting that may change while training goes on: constant, or on a straight line that ends after a share of the training. */
export type Schedule = number | { readonly from: number; readonly to: number; readonly over?: number };

/** The setting at `progress`, from 0 at the beginning to 1 at the end of training. */
export function scheduled(schedule: Schedule, progress: number): number {
  if (typeof schedule === 'number') return schedule;
  const { from, to, over = 1 } = schedule;
  return progress >= over ? to : from + ((to - from) * progress) / over;
}
