import { exp, ln } from '../float-math.ts';

/**
 * base^exponent for base >= 0 with fixed bits on every engine (`Math.pow` has none, ECMA-262 section 21.3.2): exp(e ln b), with
 * 0, 1 and the exponent 1 exact. Relative error near |e ln b| * 2e-16.
 */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (exponent === 1) return base;
  if (base === 0) return exponent > 0 ? 0 : Infinity;
  return exp(exponent * ln(base));
}
