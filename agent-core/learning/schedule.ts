import { HaggleError } from '../errors.ts';

/** A setting that may change while training goes on: constant, or on a straight line that ends after a share of the training. */
export type Schedule = number | { readonly from: number; readonly to: number; readonly over?: number };

/** The setting at `progress`, from 0 at the beginning to 1 at the end of training. */
export function scheduled(schedule: Schedule, progress: number): number {
  if (typeof schedule === 'number') return schedule;
  const { from, to, over = 1 } = schedule;
  return progress >= over ? to : from + ((to - from) * progress) / over;
}

/** Refuses a schedule with numbers that are not finite, below `least`, or an `over` outside (0, 1]. @throws HaggleError `bad-training` */
export function checkSchedule(what: string, schedule: Schedule, least: number): void {
  const { from, to, over = 1 } = typeof schedule === 'number' ? { from: schedule, to: schedule } : schedule;
  for (const value of [from, to]) {
    if (Number.isFinite(value) && value >= least) continue;
    throw new HaggleError('bad-training', `${what} must be a finite number from ${least}, got ${value}`);
  }
  if (over > 0 && over <= 1) return;
  throw new HaggleError('bad-training', `${what} must end after a share of training in (0, 1], got ${over}`);
}
