import { HaggleError } from '../../agent-core/errors.ts';
import { reporter, type Finding } from './finding.ts';
import { isBlock, parseNatsConfig, type ConfigBlock, type ConfigValue, type Include } from './nats-config-syntax.ts';

const { ok, note, warning, error } = reporter('config');

/**
 * Looks for what is unsafe in the text of a nats-server configuration. What it cannot read is a finding too.
 *
 * @throws HaggleError what `include` throws, but `bad-config`
 */
export function configFindings(source: string, include: Include): readonly Finding[] {
  let config: ConfigBlock;
  try {
    config = parseNatsConfig(source, include);
  } catch (cause) {
    if (!(cause instanceof HaggleError) || cause.code !== 'bad-config') throw cause;
    return [error(cause.message, 'correct it; `nats-server -t -c FILE` tells what the server makes of it')];
  }
  const findings = RULES.flatMap((rule) => rule(config));
  return findings.length === 0 ? [ok('nothing unsafe stands in the configuration')] : findings;
}

type Rule = (config: ConfigBlock) => readonly Finding[];

const RULES: readonly Rule[] = [
  (config) => {
    const user = config.get('no_auth_user');
    if (user === undefined) return [];
    return [error(`no_auth_user lets everybody in as ${text(user)}`, 'remove it')];
  },
  (config) => {
    if (!config.has('authorization') || !(config.has('accounts') || config.has('operator'))) return [];
    return [
      error(
        'authorization stands beside accounts: its users are in the global account and see nothing of the others',
        'put every user into an account, or take `haggle nats-config`',
      ),
    ];
  },
  (config) => {
    if (['authorization', 'accounts', 'operator', 'trusted_keys', 'auth_callout'].some((key) => config.has(key)))
      return [];
    return [
      error(
        'nobody has to log in',
        '`haggle nats-config` writes a configuration in which each agent may be itself only',
      ),
    ];
  },
  (config) => {
    if (!listensEverywhere(config) || config.has('tls')) return [];
    return [error('listens on all addresses without TLS', 'set listen: "127.0.0.1:4222", or add a tls block')];
  },
  (config) => {
    if (config.has('max_payload')) return [];
    return [
      note('no max_payload: one message may have 1 MB', 'set max_payload: 69632, what Haggle needs with headers'),
    ];
  },
  (config) => {
    const jetstream = config.get('jetstream');
    if (jetstream === undefined || !isBlock(jetstream)) return [];
    const store = text(jetstream.get('store_dir') ?? jetstream.get('store') ?? '');
    return [
      ...(jetstream.has('sync_interval')
        ? []
        : [note('JetStream writes to disk every 2 minutes', 'set sync_interval: always in its block (2.10 or newer)')]),
      ...(/^\/(tmp|var\/tmp|dev\/shm)(\/|$)/.test(store)
        ? [
            warning(
              `JetStream keeps its data in ${store}, which a restart may empty`,
              'set store_dir to a folder that stays',
            ),
          ]
        : []),
    ];
  },
  (config) => {
    const open = usersWithoutPermissions(config);
    if (open.length === 0) return [];
    const who = open.length === 1 ? `user ${open[0]} has` : `${open.length} users have`;
    return [
      error(`${who} no permissions, which means all`, 'give each its own, or default_permissions to their block'),
    ];
  },
  (config) => {
    const monitor = text(config.get('http') ?? config.get('http_port') ?? config.get('monitor_port') ?? '');
    if (monitor === '' || /^(127\.|localhost:|\[::1\])/.test(monitor)) return [];
    return [warning('the monitoring port tells everybody who is connected', 'set http: "127.0.0.1:8222"')];
  },
];

function text(value: ConfigValue): string {
  return typeof value === 'string' ? value : '';
}

function listensEverywhere(config: ConfigBlock): boolean {
  const listen = text(config.get('listen') ?? '');
  const host = text(config.get('host') ?? config.get('net') ?? config.get('addr') ?? '') || hostOf(listen);
  return host === '' || host === '0.0.0.0' || host === '::' || host === '[::]';
}

/** The host of `host:port`; none where only a port stands there. */
function hostOf(listen: string): string {
  const colon = listen.lastIndexOf(':');
  return colon === -1 ? '' : listen.slice(0, colon);
}

/** Names of users of the account that is not configured by tokens, of those that may do anything. */
function usersWithoutPermissions(config: ConfigBlock): readonly string[] {
  const accounts = config.get('accounts');
  const blocks = [
    config.get('authorization'),
    ...(accounts !== undefined && isBlock(accounts) ? accounts.values() : []),
  ];
  return blocks.flatMap((block) => {
    if (block === undefined || !isBlock(block) || block.has('default_permissions')) return [];
    const users = block.get('users');
    if (!Array.isArray(users)) return single(block);
    return users.flatMap((user: ConfigValue) => (isBlock(user) && !user.has('permissions') ? [nameOf(user)] : []));
  });
}

/** `authorization { user: a, password: b }`: the one user of a block that lists none. */
function single(block: ConfigBlock): readonly string[] {
  const named = block.has('user') || block.has('token');
  return named && !block.has('permissions') ? [nameOf(block)] : [];
}

function nameOf(user: ConfigBlock): string {
  const name = text(user.get('user') ?? user.get('nkey') ?? '');
  return name === '' ? '(token)' : name;
}
