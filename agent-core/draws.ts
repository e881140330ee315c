/**
 * Draws from distributions that few agents need, from a named stream of chance and with fixed bits.
 *
 * The everyday ones (uniform, normal, exponential) are methods of {@link RandomStream}.
 */
import { HaggleError } from './errors.ts';
import { exp, ln, lnGamma } from './float-math.ts';
import type { RandomStream } from './random.ts';

/** Below it a Poisson draw multiplies uniforms; from it on rejection is faster (and its constants hold). */
const POISSON_REJECTION_FROM = 10;
/** Past it the rounding of `k ln mean - ln k!` would be seen in the distribution. */
const POISSON_MAX_MEAN = 1e9;

/**
 * A gamma deviate with this shape and scale 1, above or at zero.
 *
 * G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
 *
 * @throws HaggleError `bad-range` unless the shape is finite and positive.
 */
export function gammaDraw(random: RandomStream, shape: number): number {
  if (!(shape > 0) || shape === Infinity) throw badDraw('gammaDraw', 'a finite positive shape', shape);
  // Below 1 the density has no mode: a draw of shape + 1 times U^(1 / shape) has the law that is wanted (section 6).
  if (shape < 1) return gammaDraw(random, shape + 1) * exp(ln(1 - random.uniform()) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (ln(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * ln(v)) return d * v;
  }
}

/**
 * A Poisson deviate: a whole number from zero.
 *
 * Small means: product of uniforms (Knuth, TAOCP 2, 3.4.1). Others: algorithm PTRS of W. Hoermann, "The transformed
 * rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12 (1993).
 *
 * @throws HaggleError `bad-range` unless 0 <= mean <= 1e9.
 */
export function poissonDraw(random: RandomStream, mean: number): number {
  if (!(mean >= 0 && mean <= POISSON_MAX_MEAN)) {
    throw badDraw('poissonDraw', `a mean from 0 to ${POISSON_MAX_MEAN}`, mean);
  }
  if (mean >= POISSON_REJECTION_FROM) return rejectedPoisson(random, mean);
  if (mean === 0) return 0;
  const floor = exp(-mean);
  let count = 0;
  let product = 1 - random.uniform();
  while (product > floor) {
    product *= 1 - random.uniform();
    count++;
  }
  return count;
}

function rejectedPoisson(random: RandomStream, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const lnMean = ln(mean);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = 1 - random.uniform();
    const rest = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / rest + b) * u + mean + 0.43);
    if (rest >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
    // `rest` may be 0 and k then infinite or NaN: refused here, as every k outside the support.
    if (!(k >= 0 && k < Infinity) || (rest < 0.013 && v > rest)) continue;
    if (ln((v * inverseAlpha) / (a / (rest * rest) + b)) <= k * lnMean - mean - lnGamma(k + 1)) return k;
  }
}

function badDraw(draw: string, wanted: string, got: number): HaggleError {
  return new HaggleError('bad-range', `${draw} needs ${wanted}, got ${got}`, { fields: { got } });
}
