import { LIMITS } from '../../limits.ts';

/** Signature, proof and trace context travel in headers, which NATS counts as payload. */
const HEADER_BYTES = 4_096;

/** What {@link brokerConfig} writes. */
export interface BrokerConfigInput {
  readonly realm: string;
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  /** Folder of JetStream; null leaves it off. */
  readonly jetstream: string | null;
}

/** The configuration of a broker for one realm. It names no agent: whom to trust is in `accounts.conf`. */
export function brokerConfig({ realm, host, port, jetstream }: BrokerConfigInput): string {
  return `# A NATS broker for the realm ${realm}, written by haggle nats-config. Yours to edit.
host: ${JSON.stringify(host)}
port: ${port}

# Whom to trust. haggle nats-config revoke replaces accounts.conf; then: nats-server --signal reload=<pid>
include ./operator.conf
include ./accounts.conf

# Messages of Haggle have at most ${LIMITS.payloadBytes} bytes, and their headers less than ${HEADER_BYTES}.
max_payload: ${LIMITS.payloadBytes + HEADER_BYTES}
# A login that does not read fast enough is cut off before it takes the broker's memory.
max_pending: 8MB
write_deadline: "2s"

${jetstream === null ? NO_JETSTREAM : jetStreamConfig(jetstream)}
${TLS}`;
}

/** The part that never changes: a broker refuses to reload another token of its operator, even one that says the same. */
export function operatorConfig(input: { readonly operator: string; readonly systemAccount: string }): string {
  return `# Written by haggle nats-config; do not edit.
operator: ${input.operator}
system_account: ${input.systemAccount}
resolver: MEMORY
`;
}

/** The part that changes when somebody is revoked: the tokens of all accounts, by NKEY. */
export function accountsConfig(tokens: Readonly<Record<string, string>>): string {
  const accounts = Object.entries(tokens).map(([nkey, token]) => `  ${nkey}: ${token}\n`);
  return `# Written by haggle nats-config; do not edit.
resolver_preload: {
${accounts.join('')}}
`;
}

function jetStreamConfig(folder: string): string {
  return `# Directory and mailbox. In a cluster, give each broker a server_name and a cluster { } of its own.
jetstream: {
  store_dir: ${JSON.stringify(folder)}
  # From nats-server 2.10 on; without it a power failure loses what was acknowledged in the last two minutes.
  # sync_interval: always
}
`;
}

const NO_JETSTREAM = `# JetStream (directory, mailbox) is off. To switch it on:
# jetstream: { store_dir: "/var/lib/nats" }
`;

const TLS = `# Wherever others can reach this broker, it must use TLS: without it, whoever sits in between can use a login.
# tls: {
#   cert_file: "/etc/nats/broker.pem"
#   key_file: "/etc/nats/broker.key"
#   ca_file: "/etc/nats/ca.pem"
# }
`;
