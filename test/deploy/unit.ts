import { deployText } from './files.ts';

/** The lines `Key=value` of the systemd unit in order; a key may come more than once. */
export const unit: readonly (readonly [string, string])[] = deployText('haggle@.service')
  .split('\n')
  .filter((line) => /^[A-Z]\w*=/.test(line))
  .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

/** All values of one key. */
export function valuesOf(lines: typeof unit, key: string): readonly string[] {
  return lines.filter(([name]) => name === key).map(([, value]) => value);
}
