const MINUS = '−';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `value` with thousands separators and at most `digits` decimals: 12,345.6. A true minus sign, and never −0. */
export function decimal(value: number, digits: number): string {
  const text = Math.abs(value).toLocaleString('en-US', { maximumFractionDigits: digits });
  return value < 0 && text !== '0' ? MINUS + text : text;
}

/** `value` with thousands separators and exactly `digits` decimals, for columns: 12,345.60. */
export function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** `value` as 3.4 × 10⁻⁵, in one piece where lines break. */
export function scientific(value: number, digits = 1): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits).split('e');
  return `${mantissa.replace('-', MINUS)}\u00a0×\u00a0${powerOfTenText(Number(exponent))}`;
}

/** 10⁻⁵ for −5. */
export function powerOfTenText(exponent: number): string {
  const digits = Array.from(String(Math.abs(exponent)), (digit) => SUPERSCRIPTS[Number(digit)] ?? '');
  return `10${exponent < 0 ? '⁻' : ''}${digits.join('')}`;
}

/** Below this a violation or difference is rounding of the arithmetic. */
const NOISE = 1e-9;

/** The size of an error or violation: 0, a bound where it is only rounding, else four digits. */
export function errorSize(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < NOISE) return `<\u00a0${powerOfTenText(-9)}`;
  return size < 1e-3 ? scientific(value) : size < 10 ? decimal(value, 4) : fixed(value, 2);
}

/** Bytes in the unit that suits them: 9.9 MB. */
export function byteSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${fixed(bytes / 1e3, 1)} kB` : `${fixed(bytes / 1e6, 1)} MB`;
}

/** `count` and a noun: 1 line, 2 lines, no line. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count === 0 ? 'no' : decimal(count, 0)} ${count < 2 ? one : many}`;
}

/** `text` with a capital letter in front. */
export function sentenceStart(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
