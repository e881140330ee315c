/** Micro-tokens of one token. */
const MICROS_PER_TOKEN = 1_000_000n;

/** Names of agents by their addresses. */
export type AgentNames = ReadonlyMap<string, string>;

const NO_NAMES: AgentNames = new Map();

/**
 * A body on one line: JSON without quotes round names, an amount of money (a bigint of micro-tokens) as a decimal of whole
 * tokens, the address of an agent that has a name as `@name`, which no JSON is.
 */
export function bodyText(value: unknown, names: AgentNames = NO_NAMES): string {
  if (typeof value === 'bigint') return decimal(value);
  if (Array.isArray(value)) return `[${value.map((item) => bodyText(item, names)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) return '{}';
    return `{ ${members.map(([name, member]) => `${memberName(name, names)}: ${bodyText(member, names)}`).join(', ')} }`;
  }
  return agentName(value, names) ?? JSON.stringify(value) ?? 'undefined';
}

function agentName(value: unknown, names: AgentNames): string | undefined {
  const name = typeof value === 'string' ? names.get(value) : undefined;
  return name === undefined ? undefined : `@${name}`;
}

function memberName(name: string, names: AgentNames): string {
  return agentName(name, names) ?? (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
}

function decimal(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % MICROS_PER_TOKEN).toString().padStart(6, '0').replace(/0+$/, '');
  const whole = `${amount < 0n ? '-' : ''}${size / MICROS_PER_TOKEN}`;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
