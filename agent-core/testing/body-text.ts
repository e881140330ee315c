/** Micro-tokens of one token. */
const MICROS_PER_TOKEN = 1_000_000n;

/** A body on one line: JSON without quotes round names, an amount of money (a bigint of micro-tokens) as a decimal of whole tokens. */
export function bodyText(value: unknown): string {
  if (typeof value === 'bigint') return decimal(value);
  if (Array.isArray(value)) return `[${value.map(bodyText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) return '{}';
    return `{ ${members.map(([name, member]) => `${nameText(name)}: ${bodyText(member)}`).join(', ')} }`;
  }
  return JSON.stringify(value) ?? 'undefined';
}

function nameText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function decimal(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % MICROS_PER_TOKEN).toString().padStart(6, '0').replace(/0+$/, '');
  const whole = `${amount < 0n ? '-' : ''}${size / MICROS_PER_TOKEN}`;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
