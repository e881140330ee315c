import { rounded } from '../markup.ts';
import type { Axis } from '../scale.ts';

/** Where steps are drawn: slot `k` from `x.at(k)` to `x.at(k + 1)`. */
export interface StepAxes {
  readonly x: Axis;
  readonly y: Axis;
}

/** A path of level steps, one for each slot. Where there is no value, there is no line. */
export function stepLine(values: readonly (number | null)[], { x, y }: StepAxes): string {
  let path = '';
  let last: number | null = null;
  for (const [k, value] of values.entries()) {
    if (value !== null && last === null) path += `M${rounded(x.at(k))} ${rounded(y.at(value))}`;
    if (value !== null && last !== null && value !== last) path += `V${rounded(y.at(value))}`;
    // Equal steps are one piece, so that dashes stay dashes.
    if (value !== null && values[k + 1] !== value) path += `H${rounded(x.at(k + 1))}`;
    last = value;
  }
  return path;
}

/** The area between steps and zero. */
export function stepArea(values: readonly number[], axes: StepAxes): string {
  const { x, y } = axes;
  const floor = rounded(y.at(0));
  const steps = stepLine(values, axes).replace(/^M\S+ /, 'V');
  return `M${rounded(x.at(0))} ${floor}${steps}V${floor}Z`;
}
