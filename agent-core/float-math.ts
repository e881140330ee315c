/**
 * Natural logarithm, exponential and log-gamma with fixed bits.
 *
 * ECMAScript leaves the last bits of `Math.log` and `Math.exp` to the engine (ECMA-262, section 21.3.2), so a run that
 * turns them into an event time could differ between two engines. These use only `+ - * /`, which IEEE 754 fixes.
 * Method and coefficients: K. C. Ng, fdlibm 5.3 (Sun Microsystems, 1993), `e_log.c` and `e_exp.c`; error below 1 ulp.
 */

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
/** Index of the word with sign and exponent: 1 on little-endian machines, 0 on big-endian ones. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** ln 2 in two parts; the low bits of the first are zero, so that `k * LN2_HIGH` is exact for every exponent k. */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const INVERSE_LN2 = Math.LOG2E;
const TWO_POWER_54 = 18014398509481984;

/** Largest argument with a finite exponential, and the smallest with one above zero. */
const EXP_OVERFLOW = 7.09782712893383973096e2;
const EXP_UNDERFLOW = -7.4513321910194110842e2;

/** The number with exponent `power`, -1022 <= power <= 1023, and fraction zero. */
function powerOfTwo(power: number): number {
  WORDS[HIGH] = (power + 1023) << 20;
  WORDS[1 - HIGH] = 0;
  return FLOAT[0] ?? 0;
}

/**
 * Natural logarithm. `-Infinity` for zero, NaN for a negative argument.
 *
 * x = 2^k (1 + f) with sqrt(1/2) < 1 + f < sqrt(2); with s = f / (2 + f), ln(1 + f) = 2s + s R(s^2), R being Remez' polynomial.
 */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  FLOAT[0] = x;
  if ((WORDS[HIGH] ?? 0) < 0x00100000) {
    FLOAT[0] = x * TWO_POWER_54;
    k = -54;
  }
  let high = WORDS[HIGH] ?? 0;
  k += (high >> 20) - 1023;
  high &= 0x000fffff;
  // Adds one to the exponent exactly when the fraction is above sqrt(2).
  const above = (high + 0x95f64) & 0x100000;
  WORDS[HIGH] = high | (above ^ 0x3ff00000);
  k += above >> 20;
  return lnOfSum((FLOAT[0] ?? 0) - 1, k, high);
}

/** ln(2^k (1 + f)); `high` holds the leading 20 fraction bits, by which fdlibm picks the better-rounded form. */
function lnOfSum(f: number, k: number, high: number): number {
  if ((0x000fffff & (2 + high)) < 3) return lnNearOne(f, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const r = odd + even;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f;
    if (k === 0) return f - (half - s * (half + r));
    return k * LN2_HIGH - (half - (s * (half + r) + k * LN2_LOW) - f);
  }
  if (k === 0) return f - s * (f - r);
  return k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/** ln(2^k (1 + f)) where |f| < 2^-20: three terms of the series are enough. */
function lnNearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
  const r = f * f * (0.5 - f / 3);
  return k === 0 ? f - r : k * LN2_HIGH - (r - k * LN2_LOW - f);
}

/**
 * e to the power x. `Infinity` above 709.78, 0 below -745.13.
 *
 * x = k ln 2 + r with |r| <= ln(2) / 2; exp(r) = 1 + r + r c / (2 - c), c = r - r^2 P(r^2).
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < EXP_UNDERFLOW) return 0;
  const size = Math.abs(x);
  if (size < 2 ** -28) return 1 + x;
  const sign = x < 0 ? -1 : 1;
  let k = 0;
  let high = x;
  let low = 0;
  if (size > 0.5 * Math.LN2) {
    k = size < 1.5 * Math.LN2 ? sign : Math.trunc(INVERSE_LN2 * x + 0.5 * sign);
    high = x - k * LN2_HIGH;
    low = k * LN2_LOW;
  }
  return scale(expOfRest({ high, low, reduced: k !== 0 }), k);
}

/** exp(high - low) for |high - low| <= ln(2) / 2. */
function expOfRest(rest: { readonly high: number; readonly low: number; readonly reduced: boolean }): number {
  const { high, low, reduced } = rest;
  const r = high - low;
  const t = r * r;
  const p =
    1.66666666666666019037e-1 +
    t *
      (-2.77777777770155933842e-3 +
        t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8)));
  const c = r - t * p;
  return reduced ? 1 - (low - (r * c) / (2 - c) - high) : 1 - ((r * c) / (c - 2) - r);
}

/** y * 2^k, exact in the normal range and correctly rounded below it. */
function scale(y: number, k: number): number {
  if (k === 1024) return y * 2 * powerOfTwo(1023);
  if (k >= -1021) return y * powerOfTwo(k);
  return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}

/** Terms of the Stirling series below are exact to double precision from here on. */
const STIRLING_FROM = 10;
const HALF_LN_2PI = 0.9189385332046728;

/**
 * Natural logarithm of the gamma function, for x > 0; NaN elsewhere. Absolute error below 1e-13 max(1, |result|).
 *
 * Stirling's series (Abramowitz and Stegun 1964, 6.1.41); smaller arguments are shifted up by gamma(x + 1) = x gamma(x).
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  let shifted = x;
  let product = 1;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted++;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  const stirling = (shifted - 0.5) * ln(shifted) - shifted + HALF_LN_2PI + series;
  return product === 1 ? stirling : stirling - ln(product);
}
