import { DEPLOY, run, yamlStream } from './files.ts';

/** What the tests read of an object of Kubernetes. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec: Spec;
  readonly data?: Readonly<Record<string, string>>;
}

export type Labels = Readonly<Record<string, string>>;

/** Which objects are meant. */
export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

interface Spec {
  readonly replicas: number;
  readonly selector: Selector;
  readonly serviceName: string;
  readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod };
  readonly volumeClaimTemplates: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly accessModes: readonly string[] };
  }[];
  readonly maxUnavailable: number;
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** One rule of a network policy. */
export interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: string | number }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
}

/** What runs. */
export interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly runAsUser: number;
    readonly fsGroup: number;
    readonly seccompProfile: { readonly type: string };
  };
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly Volume[];
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly projected?: {
    readonly sources: readonly {
      readonly configMap?: { readonly name: string };
      readonly secret?: { readonly name: string };
    }[];
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly privileged?: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export const OVERLAYS = ['staging', 'production'] as const;

/** What an overlay renders to. */
export async function rendered(overlay: (typeof OVERLAYS)[number]): Promise<readonly Manifest[]> {
  const { code, out, err } = await run('kubectl', ['kustomize', `${DEPLOY}/kustomize/overlays/${overlay}`]);
  if (code !== 0) throw new Error(`kubectl kustomize ended with ${code}: ${err}`);
  return yamlStream(out) as readonly Manifest[];
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

/** Whether a selector picks what carries these labels; an empty one picks everything. */
export function picks({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

/** The ports of `to` that the policies let `from` reach, by number. Both are pods of one namespace. */
export function reachable(manifests: readonly Manifest[], from: Manifest, to: Manifest): readonly number[] {
  const out = allowed(manifests, { of: from, other: to, direction: 'egress', ports: to });
  const into = allowed(manifests, { of: to, other: from, direction: 'ingress', ports: to });
  return out.filter((port) => into.includes(port));
}

interface Question {
  readonly of: Manifest;
  readonly other: Manifest;
  readonly direction: 'egress' | 'ingress';
  readonly ports: Manifest;
}

function allowed(manifests: readonly Manifest[], { of, other, direction, ports }: Question): readonly number[] {
  const all = ports.spec.template.spec.containers.flatMap((container) => container.ports);
  const policies = ofKind(manifests, 'NetworkPolicy').filter(
    ({ spec }) =>
      spec.policyTypes.some((type) => type.toLowerCase() === direction) &&
      picks(spec.podSelector, of.spec.template.metadata.labels),
  );
  if (policies.length === 0) return all.map(({ containerPort }) => containerPort);
  const rules = policies.flatMap(({ spec }) => spec[direction] ?? []);
  const open = rules
    .filter(({ from = [], to = [] }) =>
      [...from, ...to].some(
        ({ podSelector, namespaceSelector }) =>
          podSelector !== undefined &&
          namespaceSelector === undefined &&
          picks(podSelector, other.spec.template.metadata.labels),
      ),
    )
    .flatMap((rule) => rule.ports.map(({ port }) => port));
  return all
    .filter(({ name, containerPort }) => open.includes(name) || open.includes(containerPort))
    .map(({ containerPort }) => containerPort);
}
