import { deployYaml } from './files.ts';

/** What the tests read of a service. */
export interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks: readonly string[] | Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly stop_signal?: string;
  readonly stop_grace_period: string;
  readonly restart: string;
}

/** compose.yaml, as compose itself sees it. */
export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const compose = deployYaml('compose.yaml') as Compose;

const named = Object.entries(compose.services);

/** The nodes of the broker, by name. */
export const nodes = named.filter(([, { image }]) => image.startsWith('nats:'));

/** The agents, by name. */
export const agents = named.filter(([, { command }]) => command[0] === 'agent');

/** Names of a service's networks, with its aliases there. */
export function networksOf({ networks }: Service): ReadonlyMap<string, readonly string[]> {
  if (isList(networks)) return new Map(networks.map((name) => [name, []]));
  return new Map(Object.entries(networks).map(([name, { aliases = [] }]) => [name, aliases]));
}

function isList(networks: Service['networks']): networks is readonly string[] {
  return Array.isArray(networks);
}

/** Of each mount its source and the path inside. */
export function mountsOf({ volumes }: Service): readonly { readonly source: string; readonly path: string }[] {
  return volumes.map((volume) => {
    const [source = '', path = ''] = volume.split(':');
    return { source, path };
  });
}
